"""The candidate's room. Importing it gives the blueprint in `views` all its pages."""

from app.candidate import adjustments, attachments, link, messages, practice, receipts, reusing, views, workspace

__all__ = [
    "adjustments",
    "attachments",
    "link",
    "messages",
    "practice",
    "receipts",
    "reusing",
    "views",
    "workspace",
]
