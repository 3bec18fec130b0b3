"""The candidate's room: the link, the status, the workspace, the receipt."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from app import clock, tokens
from app.extensions import db
from app.models import (
    Application,
    AuditEvent,
    CandidateSession,
    Duty,
    Invitation,
    Mail,
    RubricVersion,
    Score,
    Stage,
    Standing,
    Submission,
    Work,
)
from app.services import applications, deadlines, decisions, invitations, progress, submissions
from app.services.progress import Band
from tests import factories as make
from tests.pages import without_token

TASK = "/my/close-my-account"


@pytest.fixture
def application(ctx):
    application = make.make_application()
    db.session.commit()
    return application


@pytest.fixture
def enter(ctx):
    """A browser that acts for this application."""

    def entered(application):
        browser = ctx.test_client()
        token = invitations.open_session(application, clock.now(), by_link=True)
        db.session.commit()
        with browser.session_transaction() as session:
            session["candidate"] = token
        return browser

    return entered


@pytest.fixture
def me(enter, application):
    return enter(application)


@pytest.fixture
def started(me):
    me.post(f"{TASK}/start")
    return me


def text_of(answer) -> str:
    return answer.get_data(as_text=True)


def hidden(answer, name) -> str:
    """What a hidden field of the page's form holds."""
    return re.search(rf'name="{name}"[^>]* value="([^"]*)"', text_of(answer)).group(1)


def give_link(application) -> str:
    """The address in the mail, as `mail.keep` makes it known."""
    token = tokens.fresh()
    invitations.of(application)[0].token_hash = tokens.hash_of(token)
    db.session.commit()
    return f"/your-link/{token}"


def attempt_of(application):
    return submissions.attempt_of(invitations.of(application)[0])


def rows() -> dict[str, int]:
    """How many rows each table has that a link could touch."""
    tables = (Application, AuditEvent, CandidateSession, Invitation, Mail, Submission, Work)
    return {table.__name__: db.session.scalar(select(func.count()).select_from(table)) for table in tables}


def hand_in(browser, text=make.GOOD_REPLY, key="k1", **changes):
    return browser.post(f"{TASK}/submit", data={"answer-reply": text, "revision": "0", "key": key} | changes)


def score(application, **levels: str) -> None:
    """A score as the score run would leave it."""
    version = invitations.of(application)[0].challenge_version_id
    rubric = db.session.scalars(select(RubricVersion).where(RubricVersion.role_id == application.opening.role_id)).one()
    detail = {str(version): {"score": "1/2", "criteria": levels}}
    entry = Score(
        application_id=application.id,
        rubric_version_id=rubric.id,
        ratings_revision=1,
        numerator=1,
        denominator=2,
        detail=detail,
        scored_at=clock.now(),
    )
    db.session.add(entry)
    db.session.flush()
    db.session.add(
        Standing(
            application_id=application.id,
            opening_id=application.opening_id,
            score_id=entry.id,
            order_key=500_000_000,
            readers=2,
        )
    )
    db.session.commit()


# --- the link ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["get", "head"])
def test_opening_the_link_changes_nothing(client, application, method):
    address, before = give_link(application), rows()

    answer = getattr(client, method)(address)

    assert answer.status_code == 200
    assert rows() == before
    assert client.get("/my").location == "/send-link"


def test_the_button_behind_the_link_lets_the_browser_in(client, application):
    address = give_link(application)

    answer = client.post(address)

    assert (answer.status_code, answer.location) == (303, "/my")
    assert client.get("/my").status_code == 200
    db.session.refresh(application)
    assert application.verified_at is not None


def test_pages_follow_the_language_in_which_one_applied(client, ctx):
    application = make.make_application(locale="pt-BR")
    db.session.commit()

    client.post(give_link(application))

    assert 'lang="pt-BR"' in text_of(client.get("/my"))


@pytest.mark.parametrize("method", ["get", "post"])
def test_a_link_that_is_not_one_says_what_to_do(client, application, method):
    assert getattr(client, method)("/your-link/nothing").status_code == 410


def test_a_link_that_was_taken_back_is_none(client, application):
    address = give_link(application)
    invitations.of(application)[0].revoked_at = clock.now()
    db.session.commit()

    assert client.get(address).status_code == 410


def test_asking_for_the_link_says_the_same_to_everyone(client, application):
    application.created_at -= timedelta(days=1)
    db.session.query(Mail).delete()
    db.session.commit()

    known = client.post("/send-link", data={"email": application.candidate.email.upper()})
    known.close()
    mails = db.session.query(Mail).count()
    unknown = client.post("/send-link", data={"email": "nobody@example.org"})
    unknown.close()

    assert known.status_code == unknown.status_code == 200
    assert without_token(known.text).replace(application.candidate.email.upper(), "") == without_token(
        unknown.text
    ).replace("nobody@example.org", "")
    assert mails == db.session.query(Mail).count() == 1


def test_asking_with_no_address_comes_back(client):
    assert client.post("/send-link", data={"email": "no"}).status_code == 422


def test_nobody_is_flooded_with_links(client, application):
    for _ in range(5):
        client.post("/send-link", data={"email": application.candidate.email}).close()

    assert db.session.query(Mail).filter_by(message="link").count() == 1


# --- who may see what --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("page", ["/my", TASK, f"{TASK}/answer", "/my/withdraw", "/my/receipts/X", f"{TASK}/clock"])
def test_a_browser_that_is_not_known_is_told_how_to_get_in(client, application, page):
    assert client.get(page).location == "/send-link"


@pytest.mark.parametrize("page", [f"{TASK}/start", "/my/withdraw"])
def test_a_browser_that_is_not_known_changes_nothing(client, application, page):
    before = rows()

    assert client.post(page).status_code == 404
    assert rows() == before


def test_a_task_that_is_not_mine_does_not_exist(me):
    for page in ("/my/other", "/my/other/answer"):
        assert me.get(page).status_code == 404
    for page in ("/my/other/start", "/my/other/submit", "/my/other/draft"):
        assert me.post(page).status_code == 404


def test_a_receipt_of_somebody_else_does_not_exist(me):
    other = make.make_submission(make.make_attempt(make.make_invitation(make.make_application())))
    db.session.commit()

    assert me.get(f"/my/receipts/{other.code}").status_code == 404
    assert me.get("/my/receipts/NONE").status_code == 404


def test_a_session_that_has_ended_opens_nothing(me, application):
    db.session.query(CandidateSession).one().ends_at = clock.now()
    db.session.commit()

    assert me.get("/my").location == "/send-link"


# --- before the start --------------------------------------------------------------------------------------------


def test_reading_the_task_starts_nothing(me, application):
    page = text_of(me.get(TASK))

    assert attempt_of(application) is None
    assert "Sao Paulo (UTC−03:00)" in page
    assert "Data and billing" in page
    assert "gets a fact wrong" not in page


def test_starting_twice_is_starting_once(me, application):
    first, second = me.post(f"{TASK}/start"), me.post(f"{TASK}/start")

    assert first.location == second.location == f"{TASK}/answer"
    assert db.session.get(Application, application.id).stage is Stage.IN_ASSESSMENT


def test_the_workspace_waits_for_the_start(me):
    assert me.get(f"{TASK}/answer").location == TASK


def test_starting_after_the_end_is_refused(me, application):
    invitations.of(application)[0].closes_at = clock.now()
    invitations.of(application)[0].opens_at = clock.now() - timedelta(days=1)
    db.session.commit()

    assert me.post(f"{TASK}/start").status_code == 410
    assert "no answer was handed in" in text_of(me.get("/my"))
    assert me.get(TASK).location == "/my"


# --- writing -----------------------------------------------------------------------------------------------------


def test_the_workspace_shows_message_facts_and_field(started):
    page = text_of(started.get(f"{TASK}/answer"))

    assert "Hi, please close my account - Ben" in page
    assert "paid until the 30th" in page
    assert 'name="answer-reply"' in page


def test_each_page_has_a_key_of_its_own(started):
    pages = [text_of(started.get(f"{TASK}/answer")) for _ in range(2)]

    keys = {page.split('name="key"')[1].split('value="')[1].split('"')[0] for page in pages}
    assert len(keys) == 2


def test_the_script_saves_and_goes_on_from_the_new_revision(started, application):
    first = started.post(f"{TASK}/draft", json={"answers": {"reply": "Hi"}, "revision": 0})
    second = started.post(f"{TASK}/draft", json={"answers": {"reply": "Hi Ben"}, "revision": first.json["revision"]})

    assert (first.status_code, second.status_code) == (200, 200)
    assert second.json["revision"] == 2
    assert len(second.json["saved_at"]) == len("14:03:12")
    assert attempt_of(application).draft == {"reply": "Hi Ben"}


def test_a_second_window_never_overwrites_silently(started, application):
    started.post(f"{TASK}/draft", json={"answers": {"reply": "newer"}, "revision": 0})

    answer = started.post(f"{TASK}/draft", json={"answers": {"reply": "older"}, "revision": 0})

    assert answer.status_code == 409
    assert (answer.json["yours"], answer.json["theirs"]) == ({"reply": "older"}, {"reply": "newer"})
    assert attempt_of(application).draft == {"reply": "newer"}


@pytest.mark.parametrize(
    "sent",
    [
        [],
        {},
        {"answers": "x", "revision": 0},
        {"answers": {"reply": 5}, "revision": 0},
        {"answers": {"reply": "x"}},
        {"answers": {"reply": "x"}, "revision": -1},
        {"answers": {"reply": "x"}, "revision": "one"},
        {"answers": {"reply": "a\x00b"}, "revision": 0},
        {"answers": {"reply": "a\ud800b"}, "revision": 0},
        {"answers": {"reply": "x" * 5001}, "revision": 0},
    ],
    ids=lambda sent: repr(sent)[:40],
)
def test_a_draft_of_another_shape_is_refused(started, application, sent):
    answer = started.post(f"{TASK}/draft", json=sent)

    assert answer.status_code == 422
    assert attempt_of(application).draft == {}


def test_the_script_is_told_when_the_session_is_gone(client):
    answer = client.post(f"{TASK}/draft", json={"answers": {"reply": "x"}, "revision": 0})

    assert answer.status_code == 403
    assert "link" in answer.json["error"]


def test_the_button_saves_without_any_script(started, application):
    answer = started.post(f"{TASK}/draft", data={"answer-reply": "Hi\r\nBen", "revision": "0"})

    assert answer.status_code == 303
    attempt = attempt_of(application)
    assert (attempt.draft, attempt.hand_in_draft) == ({"reply": "Hi\nBen"}, False)
    assert "Hi\nBen" in text_of(started.get(answer.location))


def test_the_button_shows_both_texts_and_the_next_press_is_a_choice(started, application):
    started.post(f"{TASK}/draft", json={"answers": {"reply": "from the phone"}, "revision": 0})

    clash = started.post(f"{TASK}/draft", data={"answer-reply": "from the desk", "revision": "0"})
    chosen = started.post(f"{TASK}/draft", data={"answer-reply": "from the desk", "revision": "1"})

    assert clash.status_code == 409
    assert "from the phone" in text_of(clash)
    assert "from the desk" in text_of(clash)
    assert chosen.status_code == 303
    assert attempt_of(application).draft == {"reply": "from the desk"}


@pytest.mark.parametrize("first", ["other words saved", "the same page handed in"])
def test_the_page_that_asks_for_a_choice_can_be_sent_as_it_is(started, first):
    """It carries the newest revision and a fresh key; else the question would come again for ever."""
    if first == "other words saved":
        started.post(f"{TASK}/draft", json={"answers": {"reply": "from the phone"}, "revision": 0})
    else:
        hand_in(started, "from the phone")

    clash = hand_in(started, "from the desk")
    fields = {name: hidden(clash, name) for name in ("revision", "key")}
    chosen = hand_in(started, "from the desk", **fields)

    assert (clash.status_code, chosen.status_code) == (409, 303)


def test_the_clock_is_the_servers(started):
    assert 0 < started.get(f"{TASK}/clock").json["seconds_left"] <= 8 * 86400


def test_a_draft_after_the_end_is_given_back(started, application):
    attempt_of(application).cutoff_at = clock.now() - timedelta(minutes=3)
    db.session.commit()

    page = started.post(f"{TASK}/draft", data={"answer-reply": "my late words", "revision": "0"})
    script = started.post(f"{TASK}/draft", json={"answers": {"reply": "x"}, "revision": 0})

    assert (page.status_code, script.status_code) == (410, 410)
    assert "my late words" in text_of(page)


# --- handing in --------------------------------------------------------------------------------------------------


def test_handing_in_gives_a_receipt_with_a_readable_copy(started, application):
    answer = hand_in(started)
    page = text_of(started.get(answer.location))

    submission = db.session.query(Submission).one()
    assert answer.status_code == 303
    assert answer.location == f"/my/receipts/{submission.code}"
    assert "you will not be charged again" in page or "will not be charged again" in page
    assert submission.content_hash in page
    assert "UTC" in page


def test_pressing_twice_hands_in_once(started):
    first, second = hand_in(started), hand_in(started)

    assert first.location == second.location
    assert db.session.query(Submission).count() == 1


def test_the_same_page_with_other_words_asks_once_more(started, application):
    hand_in(started, "Hi Ben, closed.")

    answer = hand_in(started, "Hi Ben, closed today.")

    assert answer.status_code == 409
    assert "Hi Ben, closed today." in text_of(answer)
    assert db.session.query(Submission).count() == 1


def test_it_can_be_changed_until_it_is_final(started, application):
    hand_in(started, "first", key="a")
    second = hand_in(started, "second", key="b", revision="1", is_final="y")
    third = hand_in(started, "third", key="c", revision="2")

    assert second.status_code == 303
    assert third.status_code == 409
    assert "third" in text_of(third)
    standing = submissions.standing(attempt_of(application))
    assert standing.answers == {"reply": "second"}
    assert started.get(f"{TASK}/answer").location == f"/my/receipts/{standing.code}"
    assert f"/my/receipts/{standing.code}" in text_of(third)
    assert "being read" in text_of(started.get("/my"))


def test_an_old_window_does_not_hand_in_over_newer_words(started, application):
    started.post(f"{TASK}/draft", json={"answers": {"reply": "newer"}, "revision": 0})

    answer = hand_in(started, "older")

    assert answer.status_code == 409
    assert "newer" in text_of(answer)
    assert "older" in text_of(answer)
    assert db.session.query(Submission).count() == 0


def test_an_older_draft_is_not_handed_in_over_the_answer_when_time_ends(started, application, run_work):
    started.post(f"{TASK}/draft", json={"answers": {"reply": "half a dra"}, "revision": 0, "hand_in_draft": True})
    hand_in(started, "the whole answer", revision="1")
    attempt = attempt_of(application)

    submissions.close(attempt.id, None, attempt.cutoff_at + deadlines.GRACE)

    assert submissions.standing(attempt).answers == {"reply": "the whole answer"}
    assert attempt.submission_count == 1


@pytest.mark.parametrize("text", ["", "  \n ", "x" * 5001, "a\x00b"], ids=["empty", "blank", "long", "nul"])
def test_an_answer_of_another_shape_comes_back(started, text):
    answer = hand_in(started, text)

    assert answer.status_code == 422
    assert db.session.query(Submission).count() == 0


def test_a_form_without_a_key_is_not_taken(started):
    assert hand_in(started, key="").status_code == 422


def test_words_typed_in_a_forgotten_browser_are_given_back(client):
    answer = hand_in(client, "an hour of work")

    assert answer.status_code == 409
    assert "an hour of work" in text_of(answer)


def test_handing_in_before_the_start_is_refused(me):
    assert hand_in(me).status_code == 409


def test_a_late_answer_is_kept_and_said_to_be_late(started, application):
    attempt_of(application).cutoff_at = clock.now() - timedelta(minutes=3)
    db.session.commit()

    page = text_of(started.get(hand_in(started).location))

    assert "It came after the end" in page


def test_the_receipt_comes_by_mail_with_the_words(started, run_work):
    hand_in(started, "Hi Ben,\nclosed & done.")

    run_work()

    mail = db.session.query(Mail).filter_by(message="receipt").one()
    submission = db.session.query(Submission).one()
    assert mail.subject == f"Receipt {submission.code}: your answer has arrived"
    assert "Hi Ben,\nclosed & done." in mail.body
    assert "Sao Paulo (UTC−03:00)" in mail.body
    assert submission.content_hash in mail.body


# --- what comes then ---------------------------------------------------------------------------------------------


def test_the_status_names_the_date_by_which_one_hears(me, application):
    page = text_of(me.get("/my"))

    assert "You'll hear by" in page
    assert clock.shown(application.reply_by, "America/Sao_Paulo", clock.now()).iso in page


def test_a_decision_does_not_show_before_its_release(started, application):
    hand_in(started, is_final="y")
    before = without_token(text_of(started.get("/my")))
    manager = make.make_user(Duty.MANAGER)
    decisions.decide(application, Stage.NOT_SELECTED, "No.", manager.id, clock.now())
    db.session.commit()

    assert without_token(text_of(started.get("/my"))) == before
    assert started.get("/my/withdraw").status_code == 200
    assert started.post("/my/withdraw").status_code == 303


@pytest.mark.parametrize(
    ("stage", "words"),
    [
        (Stage.SHORTLISTED, "you are on the shortlist"),
        (Stage.NOT_SELECTED, "not on the shortlist this time"),
    ],
)
def test_after_the_release_bands_and_an_example_but_no_reason(started, application, run_work, stage, words):
    hand_in(started, is_final="y")
    score(application, action="3", consequences="3/2", no_hoops="1/2", tone="0", language="not judged")
    manager = make.make_user(Duty.MANAGER)
    decisions.decide(application, stage, "Secret reason.", manager.id, clock.now())
    decisions.release(application, manager.id, clock.now())
    db.session.commit()

    page = text_of(started.get("/my"))

    assert words in page
    for told in ("as good as it gets", "good", "partly there", "missing", "could not be judged", "top answer"):
        assert told in page
    assert "Secret reason" not in page
    assert manager.name not in page
    run_work()
    assert "Secret reason" not in db.session.query(Mail).filter_by(message="outcome").one().body


def test_an_outcome_without_a_score_shows_no_bands(started, application):
    manager = make.make_user(Duty.MANAGER)
    decisions.decide(application, Stage.NOT_SELECTED, "No.", manager.id, clock.now())
    decisions.release(application, manager.id, clock.now())
    db.session.commit()

    page = text_of(started.get("/my"))

    assert "Thank you for the time" in page
    assert "What the readers made of it" not in page


@pytest.mark.parametrize(
    ("level", "band"),
    [
        ("3", Band.TOP),
        ("5/2", Band.TOP),
        ("2", Band.GOOD),
        ("3/2", Band.GOOD),
        ("4/3", Band.PARTLY),
        ("1/2", Band.PARTLY),
        ("1/3", Band.MISSING),
        ("0", Band.MISSING),
        ("not judged", Band.NOT_JUDGED),
        (None, Band.NOT_JUDGED),
    ],
)
def test_a_level_falls_into_its_band(level, band):
    assert progress.band_of(level) is band


# --- leaving -----------------------------------------------------------------------------------------------------


def test_withdrawing_asks_once_and_ends_everything(started, application):
    asked = started.get("/my/withdraw")
    answer = started.post("/my/withdraw")

    assert "cannot be undone" in text_of(asked)
    assert answer.location == "/my"
    assert db.session.get(Application, application.id).stage is Stage.WITHDRAWN
    assert "You have withdrawn" in text_of(started.get("/my"))
    assert started.post("/my/withdraw").status_code == 303
    assert hand_in(started).status_code == 410
    assert started.post(f"{TASK}/draft", json={"answers": {"reply": "x"}, "revision": 0}).status_code == 410


def test_after_an_outcome_there_is_nothing_to_withdraw_from(started, application):
    manager = make.make_user(Duty.MANAGER)
    decisions.decide(application, Stage.NOT_SELECTED, "No.", manager.id, clock.now())
    decisions.release(application, manager.id, clock.now())
    db.session.commit()

    assert started.post("/my/withdraw").status_code == 409


def test_a_browser_forgets_on_request(me):
    answer = me.post("/my/leave")

    assert answer.location == "/jobs"
    assert me.get("/my").location == "/send-link"
    assert db.session.query(CandidateSession).count() == 0


def test_pages_of_a_candidate_hold_nothing_of_another(started, application):
    other = make.make_application(application.opening, name="Zaphod Beeblebrox")
    make.make_submission(make.make_attempt(invitations.of(other)[0]), {"reply": "the other answer"})
    db.session.commit()
    hand_in(started)

    for page in ("/my", f"{TASK}/answer", "/my/withdraw"):
        shown = text_of(started.get(page))
        for secret in ("Zaphod", "the other answer", other.code):
            assert secret not in shown


# --- an answer for a second job --------------------------------------------------------------------------------------


@pytest.fixture
def second(application):
    """The same person at a second job with the same task, after a final answer at the first."""
    invitations.open_session(application, clock.now(), by_link=True)
    make.make_submission(make.make_attempt(make.make_invitation(application)))
    other = make.make_opening(make.make_role("Night agent"))
    applied = applications.apply(other, make.make_details(email=application.candidate.email), clock.now())
    db.session.commit()
    return applied.application


def first_answer() -> Submission:
    return db.session.query(Submission).order_by(Submission.id).first()


def test_an_answer_given_elsewhere_is_offered_and_taken_with_one_button(enter, second):
    browser = enter(second)
    page = text_of(browser.get(TASK))

    taken = browser.post(f"{TASK}/reuse", data={"code": hidden(browser.get(TASK), "code")})
    receipt = text_of(browser.get(taken.location))

    assert "You have answered this task before" in page
    assert taken.status_code == 303
    assert f"receipt {first_answer().code}" in receipt
    assert "Hi Ben" in receipt or "Your account is closed" in receipt
    assert attempt_of(second).final_at is not None


def test_reading_the_offer_changes_nothing(enter, second):
    browser = enter(second)
    before = rows()

    browser.get(TASK)
    browser.head(TASK)

    assert rows() == before


def test_an_unconfirmed_person_is_offered_nothing_and_takes_nothing(ctx, second):
    browser = ctx.test_client()
    token = invitations.open_session(second, clock.now(), by_link=False)
    db.session.commit()
    with browser.session_transaction() as session:
        session["candidate"] = token

    page = text_of(browser.get(TASK))
    taken = browser.post(f"{TASK}/reuse", data={"code": first_answer().code})

    assert "You have answered this task before" not in page
    assert taken.status_code == 409
    assert attempt_of(second) is None


def test_a_stranger_takes_nobodys_answer(enter, second):
    stranger = make.make_application(second.opening)
    browser = enter(stranger)

    for code in (first_answer().code, "", "x" * 17, "a\x00"):
        assert browser.post(f"{TASK}/reuse", data={"code": code}).status_code == 409, code
    assert attempt_of(stranger) is None
