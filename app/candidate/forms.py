"""Forms of the candidate's room."""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from werkzeug.datastructures import MultiDict
from wtforms import BooleanField, EmailField, Field, HiddenField, IntegerField, StringField, TextAreaField
from wtforms.validators import DataRequired, Email, InputRequired, Length, NumberRange, Optional
from wtforms.widgets import HiddenInput

from app.candidate import fields
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


class CodeForm(FlaskForm):
    """The code from a mail, however it is written."""

    code = StringField(
        _l("The code from our mail"),
        description=_l("Eight letters and digits. Spaces and capitals do not matter."),
        validators=[DataRequired(), Length(max=40), NoNul()],
        render_kw={
            "autocomplete": "one-time-code",
            "autocapitalize": "characters",
            "autocorrect": "off",
            "spellcheck": "false",
            "dir": "ltr",
        },
    )


class AskForm(FlaskForm):
    """A question, with the key that lets it arrive once."""

    question = TextAreaField(
        _l("Your question"),
        filters=[unix_lines, stripped],
        validators=[DataRequired(_l("Nothing is written here yet.")), NoNul()],
    )
    question_key = HiddenField(validators=[Optional(), Length(max=43), NoNul()])


class ReuseForm(FlaskForm):
    """The receipt of the answer that the page offered."""

    code = HiddenField(validators=[DataRequired(), Length(max=16), NoNul()])


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

    def start_from(self, revision: int) -> None:
        """Let the page show this revision, whatever was posted: the next press is then a choice that is accepted."""
        # A field that was posted shows the posted text before its value.
        self.revision.data, self.revision.raw_data = revision, None

    def is_complete(self) -> bool:
        """Whether everything can be handed in as it is; notes at the fields what is missing or wrong."""
        complete = True
        for part in self.parts:
            for name in part.fields:
                field = self[PREFIX + name]
                reason = fields.trouble(part, name, field)
                if reason is not None:
                    field.errors = [*field.errors, reason]
                    complete = False
        return complete


def form_for(task: Task, formdata: Mapping[str, object] | None = None) -> DraftForm:
    """The form of one task, bound to what was posted, or to `formdata` where the script sends JSON."""
    made = {
        PREFIX + name: fields.field_for(part, name, task.brief) for part in task.challenge.parts for name in part.fields
    }
    kind = type("TaskForm", (DraftForm,), {**made, "parts": task.challenge.parts})
    form: DraftForm = kind(MultiDict(formdata)) if formdata is not None else kind()
    return form
