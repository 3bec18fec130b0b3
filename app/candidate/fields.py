"""The fields of an answer, one maker for each kind of part, and what must be true before an answer is handed in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext
from wtforms import Field, Form, StringField, TextAreaField, ValidationError
from wtforms.validators import Length

from app.forms import NoNul, is_web_address, stripped, unix_lines
from app.services import orders
from app.services.catalog_types import Brief, Part, PartKind
from app.services.uploads import LONGEST_CODE


class NotTooLong:
    """A validator: at most so many characters, and it says how many are too many."""

    def __init__(self, limit: int) -> None:
        self.limit = limit

    def __call__(self, form: Form, field: Field) -> None:
        """Raise ValidationError where the text is too long."""
        over = len(field.data or "") - self.limit
        if over > 0:
            raise ValidationError(
                ngettext(
                    "This is %(num)s character too long. The longest answer has %(limit)s.",
                    "This is %(num)s characters too long. The longest answer has %(limit)s.",
                    over,
                    limit=self.limit,
                )
            )


class OrderField(Field):
    """An order as one line of text (`services.orders`). Each item's select sends `item:place`, the script all at once.

    `names` are the items with their words.
    """

    def __init__(self, label: str, names: Mapping[str, str], **kwargs: Any) -> None:
        super().__init__(label, **kwargs)
        self.items = tuple(names)
        self.names = names

    def process_formdata(self, valuelist: list[str]) -> None:
        """Take what the selects or the script sent."""
        self.data = orders.text(orders.places(" ".join(valuelist), self.items), self.items)

    @property
    def places(self) -> dict[str, int]:
        """The place of each item that has one."""
        return orders.places(self.data or "", self.items)

    def in_words(self, text: str) -> str:
        """An order as lines that can be read: what another window saved."""
        places = orders.places(text, self.items)
        lines = (f"{places.get(item, '–')}. {self.names[item]}" for item in orders.by_place(places, self.items))
        return "\n".join(lines)

    @property
    def by_place(self) -> list[str]:
        """The items as they are shown."""
        return orders.by_place(self.places, self.items)


class FileField(StringField):
    """The code of a file that was kept (`services.uploads`); the bytes come beside it."""


def field_for(part: Part, name: str, brief: Brief) -> Any:
    """The form's field for one field of an answer, in the words of the brief."""
    label = brief.labels.get(name) or brief.labels.get(part.key)
    words, hint = (label.label, label.hint) if label else (name, "")
    validators = [NotTooLong(part.limit), NoNul()]
    if part.kind is PartKind.ORDERING:
        if name == part.key:
            return OrderField(words, _names(part, brief), description=hint)
        words = _("Reason: %(item)s", item=words)
    if part.kind is PartKind.FILE:
        return FileField(words, description=hint, filters=[stripped], validators=[Length(max=LONGEST_CODE), NoNul()])
    if part.kind is PartKind.URL:
        return StringField(words, description=hint, filters=[stripped], validators=validators)
    return TextAreaField(words, description=hint, filters=[unix_lines], validators=validators)


def _names(part: Part, brief: Brief) -> dict[str, str]:
    labels = {item: brief.labels.get(f"{part.key}.{item}") for item in part.items}
    return {item: label.label if label else item for item, label in labels.items()}


def in_words(field: Field, text: str) -> str:
    """A field's stored text as its writer can read it."""
    if isinstance(field, FileField):
        return str(_("A file that you sent before")) if text else ""
    return field.in_words(text) if isinstance(field, OrderField) else text


def trouble(part: Part, name: str, field: Field) -> str | None:
    """Why this field cannot be handed in as it is, or None. A draft may be unfinished; an answer may not."""
    text = (field.data or "").strip()
    found = None
    if not text:
        is_missing = name in part.required_fields and not field.errors
        missing = _("No file is chosen yet.") if part.kind is PartKind.FILE else _("Nothing is written here yet.")
        found = missing if is_missing else None
    elif isinstance(field, OrderField):
        found = _trouble_of_order(field)
    elif part.kind is PartKind.URL and not is_web_address(text):
        found = _("This is not a complete web address. It begins with https:// and has no spaces in it.")
    return None if found is None else str(found)


def _trouble_of_order(field: OrderField) -> str | None:
    shared = orders.shared_places(field.places)
    missing = len(field.items) - len(field.places)
    found = None
    if shared:
        numbers = ", ".join(str(place) for place in shared)
        found = _("This place is given more than once: %(places)s. Each needs a place of its own.", places=numbers)
    elif missing:
        found = ngettext("%(num)s has no place yet.", "%(num)s have no place yet.", missing)
    return None if found is None else str(found)
