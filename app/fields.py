"""Shapes that the forms of several rooms share."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from wtforms import Field, Form, ValidationError

# The type stubs do not know WTForms 3.3's name for one option yet.
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]

from app import clock


def no_nul(_form: Form, field: Field) -> None:
    """Refuse the character NUL: SQLite would keep it and PostgreSQL refuse it."""
    if "\0" in (field.data or ""):
        raise ValidationError(_("This holds a character that cannot be stored. Please type it again."))


def filled(_form: Form, field: Field) -> None:
    """Refuse spaces alone."""
    if not (field.data or "").strip():
        raise ValidationError(_("Please fill this in."))


def choice(value: str, label: object = None, group: str | None = None) -> Any:
    """One option of a select, a list of check boxes or of radio buttons."""
    return SelectChoice(value, label, optgroup=group)


def zone_choices(now: datetime, kept: str | None = None) -> list[Any]:
    """The zones for a select, grouped by part of the world. `kept` is offered even if it is an alias."""
    listed = clock.zone_choices(now)
    choices = [choice(zone.name, f"{zone.place} ({zone.offset})", zone.region) for zone in listed]
    if kept is not None and all(zone.name != kept for zone in listed):
        choices.insert(0, choice(kept, kept, "UTC"))
    return choices
