"""The regional desk. Importing it gives the blueprint in `views` all its pages."""

from app.recruiter import applicants, messages, views

__all__ = ["applicants", "messages", "views"]
