"""Forms of the review desk."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import Field, RadioField, SelectField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional

from app.forms import NoNul, choice, unix_lines
from app.services.desk import Asked

CANNOT = "cannot"
LEVELS = ("0", "1", "2", "3", CANNOT)
LONGEST_COMMENT = 2_000


class EmptyForm(FlaskForm):
    """A button."""


class SkipForm(FlaskForm):
    """Why an answer is put aside or handed on."""

    reason = RadioField(
        _l("Why?"),
        choices=[
            choice("later", _l("I want to read it later: it comes back as the last one")),
            choice("unclear", _l("Something is wrong with the answer: it comes back as the last one")),
            choice("known", _l("I think I know who wrote it: somebody else shall read it")),
            choice("language", _l("I do not read this language well: somebody else shall read it")),
        ],
        validators=[InputRequired(_l("Please choose a reason."))],
    )

    @property
    def hands_on(self) -> bool:
        """Whether the reason means that somebody else has to read the answer."""
        return self.reason.data in ("known", "language")


class RatingForm(FlaskForm):
    """A level and an optional comment per criterion; `rating_form` makes the fields."""

    def level_of(self, key: str) -> Field:
        """The level of one criterion."""
        field: Field = self[f"level-{key}"]
        return field

    def comment_of(self, key: str) -> Field:
        """The comment on one criterion."""
        field: Field = self[f"comment-{key}"]
        return field

    def chosen(self, key: str) -> int | str | None:
        """What is chosen for a criterion: 0 to 3, "cannot", or None for nothing yet."""
        value = self.level_of(key).data
        if value == CANNOT:
            return CANNOT
        return int(value) if value in LEVELS else None

    def levels(self, criteria: Sequence[Asked]) -> dict[str, int | None]:
        """The levels of a valid form; None is "cannot judge"."""
        chosen = {criterion.key: self.chosen(criterion.key) for criterion in criteria}
        return {key: level if isinstance(level, int) else None for key, level in chosen.items()}

    def comments(self, criteria: Sequence[Asked]) -> dict[str, str]:
        """The comments."""
        return {criterion.key: self.comment_of(criterion.key).data or "" for criterion in criteria}


def rating_form(criteria: Sequence[Asked], data: Mapping[str, Any] | None = None) -> RatingForm:
    """The form for these criteria."""
    fields: dict[str, Any] = {}
    for criterion in criteria:
        fields[f"level-{criterion.key}"] = SelectField(
            criterion.name,
            choices=[choice(level, level) for level in LEVELS],
            validators=[InputRequired(_l("Please choose a level, or “cannot judge”."))],
        )
        fields[f"comment-{criterion.key}"] = TextAreaField(
            _l("Comment"),
            filters=[unix_lines],
            validators=[Optional(), Length(max=LONGEST_COMMENT), NoNul()],
        )
    form: RatingForm = type("RatingForm", (RatingForm,), fields)(data=data)
    return form
