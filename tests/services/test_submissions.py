"""Starting, drafting, handing in: once, in time, and nothing overwritten."""

from __future__ import annotations

from datetime import timedelta

import pytest

from app import clock, jobs
from app.extensions import db
from app.models import Mail, Stage, Submission, Work, WorkState
from app.refusals import AlreadyFinal, DeadlinePassed, DraftConflict, OtherContent
from app.services import applications, deadlines, submissions
from tests import factories as make

NOW = clock.now()
SECOND = timedelta(seconds=1)
HELLO = {"reply": "Hello Ben"}


def test_starting_twice_gives_the_same_attempt_and_moves_the_stage_once(ctx):
    invitation = make.make_invitation()

    first, again = (submissions.start(invitation, "en", clock.now()) for _ in range(2))

    assert first.id == again.id
    assert invitation.application.stage is Stage.IN_ASSESSMENT


def test_the_window_ends_at_2359_in_the_candidates_own_zone(ctx):
    invitation = make.make_invitation(make.make_application(zone="Asia/Kathmandu"))

    local = invitation.closes_at.astimezone(clock.zone("Asia/Kathmandu"))

    assert (local.hour, local.minute, local.second) == (23, 59, 59)
    assert timedelta(days=7) <= invitation.closes_at - invitation.opens_at < timedelta(days=8)


def test_a_draft_moves_on_by_revisions_and_overwrites_nothing(ctx):
    attempt = make.make_attempt()
    submissions.save_draft(attempt, HELLO, 0, clock.now())

    with pytest.raises(DraftConflict):
        submissions.save_draft(attempt, {"reply": "from the other tab"}, 0, clock.now())

    db.session.refresh(attempt)
    assert (attempt.draft, attempt.draft_revision) == (HELLO, 1)


def test_the_same_key_is_one_submission_with_one_receipt(ctx):
    attempt = make.make_attempt()

    first, again = (submissions.submit(attempt, HELLO, "k", False, clock.now()) for _ in range(2))

    assert first.id == again.id
    assert db.session.query(Mail).filter_by(message="receipt").count() == 1


def test_the_same_key_with_other_words_is_refused(ctx):
    attempt = make.make_attempt()
    submissions.submit(attempt, HELLO, "k", False, clock.now())

    with pytest.raises(OtherContent):
        submissions.submit(attempt, {"reply": "other"}, "k", False, clock.now())


def test_the_latest_in_time_stands_until_it_is_final(ctx):
    attempt = make.make_attempt()
    submissions.submit(attempt, HELLO, "a", False, clock.now())
    submissions.submit(attempt, {"reply": "better"}, "b", True, clock.now())

    with pytest.raises(AlreadyFinal):
        submissions.submit(attempt, {"reply": "too late"}, "c", False, clock.now())

    assert submissions.standing(attempt).answers == {"reply": "better"}


@pytest.mark.parametrize(
    ("after_cutoff", "is_in_grace", "is_late"),
    [
        (timedelta(0), False, False),
        (SECOND, True, False),
        (timedelta(seconds=120), True, False),
        (timedelta(seconds=121), False, True),
    ],
)
def test_grace_is_flagged_and_late_is_kept_apart(ctx, after_cutoff, is_in_grace, is_late):
    attempt = make.make_attempt()

    submission = submissions.submit(attempt, HELLO, "k", True, attempt.cutoff_at + after_cutoff)

    assert (submission.is_in_grace, submission.is_late) == (is_in_grace, is_late)
    assert (submissions.standing(attempt) is None) is is_late
    assert (attempt.final_at is None) is is_late


def test_nothing_is_saved_after_the_grace(ctx):
    attempt = make.make_attempt()

    with pytest.raises(DeadlinePassed):
        submissions.save_draft(attempt, HELLO, 0, attempt.cutoff_at + timedelta(seconds=121))


def test_a_draft_is_handed_in_at_the_end_but_never_before(ctx):
    attempt = make.make_attempt()
    submissions.save_draft(attempt, HELLO, 0, clock.now())
    work = db.session.query(Work).filter_by(kind="close", subject_id=attempt.id).one()
    assert work.next_at == attempt.cutoff_at + deadlines.GRACE

    submissions.close(attempt.id, None, work.next_at)

    submission = submissions.standing(attempt)
    assert (submission.answers, submission.is_by_timeout) == (HELLO, True)
    assert attempt.final_at == work.next_at


@pytest.mark.parametrize("draft", [{}, {"reply": "  \n "}])
def test_an_empty_draft_is_not_handed_in(ctx, draft):
    attempt = make.make_attempt()
    submissions.save_draft(attempt, draft, 0, clock.now())

    submissions.close(attempt.id, None, attempt.cutoff_at + deadlines.GRACE)

    assert submissions.all_of(attempt) == []


def test_an_unticked_draft_is_not_handed_in(ctx):
    attempt = make.make_attempt()
    submissions.save_draft(attempt, HELLO, 0, clock.now())
    attempt.hand_in_draft = False

    submissions.close(attempt.id, None, attempt.cutoff_at + deadlines.GRACE)

    assert submissions.all_of(attempt) == []


def test_closing_early_waits_for_the_end(ctx):
    attempt = make.make_attempt()
    work = db.session.query(Work).filter_by(kind="close", subject_id=attempt.id).one()
    work.next_at = clock.now()
    db.session.commit()

    jobs.drain_work("quick")

    db.session.refresh(work)
    assert (work.state, work.attempt) == (WorkState.PENDING, 0)
    assert work.next_at > clock.now()


def test_a_withdrawn_candidates_draft_is_left_alone(ctx):
    attempt = make.make_attempt()
    submissions.save_draft(attempt, HELLO, 0, clock.now())
    applications.withdraw(attempt.invitation.application, clock.now())

    submissions.close(attempt.id, None, attempt.cutoff_at + deadlines.GRACE)

    assert db.session.query(Submission).count() == 0


def test_every_hand_in_is_checked_once(run_work):
    attempt = make.make_attempt()
    submissions.submit(attempt, HELLO, "a", False, clock.now())
    submissions.submit(attempt, {"reply": "better"}, "b", False, clock.now())

    run_work()

    assert db.session.query(Work).filter_by(kind="check", state=WorkState.SUCCEEDED).count() == 2
