"""The question box that stands on every page of the candidate's room, as finished values; and taking what it sends."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

from flask import g, request
from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from app import clock, people, tokens
from app.candidate.forms import AskForm
from app.clock import ShownTime
from app.errors import words as words_of
from app.extensions import db
from app.models import Region
from app.refusals import Refused
from app.services import answer_speed, applications, company, messages

QUESTION = "question"


@dataclass(frozen=True)
class Hours:
    """When the region works: by its own clocks, and by the candidate's where those differ."""

    place: str
    begins: time
    ends: time
    begins_here: time
    ends_here: time


@dataclass(frozen=True)
class Box:
    """What the box says. `within` is None where too few questions were answered to say what is usual."""

    # The application that is asked about: this browser may by now act for another one.
    code: str
    is_verified: bool
    within: timedelta | None
    hours: Hours
    key: str
    text: str
    errors: list[str]
    unread: int
    longest: int = messages.LONGEST


def of_page() -> dict[str, Any]:
    """For every page that this room renders: the box, once this browser is known."""
    if not people.has_candidate_session():
        return {}
    application, now = people.my_application(), clock.now()
    region = application.opening.region
    box = Box(
        code=application.code,
        is_verified=applications.is_verified(application),
        within=answer_speed.usually_within(region.id),
        hours=_hours(region, application.candidate.zone, now),
        key=tokens.fresh(),
        text=request.form.get(QUESTION, ""),
        errors=g.get("ask_errors", []),
        unread=messages.unread_by_candidate(application.id),
    )
    return {"asking": box}


def _hours(region: Region, zone: str, now: datetime) -> Hours:
    there: ShownTime = clock.shown(now, region.zone, now)
    return Hours(there.place, region.works_from, region.works_until, *company.hours_elsewhere(region, zone, now))


def send(sent: Any = None) -> int | None:
    """Take the question that was posted (or `sent` as JSON) and commit it; None when it is on its way.

    Else the status to answer with; the reasons then stand in the box of the page that is rendered next.
    """
    form = AskForm(_fields(sent)) if sent is not None else AskForm()
    if not form.validate():
        g.ask_errors = [str(error) for errors in form.errors.values() for error in errors]
        return 422
    key = form.question_key.data or tokens.fresh()
    try:
        messages.ask(people.my_application(), form.question.data or "", key, clock.now())
    except Refused as refusal:
        db.session.rollback()
        g.ask_errors = [words_of(refusal)]
        return refusal.status
    db.session.commit()
    return None


def _fields(sent: Any) -> MultiDict[str, str]:
    pairs = sent.items() if isinstance(sent, dict) else ()
    return MultiDict([(name, text) for name, text in pairs if isinstance(text, str)])


def is_sent_words() -> str:
    """What is said when a question is on its way."""
    return str(_("Sent. The answer appears under “Messages”, and we mail it to you."))
