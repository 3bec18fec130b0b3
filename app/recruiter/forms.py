"""Forms of the regional desk."""

from __future__ import annotations

from datetime import datetime, timedelta

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import DateField, HiddenField, IntegerField, SelectField, StringField, TextAreaField, TimeField
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional
from wtforms.widgets import HiddenInput

from app import words
from app.forms import NoNul, choice, stripped, unix_lines
from app.models import OpeningState, Stage

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


class StateForm(FlaskForm):
    """Publish, pause, resume or close."""

    state = SelectField(choices=[choice(words.slug(state)) for state in OpeningState])
