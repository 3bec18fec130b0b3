"""The candidate's room. Importing it gives the blueprint in `views` all its pages."""

from app.candidate import attachments, data, outcome, views, workspace

__all__ = ["attachments", "data", "outcome", "views", "workspace"]
