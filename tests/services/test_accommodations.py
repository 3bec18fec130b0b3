"""Extra time and adjustments: asked once at a time, answered once, and only ever later."""

from __future__ import annotations

from datetime import timedelta

import pytest

from app import clock, jobs
from app.extensions import db
from app.models import Accommodation, AccommodationState, Adjustment, AuditEvent, Mail, Work, WorkState
from app.refusals import Withdrawn
from app.services import accommodations, applications, deadlines, submissions
from app.services.accommodations import AnsweredAlready, AskedAlready, NothingGranted
from app.services.audit import SYSTEM
from tests import factories as make

HOUR = timedelta(hours=1)


def ask(application, kind=Adjustment.MORE_TIME, percent=50, words=""):
    return accommodations.ask(application, kind, percent, words, clock.now())


def attempt_with_timer(minutes: int | None = 60):
    opening = make.make_opening(make.make_role())
    opening.role.timer_minutes = minutes
    return make.make_attempt(make.make_invitation(make.make_application(opening)))


def grant(attempt, percent=0, minutes=0):
    asked = ask(attempt.invitation.application)
    accommodations.grant(asked, percent, minutes, "It is arranged.", SYSTEM, clock.now())
    return asked


def test_one_request_waits_at_a_time(ctx):
    application = make.make_application()
    ask(application)

    with pytest.raises(AskedAlready):
        ask(application)

    assert db.session.query(Accommodation).count() == 1


def test_a_withdrawn_candidate_asks_for_nothing(ctx):
    application = make.make_application()
    applications.withdraw(application, clock.now())

    with pytest.raises(Withdrawn):
        ask(application)


def test_half_more_time_makes_a_running_timer_half_longer(ctx):
    attempt = attempt_with_timer(60)

    grant(attempt, percent=50)

    assert attempt.cutoff_at == attempt.started_at + timedelta(minutes=90)


def test_a_longer_timer_still_ends_with_the_window(ctx):
    attempt = attempt_with_timer(60)
    attempt.invitation.closes_at = attempt.started_at + timedelta(minutes=70)

    grant(attempt, percent=100)
    first = attempt.cutoff_at
    grant(attempt, percent=0, minutes=30)

    assert first == attempt.started_at + timedelta(minutes=70)
    assert attempt.cutoff_at == attempt.started_at + timedelta(minutes=100)


def test_without_a_timer_the_window_ends_later(ctx):
    attempt = attempt_with_timer(None)
    before = attempt.cutoff_at

    grant(attempt, minutes=24 * 60)

    assert attempt.cutoff_at == before + timedelta(days=1)


def test_what_is_granted_before_the_start_counts_from_the_start(ctx):
    opening = make.make_opening(make.make_role())
    opening.role.timer_minutes = 40
    application = make.make_application(opening)
    accommodations.grant(ask(application), 25, 0, "Yes.", SYSTEM, clock.now())

    attempt = make.make_attempt(make.make_invitation(application))

    assert attempt.cutoff_at == attempt.started_at + timedelta(minutes=50)


def test_the_end_never_moves_earlier(ctx):
    attempt = attempt_with_timer(60)
    attempt.invitation.application.opening.role.timer_minutes = 10
    before = attempt.cutoff_at

    moved = deadlines.move_later(attempt, clock.now())

    assert (moved, attempt.cutoff_at) == (False, before)


def test_more_time_without_any_is_refused(ctx):
    asked = ask(make.make_application())

    with pytest.raises(NothingGranted):
        accommodations.grant(asked, 0, 0, "Yes.", SYSTEM, clock.now())


def test_another_format_needs_no_more_time(ctx):
    asked = ask(make.make_application(), Adjustment.OTHER_FORMAT, None, "Larger letters")

    accommodations.grant(asked, 0, 0, "You have a mail with it.", SYSTEM, clock.now())

    assert asked.state is AccommodationState.GRANTED


def test_two_colleagues_answer_once(ctx):
    attempt = attempt_with_timer(60)
    asked = grant(attempt, percent=25)

    with pytest.raises(AnsweredAlready):
        accommodations.decline(asked, "No.", SYSTEM, clock.now())

    assert asked.answer == "It is arranged."
    assert db.session.query(Mail).filter_by(message="adjustment").count() == 1


def test_every_step_is_in_the_audit_trail_without_anybodys_words(ctx):
    asked = ask(make.make_application(), Adjustment.OTHER, None, "zzwords")
    accommodations.decline(asked, "zzanswer", SYSTEM, clock.now())

    events = db.session.query(AuditEvent).filter_by(subject_kind="accommodation").all()

    assert [event.action for event in events] == ["accommodation.ask", "accommodation.declined"]
    assert "zz" not in "".join(str(event.detail) for event in events)


def test_an_attempt_that_has_ended_with_nothing_opens_again(ctx):
    attempt = attempt_with_timer(60)
    ended_at = attempt.cutoff_at + deadlines.GRACE
    submissions.close(attempt.id, None, ended_at)

    asked = ask(attempt.invitation.application)
    accommodations.grant(asked, 100, 0, "Yes.", SYSTEM, ended_at + timedelta(minutes=1))

    waiting = db.session.query(Work).filter(Work.key.like(f"close:{attempt.id}:%")).one()
    assert waiting.next_at == attempt.cutoff_at + deadlines.GRACE
    submissions.save_draft(attempt, {"reply": "Still here"}, 0, ended_at + timedelta(minutes=2))
    submissions.close(attempt.id, None, waiting.next_at)
    assert submissions.standing(attempt).answers == {"reply": "Still here"}


def test_the_work_that_closes_waits_for_the_later_end(ctx):
    attempt = attempt_with_timer(60)
    work = db.session.query(Work).filter_by(kind="close", subject_id=attempt.id).one()
    work.next_at = clock.now()
    grant(attempt, percent=100)
    db.session.commit()

    jobs.drain_work("quick")

    db.session.refresh(work)
    assert work.state is WorkState.PENDING
    assert abs(work.next_at - attempt.cutoff_at - deadlines.GRACE) < timedelta(seconds=5)


def test_time_granted_while_the_closing_is_on_its_way_is_not_lost(ctx):
    attempt = attempt_with_timer(60)
    submissions.save_draft(attempt, {"reply": "Not done yet"}, 0, clock.now())
    closes_at = attempt.cutoff_at + deadlines.GRACE
    grant(attempt, percent=100)

    submissions.close(attempt.id, None, closes_at)

    assert attempt.final_at is None
    assert db.session.query(Work).filter(Work.key.like(f"close:{attempt.id}:%")).count() == 1


def test_a_final_answer_gets_no_other_end(ctx):
    submission = make.make_submission()
    before = submission.attempt.cutoff_at

    grant(submission.attempt, minutes=60)

    assert submission.attempt.cutoff_at == before
