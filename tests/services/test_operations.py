"""What operators see of the work: numbers by kind, reasons, trying again; and the tally behind them."""

from __future__ import annotations

from datetime import timedelta

import pytest

from app import clock, jobs, queue
from app.extensions import db
from app.models import AuditEvent, Outcome, Work, WorkState, WorkTally
from app.services import operations, tally, work
from app.services.audit import SYSTEM
from app.services.work import NotYet

NOW = clock.now().replace(microsecond=0)
LEASE = timedelta(seconds=10)


def put(kind: str = "check", subject_id: int = 1, at=NOW) -> None:
    queue.defer(kind, subject_id, NOW, at=at)


def take(kind: str = "check", now=NOW):
    return work.claim([kind], 10, LEASE, now)


def seen(kind: str = "check", now=NOW) -> operations.KindOfWork:
    return next(entry for entry in operations.kinds(now) if entry.kind == kind)


def failed(kind: str = "mail", reason: str = "No such address.", subject_id: int = 1) -> int:
    put(kind, subject_id)
    (held,) = take(kind)
    work.fail(held, reason, NOW)
    return held.id


def test_every_kind_is_told_even_without_work(ctx):
    assert {entry.kind for entry in operations.kinds(NOW)} == set(queue.CLASS_OF)


def test_due_work_is_apart_from_work_that_waits_for_its_time(ctx):
    put(subject_id=1, at=NOW - timedelta(minutes=2))
    put(subject_id=2, at=NOW - timedelta(minutes=1))
    put(subject_id=3, at=NOW + timedelta(days=1))

    entry = seen()

    assert (entry.waiting, entry.later, entry.oldest_at) == (2, 1, NOW - timedelta(minutes=2))


def test_leases_are_held_or_lapsed(ctx):
    put(subject_id=1)
    put(subject_id=2)
    take()

    assert (seen().running, seen().lapsed) == (2, 0)
    assert seen(now=NOW + timedelta(seconds=11)).lapsed == 2


def test_deaths_are_told_apart_from_errors(ctx):
    put(subject_id=1)
    put(subject_id=2)
    one, _other = take()
    work.retry(one, "ValueError: no", NOW)
    work.expire(NOW + timedelta(seconds=11))

    entry = seen(now=NOW + timedelta(seconds=11))

    assert (entry.errors, entry.deaths, entry.failed) == (1, 1, 0)


def test_waiting_for_its_time_is_no_error(ctx):
    put()
    (held,) = take()
    work.postpone(held, NotYet("Add reviewers.", timedelta(minutes=1)), NOW)

    assert seen().errors == 0
    assert [(entry.reason, entry.at) for entry in operations.hindrances()] == [
        ("Add reviewers.", NOW + timedelta(minutes=1))
    ]


def test_a_result_that_came_too_late_is_counted(ctx):
    submission_work = put("close", 999) or take("close")[0]
    work.expire(NOW + timedelta(seconds=11))
    work.note_fenced(submission_work, NOW)

    assert seen("close").fenced == 1


def test_the_rate_counts_what_ended_in_the_last_minutes(ctx):
    for subject_id, minutes in ((1, 90), (2, 30), (3, 1)):
        put(subject_id=subject_id)
        ended = NOW - timedelta(minutes=minutes)
        (held,) = take()
        work.succeed(held, ended)

    entry = seen()

    assert (entry.finished, entry.per_minute_5, entry.per_minute_60) == ({"succeeded": 3}, 1 / 5, 2 / 60)


def test_old_minutes_are_folded_and_nothing_is_lost(ctx):
    for minutes in range(0, 200, 10):
        tally.add(Outcome.SUCCEEDED, [("check", 1), ("check", 2)], NOW - timedelta(minutes=minutes))
    before = tally.read(NOW)

    tally.fold(NOW)
    tally.fold(NOW)

    assert tally.read(NOW) == before
    assert db.session.query(WorkTally).filter(WorkTally.minute == 0).count() == 2
    assert db.session.query(WorkTally).count() == 2 + 2 * 7


def test_the_tick_folds(ctx):
    tally.add(Outcome.DIED, [("check", 1)], NOW - timedelta(hours=3))

    jobs.tick()

    assert db.session.query(WorkTally).one().minute == 0


def test_calling_off_and_eight_deaths_are_tallied(ctx):
    put(subject_id=1)
    work.cancel("check", "1", NOW)
    put(subject_id=2)
    now = NOW
    for _ in range(8):
        assert take(now=now)
        now += timedelta(seconds=11)
        work.expire(now)

    entry = seen(now=now)

    assert entry.finished == {"cancelled": 1, "failed": 1}
    assert (entry.deaths, entry.failed) == (8, 1)


def test_failures_are_grouped_by_reason_the_most_frequent_first(ctx):
    first = failed(reason="Rare.", subject_id=1)
    often = [failed(reason="Frequent.", subject_id=number) for number in (2, 3)]

    groups = operations.failures()

    assert [(entry.reason, entry.number, entry.work_id) for entry in groups] == [
        ("Frequent.", 2, min(often)),
        ("Rare.", 1, first),
    ]


def test_a_reason_keeps_no_mail_address_and_no_control_characters(ctx):
    failed(reason="SMTPDataError: 550 <ana@example.org>\x00\n unknown \ud800")

    (entry,) = operations.failures()

    assert entry.reason == "SMTPDataError: 550 <(address)>  unknown"


def test_trying_again_gives_all_tries_anew_and_is_recorded(ctx):
    work_id = failed()

    assert operations.try_again(work_id, SYSTEM, NOW) is True

    row = db.session.get(Work, work_id, populate_existing=True)
    assert (row.state, row.attempt, row.deaths, row.reason, row.finished_at) == (WorkState.PENDING, 0, 0, None, None)
    assert row.next_at == NOW
    assert db.session.query(AuditEvent).filter_by(action="work.retry", subject_id=work_id).count() == 1
    assert "mail" in db.session().info["bells"]


def test_trying_again_twice_is_once(ctx):
    work_id = failed()
    operations.try_again(work_id, SYSTEM, NOW)

    assert operations.try_again(work_id, SYSTEM, NOW) is False
    assert operations.try_all_again("mail", "No such address.", SYSTEM, NOW) == 0
    assert db.session.query(AuditEvent).filter(AuditEvent.action.like("work.%")).count() == 1


def test_all_with_the_same_reason_are_tried_again_and_no_others(ctx):
    ids = [failed(reason="Server away.", subject_id=number) for number in (1, 2)]
    other = failed(reason="Other.", subject_id=3)

    assert operations.try_all_again("mail", "Server away.", SYSTEM, NOW) == 2

    states = {row.id: row.state for row in db.session.query(Work).populate_existing()}
    assert [states[work_id] for work_id in ids] == [WorkState.PENDING] * 2
    assert states[other] is WorkState.FAILED
    event = db.session.query(AuditEvent).filter_by(action="work.retry_all").one()
    assert (event.subject_id, event.detail) == (min(ids), {"kind": "mail", "number": 2})


def test_work_that_waits_too_long_is_named_with_its_kind(ctx):
    put("mail", at=NOW - timedelta(minutes=6))
    put("check", at=NOW - timedelta(minutes=4))

    assert operations.overdue(NOW) == [("mail", timedelta(minutes=6))]


def test_work_whose_holder_has_gone_waits_too(ctx):
    put()
    take()

    assert operations.overdue(NOW + timedelta(minutes=6)) == [("check", timedelta(minutes=6) - LEASE)]


@pytest.mark.parametrize("finished", [0, 400])
def test_finished_work_is_never_looked_at(ctx, count_queries, finished):
    rows = [
        {
            "kind": "check",
            "subject_id": number,
            "key": f"check:{number}",
            "state": WorkState.SUCCEEDED,
            "attempt": 1,
            "next_at": NOW,
            "created_at": NOW,
            "finished_at": NOW,
        }
        for number in range(finished)
    ]
    if rows:
        db.session.execute(db.insert(Work), rows)
    dialect = db.session.get_bind().dialect.name
    if dialect != "sqlite":
        pytest.skip("the plan of a small table says nothing on PostgreSQL; docs/operating.md has it for a large one")

    with count_queries() as statements:
        operations.kinds(NOW)
        operations.overdue(NOW)
        operations.failures()
        operations.hindrances()

    for statement in statements:
        filled = statement.replace("?", "1")
        plan = " / ".join(row[3] for row in db.session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {filled}"))
        assert "work_tally" in plan or "ix_work_" in plan, (statement, plan)
