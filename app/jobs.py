"""The only RQ job, and the dictionary from kind of work to the service that does it."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog
from rq import get_current_job

from app import clock, logs, mail, queue
from app.extensions import db, reading
from app.services import assignments, audit, scores, submissions, work
from app.services.work import Held, Hopeless, NotYet

log = structlog.get_logger()

BATCH = 10
MOST_AT_ONCE = 100
LONGEST_DRAIN = 15.0
RENEW_AFTER = timedelta(seconds=3)


@dataclass(frozen=True)
class Kind:
    """How one kind of work is done: `prepare` reads and thinks with no write transaction open; `apply` writes."""

    prepare: Callable[[int], Any]
    apply: Callable[[int, Any, Any], None]
    lease: timedelta = work.LEASE


KINDS: dict[str, Kind] = {
    "check": Kind(submissions.look, submissions.keep_facts),
    "close": Kind(submissions.look_at_clock, submissions.close),
    "assign": Kind(assignments.choose, assignments.offer),
    "third": Kind(assignments.choose_third, assignments.offer_third),
    "score": Kind(scores.compute, scores.keep_score),
    # A mail server may take its time: its time-out and 10 seconds more.
    "mail": Kind(mail.send, mail.keep, lease=timedelta(seconds=mail.TIMEOUT + 10)),
}


def drain_work(name: str) -> int:
    """Do what is due for one class of workers; returns how many pieces were finished. Rings again if more is due."""
    job = get_current_job()
    logs.bind_job(job.id if job else "by hand")
    kinds = [kind for kind, work_class in queue.CLASS_OF.items() if work_class == name]
    lease = max(KINDS[kind].lease for kind in kinds)
    ends, finished = time.monotonic() + LONGEST_DRAIN, 0
    while time.monotonic() < ends and finished < MOST_AT_ONCE:
        claimed_at = clock.now()
        batch = work.claim(kinds, BATCH, lease, claimed_at)
        db.session.commit()
        if not batch:
            return finished
        for held in batch:
            finished += do(held, claimed_at)
    queue.ring(name)
    return finished


def do(held: Held, claimed_at: datetime) -> bool:
    """Do one piece of work that this process holds; True if it took effect."""
    kind = KINDS[held.kind]
    logger = log.bind(work_id=held.id, kind=held.kind, subject_id=held.subject_id)
    try:
        if clock.now() - claimed_at > RENEW_AFTER and not _renew(held, kind):
            return False
        with reading():
            result = kind.prepare(held.subject_id)
        now = clock.now()
        kind.apply(held.subject_id, result, now)
        if not work.succeed(held, now):
            db.session.rollback()
            logger.info("fenced")
            return False
        db.session.commit()
    except Exception as error:
        db.session.rollback()
        _put_back(held, error)
        db.session.commit()
        return False
    return True


def _renew(held: Held, kind: Kind) -> bool:
    """A long batch must not outlive its lease; whoever has lost it stops."""
    mine = work.renew(held, kind.lease, clock.now())
    db.session.commit()
    return mine


def _put_back(held: Held, error: Exception) -> None:
    now = clock.now()
    logger = log.bind(work_id=held.id, kind=held.kind, subject_id=held.subject_id)
    match error:
        case NotYet():
            work.postpone(held, error, now)
        case Hopeless():
            logger.error("work_failed", reason=str(error))
            work.fail(held, str(error), now)
        case _:
            logger.warning("work_error", tries=held.tries, exc_info=error)
            work.retry(held, f"{type(error).__name__}: {error}", now)


def tick() -> list[str]:
    """What must happen again and again: take back lapsed leases, seal the audit trail, ring for what is due.

    Safe to run in several processes at once. Returns the classes of workers that were rung for.
    """
    now = clock.now()
    work.expire(now)
    assignments.expire(now)
    audit.seal()
    db.session.commit()
    with reading():
        due = work.due_classes(now)
    for name in due:
        queue.ring(name)
    return due
