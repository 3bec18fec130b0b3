"""Forms of the public room."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from babel import Locale
from flask_babel import get_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
    EmailField,
    Field,
    Form,
    FormField,
    HiddenField,
    SelectField,
    SelectMultipleField,
    StringField,
    TelField,
    TimeField,
    ValidationError,
)
from wtforms.validators import DataRequired, Email, InputRequired, Length, Optional
from wtforms.widgets import CheckboxInput, ListWidget

from app.forms import NoNul, choice, stripped, zone_choices
from app.models import Opening
from app.openings.asking import Asked
from app.services import notices, questions
from app.services.applications import Details
from app.services.questions import Reply

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
# Territories of the language data that are no place to live in, or only a group of them.
_NO_COUNTRY = frozenset({"EU", "EZ", "QO", "UN", "XA", "XB", "ZZ", "AC", "CP", "CQ", "DG", "EA", "IC", "TA"})
MOST_LANGUAGES, LONGEST_LANGUAGE = 10, 40


class DaySpan(Form):
    """From when until when on one day; both or neither. An end before the beginning is past midnight."""

    starts = TimeField(_l("from"), validators=[Optional()])
    ends = TimeField(_l("until"), validators=[Optional()])

    def validate(self, extra_validators: Mapping[str, Sequence[Any]] | None = None) -> bool:
        """Refuse half an answer, and one that lasts no time. (Optional ends a field's own checks when it is empty.)"""
        if not super().validate(extra_validators):
            return False
        starts, ends = self.starts.data, self.ends.data
        if (starts is None) != (ends is None):
            self.ends.errors = [_("Please give both times, or neither.")]
        elif starts is not None and starts == ends:
            self.ends.errors = [_("The two times are the same.")]
        return not self.ends.errors

    @property
    def span(self) -> list[str] | None:
        """The day's two times as HH:MM, or None when nothing was said."""
        starts, ends = self.starts.data, self.ends.data
        return [starts.strftime("%H:%M"), ends.strftime("%H:%M")] if starts and ends else None


class TickBoxes(SelectMultipleField):
    """Several of a few choices, each with its box."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


class ApplyForm(FlaskForm):
    """What we ask of a person who applies, at every opening. `form_for` adds what one opening asks."""

    name = StringField(
        _l("Your name"),
        filters=[stripped],
        validators=[DataRequired(), Length(max=120), NoNul()],
        render_kw={"autocomplete": "name"},
    )
    email = EmailField(
        _l("Your e-mail address"),
        description=_l("For your link, your receipt and our answer. Nothing else."),
        filters=[stripped],
        validators=[DataRequired(), Length(max=254), NoNul(), Email()],
        render_kw={"autocomplete": "email"},
    )
    country = SelectField(_l("Country where you live"), validators=[InputRequired()])
    zone = SelectField(
        _l("Your time zone"),
        description=_l("All times are shown in it."),
        validators=[InputRequired()],
        render_kw={"data-suggest-zone": ""},
    )
    languages = StringField(
        _l("Languages you can work in"),
        description=_l("For example: Portuguese, English"),
        filters=[stripped],
        validators=[Optional(), Length(max=300), NoNul()],
    )
    phone = TelField(
        _l("Phone"),
        description=_l("Only if you would like us to call you."),
        filters=[stripped],
        validators=[Optional(), Length(max=40), NoNul()],
        render_kw={"autocomplete": "tel"},
    )
    mon = FormField(DaySpan, label=_l("Monday"))
    tue = FormField(DaySpan, label=_l("Tuesday"))
    wed = FormField(DaySpan, label=_l("Wednesday"))
    thu = FormField(DaySpan, label=_l("Thursday"))
    fri = FormField(DaySpan, label=_l("Friday"))
    sat = FormField(DaySpan, label=_l("Saturday"))
    sun = FormField(DaySpan, label=_l("Sunday"))
    shifts = TickBoxes(
        _l("I could also work"),
        validators=[Optional()],
        choices=[
            choice("rotating", _l("in changing shifts")),
            choice("nights", _l("at night")),
            choice("weekends", _l("on weekends")),
            choice("holidays", _l("on public holidays")),
        ],
    )
    consent = BooleanField(
        _l("I have read this, and you may keep what I write here for this application."),
        validators=[DataRequired(message=_l("Without this we cannot take your application."))],
    )

    # The number of the notice that the page showed: only compared, never kept.
    notice = HiddenField()
    asked: tuple[Asked, ...] = ()
    in_force: str = ""

    def validate_notice(self, field: HiddenField) -> None:
        """Nobody agrees to a text that they did not see."""
        if field.data != self.in_force:
            field.data, field.raw_data = self.in_force, None
            self.consent.data = False
            raise ValidationError(_("The text about your data has changed meanwhile. Please read it and agree again."))

    @property
    def question_fields(self) -> list[Field]:
        """The fields of what this opening asks, in order."""
        return [self[asked.name] for asked in self.asked]

    def replies(self) -> list[Reply | None]:
        """One entry for each question of the opening, in the words in which it was asked."""
        return [asked.reply(self[asked.name].data) for asked in self.asked]

    def validate_languages(self, field: StringField) -> None:
        """Refuse what is not a short list of names."""
        named = _listed(field.data)
        if len(named) > MOST_LANGUAGES or any(len(name) > LONGEST_LANGUAGE for name in named):
            raise ValidationError(_("Please name up to ten languages, with commas between them."))

    @property
    def days(self) -> list[FormField[DaySpan]]:
        """The fields of the seven days."""
        return [self[day] for day in DAYS]

    @property
    def has_hours(self) -> bool:
        """Whether something was typed for a day, right or wrong."""
        return any(field.form.span or field.form.errors for field in self.days)

    def details(self, locale: str) -> Details:
        """The form as what a person says of themselves."""
        spans: Mapping[str, Sequence[str] | None] = {day: self[day].form.span for day in DAYS}
        return Details(
            name=self.name.data or "",
            email=self.email.data or "",
            country=self.country.data,
            zone=self.zone.data,
            locale=locale,
            phone=self.phone.data or None,
            hours={day: span for day, span in spans.items() if span},
            shifts=self.shifts.data or (),
            languages=_listed(self.languages.data),
        )


def form_for(opening: Opening, now: datetime) -> ApplyForm:
    """The form of one opening, with its questions, and its lists of countries and zones in the page's language."""
    asked = tuple(
        Asked(f"question-{number}", question)
        for number, question in enumerate(questions.read(opening.questions), start=1)
    )
    extra: dict[str, object] = {one.name: one.field() for one in asked}
    in_force = str(notices.in_force(opening.region).number)
    kind = type("FormOfOpening", (ApplyForm,), {**extra, "asked": asked, "in_force": in_force})
    form: ApplyForm = kind(data={"notice": in_force})
    form.country.choices = [choice("", _("Choose…")), *country_choices()]
    form.zone.choices = [choice("", _("Choose…")), *zone_choices(now)]
    return form


def _listed(text: str | None) -> list[str]:
    names = (name.strip() for name in (text or "").replace("，", ",").replace("、", ",").split(","))
    return list(dict.fromkeys(name for name in names if name))


def country_choices() -> list[Any]:
    """All countries by their names in the page's language, in the order of its letters."""
    names = Locale.parse(str(get_locale() or "en")).territories
    countries = [(code, name) for code, name in names.items() if len(code) == 2 and code not in _NO_COUNTRY]
    return [choice(code, name) for code, name in sorted(countries, key=lambda pair: _letters(pair[1]))]


def _letters(name: str) -> str:
    """A name for sorting: without accents, so that Åland does not come after Zimbabwe."""
    plain = unicodedata.normalize("NFKD", name)
    return "".join(letter for letter in plain if not unicodedata.combining(letter)).casefold()
