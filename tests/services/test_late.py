"""Answers that came after the end: a person decides whether they count."""

from __future__ import annotations

from datetime import timedelta

import pytest

from app import clock
from app.extensions import db
from app.models import Assignment, AuditEvent, CheckFacts, Duty, Mail
from app.services import applications, desk, late, submissions
from app.services.audit import Actor
from app.services.late import CannotCount
from tests import factories as make
from tests.invariants import assert_invariants

LATE = timedelta(minutes=14)


@pytest.fixture
def manager(ctx) -> Actor:
    return Actor.user(make.make_user(Duty.MANAGER).id)


def late_answer(attempt=None, words="Hello Ben"):
    attempt = attempt or make.make_attempt()
    attempt.started_at, attempt.cutoff_at = clock.now() - timedelta(hours=1), clock.now() - LATE
    db.session.flush()
    return submissions.submit(attempt, {"reply": words}, f"late-{words}", True, attempt.cutoff_at + LATE)


def test_a_late_answer_that_counts_stands_and_is_read(run_work, manager):
    submission = late_answer()
    reader, _colleague = (make.make_user(Duty.GRADER) for _ in range(2))

    late.count(submission, "The connection was lost.", manager, clock.now())
    run_work()

    assert submissions.standing(submission.attempt) is submission
    assert db.session.get(CheckFacts, (submission.id, submission.attempt.invitation.challenge_version_id)) is not None
    assigned = db.session.query(Assignment).filter_by(grader_id=reader.id).one()
    assert "connection" not in repr(desk.sheet(assigned, "en"))
    assert db.session.query(Mail).filter_by(message="counted").count() == 1
    assert_invariants()


def test_counting_twice_is_counting_once(manager):
    submission = late_answer()

    for _ in range(2):
        late.count(submission, "The connection was lost.", manager, clock.now())

    event = db.session.query(AuditEvent).filter_by(action="submission.count_late").one()
    assert event.actor_id == manager.id
    assert "connection" not in str(event.detail)


def test_it_replaces_nothing_that_came_in_time(manager):
    attempt = make.make_attempt()
    submissions.submit(attempt, {"reply": "in time"}, "k", True, clock.now())
    submission = late_answer(attempt)

    with pytest.raises(CannotCount, match="stands"):
        late.count(submission, "Please.", manager, clock.now())


def test_an_answer_in_time_needs_no_help(manager):
    submission = make.make_submission()

    with pytest.raises(CannotCount, match="in time"):
        late.count(submission, "Please.", manager, clock.now())


def test_nobody_is_brought_back_who_has_left(manager):
    submission = late_answer()
    applications.withdraw(submission.attempt.invitation.application, clock.now())

    with pytest.raises(CannotCount, match="not in assessment"):
        late.count(submission, "Please.", manager, clock.now())


def test_of_two_late_answers_one_counts(manager):
    attempt = make.make_attempt()
    first, second = late_answer(attempt, "one"), late_answer(attempt, "two")

    late.count(first, "It was the first.", manager, clock.now())

    with pytest.raises(CannotCount):
        late.count(second, "Please.", manager, clock.now())
    assert submissions.standing(attempt) is first
