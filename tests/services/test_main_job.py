"""The main job without a browser: apply, answer, check, read twice, score, decide, tell."""

from __future__ import annotations

from fractions import Fraction

from app import clock
from app.extensions import db
from app.models import CheckFacts, Duty, Mail, Stage, Standing
from app.services import assignments, counters, decisions, ranking, ratings
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
