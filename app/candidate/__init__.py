"""The candidate's room. Importing it gives the blueprint in `views` all its pages."""

from app.candidate import attachments, reusing, views, workspace

__all__ = ["attachments", "reusing", "views", "workspace"]
