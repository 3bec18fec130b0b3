"""Time lost to our own outages: noticed by silence, given back once, never twice and never to the wrong people."""

from __future__ import annotations

from datetime import timedelta

import pytest

from app import clock, jobs
from app.extensions import db
from app.models import Heartbeat, Outage, OutageCredit, Stage, Work, WorkState
from app.refusals import DeadlinePassed
from app.services import deadlines, invitations, outages, progress, submissions
from app.services.progress import Step
from tests import factories as make
from tests.invariants import assert_invariants

SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)
NOW = clock.now()
AWAY = 7 * MINUTE


def outage(began_at=NOW - AWAY, ended_at=NOW) -> Outage:
    """A silence that the web process notices as it comes back."""
    db.session.query(Heartbeat).delete()
    outages.beat(began_at)
    found = outages.beat(ended_at)
    assert found is not None
    return found


def settle() -> None:
    db.session.commit()
    while jobs.drain_work("quick"):
        pass
    db.session.expire_all()


def running(started_ago=timedelta(hours=1), timer: int | None = 120):
    opening = make.make_opening(make.make_role(), now=NOW - timedelta(hours=2))
    opening.role.timer_minutes = timer
    invitation = make.make_invitation(make.make_application(opening, now=NOW - timedelta(hours=2)))
    return make.make_attempt(invitation, now=NOW - started_ago)


@pytest.mark.parametrize("silence", [10 * SECOND, 55 * SECOND, MINUTE])
def test_a_short_silence_is_no_outage(ctx, silence):
    outages.beat(NOW - silence)

    assert outages.beat(NOW) is None
    assert db.session.query(Outage).count() == 0


def test_a_longer_silence_is_one_outage_however_many_notice_it(ctx):
    outages.beat(NOW - 2 * MINUTE)

    found = [outages.beat(NOW), outages.beat(NOW), outages.beat(NOW + SECOND)]

    assert [one is not None for one in found] == [True, False, False]
    assert outages.seconds(found[0]) == 120


def test_the_first_beat_ever_ends_no_outage(ctx):
    assert outages.beat(NOW) is None
    assert not outages.is_beat_due(NOW + SECOND)
    assert outages.is_beat_due(NOW + 11 * SECOND)


def test_a_clock_that_was_set_back_is_no_outage(ctx):
    outages.beat(NOW)

    assert outages.beat(NOW - timedelta(hours=1)) is None
    assert outages.beat(NOW + 30 * SECOND) is None


@pytest.mark.parametrize("timer", [120, None])
def test_whoever_was_writing_gets_the_whole_length(ctx, timer):
    attempt = running(timer=timer)
    before = attempt.cutoff_at

    outage()
    settle()

    assert attempt.cutoff_at == before + AWAY
    assert attempt.lost_seconds == attempt.invitation.lost_seconds == AWAY.total_seconds()
    assert_invariants()


def test_doing_the_credit_run_again_gives_nothing_more(ctx):
    attempt = running()
    before = attempt.cutoff_at
    found = outage()
    settle()

    outages.credit(found.id, outages.Few((attempt.invitation_id,), True), NOW)
    outages.pay(attempt.invitation, attempt, NOW)

    assert attempt.cutoff_at == before + AWAY
    assert db.session.query(OutageCredit).count() == 1


def test_two_outages_add_up(ctx):
    attempt = running()
    before = attempt.cutoff_at

    outage(NOW - 30 * MINUTE, NOW - 20 * MINUTE)
    settle()
    outage()
    settle()

    assert attempt.cutoff_at == before + 10 * MINUTE + AWAY
    assert [one.began_at for one in outages.told(attempt.invitation)] == [NOW - AWAY, NOW - 30 * MINUTE]


def test_who_comes_in_slices_is_not_left_out(ctx, monkeypatch):
    monkeypatch.setattr(outages, "CHUNK", 2)
    attempts = [running() for _ in range(5)]
    before = [attempt.cutoff_at for attempt in attempts]

    found = outage()
    settle()

    assert [attempt.cutoff_at for attempt in attempts] == [moment + AWAY for moment in before]
    assert found.settled_at is not None
    assert_invariants()


def test_a_final_answer_and_an_end_before_the_outage_get_nothing(ctx):
    done, over = running(), running(timer=30)
    make.make_submission(done, now=NOW - 30 * MINUTE)
    ends = [done.cutoff_at, over.cutoff_at]

    outage()
    settle()

    assert [done.cutoff_at, over.cutoff_at] == ends
    assert db.session.query(OutageCredit).count() == 0


def test_whoever_starts_afterwards_gets_no_longer_timer(ctx):
    invitation = make.make_invitation(make.make_application(now=NOW - timedelta(hours=2)))
    invitation.application.opening.role.timer_minutes = 30
    outage()

    attempt = make.make_attempt(invitation, now=NOW + MINUTE)
    settle()

    assert attempt.cutoff_at == NOW + 31 * MINUTE


@pytest.mark.parametrize(
    ("closes_at", "gained"),
    [
        (NOW - AWAY - SECOND, timedelta()),
        (NOW - 3 * MINUTE, AWAY),
        (NOW + timedelta(hours=23), AWAY),
        (NOW + timedelta(hours=25), timedelta()),
    ],
)
def test_a_window_that_ended_meanwhile_or_ends_soon_is_longer(ctx, closes_at, gained):
    invitation = make.make_invitation(make.make_application(now=NOW - timedelta(hours=2)))
    invitation.closes_at = closes_at

    outage()
    settle()

    assert deadlines.window_ends_at(invitation) == closes_at + gained


def test_a_window_that_ended_in_an_outage_can_still_be_started_at_once(ctx):
    invitation = make.make_invitation(make.make_application(now=NOW - timedelta(hours=2)))
    invitation.closes_at = NOW - 3 * MINUTE
    outage()

    attempt = submissions.start(invitation, "en", NOW)

    assert attempt.cutoff_at == NOW + 4 * MINUTE


def test_an_answer_that_comes_before_the_credit_run_is_in_time(ctx):
    attempt = running(timer=57)  # its end and grace lie in the outage

    outage()
    submission = submissions.submit(attempt, {"reply": "Hello Ben"}, "k", True, NOW + MINUTE)
    settle()

    assert (submission.is_late, submission.is_in_grace) == (False, False)
    assert attempt.lost_seconds == AWAY.total_seconds()


def test_a_draft_can_be_saved_before_the_credit_run(ctx):
    attempt = running(timer=54)

    outage()
    submissions.save_draft(attempt, {"reply": "Hello"}, 0, NOW)

    assert attempt.draft == {"reply": "Hello"}
    with pytest.raises(DeadlinePassed):
        submissions.save_draft(attempt, {"reply": "Hello again"}, 1, NOW + AWAY)


def test_the_page_counts_what_is_still_owed(ctx):
    attempt = running(timer=57)
    before = attempt.cutoff_at
    found = outage()

    entry = progress.of_invitation(attempt.invitation, "en", NOW)

    assert (entry.step, entry.ends_at, entry.outages) == (Step.WRITING, before + AWAY, [found])


def test_nothing_is_closed_while_the_web_is_silent_or_time_is_owed(ctx):
    attempt = running(timer=30)
    submissions.save_draft(attempt, {"reply": "Hello"}, 0, attempt.started_at)
    work = db.session.query(Work).filter_by(kind="close", subject_id=attempt.id).one()
    outages.beat(NOW - timedelta(minutes=40))
    db.session.commit()

    jobs.drain_work("quick")

    db.session.refresh(work)
    assert (work.state, attempt.final_at) == (WorkState.PENDING, None)
    assert work.reason == "The candidate may get time back for an outage."


def test_a_web_server_that_never_speaks_keeps_nobody_waiting_for_long(ctx):
    outages.beat(NOW - timedelta(days=2))

    assert outages.may_owe_time(NOW - timedelta(hours=1), NOW)
    assert not outages.may_owe_time(NOW - timedelta(hours=25), NOW)


def test_without_any_heartbeat_nothing_waits(ctx):
    assert not outages.may_owe_time(NOW, NOW)


def test_a_whole_outage_from_silence_to_the_draft_that_is_handed_in(ctx):
    attempt = running(timer=55)
    submissions.save_draft(attempt, {"reply": "Hello Ben"}, 0, NOW - 30 * MINUTE)
    ends_at = attempt.cutoff_at + AWAY
    outage()
    settle()

    submissions.close(attempt.id, None, ends_at + deadlines.GRACE - SECOND)
    was_open = attempt.final_at is None
    submissions.close(attempt.id, None, ends_at + deadlines.GRACE)

    assert was_open
    assert submissions.standing(attempt).is_by_timeout
    assert attempt.invitation.application.stage is Stage.IN_ASSESSMENT
    assert invitations.of(attempt.invitation.application)
