"""The sealer of the audit trail: every event gets its link in the order of ids, also one that is committed late."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from app import clock
from app.extensions import db
from app.models import AuditEvent, AuditSeal
from app.services import audit
from app.services.audit import SEALED_AT_ONCE

NOW = clock.now()
LATER = NOW + timedelta(seconds=90)


def write(*ids: int) -> None:
    """Events with these ids, committed in this order."""
    for number in ids:
        values = {"actor_kind": "system", "action": "a", "subject_kind": "s", "subject_id": number, "detail": {}}
        db.session.add(AuditEvent(id=number, at=NOW, **values))
        db.session.flush()


def sealed() -> list[int]:
    return list(db.session.scalars(select(AuditSeal.event_id).order_by(AuditSeal.event_id)))


def start() -> int:
    """Seal what other tests may have left; the id of the next event."""
    while audit.seal(LATER):
        pass
    last = db.session.scalars(select(AuditSeal.event_id).order_by(AuditSeal.event_id.desc())).first()
    return (last or 0) + 1


def test_an_event_that_is_committed_after_a_later_one_is_not_passed_over(ctx):
    """PostgreSQL gives ids when rows are written, and transactions end in any order."""
    first = start()

    write(first, first + 2)
    audit.seal(NOW)
    early = sealed()
    write(first + 1)
    audit.seal(NOW)

    assert early[-1] == first
    assert sealed()[-3:] == [first, first + 1, first + 2]


def test_an_id_that_was_never_committed_holds_the_sealer_up_for_a_minute_only(ctx):
    first = start()

    write(first, first + 2)
    waiting, then = audit.seal(NOW), audit.seal(LATER)

    assert (waiting, then) == (1, 1)
    assert sealed()[-2:] == [first, first + 2]


def test_each_link_holds_the_one_before(ctx):
    first = start()
    write(first, first + 1)
    audit.seal(NOW)
    one, two = (db.session.get_one(AuditSeal, number).chain for number in (first, first + 1))

    assert two == audit.link(one, db.session.get_one(AuditEvent, first + 1))
    assert audit.seal(NOW) == 0


def test_however_many_wait_one_turn_takes_a_slice_in_a_few_statements(ctx, count_queries):
    """Whoever writes on SQLite waits for the sealer."""
    first = start()
    write(*range(first, first + SEALED_AT_ONCE + 3))

    with count_queries() as asked:
        slice_ = audit.seal(NOW)
    rest = audit.seal(NOW)

    assert (slice_, rest) == (SEALED_AT_ONCE, 3)
    assert len(asked) <= 3
    assert sealed()[-1] == first + SEALED_AT_ONCE + 2
