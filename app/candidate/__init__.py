"""The candidate's room. Importing it gives the blueprint in `views` all its pages."""

from app.candidate import (
    adjustments,
    attachments,
    data,
    link,
    messages,
    outcome,
    practice,
    receipts,
    reusing,
    views,
    workspace,
)

__all__ = [
    "adjustments",
    "attachments",
    "data",
    "link",
    "messages",
    "outcome",
    "practice",
    "receipts",
    "reusing",
    "views",
    "workspace",
]
