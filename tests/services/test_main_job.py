"""The main job without a browser: apply, answer, check, read twice, score, decide, tell."""

from __future__ import annotations

from fractions import Fraction

from app import clock
from app.extensions import db
from app.models import CheckFacts, Duty, Mail, Stage, Standing
from app.services import assignments, counters, decisions, invitations, ranking, ratings, submissions
from app.services.catalog_types import Part, PartKind
from tests import factories as make


def test_an_answer_travels_from_the_form_to_the_outcome(run_work):
    readers = [make.make_user(Duty.GRADER) for _ in range(2)]
    submission = make.make_submission()
    application = submission.attempt.invitation.application

    run_work()
    for reader, level in zip(readers, (3, 2), strict=True):
        assignment = assignments.next_for(reader.id, clock.now())
        assignments.claim(assignment, reader.id, clock.now())
        levels = dict.fromkeys(ratings.criteria_of(assignment), level)
        ratings.record(assignment, reader.id, levels, {}, clock.now())
    run_work()
    manager = make.make_user(Duty.MANAGER)
    decisions.decide(application, Stage.SHORTLISTED, "Clear and kind.", manager.id, clock.now())
    decisions.release(application, manager.id, clock.now())
    run_work()

    assert db.session.query(CheckFacts).count() == 1
    (place,) = ranking.page(application.opening)
    assert (place.rank, place.score, place.readers) == (1, Fraction(5, 6), 2)
    assert {mail.message for mail in db.session.query(Mail) if mail.sent_at} == {"link", "receipt", "outcome"}
    assert db.session.get(Standing, application.id).has_open_third is False
    numbers = counters.of([application.opening_id])[application.opening_id]
    assert {name: value for name, value in numbers.items() if value} == {
        "SHORTLISTED": 1,
        "submitted": 1,
        "checked": 1,
        "scored": 1,
        "decided": 1,
        "released": 1,
    }


def test_a_job_with_two_challenges_asks_for_both_and_scores_both(run_work):
    versions = [make.make_challenge(Part("reply", PartKind.REPLY)) for _ in range(2)]
    opening = make.make_opening(make.make_role(challenges=versions, readers=1))
    grader = make.make_user(Duty.GRADER)
    application = make.make_application(opening)

    for invitation, level in zip(invitations.of(application), (3, 0), strict=True):
        attempt = submissions.start(invitation, "en", clock.now())
        submission = make.make_submission(attempt, {"reply": "Hello"})
        assignment = make.make_assignment(grader, submission)
        assignments.claim(assignment, grader.id, clock.now())
        ratings.record(assignment, grader.id, {"care": level, "order": level}, {}, clock.now())
    db.session.commit()
    run_work()

    assert ranking.page(opening)[0].score == Fraction(1, 2)
