"""Shapes that forms of several rooms share."""

from __future__ import annotations

from flask_babel import gettext as _
from wtforms import Field, Form, ValidationError


def stripped(text: str | None) -> str | None:
    """A field filter: without white space at both ends."""
    return text.strip() if isinstance(text, str) else text


def unix_lines(text: str | None) -> str | None:
    """A field filter: lines end as scripts send them. Forms send CR LF, and the same words must stay the same words."""
    return text.replace("\r\n", "\n").replace("\r", "\n") if isinstance(text, str) else text


def is_storable(text: str) -> bool:
    """Whether every database keeps this text: PostgreSQL refuses NUL, and half a surrogate pair has no UTF-8."""
    return "\x00" not in text and not any("\ud800" <= letter <= "\udfff" for letter in text)


class NoNul:
    """A validator: refuses text that holds NUL or half a surrogate pair, which some database cannot keep."""

    def __call__(self, form: Form, field: Field) -> None:
        """Raise ValidationError where the field's text cannot be stored."""
        if isinstance(field.data, str) and not is_storable(field.data):
            raise ValidationError(_("This holds a character that cannot be saved. Please type the text again."))
