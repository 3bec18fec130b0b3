"""Options of selects and check boxes, for the forms of several rooms."""

from __future__ import annotations

from datetime import datetime
from typing import Any

# The type stubs do not know WTForms 3.3's name for one option yet.
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]

from app import clock


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
