"""The only RQ job, and the dictionary from kind of work to the service that does it."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog
from rq import get_current_job

from app import clock, logs, mail, queue
from app.extensions import db, reading
from app.services import (
    answer_speed,
    assignments,
    audit,
    copies,
    erasure,
    freezing,
    nudges,
    outages,
    pace,
    rescoring,
    rubric_previews,
    scores,
    submissions,
    tally,
    uploads,
    work,
)
from app.services.work import Held, Hopeless, NotYet

log = structlog.get_logger()

BATCH = 10
# So many in one transaction: it keeps other writers of SQLite waiting for some hundredths of a second.
BULK_BATCH = 50
# Seconds in which a job begins one batch after the other; it then ends, so that whoever stops a worker need not wait.
LONGEST_DRAIN = 5.0
# A slow piece has a process of its own, which is killed at its time-out. Until then nobody else takes the piece.
SLOW_LEASE = timedelta(seconds=queue.TIME_OUT["slow"] + 5)
RENEW_AFTER = timedelta(seconds=3)


@dataclass(frozen=True)
class Kind:
    """How one kind of work is done: `prepare` reads and thinks with no write transaction open; `apply` writes."""

    prepare: Callable[[int], Any]
    apply: Callable[[int, Any, Any], None]
    lease: timedelta = work.LEASE


@dataclass(frozen=True)
class Bulk:
    """How one kind of work is done for many subjects in one transaction. What is no longer ours is left out.

    `most` is how many at once, where a whole batch could outlive its lease.
    """

    prepare: Callable[[Collection[int]], Any]
    apply: Callable[[Sequence[Held], Any, datetime], None]
    lease: timedelta = work.LEASE
    most: int = BULK_BATCH


KINDS: dict[str, Kind] = {
    "check": Kind(submissions.look, submissions.keep_facts),
    "close": Kind(submissions.look_at_clock, submissions.close),
    "credit": Kind(outages.next_few, outages.credit),
    "assign": Kind(assignments.choose, assignments.offer),
    "third": Kind(assignments.choose_third, assignments.offer_third),
    "score": Kind(scores.compute, scores.keep_score),
    "speed": Kind(answer_speed.count, answer_speed.keep),
    "nudge": Kind(nudges.look, nudges.tell),
    "freeze": Kind(freezing.open_links, freezing.keep, lease=SLOW_LEASE),
    "preview": Kind(rubric_previews.look, rubric_previews.keep, lease=SLOW_LEASE),
    "spread": Kind(rescoring.next_few, rescoring.ask, lease=SLOW_LEASE),
    "pace": Kind(pace.count, pace.keep, lease=SLOW_LEASE),
    "erase": Kind(erasure.look, erasure.finish, lease=SLOW_LEASE),
    "bleach": Kind(uploads.make_copy, uploads.note_copy, lease=SLOW_LEASE),
    # A mail server may take its time: its time-out and 10 seconds more.
    "mail": Kind(mail.send, mail.keep, lease=timedelta(seconds=mail.TIMEOUT + 10)),
}
BULK: dict[str, Bulk] = {
    "rescore": Bulk(scores.compute_all, rescoring.keep),
    "sketch": Bulk(copies.sketch_all, copies.keep_sketches),
    # Comparing ten of the longest answers with fifty others each takes ten seconds.
    "compare": Bulk(copies.compare_all, copies.keep_pairs, lease=SLOW_LEASE, most=10),
}


def drain_work(name: str) -> int:
    """Do what is due for one class of workers; returns how many pieces were finished. Rings again if more is due."""
    job = get_current_job()
    logs.bind_job(job.id if job else "by hand")
    try:
        return _drain(name)
    except BaseException:
        # The worker lives on, and its next job must not meet a transaction that was broken off.
        db.session.remove()
        raise


def _drain(name: str) -> int:
    kinds = [kind for kind, work_class in queue.CLASS_OF.items() if work_class == name]
    is_alone = name in queue.FORKED
    ends, finished = time.monotonic() + LONGEST_DRAIN, 0
    while time.monotonic() < ends:
        claimed_at = clock.now()
        # Alone, so that a death is counted for the piece that was under way and for no other.
        batch = _claim(kinds, 1 if is_alone else BATCH, claimed_at)
        if not batch:
            return finished
        if batch[0].kind in BULK:
            finished += do_together(batch)
            continue
        for held in batch:
            finished += do(held, claimed_at)
        if is_alone:
            break
    queue.ring(name)
    return finished


def _claim(kinds: Sequence[str], limit: int, now: datetime) -> list[Held]:
    """What is due next. Bulk work only when nothing else waits, so that a hundred thousand of it delay nobody."""
    single = [kind for kind in kinds if kind in KINDS]
    batch = work.claim(single, limit, max(KINDS[kind].lease for kind in single), now)
    for kind in kinds:
        if not batch and kind in BULK:
            batch = work.claim([kind], min(BULK_BATCH, BULK[kind].most), BULK[kind].lease, now)
    db.session.commit()
    return batch


def do_together(batch: Sequence[Held]) -> int:
    """Do a batch of one kind in one transaction; gives how many took effect.

    Where that fails each is done on its own, so that one of them does not stop the others.
    """
    kind = BULK[batch[0].kind]
    try:
        with reading():
            result = kind.prepare([held.subject_id for held in batch])
        now = clock.now()
        mine = work.succeed_all(batch, now)
        if mine:
            kind.apply(mine, result, now)
        for held in batch:
            if held not in mine:
                work.note_fenced(held, now)
        db.session.commit()
    except Exception as error:
        db.session.rollback()
        if len(batch) > 1:
            return sum(do_together([held]) for held in batch)
        _put_back(batch[0], error)
        db.session.commit()
        return 0
    return len(mine)


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
            work.note_fenced(held, now)
            db.session.commit()
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
    tally.fold(now)
    assignments.expire(now)
    audit.seal(now)
    db.session.commit()
    with reading():
        due = work.due_classes(now)
    for name in due:
        queue.ring(name)
    return due
