"""Forms of the candidate's room."""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from werkzeug.datastructures import MultiDict
from wtforms import (
    BooleanField,
    EmailField,
    Field,
    HiddenField,
    IntegerField,
    RadioField,
    StringField,
    TextAreaField,
    ValidationError,
)
from wtforms.validators import DataRequired, Email, InputRequired, Length, NumberRange, Optional
from wtforms.widgets import HiddenInput

from app import words
from app.candidate import fields
from app.forms import NoNul, choice, stripped, unix_lines
from app.models import Adjustment
from app.services import accommodations, receipts
from app.services.catalog_types import Part
from app.services.surveys import MOST_MINUTES
from app.services.tasks import Task

PREFIX = "answer-"
KINDS = [
    choice(Adjustment.MORE_TIME.name, _l("More time")),
    choice(Adjustment.OTHER_FORMAT.name, _l("Another format")),
    choice(Adjustment.OTHER.name, _l("Something else")),
]
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


class StartForm(FlaskForm):
    """The button that starts, with the choice for the end of the time."""

    # Whether the page asked: a box that is not ticked sends nothing.
    has_choice = HiddenField(default="y")
    hand_in_draft = BooleanField(
        _l("If time runs out, hand in what I have."),
        default=True,
        description=_l("Otherwise only what you handed in yourself is read. You can change this while you write."),
    )

    @property
    def wants_draft_handed_in(self) -> bool:
        """The choice; yes for whoever was not asked."""
        return not self.has_choice.raw_data or bool(self.hand_in_draft.data)


class AdjustmentForm(FlaskForm):
    """Which adjustment; never which condition."""

    kind = RadioField(_l("What would help you?"), choices=KINDS, validators=[InputRequired(_l("Please choose one."))])
    percent = RadioField(
        _l("How much more time?"),
        choices=[choice(str(number), _l("%(num)s %% more", num=number)) for number in accommodations.OFFERED]
        + [choice("", _l("Something else; I say it below"))],
        default="",
        validators=[Optional()],
    )
    words = TextAreaField(
        _l("In your own words"),
        description=_l("What should be different? Please do not write why, and no diagnosis: nobody needs to know it."),
        filters=[unix_lines, stripped],
        validators=[Length(max=accommodations.LONGEST_WORDS), NoNul()],
        render_kw={"rows": 4},
    )

    def validate_words(self, field: Field) -> None:
        """Words are needed where nothing else says what is asked for."""
        says_enough = self.kind.data == Adjustment.MORE_TIME.name and self.percent.data
        if not says_enough and not field.data:
            raise ValidationError(_("Please say in a few words what would help."))

    @property
    def wished_percent(self) -> int | None:
        """So many per cent more time, where that was chosen."""
        return int(self.percent.data) if self.percent.data else None


class VerifyForm(FlaskForm):
    """A receipt to be checked, and perhaps the answers that it is about."""

    receipt = TextAreaField(
        _l("The receipt"),
        description=_l("All lines under “Technical details” of a receipt, or of the mail, down to the signature."),
        validators=[DataRequired(), Length(max=receipts.LONGEST_TEXT), NoNul()],
        render_kw={"rows": 9, "spellcheck": "false", "autocomplete": "off", "dir": "ltr", "translate": "no"},
    )
    answers = TextAreaField(
        _l("The answers, to compare"),
        description=_l("What stands in the file answers.json of the receipt."),
        validators=[Optional(), NoNul()],
        render_kw={"rows": 5, "spellcheck": "false", "autocomplete": "off", "dir": "ltr", "translate": "no"},
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
