"""The commands of operators: what they print, and their exit status."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
import redis
from sqlalchemy.exc import OperationalError

from app import clock, queue
from app.extensions import db
from app.models import Work, WorkState
from app.services import operations, work
from tests import factories as make


@pytest.fixture
def run(ctx):
    """Run a command in the test's own transaction."""
    runner = ctx.test_cli_runner()

    def ran(*words: str):
        return runner.invoke(args=list(words))

    return ran


def failed(reason: str = "No such address.", subject_id: int = 1) -> int:
    now = clock.now()
    queue.defer("mail", subject_id, now)
    (held,) = work.claim(["mail"], 1, work.LEASE, now)
    work.fail(held, reason, now)
    db.session.commit()
    return held.id


def test_the_status_is_one_json_object(run):
    failed()
    queue.defer("check", 1, clock.now(), at=clock.now() - timedelta(minutes=1))
    db.session.commit()

    answer = run("queue", "status", "--json")
    said = json.loads(answer.stdout)

    assert answer.exit_code == 0
    check = next(entry for entry in said["kinds"] if entry["kind"] == "check")
    assert (check["waiting"], check["work_class"]) == (1, "quick")
    assert 60 <= check["oldest_waiting_seconds"] < 120
    assert [(entry["reason"], entry["number"]) for entry in said["failures"]] == [("No such address.", 1)]
    assert (said["queue_server"], said["workers"]) == ("answers", [])


def test_the_status_for_people_is_a_table(run):
    work_id = failed()

    lines = run("queue", "status").stdout.splitlines()

    assert lines[0].split()[:2] == ["kind", "waiting"]
    assert f"Failed: 1 x mail: No such address. (first: {work_id})" in lines


def test_overdue_work_is_status_1(run):
    queue.defer("check", 1, clock.now(), at=clock.now() - timedelta(minutes=6))
    db.session.commit()

    answer = run("queue", "status", "--json")

    assert answer.exit_code == 1
    assert [entry["kind"] for entry in json.loads(answer.stdout)["overdue"]] == ["check"]


def test_a_silent_queue_server_is_status_1_and_said(ctx, run, monkeypatch):
    monkeypatch.setitem(ctx.extensions, "winnow_bell", redis.Redis.from_url("unix:///nowhere/at/all.sock"))

    answer = run("queue", "status")

    assert answer.exit_code == 1
    assert "The queue server does not answer." in answer.stdout


def test_a_database_that_does_not_answer_is_status_3(run, monkeypatch):
    def gone(_now):
        raise OperationalError("SELECT 1", {}, Exception("gone"))

    monkeypatch.setattr(operations, "kinds", gone)

    assert run("queue", "status").exit_code == 3


def test_failed_work_is_tried_again_by_its_number(run):
    work_id = failed()

    answer = run("queue", "retry", str(work_id))

    assert (answer.exit_code, answer.stdout) == (0, "Tried again: 1\n")
    assert db.session.get(Work, work_id, populate_existing=True).state is WorkState.PENDING
    assert run("queue", "retry", str(work_id)).exit_code == 1


def test_failed_work_is_tried_again_by_its_reason(run):
    for subject_id in (1, 2):
        failed(subject_id=subject_id)

    answer = run("queue", "retry", "--kind", "mail", "--reason", "No such address.")

    assert (answer.exit_code, answer.stdout) == (0, "Tried again: 2\n")


@pytest.mark.parametrize(
    "words",
    [[], ["--kind", "mail"], ["--reason", "x"], ["5", "--kind", "mail", "--reason", "x"], ["0"], ["5", "--kind", "m"]],
)
def test_wrong_usage_is_status_2(run, words):
    assert run("queue", "retry", *words).exit_code == 2


def test_failed_work_is_dismissed_by_its_number(run):
    work_id = failed()

    answer = run("queue", "dismiss", str(work_id), "--reason", "not-needed")

    assert (answer.exit_code, answer.stdout) == (0, "Dismissed.\n")
    assert db.session.get(Work, work_id, populate_existing=True).state is WorkState.CANCELLED
    assert run("queue", "dismiss", str(work_id), "--reason", "not-needed").exit_code == 1


def test_what_an_application_waits_for_is_not_dismissed_and_says_why(run):
    submission = make.make_submission()
    now = clock.now()
    (held,) = work.claim(["check"], 1, work.LEASE, now)
    work.fail(held, "It cannot be read.", now)
    db.session.commit()

    answer = run("queue", "dismiss", str(held.id), "--reason", "impossible")

    assert submission.id == held.subject_id
    assert (answer.exit_code, answer.stdout) == (1, "")
    assert "An application waits for this work" in answer.stderr


@pytest.mark.parametrize("words", [[], ["5"], ["5", "--reason", "because"], ["0", "--reason", "by-hand"]])
def test_dismissing_without_id_and_a_known_reason_is_status_2(run, words):
    assert run("queue", "dismiss", *words).exit_code == 2


def test_invariants_that_hold_are_status_0(run):
    answer = run("invariants", "--json")
    said = json.loads(answer.stdout)

    assert (answer.exit_code, said["violations"]) == (0, 0)
    assert all(entry["sql"].startswith("SELECT") and entry["sentence"].endswith(".") for entry in said["invariants"])


def test_a_broken_invariant_is_status_1_and_named(run):
    work_id = failed()
    db.session.execute(db.update(Work).values(finished_at=None))
    db.session.commit()

    said = json.loads((answer := run("invariants", "--json")).stdout)
    for_people = run("invariants").stdout

    assert answer.exit_code == 1
    broken = [(entry["name"], entry["examples"]) for entry in said["invariants"] if entry["violations"]]
    assert broken == [("finished_work_has_a_moment", [work_id])]
    assert f"BROKEN: 1 in work, for example ({work_id},)" in for_people
