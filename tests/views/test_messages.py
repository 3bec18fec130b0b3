"""Messages through the pages: the candidate's box and conversation, the region's inbox, and who may not see them."""

from __future__ import annotations

import html
import re

import pytest

from app import clock
from app.extensions import db
from app.models import Duty, FirstAnswer, IdentitySeen, Message, Sender, Stage, Thread
from app.services import answer_speed, applications, decisions, messages
from app.services.audit import SYSTEM
from tests import factories as make
from tests.pages import without_token


@pytest.fixture
def candidate(ctx, client):
    """A candidate's browser, let in by their link; `candidate.application` is theirs."""
    client.application_ = make.make_verified(make.make_application(name="Ana Souza"))
    sign_in_candidate(client, client.application_)
    return client


def sign_in_candidate(browser, application):
    token = make.invitations.open_session(application, clock.now(), by_link=False)
    db.session.commit()
    with browser.session_transaction() as session:
        session["candidate"] = token


@pytest.fixture
def maria(ctx):
    return make.make_user(Duty.RECRUITER, region=make.make_region("EMEA"), name="Maria Ionescu")


@pytest.fixture
def desk(sign_in, maria):
    """Maria's browser."""
    return sign_in(maria)


def said() -> list[str]:
    return [message.body for message in db.session.query(Message).order_by(Message.id)]


def field(page: str, name: str) -> str:
    return re.search(rf'name="{name}"[^>]*value="([^"]*)"', page)[1]


# --- The candidate's box -------------------------------------------------------------------------------------------


def test_the_box_stands_on_every_page_of_the_room(candidate):
    invitation = make.make_invitation(candidate.application_)
    submission = make.make_submission(make.make_attempt(invitation), is_final=False)

    for address in (
        "/my",
        "/my/messages",
        "/my/withdraw",
        "/my/close-my-account/answer",
        f"/my/receipts/{submission.code}",
    ):
        assert candidate.get(address).text.count('id="ask"') == 1, address


def test_a_question_is_sent_and_one_is_back_where_one_was(candidate):
    page = candidate.get("/my").text

    answer = candidate.post(
        "/my/messages",
        data={"question": " Is the pay monthly? ", "question_key": field(page, "question_key"), "back": "/my"},
    )

    assert (answer.status_code, answer.location) == (303, "/my")
    assert "Sent. The answer appears" in candidate.get("/my").text
    assert said() == ["Is the pay monthly?"]


@pytest.mark.parametrize("back", ["https://evil.example/my", "//evil.example", "/my/../desk", "/sign-out", ""])
def test_one_is_sent_back_only_to_pages_of_this_room(candidate, back):
    answer = candidate.post("/my/messages", data={"question": "Hello?", "back": back})

    assert answer.location == "/my/messages"


def test_the_script_sends_json_and_gets_a_new_key(candidate):
    answer = candidate.post("/my/messages", json={"question": "Hello?", "question_key": "k"})

    assert answer.status_code == 200
    assert "we mail it to you" in answer.json["said"]
    assert answer.json["key"] != "k"


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        ({"question": "  "}, "Nothing is written here yet."),
        ({"question": "x" * 4001}, "at most 4000 characters"),
        ({"question": "a\0b"}, "cannot be saved"),
        ({"question": 5}, "Nothing is written"),
        ([], "Nothing is written"),
    ],
)
def test_what_cannot_be_sent_is_said(candidate, sent, words):
    answer = candidate.post("/my/messages", json=sent)

    assert answer.status_code == 422
    assert words in answer.json["error"]
    assert said() == []


def test_without_the_script_the_words_stay_in_the_box(candidate):
    answer = candidate.post("/my/messages", data={"question": "Zz" + "x" * 4000})

    assert answer.status_code == 422
    assert "Zzxxx" in answer.text
    assert "at most 4000 characters" in answer.text


def test_a_browser_that_is_not_known_any_more_gets_the_words_back(client):
    page = client.post("/my/messages", data={"question": "Is the pay monthly?"})
    script = client.post("/my/messages", json={"question": "Is the pay monthly?"})

    assert page.status_code == 409
    assert "Is the pay monthly?" in page.text
    assert script.status_code == 403


def test_whoever_has_not_used_their_link_is_told_what_to_do(client):
    sign_in_candidate(client, make.make_application())

    page = client.get("/my").text
    answer = client.post("/my/messages", json={"question": "Hello?"})

    assert "open the link in your mail once" in page
    assert 'name="question"' not in page
    assert answer.status_code == 409
    assert "open the link in your mail once" in answer.json["error"]


def test_too_many_messages_are_refused_kindly(candidate):
    for _ in range(20):
        make.make_question(candidate.application_)

    answer = candidate.post("/my/messages", json={"question": "Hello?"})

    assert answer.status_code == 429
    assert "please give us a little time" in answer.json["error"]


def test_how_fast_answers_come_is_said_only_from_real_figures(candidate):
    region = candidate.application_.opening.region
    before = candidate.get("/my").text
    at = clock.now()
    for _ in range(5):
        db.session.add(
            FirstAnswer(region_id=region.id, asked_at=at - make.timedelta(hours=3, minutes=5), answered_at=at)
        )
    db.session.flush()
    answer_speed.keep(region.id, answer_speed.count(region.id), at)

    after = candidate.get("/my").text

    assert "Usually answered" not in before
    assert "works from 09:00 to 17:00, London time" in before
    assert "Usually answered within 4 hours" in after


# --- Beside the answer ---------------------------------------------------------------------------------------------


def test_without_the_script_a_question_saves_the_draft_first(candidate):
    attempt = make.make_attempt(make.make_invitation(candidate.application_))
    page = candidate.get("/my/close-my-account/answer").text

    answer = candidate.post(
        "/my/close-my-account/ask",
        data={"answer-reply": "Half of it", "revision": field(page, "revision"), "question": "May I use a list?"},
    )

    assert answer.status_code == 303
    assert answer.location.endswith("/my/close-my-account/answer")
    assert attempt.draft == {"reply": "Half of it"}
    assert said() == ["May I use a list?"]


def test_a_question_that_is_refused_leaves_the_draft_saved_and_both_texts_on_the_page(candidate):
    attempt = make.make_attempt(make.make_invitation(candidate.application_))

    answer = candidate.post(
        "/my/close-my-account/ask", data={"answer-reply": "Half of it", "revision": "0", "question": "Zz" + "x" * 4000}
    )

    assert answer.status_code == 422
    assert "Half of it" in answer.text
    assert "Zzxxx" in answer.text
    assert field(answer.text, "revision") == str(attempt.draft_revision) == "1"


def test_a_draft_that_another_window_saved_holds_the_question_back_and_shows_everything(candidate):
    attempt = make.make_attempt(make.make_invitation(candidate.application_))
    make.submissions.save_draft(attempt, {"reply": "from the other window"}, 0, clock.now())

    answer = candidate.post(
        "/my/close-my-account/ask", data={"answer-reply": "from here", "revision": "0", "question": "May I use a list?"}
    )

    assert answer.status_code == 409
    for words in ("from the other window", "from here", "May I use a list?"):
        assert words in answer.text
    assert said() == []


def test_after_the_end_the_page_gives_both_texts_back(candidate):
    attempt = make.make_attempt(make.make_invitation(candidate.application_))
    attempt.cutoff_at = clock.now() - make.timedelta(hours=1)

    answer = candidate.post(
        "/my/close-my-account/ask", data={"answer-reply": "Half of it", "revision": "0", "question": "Am I late?"}
    )

    assert answer.status_code == 410
    assert "Half of it" in answer.text
    assert re.search(r'<textarea id="question"[^>]*>Am I late\?</textarea>', answer.text)


# --- The candidate's conversation ----------------------------------------------------------------------------------


def test_the_conversation_shows_the_first_name_and_marks_the_answer_as_read(candidate, maria):
    make.make_answer(make.make_question(candidate.application_), maria, "Yes <b>monthly</b>, see https://pay.example/x")
    assert "1 new" in candidate.get("/my").text

    page = candidate.get("/my/messages", buffered=True).text

    assert "Maria" in page
    assert "Ionescu" not in page
    assert "Yes &lt;b&gt;monthly&lt;/b&gt;, see https://pay.example/x" in page
    assert 'href="https://pay.example' not in page
    assert "Sao Paulo (UTC−03:00)" in page
    assert db.session.query(Message).filter_by(sender=Sender.STAFF).one().read_at
    assert "1 new" not in candidate.get("/my").text


def test_one_sees_only_ones_own_conversation(candidate):
    make.make_question(text="Zzothers words")

    assert "Zzothers" not in candidate.get("/my/messages").text


def test_a_long_conversation_is_read_page_by_page(candidate, maria):
    newest = make.make_question(candidate.application_, "Nr 0.")
    for number in range(1, 60):
        newest = make.make_answer(newest, maria, f"Nr {number}.")

    first = candidate.get("/my/messages").text
    earlier = candidate.get(html.unescape(re.search(r'href="(/my/messages\?before=\d+)"', first)[1])).text

    assert "Nr 59." in first
    assert "Nr 9." not in first
    assert "Nr 9." in earlier
    assert "before=" not in earlier
    assert candidate.get("/my/messages?before=x").status_code == 404


# --- The inbox -----------------------------------------------------------------------------------------------------


def test_the_inbox_shows_who_waits_and_the_board_counts_them(desk):
    question = make.make_question(make.make_verified(make.make_application(name="Ana Souza")), "Is the pay\nmonthly?")

    page = desk.get("/desk/EMEA/messages").text

    assert "Ana Souza" in page
    assert "Is the pay monthly?" in page
    assert "1 question waits" in desk.get("/desk/EMEA").text
    assert f"/applications/{question_code(question)}/messages" in page


def question_code(question: Message) -> str:
    return db.session.get_one(make.Application, question.application_id).code


def test_an_answered_thread_leaves_what_waits_and_stays_under_all(desk, maria):
    make.make_answer(make.make_question(), maria)

    assert "No question waits" in desk.get("/desk/EMEA/messages").text
    assert "Yes, it is." in desk.get("/desk/EMEA/messages?show=all").text


@pytest.mark.parametrize("show", ["", "show=all"])
def test_the_inbox_is_shown_page_by_page_and_asks_as_often_for_many_as_for_one(desk, monkeypatch, count_queries, show):
    monkeypatch.setattr("app.recruiter.messages.PAGE", 2)
    opening = make.make_opening()
    codes = [question_code(make.make_question(make.make_verified(make.make_application(opening))))]
    desk.get(f"/desk/EMEA/messages?{show}", buffered=True)  # the sign-in is looked up once in a test
    desk.get(f"/desk/EMEA/messages?{show}", buffered=True)
    with count_queries() as few:
        desk.get(f"/desk/EMEA/messages?{show}")
    for _ in range(4):
        codes.append(question_code(make.make_question(make.make_verified(make.make_application(opening)))))
    with count_queries() as many:
        desk.get(f"/desk/EMEA/messages?{show}")

    found, url = [], f"/desk/EMEA/messages?{show}"
    while url:
        page = desk.get(url).text
        found += [code for code in codes if code in page]
        following = re.search(r'href="([^"]+)" rel="next"', page)
        url = html.unescape(following[1]) if following else ""

    assert len(many) == len(few)
    assert sorted(found) == sorted(codes)


@pytest.mark.parametrize("query", ["after=x", "show=all&before=x", "after=2026-01-01~1"])
def test_a_place_in_the_inbox_that_does_not_exist(desk, query):
    assert desk.get(f"/desk/EMEA/messages?{query}").status_code == 404


# --- One conversation ----------------------------------------------------------------------------------------------


def test_an_answer_is_one_form_and_leads_back_to_the_inbox(desk):
    code = question_code(make.make_question())
    page = desk.get(f"/applications/{code}/messages").text

    answer = desk.post(
        f"/applications/{code}/messages",
        data={"body": "Yes,\r\nit is.", "seen": field(page, "seen"), "key": field(page, "key")},
    )

    assert answer.location == "/desk/EMEA/messages"
    assert said()[-1] == "Yes,\nit is."


def test_when_a_colleague_was_first_the_page_says_so_and_keeps_what_was_typed(desk, sign_in):
    question = make.make_question()
    code = question_code(question)
    stale = desk.get(f"/applications/{code}/messages").text
    camila = make.make_user(Duty.RECRUITER, name="Camila Rojas")
    newest = make.make_answer(question, camila, "Camila says yes.")

    answer = desk.post(
        f"/applications/{code}/messages",
        data={"body": "Maria says yes.", "seen": field(stale, "seen"), "key": field(stale, "key")},
    )

    assert answer.status_code == 409
    for words in ("Camila has answered meanwhile", "Camila says yes.", "Maria says yes."):
        assert words in answer.text
    assert field(answer.text, "seen") == str(newest.id)
    assert said()[-1] == "Camila says yes."


def test_colleagues_see_who_has_a_question_open(desk, sign_in, maria):
    code = question_code(make.make_question())
    desk.get(f"/applications/{code}/messages", buffered=True)

    other = sign_in(make.make_user(Duty.RECRUITER, name="Camila Rojas"))

    assert "Maria Ionescu has it open" in other.get("/desk/EMEA/messages").text
    assert "Maria Ionescu had this open" in other.get(f"/applications/{code}/messages").text
    assert db.session.query(Thread).one().opened_by_id == maria.id
    assert "has it open" not in desk.get("/desk/EMEA/messages").text


def test_reading_it_notes_that_the_person_was_seen_and_that_the_words_were_read(desk, maria):
    question = make.make_question()

    desk.get(f"/applications/{question_code(question)}/messages", buffered=True)

    assert db.session.query(IdentitySeen).filter_by(user_id=maria.id).one().application_id == question.application_id
    db.session.refresh(question)
    assert question.read_at


def test_a_thank_you_is_set_aside(desk):
    question = make.make_question(text="Thank you!")
    code = question_code(question)

    answer = desk.post(f"/applications/{code}/messages/set-aside", data={"seen": question.id}, follow_redirects=True)

    assert "No question waits" in answer.text


def test_what_came_meanwhile_is_not_set_aside(desk):
    application = make.make_verified()
    question = make.make_question(application, "Thank you!")
    make.make_question(application, "But when do I start?")

    answer = desk.post(
        f"/applications/{application.code}/messages/set-aside", data={"seen": question.id}, follow_redirects=True
    )

    assert "Something new was written meanwhile" in answer.text
    assert "But when do I start?" in answer.text


def test_nobody_writes_to_an_address_that_nobody_has_confirmed(desk):
    application = make.make_application()

    page = desk.get(f"/applications/{application.code}/messages").text

    assert "has not used their link yet" in page
    assert 'name="body"' not in page


@pytest.mark.parametrize("data", [{}, {"body": "Hello"}, {"body": " ", "seen": "0", "key": "k"}, {"seen": str(2**63)}])
def test_a_form_that_is_not_whole_is_shown_again(desk, data):
    application = make.make_verified()

    answer = desk.post(f"/applications/{application.code}/messages", data=data)

    assert answer.status_code == 422
    assert said() == []


# --- Who may not ---------------------------------------------------------------------------------------------------


def ways_in(code: str) -> list[tuple[str, str]]:
    return [
        ("GET", f"/applications/{code}/messages"),
        ("POST", f"/applications/{code}/messages"),
        ("POST", f"/applications/{code}/messages/set-aside"),
    ]


@pytest.mark.parametrize(
    "duties", [(Duty.GRADER,), (Duty.AGENCY,), (Duty.AUDITOR,), (Duty.MANAGER,), (Duty.MANAGER, Duty.GRADER)]
)
def test_for_everybody_else_the_conversation_is_not_there(sign_in, duties):
    question = make.make_question(text="Zzwords")
    code, browser = question_code(question), sign_in(make.make_user(*duties))

    for (method, address), (_, none) in zip(ways_in(code), ways_in("none"), strict=True):
        answer, nothing = (browser.open(where, method=method, data={}) for where in (address, none))
        assert answer.status_code == nothing.status_code == 404, address
        assert without_token(answer.text) == without_token(nothing.text), address
    assert browser.get("/desk/EMEA/messages").status_code == 404


def test_a_recruiter_of_another_region_finds_nothing(sign_in):
    code = question_code(make.make_question())
    browser = sign_in(make.make_user(Duty.RECRUITER, region=make.make_region("APAC")))

    assert [browser.open(address, method=method).status_code for method, address in ways_in(code)] == [404] * 3
    assert browser.get("/desk/EMEA/messages").status_code == 404


def test_a_hiring_manager_reads_along_once_the_name_is_shown_and_cannot_write(sign_in):
    question = make.make_question(text="Is the pay monthly?")
    application = db.session.get_one(make.Application, question.application_id)
    applications.move(application, Stage.IN_ASSESSMENT, SYSTEM, clock.now())
    manager = make.make_user(Duty.MANAGER)
    decisions.decide(application, Stage.SHORTLISTED, "Good.", manager.id, clock.now())
    browser = sign_in(manager)

    page = browser.get(f"/applications/{application.code}/messages", buffered=True).text

    assert "Is the pay monthly?" in page
    assert 'name="body"' not in page
    assert browser.post(f"/applications/{application.code}/messages", data={}).status_code == 404
    assert db.session.query(IdentitySeen).filter_by(user_id=manager.id).count() == 1
    assert question.read_at is None


def test_a_recruiter_who_also_reviews_reads_neither_name_nor_words_until_they_ask(sign_in):
    both = make.make_user(Duty.RECRUITER, Duty.GRADER)
    question = make.make_question(make.make_verified(make.make_application(name="Zzname")), "Zzwords")
    browser, code = sign_in(both), question_code(question)

    hidden = [browser.get(f"/desk/EMEA/messages{query}", buffered=True).text.lower() for query in ("", "?show=all")] + [
        browser.get(f"/applications/{code}/messages", buffered=True).text.lower()
    ]
    assert not any(word in page for word in ("zzname", "zzwords") for page in hidden)
    assert db.session.query(IdentitySeen).count() == 0

    assert "Zzwords" in browser.get(f"/applications/{code}/messages?names=yes", buffered=True).text
    assert db.session.query(IdentitySeen).one().user_id == both.id


def test_messages_are_known_to_be_unread_by_nobody_else(candidate, maria):
    make.make_answer(make.make_question(), maria)

    assert messages.unread_by_candidate(candidate.application_.id) == 0
