"""Shapes that the forms of several rooms share."""

from __future__ import annotations

from datetime import datetime

from flask_babel import gettext as _
from wtforms import Field, Form, ValidationError
from wtforms.fields.choices import SelectChoice

from app import clock


def no_nul(_form: Form, field: Field) -> None:
    """Refuse the character NUL: SQLite would keep it and PostgreSQL refuse it."""
    if "\0" in (field.data or ""):
        raise ValidationError(_("This holds a character that cannot be stored. Please type it again."))


def filled(_form: Form, field: Field) -> None:
    """Refuse spaces alone."""
    if not (field.data or "").strip():
        raise ValidationError(_("Please fill this in."))


def zone_choices(now: datetime, kept: str | None = None) -> list[SelectChoice]:
    """The zones for a select, grouped by part of the world. `kept` is offered even if it is an alias."""
    listed = clock.zone_choices(now)
    choices = [
        SelectChoice(choice.name, f"{choice.place} ({choice.offset})", optgroup=choice.region) for choice in listed
    ]
    if kept is not None and all(choice.name != kept for choice in listed):
        choices.insert(0, SelectChoice(kept, kept, optgroup="UTC"))
    return choices
