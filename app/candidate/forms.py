"""Forms of the candidate's room."""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from werkzeug.datastructures import MultiDict
from wtforms import BooleanField, EmailField, Field, HiddenField, IntegerField, RadioField, TextAreaField
from wtforms.validators import DataRequired, Email, InputRequired, Length, NumberRange, Optional
from wtforms.widgets import HiddenInput

from app import words
from app.candidate import fields
from app.forms import NoNul, choice, stripped, unix_lines
from app.services.catalog_types import Part
from app.services.surveys import MOST_MINUTES
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


class WithdrawForm(FlaskForm):
    """Why somebody leaves, if they like."""

    reason = RadioField(
        _l("Would you tell us why? One tap, and only if you like."),
        description=_l("We only count it. Nobody holds it against you, now or later."),
        choices=[choice(reason.name, text) for reason, text in words.REASONS.items()],
        validators=[Optional()],
    )


class SurveyForm(FlaskForm):
    """Two questions, and room for words."""

    fair = RadioField(
        _l("How fair did it seem to you?"),
        choices=[
            choice("1", _l("1, not fair at all")),
            choice("2", "2"),
            choice("3", "3"),
            choice("4", "4"),
            choice("5", _l("5, very fair")),
        ],
        validators=[InputRequired(_l("Please choose one."))],
    )
    minutes = IntegerField(
        _l("How many minutes did it really take you?"),
        description=_l("All tasks of this job together, reading included."),
        validators=[InputRequired(), NumberRange(1, MOST_MINUTES)],
        render_kw={"inputmode": "numeric"},
    )
    words = TextAreaField(
        _l("Anything to add?"),
        description=_l("Please write nothing that says who you are: the team reads it without your name."),
        filters=[unix_lines, stripped],
        validators=[Optional(), Length(max=1000), NoNul()],
    )


class EraseForm(FlaskForm):
    """Yes, delete it."""

    is_sure = BooleanField(
        _l("Yes, delete my data. I know that it cannot be brought back."),
        validators=[InputRequired(_l("Please tick this if you are sure."))],
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
