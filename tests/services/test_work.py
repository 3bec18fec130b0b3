"""The state machine of background work: every arrow, and what happens when two want the same."""

from __future__ import annotations

from datetime import timedelta

import pytest

from app import clock, queue
from app.extensions import db
from app.models import Work, WorkState
from app.services import work
from app.services.work import NotYet

NOW = clock.now().replace(microsecond=0)
LEASE = timedelta(seconds=10)


def put(subject_id: int = 1, at=NOW) -> Work:
    queue.defer("check", subject_id, NOW, at=at)
    db.session.flush()
    return db.session.query(Work).filter_by(subject_id=subject_id).one()


def take(now=NOW):
    return work.claim(["check"], 10, LEASE, now)


def state(row: Work) -> WorkState:
    db.session.refresh(row)
    return row.state


def test_the_same_work_is_written_once(ctx):
    assert queue.defer("check", 7, NOW) is True

    assert queue.defer("check", 7, NOW) is False


def test_claims_the_oldest_due_first_and_nobody_gets_it_twice(ctx):
    put(1, at=NOW)
    put(2, at=NOW - timedelta(minutes=1))
    put(3, at=NOW + timedelta(minutes=1))

    first, second = take(), take()

    assert [held.subject_id for held in first] == [2, 1]
    assert second == []


def test_no_more_is_claimed_than_was_asked_for(ctx):
    for subject_id in range(1, 8):
        put(subject_id)

    assert [len(work.claim(["check"], 2, LEASE, NOW)) for _ in range(4)] == [2, 2, 2, 1]


def test_success_needs_the_fence_of_the_last_claim(ctx):
    row = put()
    (dead,) = take()
    work.expire(NOW + timedelta(seconds=11))
    (alive,) = take(NOW + timedelta(seconds=12))

    assert work.succeed(dead, NOW) is False
    assert work.succeed(alive, NOW) is True
    assert state(row) is WorkState.SUCCEEDED


def test_deaths_are_counted_apart_from_errors(ctx):
    row = put()
    now = NOW
    for _ in range(3):
        assert take(now)
        now += timedelta(seconds=11)
        work.expire(now)
    (held,) = take(now)

    assert held.tries == 1
    assert state(row) is WorkState.RUNNING
    assert (row.attempt, row.deaths) == (4, 3)


def test_after_eight_deaths_it_waits_for_a_person(ctx):
    row = put()
    now = NOW
    for _ in range(8):
        assert take(now)
        now += timedelta(seconds=11)
        work.expire(now)

    assert state(row) is WorkState.FAILED
    assert "died 8 times" in row.reason


def test_errors_pause_longer_each_time_and_end_after_five(ctx):
    row = put()
    now, pauses = NOW, []
    for _ in range(4):
        (held,) = take(now)
        work.retry(held, "ValueError: no", now)
        assert state(row) is WorkState.PENDING
        pauses.append((row.next_at - now).total_seconds())
        now = row.next_at
    (held,) = take(now)
    work.retry(held, "ValueError: no", now)

    assert all(base <= pause <= base * 1.2 for base, pause in zip((10, 20, 40, 80), pauses, strict=True))
    assert state(row) is WorkState.FAILED
    assert row.reason == "ValueError: no"


def test_waiting_for_its_time_is_no_try(ctx):
    row = put()
    (held,) = take()

    work.postpone(held, NotYet("too early", timedelta(minutes=3)), NOW)

    assert state(row) is WorkState.PENDING
    assert (row.attempt, row.next_at) == (0, NOW + timedelta(minutes=3))


def test_cancelled_work_refuses_the_result_under_way(ctx):
    row = put()
    (held,) = take()

    assert work.cancel("check", "1", NOW) is True

    assert work.succeed(held, NOW) is False
    assert state(row) is WorkState.CANCELLED


def test_hurry_lets_waiting_work_be_tried_now(ctx):
    row = put(at=NOW + timedelta(hours=1))

    work.hurry("check", NOW)

    db.session.refresh(row)
    assert row.next_at == NOW


def test_knows_for_whom_something_is_due_and_since_when(ctx):
    put(1, at=NOW - timedelta(minutes=6))

    assert work.due_classes(NOW) == ["quick"]
    assert work.oldest_due(NOW) == {"check": NOW - timedelta(minutes=6)}


@pytest.mark.parametrize("later", [False, True])
def test_the_bell_rings_only_for_what_is_due(ctx, later):
    at = NOW + timedelta(hours=1) if later else None
    db.session.commit()

    queue.defer("check", 5, NOW, at=at)

    assert db.session().info.get("bells", set()) == (set() if later else {"quick"})


def test_the_bell_rings_after_the_commit_and_not_after_a_rollback(ctx):
    bell = queue.queue_of("quick")
    bell.empty()
    queue.defer("check", 5, NOW)
    db.session.rollback()
    before = bell.count
    queue.defer("check", 6, NOW)

    db.session.commit()

    assert (before, bell.count) == (0, 1)
    bell.empty()


def test_no_more_bells_than_say_something_new(ctx):
    bell = queue.queue_of("quick")
    bell.empty()

    for subject_id in range(20):
        queue.defer("check", subject_id, NOW)
        db.session.commit()

    assert bell.count == queue.ENOUGH_BELLS
    bell.empty()
