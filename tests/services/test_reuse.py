"""An answer counts for a second job: only the same person's, only as they wish, and read anew."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from app import clock
from app.extensions import db
from app.models import AuditEvent, CheckFacts, Duty, FrozenPage, LinkState, Stage, StoredFile, Submission
from app.services import applications, assignments, identities, invitations, ratings, reuse, submissions, uploads
from app.services.catalog_types import Part, PartKind
from app.services.reuse import NothingToReuse
from tests import factories as make
from tests.invariants import broken_invariants

LATER = timedelta(hours=1)


def verify(*found) -> None:
    for application in found:
        invitations.open_session(application, clock.now(), by_link=True)
        db.session.refresh(application)


def two_jobs(challenges=(), answers=None):
    """One person with a final answer at a first job and nothing yet at a second, both verified."""
    first_job = make.make_opening(make.make_role("First", challenges=challenges))
    second_job = make.make_opening(make.make_role("Second", challenges=challenges))
    details = make.make_details()
    first, second = (applications.apply(job, details, clock.now()).application for job in (first_job, second_job))
    verify(first, second)
    source = make.make_submission(make.make_attempt(make.make_invitation(first)), answers)
    return source, make.make_invitation(second)


def test_an_answer_is_handed_in_again_with_a_receipt_that_names_the_first(ctx, run_work):
    source, invitation = two_jobs()

    taken = reuse.take(invitation, source.code, clock.now())
    run_work()

    assert taken.code != source.code
    assert taken.answers == source.answers
    assert taken.reused_from_id == source.id
    assert taken.attempt.final_at is not None
    assert broken_invariants() == {}
    assert invitation.application.stage is Stage.IN_ASSESSMENT
    assert db.session.get(CheckFacts, (taken.id, invitation.challenge_version_id)) is not None
    assert (
        db.session.scalars(select(AuditEvent).where(AuditEvent.action == "submission.reuse")).one().subject_id
        == taken.id
    )


def test_pressing_twice_hands_in_once(ctx):
    source, invitation = two_jobs()

    first, again = (reuse.take(invitation, source.code, clock.now()) for _ in range(2))

    assert first.id == again.id
    assert db.session.query(Submission).count() == 2


def test_what_was_taken_over_can_be_taken_over_again_and_names_the_very_first(ctx):
    source, invitation = two_jobs()
    taken = reuse.take(invitation, source.code, clock.now() + LATER)
    third_job = make.make_opening(make.make_role("Third"))
    candidate = invitation.application.candidate
    third = applications.apply(third_job, make.make_details(email=candidate.email), clock.now()).application
    verify(third)

    again = reuse.take(make.make_invitation(third), taken.code, clock.now() + 2 * LATER)

    assert again.reused_from_id == source.id


@pytest.mark.parametrize("unverified", ["first", "second"])
def test_nothing_is_offered_until_both_links_were_used(ctx, unverified):
    source, invitation = two_jobs()
    first, second = source.attempt.invitation.application, invitation.application
    {"first": first, "second": second}[unverified].verified_at = None
    db.session.flush()

    assert reuse.offer_for(invitation, clock.now()) is None
    with pytest.raises(NothingToReuse):
        reuse.take(invitation, source.code, clock.now())


def test_an_answer_that_can_still_be_changed_is_not_offered(ctx):
    source, invitation = two_jobs()
    source.attempt.final_at = None
    db.session.flush()

    assert reuse.offer_for(invitation, clock.now()) is None


def test_another_persons_answer_is_never_offered(ctx):
    source, _invitation = two_jobs()
    stranger = make.make_application(make.make_opening(make.make_role("Third")))
    verify(stranger)
    invitation = make.make_invitation(stranger)

    assert reuse.offer_for(invitation, clock.now()) is None
    with pytest.raises(NothingToReuse):
        reuse.take(invitation, source.code, clock.now())


def test_an_answer_to_another_task_is_not_offered(ctx):
    source, _invitation = two_jobs()
    person = source.attempt.invitation.application.candidate
    other_job = make.make_opening(
        make.make_role("Other", challenges=[make.make_challenge(Part("text", PartKind.REPLY))])
    )
    other = applications.apply(other_job, make.make_details(email=person.email), clock.now()).application
    verify(other)

    assert reuse.offer_for(make.make_invitation(other), clock.now()) is None


@pytest.mark.parametrize("why", ["started", "withdrawn", "closed"])
def test_nothing_is_offered_where_nothing_can_be_started(ctx, why):
    _source, invitation = two_jobs()
    now = clock.now()
    if why == "started":
        submissions.start(invitation, "en", now)
    elif why == "withdrawn":
        applications.withdraw(invitation.application, now)
    else:
        now = invitation.closes_at

    assert reuse.offer_for(invitation, now) is None


def test_files_go_along_under_names_of_their_own(ctx):
    challenge = make.make_challenge(Part("sheet", PartKind.FILE, types=("csv",)))
    source, invitation = two_jobs([challenge], {"sheet": ""})
    file = uploads.keep(source.attempt, "sheet", "work.csv", b"a,b\n1,2\n", clock.now())
    source.answers = {"sheet": file.code}
    db.session.flush()

    taken = reuse.take(invitation, source.code, clock.now())

    (copy,) = uploads.in_submission(taken).values()
    assert copy.code != file.code
    assert copy.sha256 == file.sha256
    assert db.session.query(StoredFile).count() == 2


def test_what_a_link_showed_first_goes_along(ctx):
    challenge = make.make_challenge(Part("board", PartKind.URL))
    source, invitation = two_jobs([challenge], {"board": "https://example.org/board"})
    page = FrozenPage(
        submission_id=source.id,
        field="board",
        state=LinkState.ALIVE,
        url="https://example.org/board",
        content_type="text/html",
        body=b"<p>board</p>",
        size=12,
        sha256="0" * 64,
        fetched_at=clock.now(),
    )
    db.session.add(page)
    db.session.flush()

    taken = reuse.take(invitation, source.code, clock.now())

    assert db.session.get(FrozenPage, (taken.id, "board")).body == b"<p>board</p>"


# --- who reads it ----------------------------------------------------------------------------------------------------


def read(attempt, grader) -> None:
    assignments.offer(attempt.id, (grader.id,), clock.now())
    db.session.flush()
    mine = next(one for one in assignments.of_attempt(attempt.id) if one.grader_id == grader.id)
    assignments.claim(mine, grader.id, clock.now())
    levels = dict.fromkeys(("action", "consequences", "no_hoops", "tone", "language"), 2)
    ratings.record(mine, grader.id, levels, {}, clock.now())


def test_somebody_who_has_not_read_it_reads_it_where_there_is_one(ctx):
    ana, ben, cem = (make.make_user(Duty.GRADER) for _ in range(3))
    source, invitation = two_jobs()
    read(source.attempt, ana)
    read(source.attempt, ben)
    invitation.application.opening.role.readers = 1

    taken = reuse.take(invitation, source.code, clock.now())

    assert assignments.choose(taken.attempt_id) == (cem.id,)


def test_where_there_are_too_few_the_same_people_read_it_again(ctx):
    ana, ben = (make.make_user(Duty.GRADER) for _ in range(2))
    source, invitation = two_jobs()
    read(source.attempt, ana)

    taken = reuse.take(invitation, source.code, clock.now())

    assert assignments.choose(taken.attempt_id) == (ben.id, ana.id)


def test_whoever_has_seen_the_person_at_the_first_job_never_reads_it_at_the_second(ctx):
    ana, ben = (make.make_user(Duty.GRADER) for _ in range(2))
    source, invitation = two_jobs()
    invitation.application.opening.role.readers = 1
    identities.note_identity_seen(source.attempt.invitation.application, ana.id, clock.now())

    taken = reuse.take(invitation, source.code, clock.now())

    assert assignments.choose(taken.attempt_id) == (ben.id,)


@pytest.mark.parametrize("seen_at", ["first", "second"])
def test_seeing_the_person_at_one_job_takes_the_same_words_at_the_other_away(ctx, seen_at):
    ana = make.make_user(Duty.GRADER)
    source, invitation = two_jobs()
    taken = reuse.take(invitation, source.code, clock.now())
    seen, unread = (source, taken) if seen_at == "first" else (taken, source)
    assignments.offer(unread.attempt_id, (ana.id,), clock.now())

    identities.note_identity_seen(seen.attempt.invitation.application, ana.id, clock.now())

    assert assignments.of_attempt(unread.attempt_id) == []
