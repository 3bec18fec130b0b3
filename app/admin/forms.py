"""Forms of administration and set-up."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from wtforms import (
    EmailField,
    Field,
    HiddenField,
    IntegerField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
    TimeField,
)
from wtforms.validators import DataRequired, Email, InputRequired, Length, NumberRange, Optional, Regexp
from wtforms.widgets import CheckboxInput, HiddenInput, ListWidget

from app import locales, words
from app.forms import NoNul, choice, stripped, unix_lines, zone_choices
from app.models import Duty, Region
from app.services import notices
from app.services.dismissals import Why

EVERYWHERE = "*"
# The duties that open a room today, with what each may do.
DUTIES: dict[Duty, LazyString] = {
    Duty.RECRUITER: _l("opens roles, sees applicants by name, moves them"),
    Duty.GRADER: _l("reads answers without names and rates them"),
    Duty.MANAGER: _l("creates roles, sees rankings, decides"),
    Duty.LEAD: _l("recruits and decides in their region"),
    Duty.ADMINISTRATOR: _l("people, mail, audit trail, set-up, and all of hiring"),
}


class PersonForm(FlaskForm):
    """A new colleague. A duty is written `recruiter:EMEA`, or `recruiter:*` for everywhere."""

    name = StringField(_l("Name"), filters=[stripped], validators=[DataRequired(), Length(max=120), NoNul()])
    email = EmailField(
        _l("Mail address"),
        description=_l("They get a link to choose a password. It works once, for seven days."),
        filters=[stripped],
        validators=[DataRequired(), Email(), Length(max=254), NoNul()],
    )
    duties = SelectMultipleField(
        _l("Duties"),
        validators=[InputRequired(message=_l("Please choose at least one duty."))],
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )
    locale = SelectField(
        _l("Language"),
        description=_l("Of their pages and mails."),
        choices=[choice(tag, locales.own_name(tag)) for tag in locales.LOCALES],
    )
    zone = SelectField(_l("Time zone"), description=_l("Times on their pages are shown in it."))

    def offer(self, regions: Sequence[Region], now: datetime) -> None:
        """Fill the choices that depend on the company."""
        self.duties.choices = [
            choice(f"{duty.value}:{where}", words.DUTIES[duty])
            for duty in DUTIES
            for where in (EVERYWHERE, *(region.code for region in regions))
            if is_offered(duty, where)
        ]
        self.zone.choices = zone_choices(now)

    def grid(self, regions: Sequence[Region]) -> list[tuple[LazyString, LazyString, list[Field | None]]]:
        """The duties as rows of check boxes, one for everywhere and one for each region; None where none is offered."""
        boxes = {box.data: box for box in self.duties}
        places = (EVERYWHERE, *(region.code for region in regions))
        return [
            (words.DUTIES[duty], hint, [boxes.get(f"{duty.value}:{where}") for where in places])
            for duty, hint in DUTIES.items()
        ]


def is_offered(duty: Duty, where: str) -> bool:
    """Administrators run the whole installation; all other duties may be given for a region."""
    return where == EVERYWHERE or duty is not Duty.ADMINISTRATOR


class ReasonForm(FlaskForm):
    """Work that failed for one reason."""

    kind = HiddenField(validators=[DataRequired(), Length(max=20), NoNul()])
    reason = HiddenField(validators=[DataRequired(), Length(max=500), NoNul()])


class DismissForm(FlaskForm):
    """Why failed work may rest."""

    why = SelectField(
        _l("Why it may rest"),
        choices=[
            choice(Why.BY_HAND.value, _l("It was done in another way")),
            choice(Why.NOT_NEEDED.value, _l("It is not needed any more")),
            choice(Why.IMPOSSIBLE.value, _l("It cannot be done")),
        ],
    )


class ProductForm(FlaskForm):
    """The product that candidates try out in the challenge about a dashboard."""

    product_name = StringField(
        _l("Name of your product"),
        description=_l("For the challenge “Dashboard and widget”: candidates sign up for it and try it out."),
        filters=[stripped],
        validators=[Optional(), Length(max=80), NoNul()],
    )
    product_address = StringField(
        _l("Where one signs up for it"),
        description=_l("It begins with https://. Leave both empty, and candidates get a neutral exercise instead."),
        filters=[stripped],
        validators=[
            Optional(),
            Length(max=500),
            NoNul(),
            Regexp(r"https?://[^\s<>]+\Z", message=_l("Please write an address that begins with https://.")),
        ],
        render_kw={"inputmode": "url", "autocomplete": "url"},
    )


class CompanyForm(ProductForm):
    """Name, logo and product."""

    name = StringField(
        _l("Company name"),
        description=_l("Candidates see it at the top of every page and in mails."),
        filters=[stripped],
        validators=[DataRequired(), Length(max=120), NoNul()],
        render_kw={"autocomplete": "organization"},
    )
    logo = FileField(
        _l("Logo"),
        description=_l("PNG or JPEG, at most 200 kB. Without one, the name stands there."),
        validators=[Optional()],
        render_kw={"accept": "image/png,image/jpeg"},
    )


class RegionForm(FlaskForm):
    """A region's name, clock, hours and promise."""

    code = StringField(
        _l("Short code"),
        description=_l("Two to twelve capital letters and digits, such as LATAM. It stays as it is."),
        filters=[stripped, lambda text: text.upper() if text else text],
        validators=[
            DataRequired(),
            Regexp(r"[A-Z][A-Z0-9-]{1,11}\Z", message=_l("Use two to twelve letters A to Z and digits.")),
        ],
    )
    name = StringField(_l("Name"), filters=[stripped], validators=[DataRequired(), Length(max=80), NoNul()])
    zone = SelectField(_l("Time zone"), description=_l("The clock by which this region works."))
    works_from = TimeField(_l("Work begins"), validators=[InputRequired()])
    works_until = TimeField(_l("Work ends"), validators=[InputRequired()])
    reply_days = IntegerField(
        _l("Days to reply"),
        description=_l("Candidates are told that they hear back within this many days after their time has ended."),
        validators=[InputRequired(), NumberRange(1, 60)],
        render_kw={"min": 1, "max": 60},
    )


class NoticeForm(FlaskForm):
    """A new version of a region's privacy notice; one field for each language is added below."""

    seen = IntegerField(widget=HiddenInput(), validators=[InputRequired(), NumberRange(0, 2**31 - 1)])

    @staticmethod
    def name(tag: str) -> str:
        """The name of the field with a language's text."""
        return f"text-{tag}"

    @property
    def fields_of_texts(self) -> list[Field]:
        """The fields of the languages, English first."""
        return [self[self.name(tag)] for tag in locales.LOCALES]

    @property
    def texts(self) -> dict[str, str]:
        """What was typed, by language."""
        return {tag: self[self.name(tag)].data or "" for tag in locales.LOCALES}

    def start_from(self, number: int) -> None:
        """Let the page show this version as the one that the writer has seen."""
        # A field that was posted shows the posted text before its value.
        self.seen.data, self.seen.raw_data = number, None


def _text_of(tag: str) -> TextAreaField:
    needed = DataRequired() if tag == locales.DEFAULT else Optional()
    return TextAreaField(
        locales.own_name(tag),
        filters=[unix_lines, stripped],
        validators=[needed, Length(max=notices.LONGEST), NoNul()],
        render_kw={"rows": 14, "lang": tag},
    )


for _tag in locales.LOCALES:
    setattr(NoticeForm, NoticeForm.name(_tag), _text_of(_tag))


class RoleForm(FlaskForm):
    """A role with Ben's challenge."""

    title = StringField(
        _l("Title of the role"), filters=[stripped], validators=[DataRequired(), Length(max=120), NoNul()]
    )
    readers = IntegerField(
        _l("People who read each answer"),
        description=_l("Two is the rule. Where two differ much, a third is asked."),
        validators=[InputRequired(), NumberRange(1, 5)],
        render_kw={"min": 1, "max": 5},
    )
    line_percent = IntegerField(
        _l("Shortlist line, in percent"),
        description=_l("Of the highest possible score. It is drawn in the ranking; people decide. Empty: no line."),
        validators=[Optional(), NumberRange(0, 100)],
        render_kw={"min": 0, "max": 100},
    )
