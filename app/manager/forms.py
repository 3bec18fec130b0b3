"""Forms of the hiring manager's room."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
    Field,
    HiddenField,
    IntegerField,
    RadioField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional
from wtforms.widgets import CheckboxInput, ListWidget

from app.forms import NoNul, choice, stripped, unix_lines
from app.models import Stage
from app.services.appeals import MOST_DAYS, MOST_POINTS
from app.services.late import LONGEST_REASON
from app.services.proposals import HEAVIEST, Weighing

MOST_AT_ONCE = 200
MESSAGE = _l("A weight is a whole number from 0 to %(most)d.", most=HEAVIEST)


class EmptyForm(FlaskForm):
    """A button."""


class CountForm(FlaskForm):
    """Why an answer that came after the end counts all the same."""

    reason = StringField(
        _l("Why does it count?"),
        description=_l("For example: the connection was lost at the end, and the applicant wrote at once."),
        filters=[stripped],
        validators=[DataRequired(), Length(max=LONGEST_REASON), NoNul()],
    )


class TitleForm(FlaskForm):
    """The title of a new challenge."""

    title = StringField(
        _l("What is the challenge called?"),
        description=_l("As candidates will read it, in English. For example: A late parcel."),
        filters=[stripped],
        validators=[DataRequired(), Length(max=120), NoNul()],
    )


class SignForm(FlaskForm):
    """A native speaker puts their name to a translation."""

    name = StringField(_l("Your name"), filters=[stripped], validators=[DataRequired(), Length(max=120), NoNul()])
    has_read = BooleanField(
        _l("I am a native speaker, and I have read this."),
        validators=[InputRequired(_l("Please confirm that you have read it."))],
    )


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
        description=_l(
            "Applicants get all of them at once and answer in the order they like. "
            "One is enough for most jobs; three or four, an hour in all, say more."
        ),
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


class CommentForm(FlaskForm):
    """One comment to the candidate."""

    slug = HiddenField(validators=[Optional(), Length(max=60), NoNul()])
    text = TextAreaField(
        _l("Comment to the applicant"),
        filters=[unix_lines, stripped],
        validators=[Optional(), Length(max=2000), NoNul()],
    )

    @classmethod
    def of(cls, slug: str, text: str) -> CommentForm:
        """The form as the page shows it; several stand on one page, so each has ids of its own."""
        form = cls(formdata=None, data={"slug": slug, "text": text})
        for field in (form.slug, form.text):
            field.id = f"{field.name}-{slug or 'whole'}"
        form.text.label.field_id = form.text.id
        return form


class SettleForm(FlaskForm):
    """The decision after a second review."""

    stage = RadioField(
        _l("Decision after the second review"),
        choices=[
            choice(Stage.NOT_SELECTED.name, _l("It stays: not selected")),
            choice(Stage.SHORTLISTED.name, _l("Shortlist")),
        ],
        validators=[InputRequired()],
    )
    reason = TextAreaField(
        _l("Reason"),
        description=_l("Kept with the decision, for you and for a later question. The applicant does not see it."),
        filters=[unix_lines, stripped],
        validators=[DataRequired(), Length(max=2000), NoNul()],
    )


class AllowForm(FlaskForm):
    """Whether people near the line may ask for a second review."""

    points = IntegerField(
        _l("Within so many points of the shortlist line"),
        description=_l("On the scale from 0 to 100. Leave empty to allow none."),
        validators=[Optional(), NumberRange(1, MOST_POINTS)],
    )
    days = IntegerField(
        _l("For so many days after they were told"), validators=[InputRequired(), NumberRange(1, MOST_DAYS)]
    )


@dataclass(frozen=True)
class Weighable:
    """One criterion of the form: its words, and the names of its fields. `use` is empty unless it can be left out."""

    key: str
    name: str
    meaning: str
    is_bonus: bool
    is_left_out: bool
    weight: str
    use: str


@dataclass(frozen=True)
class Section:
    """One challenge of the form. `weight` is the name of its field, empty where the role has no other challenge."""

    version_id: int
    title: str
    weight: str
    criteria: tuple[Weighable, ...]


class WeightsForm(FlaskForm):
    """A weight per criterion, whether an optional one counts, and the line; `weights_form` makes the fields."""

    line_percent = IntegerField(
        _l("Shortlist line, in percent"),
        description=_l("It moves for everybody when the weights are put in force. Leave empty for none."),
        validators=[Optional(), NumberRange(0, 100)],
    )
    sections: tuple[Section, ...] = ()

    def field_of(self, name: str) -> Field:
        """The field with this name."""
        field: Field = self[name]
        return field

    def weighing(self) -> dict[int, Weighing]:
        """What a valid form says, by challenge version. Only fields that the form has are read."""
        return {
            section.version_id: Weighing(
                weight=self[section.weight].data if section.weight else 1,
                criteria={
                    one.key: self[one.weight].data for one in section.criteria if not one.use or self[one.use].data
                },
            )
            for section in self.sections
        }


def weights_form(sections: tuple[Section, ...], data: Mapping[str, Any]) -> WeightsForm:
    """The form for these challenges and criteria."""
    fields: dict[str, Any] = {"sections": sections}
    for section in sections:
        if section.weight:
            fields[section.weight] = _weight_field(_l("Weight of this challenge"))
        for one in section.criteria:
            fields[one.weight] = _weight_field(one.name)
            if one.use:
                fields[one.use] = BooleanField(_l("Counts for this role"))
    form: WeightsForm = type("WeightsForm", (WeightsForm,), fields)(data=data)
    return form


def _weight_field(label: Any) -> IntegerField:
    return IntegerField(label, validators=[InputRequired(MESSAGE), NumberRange(0, HEAVIEST, MESSAGE)])
