"""Work that failed for good may be dismissed by an administrator: FAILED → CANCELLED, with a reason, on record.

It is never tried again. So it is allowed only where nobody is left waiting for what the work would have brought, or
where its subject is gone.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import inspect, select

from app.extensions import Base, db
from app.models import (
    Application,
    Attempt,
    Erasure,
    Mail,
    Outage,
    Preview,
    Region,
    Rescoring,
    StoredFile,
    Submission,
    Work,
    WorkState,
)
from app.refusals import Refused
from app.services import audit, freezing, uploads, work
from app.services.audit import Actor
from app.services.invariants import Invariant


class Why(enum.Enum):
    """Why it is not needed any more. A code, because the audit trail holds no words of people."""

    BY_HAND = "by-hand"
    NOT_NEEDED = "not-needed"
    IMPOSSIBLE = "impossible"


class SomebodyWaits(Refused):
    """Dismissing this would leave an application hanging."""

    code = "somebody_waits"

    def __init__(self) -> None:
        super().__init__("An application waits for this work, so it can only be tried again.")


@dataclass(frozen=True)
class Rule:
    """What a kind of work is about, and what is done instead when it is dismissed while that exists.

    `instead` is None where it may not be dismissed: somebody would wait for ever.
    """

    subject: type[Base]
    instead: Callable[[int, datetime], None] | None = None


def _nothing(subject_id: int, now: datetime) -> None:
    """Nothing else waits for it."""


def _check_without_the_page(submission_id: int, now: datetime) -> None:
    freezing.defer_check(db.session.get_one(Submission, submission_id), now)


def _no_copy(file_id: int, now: datetime) -> None:
    uploads.note_copy(file_id, None, now)


RULES: dict[str, Rule] = {
    # Reviewers read beside facts, and every submission has its check: without it they would wait for ever.
    "check": Rule(Submission),
    # An answer that is never closed is never read; one without readers, or without the third, is never scored.
    "close": Rule(Attempt),
    "assign": Rule(Attempt),
    "third": Rule(Attempt),
    # An application without its score is in no ranking, and nobody decides on it.
    "score": Rule(Application),
    # People would never get back the time that they lost.
    "credit": Rule(Outage),
    # A ranking would show scores under the old and the new weights for ever.
    "spread": Rule(Rescoring),
    "rescore": Rule(Application),
    # Nobody waits, but a ranking would say nothing where it has not looked.
    "sketch": Rule(Submission),
    "compare": Rule(Submission),
    # Only the checks wait for what a link showed. They are done without it, and say nothing about the link.
    "freeze": Rule(Submission, _check_without_the_page),
    # As for a file of which no copy can be made: reviewers are told so, managers may open the original.
    "bleach": Rule(StoredFile, _no_copy),
    # The manager asks for the preview again; no score was written.
    "preview": Rule(Preview, _nothing),
    # The figures stay as they were counted last; the next answer has them counted again.
    "speed": Rule(Region, _nothing),
    # As with those; the next time somebody is told, they are counted again.
    "pace": Rule(Region, _nothing),
    # Something of somebody who had their data deleted would stay for ever.
    "erase": Rule(Erasure),
    # The questions stand in the inbox; the next one is told of again.
    "nudge": Rule(Region, _nothing),
    # The mail log goes on saying that it was not sent, and why; the person can be reached in another way.
    "mail": Rule(Mail, _nothing),
}


def dismiss(work_id: int, why: Why, by: Actor, now: datetime) -> bool:
    """Give one failed piece up for good, on record; False if it has not failed (any more).

    Raises SomebodyWaits where an application would be left hanging.
    """
    found = db.session.get(Work, work_id)
    if found is None or found.state is not WorkState.FAILED:
        return False
    if work_id not in dismissable([(found.id, found.kind, found.subject_id)]):
        raise SomebodyWaits
    if not work.dismiss(work_id, now):
        return False
    rule = RULES[found.kind]
    if rule.instead is not None and db.session.get(rule.subject, found.subject_id) is not None:
        rule.instead(found.subject_id, now)
    audit.record(by, "work.dismiss", "work", work_id, now, kind=found.kind, why=why.value)
    return True


def dismissable(pieces: Iterable[tuple[int, str, int]]) -> set[int]:
    """Which of these pieces, as (id, kind, subject id), may be dismissed; asks once for each kind at most."""
    allowed: set[int] = set()
    waited_for: dict[str, dict[int, int]] = {}
    for work_id, kind, subject_id in pieces:
        if kind not in RULES:
            continue  # Left over from another version, which knows what it is.
        if RULES[kind].instead is not None:
            allowed.add(work_id)
        else:
            waited_for.setdefault(kind, {})[work_id] = subject_id
    for kind, subjects in waited_for.items():
        key = inspect(RULES[kind].subject).primary_key[0]
        there = set(db.session.scalars(select(key).where(key.in_(subjects.values()))))
        allowed |= {work_id for work_id, subject_id in subjects.items() if subject_id not in there}
    return allowed


# From a subject "s" to its person. Nobody waits for what was called off because they had their data deleted.
_TO_PERSON: dict[type[Base], str] = {
    Submission: "attempt t ON t.id = s.attempt_id JOIN invitation i ON i.id = t.invitation_id "
    "JOIN application a ON a.id = i.application_id JOIN candidate c ON c.id = a.candidate_id",
    Attempt: "invitation i ON i.id = s.invitation_id JOIN application a ON a.id = i.application_id "
    "JOIN candidate c ON c.id = a.candidate_id",
    Application: "candidate c ON c.id = s.candidate_id",
}


def _is_waited_for(kind: str, rule: Rule) -> str:
    table = inspect(rule.subject)
    key = table.primary_key[0].name
    there = f"{table.local_table} s"
    where = f"s.{key} = w.subject_id"
    if path := _TO_PERSON.get(rule.subject):
        there, where = f"{there} JOIN {path}", f"{where} AND c.erased_at IS NULL"
    return f"w.kind = '{kind}' AND EXISTS (SELECT 1 FROM {there} WHERE {where})"


NOBODY_WAITS = Invariant(
    "dismissed_work_is_not_waited_for",
    "Work was called off only where nobody waits for it, or where its subject is gone or its person erased.",
    "work",
    "SELECT w.id FROM work w WHERE w.id BETWEEN :low AND :high AND w.state = 'CANCELLED' AND ("
    + " OR ".join(_is_waited_for(kind, rule) for kind, rule in RULES.items() if rule.instead is None)
    + ")",
)
