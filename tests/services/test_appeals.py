"""A second review: who may ask, who reads, how it counts, and that a person decides anew."""

from __future__ import annotations

from datetime import timedelta
from fractions import Fraction

import pytest
from sqlalchemy import select

from app import clock
from app.extensions import db
from app.models import (
    Appeal,
    AppealState,
    Assignment,
    AssignmentState,
    AuditEvent,
    Decision,
    Duty,
    Mail,
    Moderation,
    Stage,
)
from app.refusals import Refused
from app.services import (
    appeals,
    assignments,
    counters,
    decisions,
    erasure,
    identities,
    progress,
    ranking,
    ratings,
)
from app.services.audit import Actor
from tests import factories as make
from tests.invariants import assert_invariants


@pytest.fixture
def manager(ctx):
    return make.make_user(Duty.MANAGER)


@pytest.fixture
def told(manager, run_work):
    """Somebody who was turned down with these levels, in a role that allows second reviews within 30 points of 60."""

    def tell(*levels: int, points: int | None = 30, line: int = 60):
        for _ in levels:
            make.make_user(Duty.GRADER)
        role = make.make_role(readers=len(levels), line_percent=line)
        appeals.allow(role, points, 7, manager.id, clock.now())
        submission = make.make_submission(
            make.make_attempt(make.make_invitation(make.make_application(make.make_opening(role))))
        )
        run_work()
        for assignment, level in zip(assignments.of_attempt(submission.attempt_id), levels, strict=True):
            read(assignment, level)
        run_work()
        application = submission.attempt.invitation.application
        decisions.decide(application, Stage.NOT_SELECTED, "Below.", manager.id, clock.now())
        decisions.release(application, manager.id, clock.now())
        run_work()
        return application

    return tell


def read(assignment: Assignment, level: int) -> None:
    levels = dict.fromkeys(ratings.criteria_of(assignment), level)
    ratings.record(assignment, assignment.grader_id, levels, {}, clock.now())


def of_appeal() -> Assignment:
    return db.session.scalars(select(Assignment).where(Assignment.is_appeal)).one()


def test_it_is_off_by_default(ctx):
    assert make.make_role().appeal_points is None


def test_it_may_be_asked_for_near_the_line(told):
    application = told(1, 1)

    until = appeals.offered_until(application, clock.now())

    assert until == clock.add_days(application.released_at, 7, "America/Sao_Paulo")


@pytest.mark.parametrize(("levels", "points"), [((0, 0), 20), ((1, 1), None), ((1, 1), 26)])
def test_not_far_from_the_line_nor_where_the_role_says_nothing(told, levels, points):
    application = told(*levels, points=points)

    assert appeals.offered_until(application, clock.now()) is None
    with pytest.raises(Refused):
        appeals.ask(application, clock.now())


def test_not_before_one_was_told_nor_after_the_days(told, monkeypatch):
    application = told(1, 1)
    told_at, late = application.released_at, application.released_at + timedelta(days=7, minutes=1)

    assert appeals.offered_until(application, late) is None
    application.released_at = None
    assert appeals.offered_until(application, told_at) is None


def test_exactly_at_the_distance_counts_as_near(told):
    application = told(0, 0, points=10, line=10)

    assert appeals.offered_until(application, clock.now()) is not None


def test_somebody_who_has_not_read_it_reads_and_their_levels_count_beside_the_others(told, run_work):
    application = told(1, 1)
    fresh = make.make_user(Duty.GRADER)
    appeals.ask(application, clock.now())
    run_work()

    reading = of_appeal()
    read(reading, 3)
    run_work()

    assert reading.grader_id == fresh.id
    assert appeals.of(application).state is AppealState.READ
    (place,) = ranking.page(application.opening)
    assert (place.score, place.readers) == (Fraction(5, 9), 3)
    assert db.session.query(Moderation).count() == 0
    assert_invariants()


def test_after_a_third_review_the_new_levels_count_beside_the_settled_ones(told, run_work, manager):
    application = _settled_by_a_third(told, run_work)
    application.released_at, application.stage = clock.now(), Stage.NOT_SELECTED
    appeals.ask(application, clock.now())
    make.make_user(Duty.GRADER)
    run_work()

    read(of_appeal(), 1)
    run_work()

    (place,) = ranking.page(application.opening)
    assert place.score == Fraction(1, 2)


def _settled_by_a_third(told, run_work):
    """Two readers differ by two levels, and a third settles at two."""
    make.make_user(Duty.GRADER)
    application = told(3, 1)
    third = db.session.scalars(select(Assignment).where(Assignment.is_third)).one()
    read(third, 2)
    run_work()
    return application


def test_whoever_knows_the_person_is_not_given_it_and_it_waits_for_somebody_else(told, run_work):
    application = told(1, 1)
    knows = make.make_user(Duty.GRADER)
    identities.note_identity_seen(application, knows.id, clock.now())

    appeals.ask(application, clock.now())
    run_work()
    waiting = appeals.course(application)
    fresh = make.make_user(Duty.GRADER)
    run_work()

    assert (waiting.has_reader, waiting.appeal.state) == (False, AppealState.ASKED)
    assert of_appeal().grader_id == fresh.id
    assert appeals.course(application).has_reader


def test_the_reader_cannot_tell_it_from_another_answer(told, run_work):
    application = told(1, 1)
    application.reply_by = clock.now() - timedelta(days=30)
    make.make_user(Duty.GRADER)

    appeal = appeals.ask(application, clock.now())
    run_work()

    assert of_appeal().reply_by_on == appeal.reply_by.date()


def test_a_reading_that_is_handed_on_goes_to_somebody_else_for_the_same_review(told, run_work):
    application = told(1, 1)
    first, second = (make.make_user(Duty.GRADER) for _ in range(2))
    appeals.ask(application, clock.now())
    run_work()
    reading = of_appeal()

    assignments.hand_on(reading, reading.grader_id, "conflict", clock.now())
    run_work()

    kept = [one for one in assignments.of_attempt(reading.attempt_id) if one.is_appeal]
    assert {one.grader_id for one in (reading, *kept)} == {first.id, second.id}
    assert reading.state is AssignmentState.RELEASED


def test_asking_twice_asks_once_for_one_reading(told, run_work):
    application = told(1, 1)
    make.make_user(Duty.GRADER)
    make.make_user(Duty.GRADER)

    asked = [appeals.ask(application, clock.now()) for _ in range(2)]
    run_work()

    assert asked[0] is asked[1]
    assert of_appeal()
    assert appeals.offered_until(application, clock.now()) is None


@pytest.mark.parametrize(
    ("stage", "state"), [(Stage.NOT_SELECTED, AppealState.CONFIRMED), (Stage.SHORTLISTED, AppealState.CHANGED)]
)
def test_a_person_decides_anew_and_the_candidate_is_told_either_way(told, run_work, manager, stage, state):
    application = told(1, 1)
    before = counters.of([application.opening_id])[application.opening_id]
    make.make_user(Duty.GRADER)
    appeals.ask(application, clock.now())
    run_work()
    read(of_appeal(), 3)
    run_work()

    appeals.settle(application, stage, "Read again.", manager.id, clock.now())
    run_work()

    assert appeals.of(application).state is state
    assert application.stage is stage
    assert progress.outcome(application).stage is stage
    assert db.session.query(Mail).filter_by(message="second_review").one().sent_at
    after = counters.of([application.opening_id])[application.opening_id]
    assert (after["decided"], after["released"]) == (before["decided"], before["released"])
    assert db.session.query(Decision).count() == 2
    assert_invariants()


def test_nothing_is_decided_before_it_was_read_or_while_the_score_is_computed(told, run_work, manager):
    application = told(1, 1)
    make.make_user(Duty.GRADER)
    appeals.ask(application, clock.now())
    run_work()
    with pytest.raises(Refused, match="waits for a decision"):
        appeals.settle(application, Stage.SHORTLISTED, "Now.", manager.id, clock.now())

    read(of_appeal(), 3)

    with pytest.raises(Refused, match="being computed"):
        appeals.settle(application, Stage.SHORTLISTED, "Now.", manager.id, clock.now())


def test_it_is_settled_once(told, run_work, manager):
    application = told(1, 1)
    make.make_user(Duty.GRADER)
    appeals.ask(application, clock.now())
    run_work()
    read(of_appeal(), 3)
    run_work()
    appeals.settle(application, Stage.NOT_SELECTED, "Same.", manager.id, clock.now())

    with pytest.raises(Refused, match="waits for a decision"):
        appeals.settle(application, Stage.SHORTLISTED, "Now.", manager.id, clock.now())


def test_until_it_is_settled_the_candidate_sees_what_they_were_told(told, run_work, manager):
    application = told(1, 1)
    now = clock.now()
    before = progress.feedback(application, "en", now)
    make.make_user(Duty.GRADER)
    appeals.ask(application, now)
    run_work()
    read(of_appeal(), 3)
    run_work()
    meanwhile = progress.feedback(application, "en", now)

    appeals.settle(application, Stage.NOT_SELECTED, "Same.", manager.id, clock.now())

    assert [one.bands for one in meanwhile] == [one.bands for one in before]
    assert [one.bands for one in progress.feedback(application, "en", now)] != [one.bands for one in before]


def test_it_ends_when_the_person_deletes_their_data(told, run_work):
    application = told(1, 1)
    make.make_user(Duty.GRADER)
    appeals.ask(application, clock.now())
    run_work()

    erasure.erase(application.candidate, Actor.candidate(application.candidate_id), clock.now())
    db.session.commit()

    assert db.session.get_one(Appeal, application.id).state is AppealState.ENDED
    assert of_appeal().state is AssignmentState.RELEASED
    assert_invariants()


@pytest.mark.parametrize(("points", "days"), [(0, 7), (51, 7), (5, 0), (5, 61)])
def test_points_and_days_have_bounds(manager, points, days):
    with pytest.raises(Refused):
        appeals.allow(make.make_role(), points, days, manager.id, clock.now())


def test_without_a_line_nobody_is_near_it(manager):
    with pytest.raises(Refused, match="Draw the shortlist line"):
        appeals.allow(make.make_role(line_percent=None), 5, 7, manager.id, clock.now())


def test_allowing_and_asking_are_in_the_audit_trail(told):
    appeals.ask(told(1, 1), clock.now())

    actions = {event.action for event in db.session.query(AuditEvent)}

    assert {"role.allow_appeals", "appeal.ask"} <= actions
