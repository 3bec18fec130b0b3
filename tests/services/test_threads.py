"""Messages: asking, answering, setting aside; who waits; how fast a region answers; who is told."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from app import clock, jobs, mail
from app.extensions import db
from app.models import AnswerSpeed, AuditEvent, Counter, Duty, FirstAnswer, Mail, Message, Thread, Work
from app.services import answer_speed, inbox, messages, nudges
from app.services.messages import NotVerified, NoWords, SomebodyWasFirst, TooMany
from tests import factories as make
from tests.invariants import assert_invariants

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
pytestmark = pytest.mark.usefixtures("ctx")


@pytest.fixture
def recruiter(ctx):
    return make.make_user(Duty.RECRUITER, region=make.make_region("EMEA"), name="Maria Ionescu")


def waiting() -> int:
    return db.session.query(Counter.value).filter_by(name="waiting").scalar() or 0


def thread() -> Thread:
    return db.session.query(Thread).one()


# --- Asking --------------------------------------------------------------------------------------------------------


def test_a_question_waits_since_the_first_that_nobody_answered():
    application = make.make_verified()
    first = make.make_question(application, now=NOON)

    second = make.make_question(application, "And weekly?", now=NOON + timedelta(hours=1))

    assert thread().waiting_since == first.sent_at == NOON
    assert thread().last_message_id == second.id
    assert waiting() == 1
    assert_invariants()


def test_whoever_has_not_used_their_link_cannot_write_nor_be_written_to(recruiter):
    application = make.make_application()

    with pytest.raises(NotVerified):
        messages.ask(application, "Hello?", "key", NOON)
    with pytest.raises(NotVerified):
        messages.answer(application, "Hello!", "key", 0, recruiter.id, NOON)

    assert db.session.query(Message).count() == 0


def test_the_same_form_with_the_same_words_arrives_once_and_with_other_words_again():
    application = make.make_verified()

    one = messages.ask(application, "Is the pay monthly?", "key", NOON)
    again = messages.ask(application, "Is the pay monthly? ", "key", NOON)
    other = messages.ask(application, "Is the pay weekly?", "key", NOON)

    assert again is one
    assert other is not one


@pytest.mark.parametrize("text", ["", " \n ", "x" * 4001])
def test_a_message_has_words_but_not_too_many(text):
    with pytest.raises(NoWords):
        messages.ask(make.make_verified(), text, "key", NOON)


def test_after_twenty_messages_in_an_hour_one_waits_until_the_first_is_an_hour_old():
    application = make.make_verified()
    for minute in range(20):
        make.make_question(application, now=NOON + timedelta(minutes=minute))

    with pytest.raises(TooMany, match=r"again in 10 min"):
        make.make_question(application, now=NOON + timedelta(minutes=50))

    assert make.make_question(application, now=NOON + timedelta(minutes=60)).id


# --- Answering -----------------------------------------------------------------------------------------------------


def test_the_first_answer_keeps_both_moments_and_ends_the_waiting(recruiter):
    application = make.make_verified()
    make.make_question(application, now=NOON)
    newest = make.make_question(application, "And weekly?", now=NOON + timedelta(minutes=5))

    first = make.make_answer(newest, recruiter, now=NOON + timedelta(hours=2))
    make.make_answer(first, recruiter, "One thing more.", now=NOON + timedelta(hours=3))

    (kept,) = db.session.query(FirstAnswer)
    assert (kept.asked_at, kept.answered_at) == (NOON, NOON + timedelta(hours=2))
    assert (thread().waiting_since, waiting()) == (None, 0)
    assert_invariants()


def test_of_two_who_answer_at_once_the_second_is_told_who_was_first(recruiter):
    question = make.make_question()
    make.make_answer(question, recruiter)
    other = make.make_user(Duty.RECRUITER, name="Camila Rojas")

    with pytest.raises(SomebodyWasFirst, match="Maria has answered meanwhile"):
        make.make_answer(question, other, "No, weekly.")

    assert db.session.query(Message).count() == 2


def test_an_answer_to_an_older_question_is_held_back_when_the_candidate_wrote_again(recruiter):
    application = make.make_verified()
    question = make.make_question(application)
    make.make_question(application, "Forget it, I found it.")

    with pytest.raises(SomebodyWasFirst, match="Something new was written"):
        make.make_answer(question, recruiter)


def test_pressing_send_twice_answers_once_and_blames_nobody(recruiter):
    application = make.make_verified()
    question = make.make_question(application)

    one = messages.answer(application, "Yes.", "key", question.id, recruiter.id, NOON)
    again = messages.answer(application, "Yes.", "key", question.id, recruiter.id, NOON)

    assert one is again


def test_staff_may_write_first_and_nothing_waits_then(recruiter):
    application = make.make_verified()

    messages.answer(application, "Welcome!", "key", 0, recruiter.id, NOON)

    assert thread().waiting_since is None
    assert db.session.query(FirstAnswer).count() == 0
    assert_invariants()


def test_what_is_set_aside_waits_no_more_and_counts_as_no_answer(recruiter):
    application = make.make_verified()
    question = make.make_question(application, "Thank you!")

    messages.set_aside(application, question.id, recruiter.id, NOON)

    assert (thread().waiting_since, waiting()) == (None, 0)
    assert db.session.query(FirstAnswer).count() == 0
    assert_invariants()


def test_what_came_meanwhile_is_not_set_aside_unread(recruiter):
    application = make.make_verified()
    question = make.make_question(application, "Thank you!")
    make.make_question(application, "But when do I start?")

    with pytest.raises(SomebodyWasFirst):
        messages.set_aside(application, question.id, recruiter.id, NOON)

    assert waiting() == 1


def test_the_audit_trail_holds_no_words(recruiter):
    question = make.make_question(text="Zzwords")
    make.make_answer(question, recruiter, "Zzanswer")

    events = db.session.query(AuditEvent).filter(AuditEvent.action.like("message.%")).all()

    assert [event.action for event in events] == ["message.ask", "message.answer"]
    assert "zz" not in str([event.detail for event in events]).lower()


def test_erasing_an_application_takes_its_words_and_leaves_how_long_it_took(recruiter):
    question = make.make_question()
    make.make_answer(question, recruiter)

    db.session.query(Thread).delete()
    db.session.query(Message).delete()
    db.session.query(FirstAnswer).update({"application_id": None})

    assert db.session.query(FirstAnswer).count() == 1
    assert_invariants()


# --- The inbox -----------------------------------------------------------------------------------------------------


def test_the_inbox_gives_the_oldest_question_of_a_region_first_page_by_page():
    opening = make.make_opening()
    codes = []
    for hour in (3, 1, 2):
        application = make.make_verified(make.make_application(opening))
        make.make_question(application, now=NOON + timedelta(hours=hour))
        codes.append((hour, application.code))
    elsewhere = make.make_opening(role=opening.role, region=make.make_region("APAC"))
    make.make_question(make.make_verified(make.make_application(elsewhere)), now=NOON)

    first = inbox.waiting_page(opening.region_id, limit=2)
    rest = inbox.waiting_page(opening.region_id, (first[-1].waiting_since, first[-1].application_id))

    assert [entry.application.code for entry in (*first, *rest)] == [code for _, code in sorted(codes)]
    assert inbox.waiting(opening.region_id) == inbox.Waiting(3, NOON + timedelta(hours=1))


# --- How fast a region answers -------------------------------------------------------------------------------------


def answered(hours: float, days_ago: float = 1) -> None:
    region, at = make.make_region(), clock.now() - timedelta(days=days_ago)
    db.session.add(FirstAnswer(region_id=region.id, asked_at=at - timedelta(hours=hours), answered_at=at))
    db.session.flush()


def counted(*waits: float, days_ago: float = 1) -> timedelta | None:
    for hours in waits:
        answered(hours, days_ago)
    region = make.make_region()
    answer_speed.keep(region.id, answer_speed.count(region.id), clock.now())
    db.session.expire_all()
    return answer_speed.usually_within(region.id)


def test_with_fewer_than_five_answers_nothing_is_said():
    assert counted(1, 1, 1, 1) is None


@pytest.mark.parametrize(
    ("waits", "said"),
    [
        ((0.1, 0.2, 0.3, 9, 9), timedelta(hours=1)),
        ((1, 2, 3.01, 9, 9), timedelta(hours=4)),
        ((1, 2, 2, 4, 5, 6), timedelta(hours=4)),  # the upper one of the two in the middle
        ((1, 2, 23, 99, 99), timedelta(hours=23)),
        ((1, 2, 23.5, 99, 99), timedelta(days=1)),
        ((1, 2, 25, 99, 99), timedelta(days=2)),
    ],
)
def test_what_is_said_is_true_of_at_least_half_of_the_answers(waits, said):
    assert counted(*waits) == said
    assert sum(timedelta(hours=hours) <= said for hours in waits) * 2 >= len(waits)


def test_answers_of_more_than_ninety_days_ago_do_not_count():
    counted(*[1] * 5, days_ago=91)

    assert db.session.query(AnswerSpeed).one().answers == 0


def test_the_figures_are_worked_out_again_when_the_oldest_answer_has_left():
    counted(*[1] * 5, days_ago=40)

    (later,) = db.session.query(Work).filter(Work.kind == "speed")
    assert timedelta(days=50) < later.next_at - clock.now() < timedelta(days=52)


def test_an_answer_has_its_region_counted_by_a_worker(recruiter, run_work):
    make.make_answer(make.make_question(), recruiter)

    run_work()

    assert db.session.query(AnswerSpeed).one().answers == 1


# --- Who is told ---------------------------------------------------------------------------------------------------


def mails_of(kind: str) -> list[Mail]:
    return db.session.query(Mail).filter_by(message=kind).order_by(Mail.id).all()


@pytest.mark.parametrize("minute", [0, 7, 14])
def test_questions_of_one_quarter_of_an_hour_are_told_of_once_at_its_end(minute):
    nudges.ask_for(make.make_region().id, NOON)
    nudges.ask_for(make.make_region().id, NOON + timedelta(minutes=minute, seconds=59))

    (work,) = db.session.query(Work).filter(Work.kind == "nudge")
    assert work.next_at == NOON + timedelta(minutes=15)


def test_recruiters_and_leads_of_the_region_hear_of_it_and_nobody_else(recruiter):
    region = make.make_region("EMEA")
    lead = make.make_user(Duty.LEAD)
    make.make_user(Duty.RECRUITER, region=make.make_region("APAC"))
    make.make_user(Duty.ADMINISTRATOR)
    make.make_user(Duty.GRADER)

    nudges.tell(region.id, 1, NOON)

    assert {entry.user_id for entry in mails_of("question")} == {recruiter.id, lead.id}


def test_where_nobody_recruits_the_administrators_hear_of_it():
    administrator = make.make_user(Duty.ADMINISTRATOR)

    nudges.tell(make.make_region().id, 1, NOON)

    assert [entry.user_id for entry in mails_of("question")] == [administrator.id]


def test_nobody_is_told_of_what_has_been_answered(recruiter):
    region = make.make_region()

    nudges.tell(region.id, nudges.look(region.id), NOON)

    assert mails_of("question") == []


def test_the_mail_to_staff_says_how_many_and_since_when_and_nothing_of_the_person(recruiter):
    application = make.make_verified(make.make_application(name="Zzname", email="zzmail@example.org"))
    make.make_question(application, "Zzwords", now=NOON)
    nudges.tell(application.opening.region_id, 1, NOON)

    letter = mail.write(mails_of("question")[0])

    assert letter.subject == "1 question waits for an answer: Europe, Middle East and Africa"
    assert "/desk/EMEA/messages" in letter.body
    assert "Fri 20 Nov 2026, 12:00 UTC" in letter.body
    assert "zz" not in (letter.subject + letter.body).lower()


def test_the_candidate_gets_the_answer_by_mail_in_their_language_with_their_link(recruiter):
    application = make.make_verified(make.make_application(locale="es"))
    make.make_answer(make.make_question(application), recruiter, "Sí, <b>mensual</b>.")

    letter = mail.write(mails_of("answer")[0])

    assert "Sí, <b>mensual</b>." in letter.body
    assert "Maria" in letter.body
    assert "Ionescu" not in letter.body
    assert "/your-link/" in letter.body
    assert "Mensajes" in letter.body


def test_an_answer_never_changes_the_link_that_was_mailed_before(recruiter):
    application = make.make_verified()
    db.session.commit()
    while jobs.drain_work("mail"):
        pass
    link = db.session.query(Mail).filter_by(message="link").one().body

    make.make_answer(make.make_question(application), recruiter)
    address = next(word for word in mail.write(mails_of("answer")[0]).body.split() if "/your-link/" in word)

    assert address in link
