"""Deleting a person's data: nothing that says who they are stays, and everything that must be true stays true."""

from __future__ import annotations

import os
from datetime import timedelta

import pytest
from sqlalchemy import LargeBinary, String, Text, func, select, update

from app import clock, files, jobs
from app.extensions import Base, db
from app.models import (
    Accommodation,
    AccommodationState,
    Adjustment,
    Application,
    Assignment,
    AssignmentState,
    Candidate,
    CandidateDevice,
    CandidateSession,
    Counter,
    Duty,
    EntryCode,
    Erasure,
    FirstAnswer,
    FrozenPage,
    Invitation,
    Likeness,
    LinkState,
    Mail,
    Message,
    OutcomeComment,
    Rating,
    Stage,
    StoredFile,
    Submission,
    Survey,
    Thread,
    Touch,
    User,
    Work,
    WorkState,
)
from app.refusals import Erased, LinkUsed, Refused
from app.services import (
    accommodations,
    applications,
    assignments,
    comments,
    counters,
    decisions,
    devices,
    erasure,
    invitations,
    messages,
    ranking,
    ratings,
    submissions,
    surveys,
    uploads,
    work,
)
from app.services.audit import Actor
from app.services.catalog_types import Part, PartKind
from tests import factories as make
from tests import files as made
from tests.invariants import assert_invariants

MARK = "Zephyrine"


@pytest.fixture
def lived(ctx, run_work):
    """Somebody with all there can be: two applications, answers, a file, readings, comments, a survey, an outcome."""
    readers = [make.make_user(Duty.GRADER) for _ in range(2)]
    manager = make.make_user(Duty.MANAGER)
    parts = (Part("reply", PartKind.REPLY), Part("shot", PartKind.FILE, types=("png",)))
    opening = make.make_opening(make.make_role(challenges=[make.make_challenge(*parts)]))
    who = {"name": f"{MARK} Name", "email": f"{MARK}@example.org", "phone": f"+55 {MARK}"}
    application = make.make_application(opening, **who)
    other = make.make_application(make.make_opening(region=make.make_region("APAC")), **who)
    attempt = make.make_attempt(make.make_invitation(application))
    file = uploads.keep(attempt, "shot", f"{MARK}.png", made.png(note=MARK), clock.now())
    answers = {"reply": f"{MARK} wrote this", "shot": file.code}
    submissions.save_draft(attempt, answers, 0, clock.now())
    submission = make.make_submission(attempt, answers)
    run_work()
    for assignment in assignments.of_attempt(attempt.id):
        levels = dict.fromkeys(ratings.criteria_of(assignment), 1)
        ratings.record(assignment, assignment.grader_id, levels, {"care": f"{MARK} is kind"}, clock.now())
    db.session.add(_page(submission))
    comments.write(application, comments.WHOLE, f"Dear {MARK}", manager.id, clock.now())
    decisions.decide(application, Stage.NOT_SELECTED, f"{MARK} is slow", manager.id, clock.now())
    decisions.release(application, manager.id, clock.now())
    surveys.answer(application, 4, 30, f"{MARK} thought so", clock.now())
    _write_and_ask(other, manager)
    submission.counted_because = f"The train of {MARK} was late"
    make.make_submission(make.make_attempt(make.make_invitation(other)), {"reply": f"{MARK} again"})
    run_work()
    _grow_old(file)
    assert len(readers) == 2
    return application


def _write_and_ask(application: Application, staff: User) -> None:
    """What somebody says beside their answers, and the browsers in which they do it."""
    application.replies = [{"text": "May you work there?", "answer": f"{MARK} may"}]
    db.session.add(
        Touch(application_id=application.id, is_first=True, path="/", utm_source=MARK, landed_at=clock.now())
    )
    make.make_verified(application)
    devices.remember(application, "browser", clock.now())
    devices.mail_code(application, clock.now())
    make.make_answer(make.make_question(application, f"Is {MARK} too late?"), staff, f"No, {MARK}")
    make.make_question(application, f"{MARK} waits")
    accommodations.ask(application, Adjustment.OTHER, None, f"{MARK} needs it larger", clock.now())


def _page(submission: Submission) -> FrozenPage:
    return FrozenPage(
        submission_id=submission.id, field="reply", state=LinkState.BROKEN, url=f"https://{MARK}.test",
        fetched_at=clock.now(),
    )  # fmt: skip


def _grow_old(file: StoredFile) -> None:
    """As if the file had been sent an hour ago."""
    for digest in {file.sha256, file.copy_sha256 or file.sha256}:
        path = files._path(digest)
        os.utime(path, (path.stat().st_atime, path.stat().st_mtime - 3600))


def erase(application, run_work, monkeypatch) -> None:
    """As a candidate does it, and the workers within minutes."""
    candidate = db.session.get_one(Candidate, application.candidate_id)
    erasure.erase(candidate, Actor.candidate(candidate.id), clock.now())
    run_work()
    later = clock.now() + timedelta(minutes=2)
    monkeypatch.setattr(clock, "now", lambda: later)
    run_work()


def places_with(mark: str) -> list[str]:
    """Every column of the database in which a text stands."""
    found = []
    for table in Base.metadata.sorted_tables:
        for column in table.columns:
            if isinstance(column.type, LargeBinary):
                continue
            text = column.cast(Text) if not isinstance(column.type, String) else column
            query = select(func.count()).select_from(table).where(func.lower(text).contains(mark.lower()))
            if db.session.scalar(query):
                found.append(f"{table.name}.{column.name}")
    return found


def test_the_mark_stands_in_every_place_that_is_to_be_emptied(lived):
    assert {place.split(".")[0] for place in places_with(MARK)} >= {
        *("candidate", "attempt", "submission", "stored_file", "frozen_page", "rating", "decision"),
        *("outcome_comment", "survey", "mail", "application", "touch", "message", "accommodation"),
    }


def test_nothing_of_the_person_stays_anywhere_in_the_database(lived, run_work, monkeypatch):
    erase(lived, run_work, monkeypatch)

    assert places_with(MARK) == []


def test_everything_that_must_be_true_stays_true(lived, run_work, monkeypatch):
    before = counters.of([lived.opening_id])[lived.opening_id]

    erase(lived, run_work, monkeypatch)
    jobs.tick()

    assert_invariants()
    assert counters.of([lived.opening_id])[lived.opening_id] == before
    assert db.session.query(Survey).one().fair == 4
    assert {row.level for row in db.session.query(Rating)} == {1}


def test_the_person_is_out_at_once(ctx, run_work):
    for _ in range(2):
        make.make_user(Duty.GRADER)
    submission = make.make_submission(make.make_attempt(make.make_invitation(make.make_application(name=MARK))))
    run_work()
    application = submission.attempt.invitation.application
    invitations.open_session(application, clock.now(), by_link=True)
    link = db.session.scalars(select(Mail).where(Mail.message == "link")).one().body

    erasure.erase(application.candidate, Actor.candidate(application.candidate_id), clock.now())
    db.session.commit()

    token = link.partition("/your-link/")[2].split()[0]
    with pytest.raises(LinkUsed):
        invitations.by_token(token, clock.now())
    assert db.session.query(CandidateSession).count() == 0
    assert {one.state for one in db.session.query(Assignment)} == {AssignmentState.RELEASED}
    assert db.session.query(Submission).one().answers == {}
    assert application.stage is Stage.WITHDRAWN
    assert application.candidate.name == "(erased)"


def test_nobody_waits_for_an_answer_or_an_adjustment_any_more(lived, run_work, monkeypatch):
    erase(lived, run_work, monkeypatch)

    asked = db.session.query(Accommodation).one()
    assert (asked.state, asked.answered_at is None) == (AccommodationState.DECLINED, False)
    assert {row.value for row in db.session.query(Counter).filter_by(name=counters.WAITING)} == {0}
    assert [db.session.query(gone).count() for gone in (Thread, Message, CandidateDevice, EntryCode)] == [0, 0, 0, 0]
    # How long the team took stays: two moments, of nobody.
    assert db.session.query(FirstAnswer).one().application_id is None


def test_nobody_writes_to_an_erased_person(lived):
    application = db.session.query(Thread).one().application
    staff = make.make_user(Duty.RECRUITER)

    erasure.erase(application.candidate, Actor.candidate(application.candidate_id), clock.now())

    with pytest.raises(Erased):
        messages.answer(application, "Are you there?", "key", 0, staff.id, clock.now())
    with pytest.raises(Erased):
        invitations.replace_link(application, Actor.user(staff.id), clock.now())


@pytest.mark.parametrize("who", [0, 1])
def test_two_answers_worded_alike_are_no_pair_once_either_person_is_erased(ctx, run_work, monkeypatch, who):
    opening = make.make_opening()
    applications_ = [make.make_application(opening) for _ in range(2)]
    for application in applications_:
        make.make_submission(make.make_attempt(make.make_invitation(application)))
    run_work()
    assert db.session.query(Likeness).count() == 1

    erase(applications_[who], run_work, monkeypatch)

    assert db.session.query(Likeness).count() == 0
    assert_invariants()


def test_work_that_is_called_off_leaves_nobody_waiting(ctx):
    application = make.make_submission().attempt.invitation.application
    make.make_attempt(make.make_invitation(make.make_application(email=application.candidate.email)))

    erasure.erase(application.candidate, Actor.candidate(application.candidate_id), clock.now())
    db.session.commit()

    called_off = db.session.query(Work).filter_by(state=WorkState.CANCELLED)
    assert {one.kind for one in called_off} >= {"check", "sketch", "close", "assign"}
    assert_invariants()


def test_one_last_mail_confirms_it_and_then_the_address_goes(lived, run_work, monkeypatch):
    candidate = db.session.get_one(Candidate, lived.candidate_id)
    erasure.erase(candidate, Actor.candidate(candidate.id), clock.now())
    run_work()
    last = db.session.scalars(select(Mail).order_by(Mail.id.desc())).first()
    sent_to, said = last.address, last.subject

    later = clock.now() + timedelta(minutes=2)
    monkeypatch.setattr(clock, "now", lambda: later)
    run_work()

    assert (sent_to, said) == (f"{MARK}@example.org", "Your data is deleted")
    assert (last.address, last.subject, last.body) == (None, None, None)
    assert db.session.get_one(Candidate, candidate.id).email == ""
    assert db.session.get_one(Erasure, candidate.id).done_at == later


def test_the_address_waits_for_the_mail_but_not_for_ever(lived):
    now = clock.now()
    erasure.erase(lived.candidate, Actor.candidate(lived.candidate_id), now)

    with pytest.raises(work.NotYet):
        erasure.look(lived.candidate_id)
    db.session.execute(update(Erasure).values(asked_at=now - timedelta(days=1, minutes=1)))

    assert erasure.look(lived.candidate_id) is None


def test_files_go_from_the_disk_unless_somebody_else_sent_the_same(lived, run_work, monkeypatch):
    mine = db.session.query(StoredFile).one()
    shared, own = mine.sha256, mine.copy_sha256
    attempt = make.make_attempt(make.make_invitation(make.make_application(lived.opening)))
    other = uploads.keep(attempt, "shot", "same.png", files.read(shared), clock.now())
    other.copy_sha256, other.bleached_at = None, clock.now()
    db.session.execute(update(Work).where(Work.kind == "bleach", Work.subject_id == other.id).values(next_at=FAR))
    _grow_old(other)

    erase(lived, run_work, monkeypatch)

    assert files.read(shared)
    assert not files._path(own).exists()


FAR = clock.now() + timedelta(days=9)


def test_bytes_that_were_just_sent_again_are_not_removed_yet(lived):
    file = db.session.query(StoredFile).one()
    erasure.erase(lived.candidate, Actor.candidate(lived.candidate_id), clock.now(), is_told=False)

    files.put(files.read(file.sha256))

    with pytest.raises(work.NotYet, match="moment ago"):
        erasure.look(lived.candidate_id)


def test_a_result_that_was_under_way_is_refused(lived):
    submission = db.session.query(Submission).first()
    job = Work(kind="check", subject_id=submission.id, key="check:late", state=WorkState.RUNNING, attempt=1,
               lease_until=FAR, next_at=clock.now(), created_at=clock.now())  # fmt: skip
    db.session.add(job)
    db.session.flush()
    held = work.Held(job.id, "check", submission.id, job.fence, 1)

    erasure.erase(lived.candidate, Actor.candidate(lived.candidate_id), clock.now())

    assert work.succeed(held, clock.now()) is False


def test_asking_twice_erases_once(lived):
    by = Actor.candidate(lived.candidate_id)

    done = [erasure.erase(lived.candidate, by, clock.now()) for _ in range(2)]

    assert done == [True, False]
    assert db.session.query(Mail).filter_by(message="erased").count() == 1


def test_the_same_address_can_apply_anew_as_a_new_person(lived, run_work, monkeypatch):
    erasure.erase(lived.candidate, Actor.candidate(lived.candidate_id), clock.now())

    again = make.make_application(lived.opening, email=f"{MARK}@example.org")

    assert again.candidate_id != lived.candidate_id
    assert again.candidate.erased_at is None


def test_nobody_is_asked_to_read_what_an_erased_person_wrote(ctx, run_work):
    submission = make.make_submission()
    application = submission.attempt.invitation.application
    erasure.erase(application.candidate, Actor.candidate(application.candidate_id), clock.now())
    make.make_user(Duty.GRADER)
    make.make_user(Duty.GRADER)

    assert assignments.choose(submission.attempt_id) == ()
    assert assignments.choose_third(submission.attempt_id) == ()


def test_a_shortlisted_person_stays_in_the_ranking_as_erased(lived, run_work, monkeypatch):
    erase(lived, run_work, monkeypatch)

    (place,) = ranking.page(lived.opening)

    assert place.application.candidate.name == "(erased)"
    assert place.application.stage is Stage.NOT_SELECTED


def test_an_erased_person_cannot_be_moved_or_decided_on(ctx):
    application = make.make_application()
    erasure.erase(application.candidate, Actor.candidate(application.candidate_id), clock.now())
    manager = make.make_user(Duty.MANAGER)

    with pytest.raises(Refused):
        decisions.decide(application, Stage.SHORTLISTED, "Good.", manager.id, clock.now())


def test_after_an_older_backup_the_ledger_erases_again(lived, run_work, monkeypatch):
    candidate_id, known_since = lived.candidate_id, lived.candidate.created_at
    restored = lived.candidate
    line = f'{{"candidate": {candidate_id}, "known_since": "{known_since.isoformat()}", "erased_at": "x"}}'

    done = erasure.repeat([line, ""], clock.now())
    run_work()
    later = clock.now() + timedelta(minutes=2)
    monkeypatch.setattr(clock, "now", lambda: later)
    run_work()

    assert done == 1
    assert db.session.get_one(Candidate, restored.id).email == ""
    assert db.session.query(Mail).filter_by(message="erased").count() == 0


def test_an_id_that_is_somebody_else_by_now_is_left_alone(lived):
    line = f'{{"candidate": {lived.candidate_id}, "known_since": "2026-01-01T00:00:00+00:00", "erased_at": "x"}}'

    assert erasure.repeat([line], clock.now()) == 0
    assert lived.candidate.erased_at is None


def test_the_ledger_names_nobody(lived):
    erasure.erase(lived.candidate, Actor.candidate(lived.candidate_id), clock.now())

    (line,) = erasure.ledger()

    assert MARK.lower() not in line.lower()
    assert erasure.repeat([line], clock.now()) == 0


def test_somebody_else_is_not_touched(lived, run_work, monkeypatch):
    other = make.make_submission(answers={"reply": "Untouched"}).attempt.invitation
    comments_before = db.session.query(OutcomeComment).count()

    erase(lived, run_work, monkeypatch)

    assert submissions.standing(submissions.attempt_of(other)).answers == {"reply": "Untouched"}
    assert db.session.get_one(Invitation, other.id).revoked_at is None
    assert comments_before == 1
    assert applications.by_code(other.application.code).candidate.erased_at is None


def test_the_commands_list_the_ledger_and_repeat_it(ctx, lived, tmp_path):
    erasure.erase(lived.candidate, Actor.candidate(lived.candidate_id), clock.now())
    db.session.commit()
    runner = ctx.test_cli_runner()

    listed = runner.invoke(args=["erasures", "list"])
    ledger = tmp_path / "ledger.jsonl"
    ledger.write_text(listed.output, "utf-8")
    repeated = runner.invoke(args=["erasures", "repeat", str(ledger)])

    assert f'"candidate": {lived.candidate_id}' in listed.output
    assert repeated.output.startswith("0 people deleted again.")


def test_what_is_no_ledger_is_refused_in_one_line(ctx, tmp_path):
    odd = tmp_path / "odd.txt"
    odd.write_text("not a ledger", "utf-8")

    answer = ctx.test_cli_runner().invoke(args=["erasures", "repeat", str(odd)])

    assert answer.exit_code == 1
    assert "This is no ledger" in answer.output
