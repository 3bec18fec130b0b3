"""Shapes that forms of several rooms share."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from flask_babel import gettext as _
from wtforms import Field, Form, ValidationError

# The type stubs do not know WTForms 3.3's name for one option yet.
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]

from app import clock


def stripped(text: str | None) -> str | None:
    """A field filter: without white space at both ends."""
    return text.strip() if isinstance(text, str) else text


def unix_lines(text: str | None) -> str | None:
    """A field filter: lines end as scripts send them. Forms send CR LF, and the same words must stay the same words."""
    return text.replace("\r\n", "\n").replace("\r", "\n") if isinstance(text, str) else text


def is_storable(text: str) -> bool:
    """Whether every database keeps this text: PostgreSQL refuses NUL, and half a surrogate pair has no UTF-8."""
    return "\x00" not in text and not any("\ud800" <= letter <= "\udfff" for letter in text)


def is_web_address(text: str) -> bool:
    """Whether this is a complete address of the web: http or https, a host, no white space, nobody's password in it."""
    if any(letter.isspace() or not letter.isprintable() for letter in text):
        return False
    try:
        parts = urlsplit(text)
        return (
            parts.scheme in ("http", "https") and bool(parts.hostname) and "@" not in parts.netloc and parts.port != 0
        )
    except ValueError:
        return False


class NoNul:
    """A validator: refuses text that holds NUL or half a surrogate pair, which some database cannot keep."""

    def __call__(self, form: Form, field: Field) -> None:
        """Raise ValidationError where the field's text cannot be stored."""
        if isinstance(field.data, str) and not is_storable(field.data):
            raise ValidationError(_("This holds a character that cannot be saved. Please type the text again."))


def choice(value: str, label: object = None, group: str | None = None, **render: str) -> Any:
    """One option of a select, a list of check boxes or of radio buttons; `render` are its further attributes."""
    attributes = {name.replace("_", "-"): text for name, text in render.items()}
    return SelectChoice(value, label, attributes, group) if attributes else SelectChoice(value, label, optgroup=group)


def zone_choices(now: datetime, kept: str | None = None) -> list[Any]:
    """The zones for a select, by part of the world, with the old names that browsers still say beside the new ones.

    `kept` is offered even if it is such an old name.
    """
    old_names = clock.aliases()
    choices = []
    for zone in clock.zone_choices(now):
        known_as = {"data_aliases": " ".join(names)} if (names := old_names.get(zone.name)) else {}
        choices.append(choice(zone.name, f"{zone.place} ({zone.offset})", zone.region, **known_as))
    if kept is not None and all(entry.value != kept for entry in choices):
        choices.insert(0, choice(kept, kept, "UTC"))
    return choices
