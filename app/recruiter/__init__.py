"""The regional desk. Importing it gives the blueprint in `views` all its pages."""

from app.recruiter import adjustments, applicants, messages, views

__all__ = ["adjustments", "applicants", "messages", "views"]
