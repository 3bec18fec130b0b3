"""The candidate's room. Importing it gives the blueprint in `views` all its pages."""

from app.candidate import adjustments, attachments, practice, receipts, views, workspace

__all__ = ["adjustments", "attachments", "practice", "receipts", "views", "workspace"]
