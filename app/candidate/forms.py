"""Forms of the candidate's room."""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from flask_wtf import FlaskForm
from werkzeug.datastructures import MultiDict
from wtforms import BooleanField, EmailField, Field, Form, HiddenField, IntegerField, TextAreaField, ValidationError
from wtforms.validators import DataRequired, Email, InputRequired, Length, NumberRange, Optional
from wtforms.widgets import HiddenInput

from app.forms import NoNul, stripped, unix_lines
from app.services.catalog_types import Part
from app.services.tasks import Task

PREFIX = "answer-"
MOST_REVISIONS = 2**31 - 1


class LinkForm(FlaskForm):
    """An address to send the link to."""

    email = EmailField(
        _l("Your e-mail address"),
        filters=[stripped],
        validators=[DataRequired(), Length(max=254), NoNul(), Email()],
        render_kw={"autocomplete": "email"},
    )


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


class DraftForm(FlaskForm):
    """What the workspace sends: the answers, the draft they started from, and what to do when time runs out.

    The fields of the answers are added for each task by `form_for`.
    """

    revision = IntegerField(widget=HiddenInput(), validators=[InputRequired(), NumberRange(0, MOST_REVISIONS)])
    key = HiddenField(validators=[Optional(), Length(max=43), NoNul()])
    hand_in_draft = BooleanField(
        _l("If time runs out, hand in what I have."),
        description=_l("Otherwise only what you handed in yourself is read."),
    )
    is_final = BooleanField(
        _l("This is final."),
        description=_l("It can be read from now on, and you cannot change it any more."),
    )
    parts: tuple[Part, ...] = ()

    @property
    def answer_fields(self) -> dict[str, Field]:
        """The fields of the answers, by the names that drafts and submissions use."""
        return {name: self[PREFIX + name] for part in self.parts for name in part.fields}

    @property
    def answers(self) -> dict[str, str]:
        """What was typed, every field by its name."""
        return {name: field.data or "" for name, field in self.answer_fields.items()}

    @property
    def started_from(self) -> int:
        """The revision of the draft that the page showed."""
        return self.revision.data or 0

    def is_complete(self) -> bool:
        """Whether every part that must be answered has words; notes at the fields what is missing."""
        complete = True
        for part in self.parts:
            for name in part.fields:
                field = self[PREFIX + name]
                if part.is_required and not (field.data or "").strip():
                    field.errors = [*field.errors, _("Nothing is written here yet.")]
                    complete = False
        return complete


def form_for(task: Task, formdata: Mapping[str, object] | None = None) -> DraftForm:
    """The form of one task, bound to what was posted, or to `formdata` where the script sends JSON."""
    fields = {}
    for part in task.challenge.parts:
        for name in part.fields:
            label = task.brief.labels.get(name) or task.brief.labels.get(part.key)
            fields[PREFIX + name] = TextAreaField(
                label.label if label else name,
                description=label.hint if label else "",
                filters=[unix_lines],
                validators=[NotTooLong(part.limit), NoNul()],
            )
    kind = type("TaskForm", (DraftForm,), {**fields, "parts": task.challenge.parts})
    form: DraftForm = kind(MultiDict(formdata)) if formdata is not None else kind()
    return form
