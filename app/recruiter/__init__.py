"""The regional desk: openings and applicants of one region."""

from app.recruiter import applicants, views

__all__ = ["applicants", "views"]
