"""The regional desk: openings and applicants of one region. Importing it gives the blueprint all its pages."""

from app.recruiter import adjustments, views

__all__ = ["adjustments", "views"]
