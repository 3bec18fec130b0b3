"""The regional desk. Importing it gives the blueprint in `views` all its pages."""

from app.recruiter import messages, views

__all__ = ["messages", "views"]
