"""Forms of the regional desk."""

from __future__ import annotations

from datetime import datetime, timedelta

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import DateField, IntegerField, SelectField, StringField, TextAreaField, TimeField
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional

from app import words
from app.forms import NoNul, choice, stripped, unix_lines
from app.models import OpeningState, Stage
from app.services import accommodations

LONGEST_DESCRIPTION = 20_000


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


class MoveForm(FlaskForm):
    """Move an applicant to another stage; `seen` is the stage that the page showed."""

    to = SelectField(_l("Move to"), choices=[choice(words.slug(stage)) for stage in Stage])
    seen = SelectField(choices=[choice(words.slug(stage)) for stage in Stage])


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
