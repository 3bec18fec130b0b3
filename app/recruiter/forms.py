"""Forms of the regional desk."""

from __future__ import annotations

from datetime import datetime, timedelta

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
    DateField,
    FieldList,
    Form,
    FormField,
    HiddenField,
    IntegerField,
    SelectField,
    StringField,
    TextAreaField,
    TimeField,
    ValidationError,
)
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional
from wtforms.widgets import HiddenInput

from app import words
from app.forms import NoNul, choice, stripped, unix_lines
from app.models import Opening, OpeningState, Stage
from app.refusals import Refused
from app.services import accommodations, questions
from app.services.questions import LONGEST_QUESTION, Kind, Preset, Question

LONGEST_DESCRIPTION = 20_000
LONGEST_CHOICES = 1_000
OWN_QUESTIONS = 5


class QuestionForm(Form):
    """A question in the recruiter's own words; without words there is none."""

    text = StringField(
        _l("Question"), filters=[stripped], validators=[Optional(), Length(max=LONGEST_QUESTION), NoNul()]
    )
    kind = SelectField(
        _l("Kind of answer"),
        choices=[choice(kind.value, label) for kind, label in words.QUESTION_KINDS.items()],
        default=Kind.TEXT.value,
    )
    choices = TextAreaField(
        _l("Answers to choose from"),
        description=_l("One on each line. Only for a choice."),
        filters=[unix_lines],
        validators=[Optional(), Length(max=LONGEST_CHOICES), NoNul()],
        render_kw={"rows": 3},
    )
    is_required = BooleanField(_l("Must be answered"))

    @property
    def question(self) -> Question | None:
        """The question, or None where nothing is asked."""
        if not self.text.data:
            return None
        kind = Kind(self.kind.data)
        lines = [line.strip() for line in (self.choices.data or "").split("\n")] if kind is Kind.CHOICE else []
        return Question(kind, self.is_required.data, self.text.data, tuple(line for line in lines if line))


ASKED = {"": _l("Not asked"), "optional": _l("Asked, may be left empty"), "required": _l("Must be answered")}


def _asked(preset: Preset) -> SelectField:
    """Whether one of the questions that Winnow has words for is asked."""
    choices = [choice(value, label) for value, label in ASKED.items()]
    return SelectField(words.PRESETS[preset], choices=choices, default="")


class OpeningForm(FlaskForm):
    """What an opening says."""

    title = StringField(_l("Title"), filters=[stripped], validators=[DataRequired(), Length(max=120), NoNul()])
    description = TextAreaField(
        _l("Description"),
        description=_l("The work, the team, the hours, who you look for. Markdown: **bold**, - lists, ## headings."),
        filters=[unix_lines, stripped],
        validators=[DataRequired(), Length(max=LONGEST_DESCRIPTION), NoNul()],
        render_kw={"rows": 12},
    )
    place = StringField(
        _l("Place"),
        description=_l("Where the work is done, such as “Remote, anywhere in Brazil”."),
        filters=[stripped],
        validators=[DataRequired(), Length(max=120), NoNul()],
    )
    pay = StringField(
        _l("Pay"),
        description=_l("With currency and period, such as “€2,400 to €2,900 a month”. Empty: shown as “not stated”."),
        filters=[stripped],
        validators=[Optional(), Length(max=120), NoNul()],
    )
    headcount = IntegerField(
        _l("People to hire"), validators=[InputRequired(), NumberRange(1, 999)], render_kw={"inputmode": "numeric"}
    )
    closes_on = DateField(_l("Last day"), validators=[InputRequired()])
    closes_time = TimeField(_l("Time"), validators=[InputRequired()])

    work_permission = _asked(Preset.WORK_PERMISSION)
    notice = _asked(Preset.NOTICE)
    expected_pay = _asked(Preset.EXPECTED_PAY)
    own = FieldList(FormField(QuestionForm), label=_l("Your own questions"), min_entries=OWN_QUESTIONS)

    def validate_own(self, field: FieldList[FormField[QuestionForm]]) -> None:
        """Say at each question why it cannot be asked like this."""
        del field.entries[OWN_QUESTIONS:]
        for entry in field:
            if entry.form.errors:
                continue
            try:
                questions.stored([one] if (one := entry.form.question) else [])
            except Refused as refusal:
                place = entry.form.choices if entry.form.kind.data == Kind.CHOICE.value else entry.form.text
                place.errors = [*place.errors, _(refusal.text, **refusal.values)]
                raise ValidationError(_("One of your questions is not complete.")) from refusal

    @property
    def presets(self) -> list[SelectField]:
        """The fields of the questions that Winnow has words for."""
        return [self[preset.value] for preset in Preset]

    @property
    def asks_own(self) -> bool:
        """Whether a question of one's own is typed, right or wrong."""
        return any(entry.form.text.data or entry.form.errors for entry in self.own)

    def questions(self) -> list[Question]:
        """What the opening asks, in the order of the page."""
        asked = [
            questions.preset(preset, self[preset.value].data == "required")
            for preset in Preset
            if self[preset.value].data
        ]
        return [*asked, *(one for entry in self.own if (one := entry.form.question))]

    def closes_local(self) -> datetime:
        """The closing date and time as wall time."""
        day, hour = self.closes_on.data, self.closes_time.data
        assert day is not None and hour is not None, "the form was not validated"
        return datetime.combine(day, hour)

    def offer(self, moment: datetime) -> None:
        """Put another closing time into the form; a minute that has begun counts as the next one."""
        if moment.second or moment.microsecond:
            moment = moment.replace(second=0, microsecond=0) + timedelta(minutes=1)
        for field, value in ((self.closes_on, moment.date()), (self.closes_time, moment.time())):
            field.data, field.raw_data = value, None


def as_data(opening: Opening) -> dict[str, object]:
    """A draft as the form shows it."""
    closes = datetime.fromisoformat(opening.closes_local)
    asked = questions.read(opening.questions)
    presets = {one.preset.value: "required" if one.is_required else "optional" for one in asked if one.preset}
    own = [
        {
            "text": one.text,
            "kind": one.kind.value,
            "choices": "\n".join(one.choices),
            "is_required": one.is_required,
        }
        for one in asked
        if not one.preset
    ]
    plain = {name: getattr(opening, name) for name in ("title", "description", "place", "pay", "headcount")}
    return {**plain, **presets, "closes_on": closes.date(), "closes_time": closes.time(), "own": own}


class MoveForm(FlaskForm):
    """Move an applicant to another stage; `seen` is the stage that the page showed."""

    to = SelectField(_l("Move to"), choices=[choice(words.slug(stage)) for stage in Stage])
    seen = SelectField(choices=[choice(words.slug(stage)) for stage in Stage])


class AnswerForm(FlaskForm):
    """A message to an applicant; `seen` is the newest one that the page showed, 0 for none."""

    body = TextAreaField(
        _l("Your message"),
        description=_l("Plain text. They get it by mail, too, and see your first name."),
        filters=[unix_lines],
        validators=[DataRequired(_l("Nothing is written here yet.")), NoNul()],
        render_kw={"rows": 7, "dir": "auto"},
    )
    seen = IntegerField(widget=HiddenInput(), validators=[InputRequired(), NumberRange(0, 2**63 - 1)])
    key = HiddenField(validators=[DataRequired(), Length(max=43), NoNul()])

    def show(self, newest_id: int) -> None:
        """Let the page show this message as the newest, whatever was posted: the next press is then a choice."""
        self.seen.data, self.seen.raw_data = newest_id, None


class SeenForm(FlaskForm):
    """What waits needs no answer."""

    seen = IntegerField(validators=[InputRequired(), NumberRange(0, 2**63 - 1)])


class AdjustmentForm(FlaskForm):
    """What is granted, or why not. The view leaves the percentage out where no personal timer runs."""

    more_percent = IntegerField(
        _l("Personal timer: so many per cent more"),
        default=0,
        validators=[InputRequired(), NumberRange(0, accommodations.MOST_PERCENT)],
        render_kw={"inputmode": "numeric"},
    )
    extra_hours = IntegerField(
        _l("End of the time: so many hours later"),
        description=_l(
            "24 hours are one day. A longer timer helps only until the end: move the end too if it is near."
        ),
        default=0,
        validators=[InputRequired(), NumberRange(0, accommodations.MOST_MINUTES // 60)],
        render_kw={"inputmode": "numeric"},
    )
    answer = TextAreaField(
        _l("What the applicant reads"),
        description=_l("What was arranged; or, if it cannot be done, a kind sentence that says what can."),
        filters=[unix_lines, stripped],
        validators=[DataRequired(), Length(max=accommodations.LONGEST_WORDS), NoNul()],
        render_kw={"rows": 3},
    )
    does = SelectField(choices=[choice("grant"), choice("decline")])


class StateForm(FlaskForm):
    """Publish, pause, resume or close."""

    state = SelectField(choices=[choice(words.slug(state)) for state in OpeningState])
