"""Two questions to candidates, once, and why people leave. Shown only as sums over five people or more."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Row, func, select

from app import sql
from app.extensions import db
from app.models import Application, Attempt, Invitation, Leaving, Reason, Stage, Survey, SurveyMoment
from app.refusals import Refused
from app.services import counters

FEWEST = 5
"""Fewer answers than this are not shown, so that nobody can tell whose they are."""
MOST_WORDS = 50
MOST_MINUTES = 1440


@dataclass(frozen=True)
class Summary:
    """What candidates said. Everything but `answers` is empty below five answers."""

    answers: int
    # How many gave each of 1 to 5.
    fair: dict[int, int]
    mean: float | None
    # The middle of the minutes that it really took.
    minutes: float | None
    words: tuple[str, ...]


def is_open_to(application: Application) -> bool:
    """Whether the two questions can be asked: something was handed in, and they were not answered before."""
    handed_in = select(Attempt.id).join(Invitation).where(Invitation.application_id == application.id)
    has_answer = db.session.scalar(handed_in.where(Attempt.submission_count > 0).limit(1)) is not None
    return has_answer and db.session.get(Survey, application.id) is None


def answer(application: Application, fair: int, minutes: int, words: str, now: datetime) -> bool:
    """Keep the answers; False if the questions were answered before, and the first answers stay."""
    if not (1 <= fair <= 5 and 1 <= minutes <= MOST_MINUTES):
        raise Refused("Fairness is a number from 1 to 5, and the time between one minute and a day.")
    if not is_open_to(application):
        return False
    is_told = application.released_at is not None and application.stage is not Stage.WITHDRAWN
    return sql.insert_if_absent(
        Survey,
        application_id=application.id,
        opening_id=application.opening_id,
        moment=SurveyMoment.TOLD if is_told else SurveyMoment.HANDED_IN,
        fair=fair,
        minutes=minutes,
        words=words.strip() or None,
        answered_at=now,
    )


def summary(opening_ids: Collection[int]) -> Summary:
    """What the candidates of some openings said, together."""
    here = Survey.opening_id.in_(opening_ids)
    fair = dict(db.session.execute(select(Survey.fair, func.count()).where(here).group_by(Survey.fair)).all())
    answers = sum(fair.values())
    if answers < FEWEST:
        return Summary(answers, {}, None, None, ())
    minutes = db.session.execute(select(Survey.minutes, func.count()).where(here).group_by(Survey.minutes)).all()
    words = db.session.scalars(select(Survey.words).where(here, Survey.words.is_not(None)).limit(1_000))
    said = [text for text in words if text]
    return Summary(
        answers=answers,
        fair={level: fair.get(level, 0) for level in range(1, 6)},
        mean=sum(level * number for level, number in fair.items()) / answers,
        minutes=_median(minutes),
        # In an order that says nothing about who wrote when.
        words=tuple(sorted(said, key=_shuffled)[:MOST_WORDS]) if len(said) >= FEWEST else (),
    )


def _shuffled(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _median(counted: Iterable[Row[int, int]]) -> float:
    """The middle of values that are given with how often each occurs."""
    ordered = sorted((value, number) for value, number in counted)
    total = sum(number for _value, number in ordered)
    places, seen = {(total - 1) // 2, total // 2}, 0
    found: list[int] = []
    for value, number in ordered:
        found += [value for place in places if seen <= place < seen + number]
        seen += number
    return sum(found) / len(found)


def leave(application: Application, reason: Reason, now: datetime) -> None:
    """Note why somebody withdrew, once, and count it for the opening."""
    values = {"application_id": application.id, "reason": reason, "said_at": now}
    if sql.insert_if_absent(Leaving, **values):
        counters.add(application.opening_id, counters.left(reason))


def reasons(opening_ids: Collection[int]) -> dict[Reason, int]:
    """Why people left some openings, as far as they said so; empty below five."""
    counted = counters.of(opening_ids).values()
    found = {reason: sum(names.get(counters.left(reason), 0) for names in counted) for reason in Reason}
    return {reason: number for reason, number in found.items() if number} if sum(found.values()) >= FEWEST else {}
