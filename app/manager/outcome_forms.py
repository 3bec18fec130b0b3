"""Forms of second reviews and of comments to the candidate."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import HiddenField, IntegerField, RadioField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional

from app.forms import NoNul, choice, stripped, unix_lines
from app.models import Stage
from app.services.appeals import MOST_DAYS, MOST_POINTS


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
