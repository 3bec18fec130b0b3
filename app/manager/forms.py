"""Forms of the hiring manager's room."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, IntegerField, RadioField, SelectMultipleField, StringField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional
from wtforms.widgets import CheckboxInput, ListWidget

from app.forms import NoNul, choice, stripped, unix_lines
from app.models import Stage

MOST_AT_ONCE = 200


class EmptyForm(FlaskForm):
    """A button."""


class RoleForm(FlaskForm):
    """A new role. The view fills in the challenges."""

    title = StringField(
        _l("What is the job called?"),
        description=_l("For example: Support agent, evenings. Each region can word its advert in its own way."),
        filters=[stripped],
        validators=[DataRequired(), Length(max=120), NoNul()],
    )
    challenges = SelectMultipleField(
        _l("Challenges"),
        description=_l("Applicants get them one after the other, in this order. One is enough for most jobs."),
        choices=[],
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
        validators=[InputRequired(_l("A role needs at least one challenge."))],
    )
    readers = IntegerField(
        _l("How many people read each answer?"),
        description=_l("Two is a good rule: where they differ by much, a third reads as well."),
        default=2,
        validators=[InputRequired(), NumberRange(1, 5)],
    )
    line_percent = IntegerField(
        _l("Shortlist line, in percent"),
        description=_l("Drawn into the ranking to help you decide; nobody is turned down by it. Leave empty for none."),
        default=60,
        validators=[Optional(), NumberRange(0, 100)],
    )
    window_days = IntegerField(
        _l("Days to answer"),
        description=_l("Whole days in the applicant's own zone, from the day they apply."),
        default=7,
        validators=[InputRequired(), NumberRange(1, 60)],
    )
    without_optional = BooleanField(
        _l("Leave the criterion “language” out"),
        description=_l("For jobs in which little is written in the language of the challenge."),
    )


class DecisionForm(FlaskForm):
    """Shortlist or turn down, one or several, with the reason."""

    codes = SelectMultipleField(
        _l("Applicants"),
        validate_choice=False,
        validators=[
            InputRequired(_l("Please tick at least one applicant.")),
            Length(max=MOST_AT_ONCE, message=_l("That is too many at once.")),
        ],
    )
    stage = RadioField(
        _l("Decision"),
        choices=[
            choice(Stage.SHORTLISTED.name, _l("Shortlist")),
            choice(Stage.NOT_SELECTED.name, _l("Do not select")),
        ],
        validators=[InputRequired(_l("Please choose one of the two."))],
    )
    reason = TextAreaField(
        _l("Reason"),
        description=_l("Kept with the decision, for you and for a later question. The applicant does not see it."),
        filters=[unix_lines, stripped],
        validators=[DataRequired(_l("Please give the reason.")), Length(max=2000), NoNul()],
    )
