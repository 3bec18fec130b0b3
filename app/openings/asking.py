"""What one opening asks beside the usual, as fields of the form, in the reader's language where Winnow has words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask_babel import LazyString
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import RadioField, SelectField, StringField
from wtforms.validators import AnyOf, DataRequired, InputRequired, Length, Optional

from app.forms import NoNul, choice, stripped
from app.services.questions import LONGEST_REPLY, Kind, Preset, Question, Reply

LONGEST_AMOUNT = 80
# The question, and a hint below it.
WORDS: dict[Preset, tuple[LazyString, LazyString | str]] = {
    Preset.WORK_PERMISSION: (_l("May you work in the country where you live without a new permit?"), ""),
    Preset.NOTICE: (_l("How soon could you begin?"), _l("For example: at once, or four weeks after we agree.")),
    Preset.EXPECTED_PAY: (
        _l("What pay do you expect?"),
        _l("With currency and period, for example: €2,500 a month."),
    ),
}


@dataclass(frozen=True)
class Asked:
    """One question of an opening and the name of its field."""

    name: str
    question: Question

    @property
    def words(self) -> str:
        """The question as this reader sees it."""
        return str(WORDS[self.question.preset][0]) if self.question.preset else self.question.text

    def field(self) -> Any:
        """The field, which checks the shape of the answer."""
        kind, hint = self.question.kind, WORDS[self.question.preset][1] if self.question.preset else ""
        if kind is Kind.YES_NO:
            choices = [choice("yes", _("Yes")), choice("no", _("No"))]
            needed = InputRequired(_("Please choose one.")) if self.question.is_required else Optional()
            # Its own check of choices would refuse an optional question that nobody answered.
            known = AnyOf(("yes", "no"), message=_("Please choose one."))
            return RadioField(
                self.words, choices=choices, description=hint, validators=[needed, known], validate_choice=False
            )
        if kind is Kind.CHOICE:
            choices = [choice("", _("Choose…")), *(choice(each, each) for each in self.question.choices)]
            return SelectField(self.words, choices=choices, validators=[self._needed()])
        longest = LONGEST_AMOUNT if kind is Kind.AMOUNT else LONGEST_REPLY
        return StringField(
            self.words,
            description=hint,
            filters=[stripped],
            validators=[self._needed(), Length(max=longest), NoNul()],
        )

    def _needed(self) -> Any:
        return DataRequired() if self.question.is_required else Optional()

    def reply(self, answer: str | None) -> Reply | None:
        """The answer with the question as it was read, or None where nothing was said."""
        return Reply(self.question.kind, self.words, answer, self.question.preset) if answer else None
