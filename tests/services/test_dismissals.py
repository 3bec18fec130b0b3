"""Dismissing failed work: what may be given up, what happens instead, and that nobody is left waiting."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import inspect, select

from app import clock, jobs, queue
from app.extensions import db
from app.models import AuditEvent, Erasure, Outage, Outcome, StoredFile, Work, WorkState
from app.services import dismissals, mails, rescoring, roles, tally, work
from app.services.audit import SYSTEM
from app.services.dismissals import RULES, SomebodyWaits, Why
from tests import factories as make
from tests.invariants import assert_invariants
from tests.services.test_freezing import hand_in, note_of

GONE = 987_654


def failed(kind: str, subject_id: int, key: str | None = None) -> int:
    now = clock.now()
    queue.defer(kind, subject_id, now, key=key)
    held = next(one for one in work.claim([kind], 9, work.LEASE, clock.now()) if one.subject_id == subject_id)
    work.fail(held, "It cannot be done.", now)
    return held.id


def state(work_id: int) -> WorkState:
    return db.session.scalars(select(Work.state).where(Work.id == work_id)).one()


def test_every_kind_of_work_has_its_rule():
    assert RULES.keys() == jobs.KINDS.keys() | jobs.BULK.keys()


def test_it_is_never_tried_again_and_is_on_record(ctx):
    work_id = failed("mail", GONE)

    done = dismissals.dismiss(work_id, Why.NOT_NEEDED, SYSTEM, clock.now())

    assert done
    assert state(work_id) is WorkState.CANCELLED
    assert not work.try_again(work_id, clock.now())
    assert not queue.defer("mail", GONE, clock.now())
    event = db.session.scalars(select(AuditEvent).where(AuditEvent.action == "work.dismiss")).one()
    assert (event.subject_id, event.detail) == (work_id, {"kind": "mail", "why": "not-needed"})
    ended = {entry.outcome: entry.ever for entry in tally.read(clock.now())}
    assert ended[Outcome.CANCELLED] == 1


def test_it_is_dismissed_once(ctx):
    work_id = failed("mail", GONE)
    dismissals.dismiss(work_id, Why.BY_HAND, SYSTEM, clock.now())

    assert not dismissals.dismiss(work_id, Why.BY_HAND, SYSTEM, clock.now())


@pytest.mark.parametrize("is_running", [False, True])
def test_what_has_not_failed_cannot_be_dismissed(ctx, is_running):
    queue.defer("mail", GONE, clock.now())
    if is_running:
        work.claim(["mail"], 1, work.LEASE, clock.now())
    work_id = db.session.scalars(select(Work.id)).one()

    assert not dismissals.dismiss(work_id, Why.NOT_NEEDED, SYSTEM, clock.now())


@pytest.mark.parametrize("kind", [kind for kind, rule in RULES.items() if rule.instead is None])
def test_what_somebody_waits_for_can_only_be_tried_again(ctx, kind):
    application = make.make_submission().attempt.invitation.application
    db.session.add(Erasure(candidate_id=application.candidate_id, asked_at=clock.now()))
    role = application.opening.role
    rescoring.begin(roles.rubric_in_force(role.id), clock.now())
    db.session.add(Outage(began_at=clock.now() - timedelta(minutes=2), ended_at=clock.now()))
    db.session.flush()
    key = inspect(RULES[kind].subject).primary_key[0]
    work_id = failed(kind, db.session.scalars(select(key)).one(), key=f"test-{kind}")

    with pytest.raises(SomebodyWaits):
        dismissals.dismiss(work_id, Why.IMPOSSIBLE, SYSTEM, clock.now())

    assert state(work_id) is WorkState.FAILED


@pytest.mark.parametrize("kind", RULES)
def test_what_is_about_nothing_any_more_can_be_dismissed(ctx, kind):
    """Somebody was erased: the work that was left fails, and nobody waits for it."""
    work_id = failed(kind, GONE)

    assert dismissals.dismiss(work_id, Why.NOT_NEEDED, SYSTEM, clock.now())
    db.session.commit()
    assert_invariants()


def test_checks_follow_when_a_link_is_given_up(ctx):
    """Nothing is said about the link, and the rest is checked."""
    submission = hand_in("http://boards.example/board")
    (held,) = work.claim(["freeze"], 1, work.LEASE, clock.now())
    work.fail(held, work.DIED, clock.now())

    dismissals.dismiss(held.id, Why.IMPOSSIBLE, SYSTEM, clock.now())
    db.session.commit()
    jobs.drain_work("quick")

    assert note_of(submission) == "unknown"
    assert_invariants()


def test_a_file_whose_copy_is_given_up_counts_as_one_that_cannot_be_copied(ctx):
    now = clock.now()
    file = StoredFile(
        code="a" * 12,
        attempt_id=make.make_attempt().id,
        field="file",
        original_name="a.pdf",
        type="pdf",
        size=1,
        sha256="0" * 64,
        stored_at=now,
    )
    db.session.add(file)
    db.session.flush()

    dismissals.dismiss(failed("bleach", file.id), Why.IMPOSSIBLE, SYSTEM, now)

    assert (file.copy_sha256, file.bleached_at) == (None, now)


def test_a_mail_that_was_given_up_still_says_that_it_was_not_sent(ctx):
    mail = mails.post("receipt", make.make_application().candidate, clock.now())
    (held,) = [one for one in work.claim(["mail"], 9, work.LEASE, clock.now()) if one.subject_id == mail.id]
    work.fail(held, "No such address.", clock.now())

    dismissals.dismiss(held.id, Why.BY_HAND, SYSTEM, clock.now())

    logged = mails.logged(mail.id)
    assert logged.failure == "No such address."
