"""From ratings to scores and the ranking: exact, repeatable, and disagreements opened to a third reader."""

from __future__ import annotations

from fractions import Fraction

import pytest

from app import clock, jobs
from app.extensions import db
from app.models import Assignment, AssignmentState, Duty, Moderation, Score, Standing, Work, WorkState
from app.refusals import LeaseLost
from app.services import assignments, counters, identities, ranking, ratings, scores
from app.services.ratings import Incomplete
from tests import factories as make


def read(assignment: Assignment, **levels: int | None) -> None:
    """Rate an answer: 2 everywhere but where said otherwise."""
    given = dict.fromkeys(ratings.criteria_of(assignment), 2) | levels
    assignments.claim(assignment, assignment.grader_id, clock.now())
    ratings.record(assignment, assignment.grader_id, given, {}, clock.now())


def handed_in(run_work, graders: int = 2):
    """A final answer with its readers."""
    for _ in range(graders):
        make.make_user(Duty.GRADER)
    submission = make.make_submission()
    run_work()
    return submission.attempt, assignments.of_attempt(submission.attempt_id)


def test_two_of_three_graders_are_given_the_answer(run_work):
    _, given = handed_in(run_work, graders=3)

    assert len(given) == 2


def test_an_answer_waits_until_there_are_enough_graders(run_work):
    _, given = handed_in(run_work, graders=1)
    assert given == []

    make.make_user(Duty.GRADER)
    run_work()

    assert db.session.query(Assignment).count() == 2


def test_whoever_has_seen_the_person_is_never_given_the_answer(run_work):
    knows = make.make_user(Duty.GRADER)
    others = [make.make_user(Duty.GRADER) for _ in range(2)]
    attempt = make.make_attempt()
    identities.note_identity_seen(attempt.invitation.application, knows.id, clock.now())
    make.make_submission(attempt)

    run_work()

    given = assignments.of_attempt(attempt.id)
    assert {entry.grader_id for entry in given} == {user.id for user in others}


def test_no_score_before_the_last_reading(run_work):
    _, (first, second) = handed_in(run_work)

    read(first)
    run_work()
    after_one = db.session.query(Score).count()
    read(second)
    run_work()

    assert (after_one, db.session.query(Score).count()) == (0, 1)


def test_the_score_is_exact_and_running_twice_changes_nothing(run_work):
    attempt, (first, second) = handed_in(run_work)
    application = attempt.invitation.application
    read(first, action=3)
    read(second, action=2, language=None)
    run_work()

    computed = scores.compute(application.id)
    scores.keep_score(application.id, computed, clock.now())

    # action 5/2 × 3, three criteria of 2 × 2, language 2 × 1 (one reader could not judge it); of 3 × 10
    assert computed.score == Fraction(15 + 24 + 4, 60)
    assert db.session.query(Score).count() == 1
    numbers = counters.of([application.opening_id])[application.opening_id]
    assert numbers["scored"] == 1


def test_two_levels_apart_opens_a_third_review_whose_level_settles_it(run_work):
    attempt, (first, second) = handed_in(run_work, graders=3)
    read(first, tone=3)
    read(second, tone=1)
    run_work()
    moderation = db.session.get(Moderation, attempt.id)
    third = next(entry for entry in assignments.of_attempt(attempt.id) if entry.is_third)
    was_open = db.session.get(Standing, attempt.invitation.application_id).has_open_third

    read(third, tone=3, action=0)
    run_work()

    db.session.expire_all()
    standing = db.session.get(Standing, attempt.invitation.application_id)
    assert moderation.criteria == ["tone"]
    assert moderation.settled == {"tone": 3}
    assert (was_open, standing.has_open_third) == (True, False)
    # Only the questioned criterion takes the third level: 2 everywhere, 3 for tone (weight 2).
    assert ranking.dossier(attempt.invitation.application).exact == Fraction(2 * 8 + 3 * 2, 30)


def test_a_third_review_waits_for_somebody_who_may_read(run_work):
    attempt, (first, second) = handed_in(run_work, graders=2)
    read(first, tone=3)
    read(second, tone=0)
    run_work()
    waiting = db.session.query(Work).filter_by(kind="third").one()

    make.make_user(Duty.GRADER)
    run_work()

    db.session.refresh(waiting)
    assert waiting.state is WorkState.SUCCEEDED
    assert sum(entry.is_third for entry in assignments.of_attempt(attempt.id)) == 1


def test_a_reading_needs_every_criterion(run_work):
    _, (first, _second) = handed_in(run_work)

    with pytest.raises(Incomplete):
        ratings.record(first, first.grader_id, {"action": 3}, {}, clock.now())

    assert first.state is AssignmentState.OFFERED


def test_a_reading_saved_twice_keeps_the_first(run_work):
    _, (first, _second) = handed_in(run_work)
    levels = dict.fromkeys(ratings.criteria_of(first), 2)
    stale = db.session.get(Assignment, first.id)
    ratings.record(first, first.grader_id, levels, {}, clock.now())

    with pytest.raises(LeaseLost):
        ratings.record(stale, stale.grader_id, levels | {"tone": 0}, {}, clock.now())


def test_ties_share_a_rank_and_the_next_rank_counts_them(run_work):
    for _ in range(2):
        make.make_user(Duty.GRADER)
    opening = make.make_opening()
    for levels in ({}, {}, {"tone": 1}, {"action": 3}):
        submission = make.make_submission(make.make_attempt(make.make_invitation(make.make_application(opening))))
        run_work()
        for entry in assignments.of_attempt(submission.attempt_id):
            read(entry, **levels)
    run_work()

    places = ranking.page(opening)

    assert [(place.rank, place.is_tied) for place in places] == [(1, False), (2, True), (2, True), (4, False)]


def test_a_page_of_the_ranking_goes_on_where_the_last_ended(run_work):
    for _ in range(2):
        make.make_user(Duty.GRADER)
    opening = make.make_opening()
    for tone in (3, 2, 2, 1):
        submission = make.make_submission(make.make_attempt(make.make_invitation(make.make_application(opening))))
        run_work()
        for entry in assignments.of_attempt(submission.attempt_id):
            read(entry, tone=tone)
    run_work()
    first = ranking.page(opening, limit=2)
    last = db.session.get(Standing, first[-1].application.id)

    rest = ranking.page(opening, after=(last.order_key, last.application_id), limit=2)

    assert [place.rank for place in [*first, *rest]] == [1, 2, 2, 4]
    assert len({place.application.id for place in [*first, *rest]}) == 4


def test_work_done_twice_by_two_workers_takes_effect_once(run_work):
    attempt, (first, second) = handed_in(run_work)
    read(first)
    read(second)
    db.session.commit()
    work = db.session.query(Work).filter_by(kind="score").one()
    run_work()
    work.state, work.lease_until = WorkState.PENDING, None
    db.session.commit()

    jobs.drain_work("quick")

    assert db.session.query(Score).count() == 1
    opening_id = attempt.invitation.application.opening_id
    assert counters.of([opening_id])[opening_id]["scored"] == 1
