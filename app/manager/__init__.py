"""The hiring manager's room: roles, ranking, decisions, and the library of challenges."""

# The editor registers its pages on the library's blueprint.
from app.manager import editor, library, views

__all__ = ["editor", "library", "views"]
