"""What codes are called on pages: stages, states, duties, mails. One place, so that every room says the same."""

from __future__ import annotations

import re

from babel import Locale
from flask_babel import LazyString, get_locale
from flask_babel import lazy_gettext as _l

from app.models import Duty, OpeningState, Reason, Stage
from app.services.catalog_types import PartKind
from app.services.questions import Kind, Preset, Question, Reply
from app.services.work import DIED
from grading.checks import CheckKind
from grading.phrases import PhraseList

STAGES: dict[Stage, LazyString] = {
    Stage.APPLIED: _l("Applied"),
    Stage.IN_ASSESSMENT: _l("In assessment"),
    Stage.SHORTLISTED: _l("Shortlisted"),
    Stage.INTERVIEW: _l("Interview"),
    Stage.OFFER: _l("Offer"),
    Stage.HIRED: _l("Hired"),
    Stage.NOT_SELECTED: _l("Not selected"),
    Stage.OFFER_DECLINED: _l("Offer declined"),
    Stage.WITHDRAWN: _l("Withdrawn"),
}

# The tone is one of ui.tag's.
STATES: dict[OpeningState, tuple[LazyString, str]] = {
    OpeningState.DRAFT: (_l("Draft"), "neutral"),
    OpeningState.OPEN: (_l("Published"), "good"),
    OpeningState.PAUSED: (_l("Paused"), "warn"),
    OpeningState.CLOSED: (_l("Closed"), "neutral"),
}

DUTIES: dict[Duty, LazyString] = {
    Duty.ADMINISTRATOR: _l("Administrator"),
    Duty.LEAD: _l("Regional lead"),
    Duty.MANAGER: _l("Hiring manager"),
    Duty.RECRUITER: _l("Recruiter"),
    Duty.AGENCY: _l("Agency"),
    Duty.GRADER: _l("Reviewer"),
    Duty.AUDITOR: _l("Auditor"),
}

# What an opening asks beside the usual, by their short names.
PRESETS: dict[Preset, LazyString] = {
    Preset.WORK_PERMISSION: _l("Permission to work"),
    Preset.NOTICE: _l("When they could begin"),
    Preset.EXPECTED_PAY: _l("Expected pay"),
}
QUESTION_KINDS: dict[Kind, LazyString] = {
    Kind.TEXT: _l("A line of text"),
    Kind.YES_NO: _l("Yes or no"),
    Kind.CHOICE: _l("One of several answers"),
    Kind.AMOUNT: _l("A number or an amount"),
}

# What is asked for, as the library of challenges lists it.
PART_KINDS: dict[PartKind, LazyString] = {
    PartKind.REPLY: _l("Reply to a message"),
    PartKind.REWRITE: _l("Rewrite a text"),
    PartKind.TEXTS: _l("Several short texts"),
    PartKind.ORDERING: _l("Put in order"),
    PartKind.URL: _l("A link"),
    PartKind.SOURCE: _l("HTML and CSS"),
    PartKind.FILE: _l("A file"),
}

# What the machine can look for. A check of phrases is one of the lists.
CHECK_KINDS: dict[CheckKind, LazyString] = {
    CheckKind.SAYS: _l("A fact that should be there"),
    CheckKind.LEAK: _l("Something that must not be there"),
    CheckKind.NAME: _l("The customer's name"),
    CheckKind.LENGTH: _l("Length in words"),
    CheckKind.QUESTIONS: _l("Number of questions"),
    CheckKind.PLACEHOLDER: _l("Gaps of a template"),
    CheckKind.LANGUAGE: _l("The language of the job"),
    CheckKind.PARTS: _l("Parts left empty"),
    CheckKind.ORDER: _l("The agreed order"),
    CheckKind.HTML: _l("Faults in HTML"),
    CheckKind.CSS: _l("Faults in CSS"),
    CheckKind.PICTURES: _l("Pictures without a description"),
    CheckKind.LINK: _l("Whether the link works"),
    CheckKind.PHRASES: _l("Words of a list"),
}
WORD_LISTS: dict[PhraseList, LazyString] = {
    PhraseList.HOOPS: _l("Words of hoops"),
    PhraseList.OVERPROMISE: _l("Words of promises"),
    PhraseList.BLAME: _l("Words of blame"),
    PhraseList.GENERIC: _l("Words of a template"),
}
WORK: dict[str, LazyString] = {
    "check": _l("Facts about answers"),
    "close": _l("End of the time"),
    "assign": _l("Reviewers for answers"),
    "third": _l("Third reviewers"),
    "score": _l("Scores"),
    "preview": _l("What new weights would change"),
    "spread": _l("Applicants to score again"),
    "rescore": _l("Scores under new weights"),
    "freeze": _l("Links handed in"),
    "bleach": _l("Files handed in"),
    "credit": _l("Time given back after an outage"),
    "sketch": _l("Wording of answers"),
    "compare": _l("Answers worded alike"),
    "speed": _l("How fast questions are answered"),
    "nudge": _l("Word of waiting questions"),
    "pace": _l("How soon people hear"),
    "erase": _l("Data to delete"),
    "mail": _l("Mail"),
}

REASONS: dict[Reason, LazyString] = {
    Reason.TOO_LONG: _l("It takes too long"),
    Reason.NO_COMPUTER: _l("I have no computer for it"),
    Reason.PAY: _l("The pay"),
    Reason.FOUND_A_JOB: _l("I have found a job"),
    Reason.OTHER: _l("Something else"),
}

# What a person can do about an error, by kind of work.
_ADVICE: dict[str, LazyString] = {
    "mail": _l(
        "The mail server did not take it. Check that it can be reached and that MAIL_SERVER, MAIL_USERNAME and "
        "MAIL_PASSWORD are right; then try again."
    ),
}
_DIED = _l(
    "Each time the process was killed, perhaps because the machine had no memory left. Look at the machine, then try "
    "again."
)
_FAULT = _l(
    "This is a fault of Winnow or of its machine. The worker's log tells more: look for work_error with this number. "
    "Try again when it is mended."
)
_SAID = _l("When that is done, try again.")
# An error that nobody foresaw begins with its type: "ConnectionError: no route". Other reasons are sentences.
_ERROR = re.compile(r"[A-Za-z_][\w.]*: ")


def question(asked: Question | Reply) -> LazyString | str:
    """A question of an opening as staff call it: one of Winnow's own by its short name."""
    if asked.preset is not None:
        return PRESETS[asked.preset]
    return asked.text if isinstance(asked, Question) else asked.question


def answer(reply: Reply) -> LazyString | str:
    """What was answered to a question of an opening, as it is read."""
    return {"yes": _l("Yes"), "no": _l("No")}[reply.answer] if reply.kind is Kind.YES_NO else reply.answer


def work(kind: str) -> LazyString | str:
    """What a kind of work is called; the code itself for rows of a kind that is done no more."""
    return WORK.get(kind, kind)


def advice(kind: str, reason: str) -> LazyString:
    """What a person can do about work that failed for this reason."""
    if reason == DIED:
        return _DIED
    if _ERROR.match(reason):
        return _ADVICE.get(kind, _FAULT)
    return _SAID


def country(code: str) -> str:
    """A country's name in the reader's language."""
    name: str = Locale.parse(str(get_locale() or "en")).territories.get(code, code)
    return name


def slug(code: Stage | OpeningState) -> str:
    """A code as it stands in addresses and forms: IN_ASSESSMENT is in-assessment."""
    return code.name.lower().replace("_", "-")
