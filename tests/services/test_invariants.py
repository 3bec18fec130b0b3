"""The invariants: they hold for a company that has lived, and each names exactly what breaks it."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from contextlib import contextmanager
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import delete, select, update
from structlog.testing import capture_logs

from app import clock, jobs, queue
from app.extensions import db
from app.models import (
    Appeal,
    AppealState,
    Application,
    Attempt,
    AuditEvent,
    AuditSeal,
    Candidate,
    CheckFacts,
    Counter,
    Decision,
    Erasure,
    FirstAnswer,
    FrozenPage,
    Invitation,
    Likeness,
    LinkState,
    Mail,
    Message,
    Moderation,
    Opening,
    Outage,
    Outcome,
    Rating,
    Reason,
    Score,
    Shingle,
    Stage,
    Standing,
    Submission,
    Thread,
    Work,
    WorkState,
    WorkTally,
)
from app.rounds import Watch
from app.services import audit, counters, invariants, tally
from app.services.invariant_rules import ALL
from app.services.invariants import Invariant, Rounds
from tests.invariants import assert_invariants, broken_invariants

HOUR = timedelta(hours=1)
BY_NAME = {entry.name: entry for entry in ALL}


@pytest.fixture
def lived(demo, run_work):
    """The demo company with all its work done and its audit trail sealed."""
    run_work()
    jobs.tick()


@contextmanager
def unconstrained():
    """What a constraint of the database would refuse: written as by a hand that knows better."""
    connection = db.session.connection()
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("PRAGMA ignore_check_constraints = ON")
        yield
        connection.exec_driver_sql("PRAGMA ignore_check_constraints = OFF")
    else:
        connection.exec_driver_sql("ALTER TABLE work DROP CONSTRAINT IF EXISTS ck_work_lease_while_running")
        yield


def first(model, *conditions):
    return db.session.query(model).filter(*conditions).order_by(*model.__table__.primary_key).first()


def work_of(kind: str, state: WorkState = WorkState.SUCCEEDED) -> Work:
    return first(Work, Work.kind == kind, Work.state == state)


def set_(row, **values) -> None:
    """Change a row past the session, as a hand in the database would."""
    keys = [column == getattr(row, column.key) for column in row.__table__.primary_key]
    db.session.execute(update(type(row)).where(*keys).values(**values).execution_options(synchronize_session=False))


def remove(row) -> None:
    keys = [column == getattr(row, column.key) for column in row.__table__.primary_key]
    db.session.execute(delete(type(row)).where(*keys).execution_options(synchronize_session=False))


def count(name: str, opening_id: int, change: int) -> None:
    """Keep the counter right, so that only the invariant in question breaks."""
    db.session.execute(
        update(Counter)
        .where(Counter.opening_id == opening_id, Counter.name == name)
        .values(value=Counter.value + change)
        .execution_options(synchronize_session=False)
    )


def untally(kind: str, outcome: Outcome, change: int) -> None:
    row = first(WorkTally, WorkTally.kind == kind, WorkTally.outcome == outcome)
    set_(row, number=row.number + change)


def drop_work(kind: str) -> None:
    """A piece of work goes, with its place in the tally."""
    remove(work_of(kind))
    untally(kind, Outcome.SUCCEEDED, -1)


# --- one hand for each invariant ----------------------------------------------------------------------------------


def a_lease_without_a_holder() -> None:
    with unconstrained():
        set_(work_of("close", WorkState.PENDING), lease_until=clock.now())


def finished_at_no_time() -> None:
    set_(work_of("mail"), finished_at=None)


def failed_without_a_word() -> None:
    set_(work_of("close", WorkState.PENDING), state=WorkState.FAILED, finished_at=clock.now())


def called_off_although_an_answer_waits() -> None:
    row = work_of("assign")
    set_(row, state=WorkState.CANCELLED)
    untally("assign", Outcome.SUCCEEDED, -1)
    tally.add(Outcome.CANCELLED, [("assign", row.id)], clock.now())


def a_mail_without_its_work() -> None:
    drop_work("mail")


def a_mail_that_was_never_noted_as_sent() -> None:
    set_(first(Mail, Mail.sent_at.is_not(None)), sent_at=None)


def an_attempt_that_nobody_closes() -> None:
    remove(work_of("close", WorkState.PENDING))


def a_number_that_is_missing() -> None:
    set_(first(Submission), number=7)


def a_final_answer_that_came_too_late() -> None:
    set_(first(Submission), is_late=True)


def time_from_nowhere() -> None:
    set_(first(Invitation), lost_seconds=60)


def an_attempt_that_got_more() -> None:
    set_(first(Attempt), lost_seconds=60)


def an_outage_that_passed_somebody_by() -> None:
    began_at = clock.now()
    db.session.add(Outage(began_at=began_at, ended_at=began_at + HOUR, settled_at=began_at + HOUR))


def an_outage_that_nobody_settles() -> None:
    db.session.add(Outage(began_at=clock.now() - 2 * HOUR, ended_at=clock.now() - HOUR))


def an_end_after_the_window() -> None:
    attempt = first(Attempt)
    set_(attempt, cutoff_at=attempt.invitation.closes_at + HOUR)


def a_final_answer_for_nobody() -> None:
    drop_work("assign")


def a_submission_that_nobody_checks() -> None:
    drop_work("check")
    facts = first(CheckFacts)
    remove(facts)
    count("checked", opening_of(db.session.get(Submission, facts.submission_id)), -1)


def opening_of(submission: Submission) -> int:
    return submission.attempt.invitation.application.opening_id


def words_that_were_changed() -> None:
    set_(first(Submission), answers={"reply": "Something else."})


def facts_before_the_check() -> None:
    row = work_of("check")
    set_(row, state=WorkState.PENDING, finished_at=None)
    untally("check", Outcome.SUCCEEDED, -1)


def a_check_that_left_nothing() -> None:
    facts = first(CheckFacts)
    remove(facts)
    count("checked", opening_of(db.session.get(Submission, facts.submission_id)), -1)


def final_submission() -> Submission:
    """A final answer that was long enough to be compared."""
    return db.session.get(Submission, first(Shingle).submission_id)


def an_answer_that_nobody_sketches() -> None:
    submission = final_submission()
    db.session.execute(delete(Shingle).where(Shingle.submission_id == submission.id))
    remove(first(Work, Work.key == f"sketch:{submission.id}"))
    untally("sketch", Outcome.SUCCEEDED, -1)


def an_answer_that_nobody_compares() -> None:
    alike = {number for pair in db.session.query(Likeness) for number in (pair.earlier_id, pair.later_id)}
    remove(first(Work, Work.kind == "compare", Work.subject_id.not_in(alike)))
    untally("compare", Outcome.SUCCEEDED, -1)


def wording_of_what_can_be_changed() -> None:
    work = first(Work, Work.key == f"sketch:{final_submission().id}")
    set_(work, state=WorkState.PENDING, finished_at=None)
    untally("sketch", Outcome.SUCCEEDED, -1)


def alike_without_a_look() -> None:
    pair = first(Likeness)
    for submission_id in (pair.earlier_id, pair.later_id):
        work = first(Work, Work.key == f"compare:{submission_id}")
        set_(work, state=WorkState.PENDING, finished_at=None)
        untally("compare", Outcome.SUCCEEDED, -1)


def alike_under_two_questions() -> None:
    slugs = {one.id: one.attempt.invitation.challenge_version.slug for one in db.session.query(Submission)}
    pairs = itertools.combinations(sorted(slugs), 2)
    one, other = next((low, high) for low, high in pairs if slugs[low] != slugs[high])
    pair = Likeness(earlier_id=one, later_id=other, field="reply", numerator=1, denominator=2, found_at=clock.now())
    db.session.add(pair)


def a_page_with_another_body() -> None:
    db.session.add(
        FrozenPage(
            submission_id=first(Submission).id,
            field="link",
            state=LinkState.ALIVE,
            body=b"<p>Hi</p>",
            size=9,
            sha256="0" * 64,
            fetched_at=clock.now(),
        )
    )


def a_reading_without_levels() -> None:
    row = first(Rating)
    db.session.execute(delete(Rating).where(Rating.assignment_id == row.assignment_id))


def a_third_review_for_nobody() -> None:
    row = first(Work, Work.key == f"third:{first(Moderation).attempt_id}")
    remove(row)
    if row.state is WorkState.SUCCEEDED:
        untally("third", Outcome.SUCCEEDED, -1)


def a_score_from_nowhere() -> None:
    row = work_of("score")
    set_(row, state=WorkState.PENDING, finished_at=None)
    untally("score", Outcome.SUCCEEDED, -1)


def a_score_run_without_a_score() -> None:
    standing = first(Standing)
    remove(standing)
    db.session.execute(delete(Score).where(Score.id == standing.score_id))
    count("scored", standing.opening_id, -1)


def an_older_score_that_is_ranked() -> None:
    standing = first(Standing)
    newer = db.session.get(Score, standing.score_id)
    db.session.execute(
        update(Application)
        .where(Application.id == newer.application_id)
        .values(ratings_revision=newer.ratings_revision)
    )
    db.session.add(
        Score(
            application_id=newer.application_id,
            rubric_version_id=newer.rubric_version_id,
            ratings_revision=newer.ratings_revision + 1,
            numerator=1,
            denominator=2,
            detail={},
            scored_at=newer.scored_at,
        )
    )


def a_score_that_is_not_ranked() -> None:
    standing = first(Standing)
    remove(standing)
    count("scored", standing.opening_id, -1)


def two_decisions_at_once() -> None:
    row = first(Decision, Decision.undone_at.is_(None))
    application = db.session.get(Application, row.application_id)
    db.session.add(
        Decision(application_id=row.application_id, stage=row.stage, reason="Again.", decided_at=row.decided_at)
    )
    count("decided", application.opening_id, 1)


def an_outcome_that_nobody_decided() -> None:
    application = first(Application, Application.released_at.is_(None), Application.stage == Stage.APPLIED)
    set_(application, released_at=clock.now())
    opening_id = application.opening_id
    if first(Counter, Counter.opening_id == opening_id, Counter.name == "released") is None:
        db.session.add(Counter(opening_id=opening_id, name="released", value=0))
        db.session.flush()
    count("released", opening_id, 1)


def miscounted(name: str) -> Callable[[], None]:
    def hand() -> None:
        count(name, first(Counter, Counter.name == name).opening_id, 1)

    return hand


def appeal_of(application: Application, **values) -> None:
    db.session.add(
        Appeal(
            application_id=application.id,
            opening_id=application.opening_id,
            asked_at=application.released_at or clock.now(),
            reply_by=clock.now(),
            **values,
        )
    )


def told_with_an_answer() -> tuple[Application, list[int]]:
    """Somebody who was told, and their final answers."""
    attempt = first(
        Attempt,
        Attempt.final_at.is_not(None),
        Attempt.invitation.has(Invitation.application.has(Application.released_at.is_not(None))),
    )
    application = attempt.invitation.application
    mine = Attempt.invitation.has(Invitation.application_id == application.id)
    return application, [one.id for one in db.session.query(Attempt).filter(mine, Attempt.final_at.is_not(None))]


def a_second_review_of_nothing_told() -> None:
    appeal_of(first(Application, Application.released_at.is_(None), Application.stage == Stage.APPLIED))


def a_second_review_for_nobody() -> None:
    appeal_of(told_with_an_answer()[0])


def a_second_review_that_nobody_read() -> None:
    application, attempts = told_with_an_answer()
    appeal_of(application, state=AppealState.READ, read_at=clock.now())
    for attempt_id in attempts:
        queue.defer("third", attempt_id, clock.now(), key=f"{attempt_id}:appeal")


def an_erased_person_with_a_name() -> None:
    set_(first(Candidate), erased_at=clock.now())


def an_erasure_that_nobody_does() -> None:
    db.session.add(Erasure(candidate_id=first(Candidate).id, asked_at=clock.now()))


def a_reason_that_nobody_gave(reason: Reason) -> Callable[[], None]:
    def hand() -> None:
        db.session.add(Counter(opening_id=first(Opening).id, name=counters.left(reason), value=1))

    return hand


def a_tally_that_is_too_low() -> None:
    untally("mail", Outcome.SUCCEEDED, -1)


def an_event_that_was_changed() -> None:
    set_(first(AuditEvent), action="nothing.happened")


def an_event_that_was_slipped_in() -> None:
    seal = db.session.query(AuditSeal).order_by(AuditSeal.event_id.desc()).first()
    event = db.session.get(AuditEvent, seal.event_id)
    values = {name: getattr(event, name) for name in ("at", "actor_kind", "action", "subject_kind", "subject_id")}
    db.session.add(AuditEvent(id=seal.event_id + 1, detail={}, **values))
    db.session.flush()
    late = AuditEvent(id=seal.event_id + 2, detail={}, **values)
    db.session.add(late)
    db.session.flush()
    db.session.add(AuditSeal(event_id=late.id, chain=audit.link(seal.chain, late)))


def a_thread_that_knows_an_older_message() -> None:
    thread = first(Thread, Thread.waiting_since.is_(None))
    set_(thread, last_message_id=first(Message, Message.application_id == thread.application_id).id)


def a_question_that_waits_since_another_moment() -> None:
    thread = first(Thread, Thread.waiting_since.is_not(None))
    set_(thread, waiting_since=thread.waiting_since - timedelta(seconds=1))


def a_first_answer_to_another_question() -> None:
    answer = first(FirstAnswer)
    set_(answer, asked_at=answer.asked_at - timedelta(seconds=1))


HANDS: dict[str, Callable[[], None]] = {
    "running_work_has_a_lease": a_lease_without_a_holder,
    "finished_work_has_a_moment": finished_at_no_time,
    "failed_work_has_a_reason": failed_without_a_word,
    "mail_has_its_work": a_mail_without_its_work,
    "mail_is_sent_by_its_work": a_mail_that_was_never_noted_as_sent,
    "dismissed_work_is_not_waited_for": called_off_although_an_answer_waits,
    "attempt_has_its_close": an_attempt_that_nobody_closes,
    "submissions_are_numbered": a_number_that_is_missing,
    "final_attempt_has_an_answer": a_final_answer_that_came_too_late,
    "final_attempt_has_its_assign": a_final_answer_for_nobody,
    "submission_has_its_check": a_submission_that_nobody_checks,
    "submission_is_as_handed_in": words_that_were_changed,
    "time_is_given_back_once": time_from_nowhere,
    "attempt_got_no_more_than_its_invitation": an_attempt_that_got_more,
    "outage_was_given_back": an_outage_that_passed_somebody_by,
    "outage_has_its_credit_run": an_outage_that_nobody_settles,
    "attempt_ends_within_its_window": an_end_after_the_window,
    "facts_have_their_check": facts_before_the_check,
    "check_has_its_facts": a_check_that_left_nothing,
    "final_answer_has_its_sketch": an_answer_that_nobody_sketches,
    "sketched_answer_is_compared": an_answer_that_nobody_compares,
    "wording_is_of_what_stands": wording_of_what_can_be_changed,
    "likeness_has_its_comparison": alike_without_a_look,
    "likeness_is_of_two_people": alike_under_two_questions,
    "frozen_page_is_whole": a_page_with_another_body,
    "rated_reading_has_levels": a_reading_without_levels,
    "third_review_has_its_work": a_third_review_for_nobody,
    "score_has_its_run": a_score_from_nowhere,
    "score_run_has_its_score": a_score_run_without_a_score,
    "standing_is_the_newest_score": an_older_score_that_is_ranked,
    "newest_score_stands": a_score_that_is_not_ranked,
    "one_decision_stands": two_decisions_at_once,
    "outcome_told_has_its_decision": an_outcome_that_nobody_decided,
    "thread_stands_where_it_ends": a_thread_that_knows_an_older_message,
    "waiting_thread_has_its_question": a_question_that_waits_since_another_moment,
    "first_answer_has_its_messages": a_first_answer_to_another_question,
    "waiting_is_counted": miscounted("waiting"),
    "stages_are_counted": miscounted("APPLIED"),
    "submitted_is_counted": miscounted("submitted"),
    "checked_is_counted": miscounted("checked"),
    "scored_is_counted": miscounted("scored"),
    "decided_is_counted": miscounted("decided"),
    "released_is_counted": miscounted("released"),
    "appeal_follows_a_release": a_second_review_of_nothing_told,
    "appeal_has_its_work": a_second_review_for_nobody,
    "read_appeal_was_read": a_second_review_that_nobody_read,
    "erased_person_is_nobody": an_erased_person_with_a_name,
    "erasure_has_its_work": an_erasure_that_nobody_does,
    **{f"{counters.left(reason)}_is_counted": a_reason_that_nobody_gave(reason) for reason in Reason},
    "finished_work_is_counted": a_tally_that_is_too_low,
    "audit_chain_holds": an_event_that_was_changed,
    "audit_event_is_sealed": an_event_that_was_slipped_in,
}


def test_every_invariant_has_a_hand_that_breaks_it():
    assert set(HANDS) == set(BY_NAME)
    assert len(BY_NAME) == len(ALL)


def test_work_that_is_still_to_be_done_breaks_nothing(demo):
    assert_invariants()


def test_a_company_that_has_lived_breaks_nothing_and_each_hand_what_it_is_named_for(lived):
    assert_invariants()
    for name, hand in HANDS.items():
        savepoint = db.session.begin_nested()
        hand()
        db.session.flush()

        found = broken_invariants()

        assert set(found) == {name}, (name, found)
        savepoint.rollback()
        db.session.expire_all()
    assert_invariants()


def waiting_work(number: int = 1) -> list[int]:
    """Work that waits, and says when it was finished all the same."""
    now = clock.now()
    for subject_id in range(number):
        queue.defer("close", subject_id, now, at=now)
    db.session.execute(update(Work).values(finished_at=now))
    db.session.commit()
    return list(db.session.scalars(select(Work.id).order_by(Work.id)))


def test_a_failure_says_the_sentence_and_where(ctx):
    (work_id,) = waiting_work()

    with pytest.raises(AssertionError, match=rf"finished_work_has_a_moment: not true of \({work_id},\): Work that"):
        assert_invariants()


def test_the_first_five_are_given_and_all_are_counted(ctx):
    ids = waiting_work(8)

    finding = invariants.look(BY_NAME["finished_work_has_a_moment"])

    assert (finding.violations, list(finding.examples)) == (8, ids[:5])


def test_rounds_come_to_every_row_of_every_invariant(lived, monkeypatch):
    monkeypatch.setattr(invariants, "SLICE", 7)
    broken = {
        "finished_work_has_a_moment": finished_at_no_time,
        "submission_is_as_handed_in": words_that_were_changed,
        "decided_is_counted": HANDS["decided_is_counted"],
        "audit_chain_holds": an_event_that_was_changed,
    }
    for hand in broken.values():
        hand()
    rounds = Rounds(ALL)

    seen, steps = {}, 0
    while rounds.begun < 2:
        finding = rounds.step()
        seen[finding.invariant.name] = seen.get(finding.invariant.name, 0) + finding.violations
        steps += 1

    assert {name for name, number in seen.items() if number} == set(broken)
    assert set(seen) == {entry.name for entry in ALL if not entry.is_whole}
    assert steps > len(seen)


@given(newest=st.integers(0, 60), size=st.integers(1, 20))
def test_slices_touch_every_id_once_and_the_last_is_open(newest, size):
    looked = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(invariants, "SLICE", size)
        patch.setattr(invariants, "newest_id", lambda _invariant: newest)
        patch.setattr(invariants, "look", lambda _invariant, low, high: looked.append((low, high)))
        rounds = Rounds((Invariant("one", "One.", "work", "SELECT 1"),))
        while rounds.begun < 2:
            rounds.step()

    assert looked[0][0] == 0
    assert looked[-1][1] == invariants.LAST_ID
    assert all(after[0] == before[1] + 1 for before, after in itertools.pairwise(looked))


def test_the_tick_logs_what_is_broken_with_name_and_number(ctx):
    (work_id,) = waiting_work()
    watch = Watch()
    watch.look()  # running_work_has_a_lease
    watch._next = 0.0

    with capture_logs() as logged:
        watch.look()

    assert logged == [
        {
            "event": "invariant_broken",
            "log_level": "error",
            "invariant": "finished_work_has_a_moment",
            "number": 1,
            "table": "work",
            "ids": (work_id,),
        }
    ]


def test_the_tick_pauses_between_two_looks(ctx):
    watch = Watch()

    assert watch.look() is not None
    assert watch.look() is None
