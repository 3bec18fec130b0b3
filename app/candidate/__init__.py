"""The candidate's room. Importing it gives the blueprint in `views` all its pages."""

from app.candidate import views, workspace

__all__ = ["views", "workspace"]
