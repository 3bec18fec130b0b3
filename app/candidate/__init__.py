"""The candidate's room. Importing it gives the blueprint in `views` all its pages."""

from app.candidate import attachments, link, messages, reusing, views, workspace

__all__ = ["attachments", "link", "messages", "reusing", "views", "workspace"]
