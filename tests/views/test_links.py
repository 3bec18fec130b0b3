"""The private link, its sessions and devices: the cases ml01 to ml20 of the list of attacks, and what hangs on them."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlalchemy import func, select
from structlog.testing import capture_logs

from app import clock, tokens
from app.candidate.link import masked
from app.extensions import db
from app.models import (
    Application,
    AuditEvent,
    CandidateDevice,
    CandidateSession,
    Duty,
    EntryCode,
    Invitation,
    Mail,
    OneTimeLink,
    Stage,
    Submission,
    Work,
)
from app.services import applications, decisions, devices, invitations, staff, submissions
from app.services.audit import SYSTEM
from tests import factories as make
from tests.pages import without_token

TASK = "/my/close-my-account"
CODE = re.compile(r"^([2-9B-Z]{4}) ([2-9B-Z]{4})$", re.M)
TOKEN_FREE = re.compile(r"^/(my|your-code|send-link)$")


@pytest.fixture
def application(ctx):
    application = make.make_application(name="Ana Lima", email="ana@example.org")
    db.session.commit()
    return application


@pytest.fixture
def link(application, run_work):
    """The address in the mail, after the mail has left."""
    run_work()
    return link_in(newest_mail("link"))


@pytest.fixture
def first(ctx, link):
    """The candidate's first browser, in which they have pressed the button and begun to write."""
    browser = ctx.test_client()
    assert browser.post(link).location == "/my"
    browser.post(f"{TASK}/start")
    browser.post(f"{TASK}/draft", json={"answers": {"reply": "my first words"}, "revision": 0})
    return browser


@pytest.fixture
def second(ctx):
    """Another browser."""
    return ctx.test_client()


@pytest.fixture
def at(monkeypatch):
    """Let time pass: `at(minutes=5)` from now on."""
    real = clock.now

    def move(**span: float) -> None:
        monkeypatch.setattr(clock, "now", lambda: real() + timedelta(**span))

    return move


@pytest.fixture
def csrf(ctx, monkeypatch):
    """Forms protected as in real life."""
    monkeypatch.setitem(ctx.config, "WTF_CSRF_ENABLED", True)


def newest_mail(message: str) -> str:
    return db.session.scalars(select(Mail.body).where(Mail.message == message).order_by(Mail.id.desc())).first()


def link_in(body: str) -> str:
    return re.search(r"/your-link/[\w-]{43}", body).group()


def code_in(body: str) -> str:
    return "".join(CODE.search(body).groups())


def mailed_code(run_work) -> str:
    run_work()
    return code_in(newest_mail("code"))


def rows() -> dict[str, int]:
    """How many rows each table has that a link could touch."""
    tables = (Application, AuditEvent, CandidateDevice, CandidateSession, EntryCode, Invitation, Mail, Submission, Work)
    return {table.__name__: db.session.scalar(select(func.count()).select_from(table)) for table in tables}


def token_on(page) -> str:
    return re.search(r'name="csrf_token"[^>]* value="([^"]+)"', page.text).group(1)


def is_in(browser) -> bool:
    return browser.get("/my").status_code == 200


def enter(browser, code: str):
    return browser.post("/your-code", data={"code": code})


# --- the vector's cases ------------------------------------------------------------------------------------------


def test_ml01_scanners_change_nothing_and_the_click_still_works(client, ctx, link):
    before = rows()

    for number in range(7):
        scanner = ctx.test_client()
        assert (scanner.get if number < 5 else scanner.head)(link).status_code == 200

    assert rows() == before
    assert client.post(link).location == "/my"


def test_ml02_only_a_press_in_the_same_browser_makes_a_session(csrf, client, link):
    page = client.get(link)

    pressed = client.post(link, data={"csrf_token": token_on(page)})

    assert "<script>" not in page.text
    assert pressed.location == "/my"
    assert is_in(client)


@pytest.mark.parametrize("borrowed", [None, "forged", "of another browser"])
def test_ml03_a_press_from_elsewhere_gets_the_code_prompt_and_is_logged(csrf, ctx, link, second, borrowed):
    taken = token_on(ctx.test_client().get(link)) if borrowed == "of another browser" else borrowed
    before = rows()

    with capture_logs() as logged:
        pressed = second.post(link, data={"csrf_token": taken} if taken else {})

    assert pressed.location == "/your-code"
    assert "Mail me a code" in second.get("/your-code").text
    assert not is_in(second)
    assert rows() == before  # and no mail to the candidate
    assert [event["event"] for event in logged] == ["link_pressed_elsewhere"]


def test_ml03_a_person_whose_browser_had_lost_the_page_goes_on_with_a_code(csrf, link, second, run_work):
    second.post(link)
    second.post("/your-code/mail", data={"csrf_token": token_on(second.get("/your-code"))})
    code = mailed_code(run_work)

    entered = second.post("/your-code", data={"code": code, "csrf_token": token_on(second.get("/your-code"))})

    assert entered.location == "/my"


def test_ml04_until_a_draft_exists_a_second_device_costs_one_button(client, second, link):
    client.post(link)
    client.post(f"{TASK}/start")

    assert second.post(link).location == "/my"
    assert is_in(client)


@pytest.mark.parametrize("typed", ["{0}{1}", "{0} {1}", "{0}-{1}", " {0}\u00a0{1} ", "lower", "wide"])
def test_ml04_a_further_device_enters_the_mailed_code_however_it_is_written(first, second, link, run_work, typed):
    pressed = second.post(link)
    code = mailed_code(run_work)
    written = {
        "lower": code.lower(),
        "wide": "".join(chr(ord(letter) + 0xFEE0) for letter in code),
    }.get(typed) or typed.format(code[:4], code[4:])

    entered = enter(second, written)

    assert (pressed.location, entered.location) == ("/your-code", "/my")
    assert "my first words" in second.get(f"{TASK}/answer").text
    assert is_in(first)


def test_ml04_work_in_any_challenge_of_the_application_asks_for_the_code(ctx, second, run_work):
    role = make.make_role(challenges=[make.make_challenge(), make.make_challenge()])
    application = make.make_application(make.make_opening(role))
    run_work()
    link = link_in(newest_mail("link"))  # of the first challenge
    attempt = make.make_attempt(invitations.of(application)[1])
    submissions.save_draft(attempt, {"reply": "words"}, 0, clock.now())
    db.session.commit()

    assert second.post(link).location == "/your-code"


def test_ml05_a_stranger_with_the_link_is_stopped_and_learns_no_name(first, second, link, run_work):
    page = second.get(link)
    second.post(link)
    prompt = second.get("/your-code")
    run_work()

    for shown in (page.text, prompt.text):
        assert "Ana" not in shown
        assert "ana@example.org" not in shown
        assert "a…@example.org" in shown
    assert not is_in(second)
    assert db.session.scalars(select(Mail.address).where(Mail.message == "code")).one() == "ana@example.org"


@pytest.mark.parametrize("is_handed_in", [True, False])
def test_ml06_after_the_window_the_link_says_so_and_writes_nothing(first, second, link, at, run_work, is_handed_in):
    if is_handed_in:
        first.post(f"{TASK}/submit", data={"answer-reply": make.GOOD_REPLY, "revision": "1", "key": "k"})
    at(days=9)
    run_work()

    page = second.get(link).text
    second.post(link)
    run_work()
    enter(second, code_in(newest_mail("code")))

    if is_handed_in:
        assert db.session.query(Submission).one().code in page
    assert "Your answer has arrived" in page  # a ticked draft is handed in, too
    assert is_in(second)
    assert second.get(f"{TASK}/answer").location == f"/my/receipts/{db.session.query(Submission).one().code}"
    late = second.post(f"{TASK}/submit", data={"answer-reply": "too late", "revision": "2", "key": "k2"})
    assert (late.status_code, "too late" in late.text) == (409, True)
    assert db.session.query(Submission).count() == 1


def test_ml06_after_a_window_without_an_answer_the_link_says_that(client, link, at):
    at(days=9)

    page = client.get(link).text

    assert "The time has ended" in page
    assert "No answer was handed in" in page
    assert client.post(link).location == "/my"


def test_ml07_a_replaced_link_is_dead_at_once_and_the_new_one_works(application, client, link, run_work):
    invitations.replace_link(application, SYSTEM, clock.now())
    dead_at_once = client.get(link).status_code
    run_work()
    new = link_in(newest_mail("new_link"))

    assert dead_at_once == client.get(link).status_code == client.post(link).status_code == 410
    assert client.post(new).location == "/my"


def test_ml07_a_mail_that_was_under_way_does_not_bring_the_old_link_back(application, client, link):
    old = invitations.of(application)[0]
    number, token_hash = old.link_number, old.token_hash
    invitations.replace_link(application, SYSTEM, clock.now())

    invitations.arm(old.id, number, token_hash)

    assert client.get(link).status_code == 410


def test_ml08_a_guessed_link_looks_like_a_dead_one(application, client, link, count_queries):
    with count_queries() as unknown:
        guessed = client.get(f"/your-link/{tokens.fresh()}")
    invitations.replace_link(application, SYSTEM, clock.now())
    with count_queries() as revoked:
        replaced = client.get(link)

    assert guessed.status_code == replaced.status_code == 410
    assert without_token(guessed.text) == without_token(replaced.text)
    assert len(unknown) == len(revoked)
    assert re.fullmatch(r"/your-link/[\w-]{43}", link)  # 256 bits
    stored = db.session.execute(select(Invitation)).scalars().all()
    assert all(link.rpartition("/")[2] not in repr(vars(row)) for row in stored)


def test_ml09_the_link_goes_into_no_referer(client, link):
    page, pressed = client.get(link), client.post(link)

    assert page.headers["Referrer-Policy"] == pressed.headers["Referrer-Policy"] == "no-referrer"
    assert not re.search(r'(?:src|href)="https?://', page.text)
    assert TOKEN_FREE.match(pressed.location)


def test_ml09_the_button_works_over_https_where_forms_must_say_where_they_come_from(csrf, client, link):
    """The page sends no Referer, so the usual check of it must not stand in the way."""
    page = client.get(link, base_url="https://localhost")

    pressed = client.post(link, data={"csrf_token": token_on(page)}, base_url="https://localhost")

    assert pressed.location == "/my"


# ml10 is in tests/security/test_no_secret_in_logs.py.


def test_ml11_a_head_request_has_no_body_and_changes_nothing(client, link):
    before = rows()

    answer = client.head(link)

    assert (answer.status_code, answer.data) == (200, b"")
    assert rows() == before


def test_ml12_the_bookmarked_link_leads_back_into_the_same_session(first, link):
    before = rows()

    assert first.get(link).location == "/my"
    assert rows() == before


def test_ml13_only_the_newest_code_works(first, second, link, run_work, at):
    second.post(link)
    old = mailed_code(run_work)
    at(minutes=2)
    second.post("/your-code/mail")
    new = mailed_code(run_work)

    assert old != new
    assert enter(second, old).status_code == 422
    assert enter(second, new).location == "/my"


def test_ml13_a_late_mail_with_an_older_code_does_not_bring_it_back(application, first, run_work, at):
    devices.mail_code(application, clock.now())
    old = mailed_code(run_work)
    at(minutes=2)
    devices.mail_code(application, clock.now())
    new = mailed_code(run_work)

    devices.arm(application.id, 1, tokens.hash_of(old), clock.now())

    assert devices.try_code(application, old, clock.now()) is devices.Tried.WRONG
    assert devices.try_code(application, new, clock.now()) is devices.Tried.RIGHT


def test_ml14_the_sixth_try_is_locked_for_15_minutes_for_this_application_only(first, second, link, run_work, at, ctx):
    second.post(link)
    code = mailed_code(run_work)
    other = make.make_application()
    submissions.save_draft(make.make_attempt(invitations.of(other)[0]), {"reply": "x"}, 0, clock.now())
    run_work()

    said = [enter(second, "BBBBBBBB").text for _ in range(5)]
    sixth = enter(second, code)

    assert ["Too many tries" in page for page in said] == [False] * 4 + [True]
    assert "Too many tries" in sixth.text
    assert not is_in(second)
    assert is_in(first)  # who is in stays in
    stranger = ctx.test_client()
    stranger.post(link_in(newest_mail("link")))
    assert enter(stranger, mailed_code(run_work)).location == "/my"
    at(minutes=14, seconds=55)
    second.post("/your-code/mail")
    assert "Too many tries" in second.get("/your-code").text
    at(minutes=15, seconds=5)
    second.post("/your-code/mail")
    assert enter(second, mailed_code(run_work)).location == "/my"


@pytest.mark.parametrize("spoilt_by", ["time", "use"])
def test_ml15_a_code_that_has_ended_offers_a_new_one(first, second, link, run_work, at, ctx, spoilt_by):
    second.post(link)
    code = mailed_code(run_work)
    if spoilt_by == "time":
        at(minutes=10, seconds=1)
        browser = second
    else:
        browser = ctx.test_client()
        browser.post(link)
        assert enter(second, code).location == "/my"

    page = enter(browser, code)

    assert page.status_code == 422
    assert "has ended or was used" in page.text
    assert "Mail me another code" in page.text
    assert not is_in(browser)


def test_ml15_without_a_link_the_page_for_codes_says_nothing(client, application):
    assert client.get("/your-code").location == "/send-link"
    assert enter(client, "BBBBBBBB").location == "/send-link"
    assert client.post("/your-code/mail").location == "/send-link"


def test_ml16_a_session_opens_only_its_own_application(first, ctx):
    other = make.make_application()
    theirs = make.make_submission(make.make_attempt(invitations.of(other)[0]))
    db.session.commit()

    assert first.get(f"/my/receipts/{theirs.code}").status_code == 404


def test_ml16_a_session_writes_until_30_minutes_after_the_last_window(first, application, at):
    end = invitations.last_end(application)
    hand_in = {"answer-reply": "late words", "revision": "1"}
    minutes = (end - clock.now()).total_seconds() / 60
    db.session.query(CandidateSession).update({"seen_at": end})  # they were here all along
    db.session.commit()

    at(minutes=minutes + 29)
    in_time = first.post(f"{TASK}/submit", data=hand_in | {"key": "a"})
    at(minutes=minutes + 31)
    too_late = first.post(f"{TASK}/submit", data=hand_in | {"key": "b"})

    assert (in_time.status_code, too_late.status_code) == (303, 409)
    assert db.session.query(Submission).one().is_late
    assert "late words" in too_late.text
    assert is_in(first)


def test_ml16_extra_time_moves_the_end(application):
    before = invitations.last_end(application)
    invitations.of(application)[0].extra_minutes = 45

    assert invitations.last_end(application) == before + timedelta(minutes=45)


@pytest.mark.parametrize(("hours", "acts"), [(11.9, True), (12.1, False)])
def test_ml16_a_quiet_session_only_reads(first, at, hours, acts):
    at(hours=hours)

    draft = first.post(f"{TASK}/draft", json={"answers": {"reply": "next morning"}, "revision": 1})

    assert draft.status_code == (200 if acts else 403)
    assert is_in(first)
    assert first.get(f"{TASK}/answer").status_code == (200 if acts else 303)
    assert first.post("/my/withdraw").location == ("/my" if acts else "/send-link")


def test_ml16_whoever_is_sent_for_their_link_reads_that_nothing_is_lost_and_needs_no_code(first, link, at):
    at(hours=13)

    told = first.get(first.get(f"{TASK}/answer").location)

    assert "Nothing is lost" in told.text
    assert first.post(link).location == "/my"
    assert first.get(f"{TASK}/answer").status_code == 200


def test_ml16_every_sign_of_life_keeps_a_session_awake_but_none_wakes_it(first, at):
    at(hours=11)
    first.get("/my").close()
    at(hours=22)
    awake = first.get(f"{TASK}/answer")
    awake.close()
    at(hours=35)
    first.get("/my").close()

    assert awake.status_code == 200
    assert first.get(f"{TASK}/answer").status_code == 303


def test_ml16_what_was_handed_in_can_be_read_for_30_days(first, at):
    receipt = first.post(
        f"{TASK}/submit", data={"answer-reply": make.GOOD_REPLY, "revision": "1", "key": "k", "is_final": "y"}
    ).location

    at(days=30)
    assert first.get(receipt).status_code == 200
    at(days=45)
    assert first.get(receipt).location == "/send-link"


def test_ml18_each_token_opens_one_kind_of_door(client, link, run_work):
    staff.add("Noor", "noor@example.com", [(Duty.MANAGER, None)], SYSTEM, clock.now())
    run_work()
    welcome = re.search(r"/welcome/[\w-]{43}", newest_mail("welcome")).group()

    assert client.get("/welcome/" + link.rpartition("/")[2]).status_code == 410
    assert client.get("/your-link/" + welcome.rpartition("/")[2]).status_code == 410
    assert db.session.query(OneTimeLink).one().used_at is None


def test_ml19_the_page_says_whose_link_it_is_and_asks(client, link):
    page = client.get(link)

    assert "a…@example.org" in page.text
    assert "close this page" in page.text
    assert "Go to my application" in page.text
    assert not is_in(client)


@pytest.mark.parametrize(("seconds", "holds"), [(599.999, True), (600, False)])
def test_ml20_a_code_has_ended_at_its_very_end(application, first, run_work, seconds, holds):
    devices.mail_code(application, clock.now())
    code = mailed_code(run_work)
    left = db.session.get(EntryCode, application.id, populate_existing=True).expires_at - devices.CODE_HOLDS

    came_of_it = devices.try_code(application, code, left + timedelta(seconds=seconds))

    assert came_of_it is (devices.Tried.RIGHT if holds else devices.Tried.ENDED)


@pytest.mark.parametrize(("days", "status"), [(29.999, 200), (30, 410)])
def test_ml20_a_link_has_ended_at_its_very_end(application, client, link, at, monkeypatch, days, status):
    applications.withdraw(application, clock.now())
    db.session.commit()
    ended_at = application.stage_since

    monkeypatch.setattr(clock, "now", lambda: ended_at + timedelta(days=days))

    assert client.get(link).status_code == status


# --- what else must hold -----------------------------------------------------------------------------------------


def test_a_code_is_stored_as_a_hash_and_never_the_same(application, first, run_work, at):
    devices.mail_code(application, clock.now())
    one = mailed_code(run_work)
    stored = db.session.get(EntryCode, application.id, populate_existing=True).code_hash
    at(minutes=2)
    devices.mail_code(application, clock.now())
    other = mailed_code(run_work)

    assert stored == tokens.hash_of(one)
    assert set(one + other) <= set(tokens.CODE_LETTERS)
    assert one != other


def test_nobody_is_flooded_with_codes(application, first, second, link, run_work):
    for _ in range(5):
        second.post(link)
    one_a_minute = db.session.query(Mail).filter_by(message="code").count()
    for minute in range(1, 20):
        devices.mail_code(application, clock.now() + timedelta(minutes=2 * minute))

    assert one_a_minute == 1
    assert db.session.query(Mail).filter_by(message="code").count() == devices.MOST_CODES


def test_a_code_goes_before_the_mails_for_which_nobody_waits(application, first):
    devices.mail_code(application, clock.now())

    code, link = (db.session.query(Mail).filter_by(message=name).one().id for name in ("code", "link"))
    assert db.session.query(Work).filter_by(key=f"mail:{code}").one().next_at < application.created_at
    assert db.session.query(Work).filter_by(key=f"mail:{link}").one().next_at >= application.created_at


def test_whose_answer_was_lost_after_the_right_code_gets_another_one_at_once(first, second, link, run_work):
    second.post(link)
    enter(second, mailed_code(run_work))
    with second.session_transaction() as session:  # as if neither cookie had arrived
        session.pop("candidate")
    second.delete_cookie("winnow-device")
    second.post(link)

    assert enter(second, mailed_code(run_work)).location == "/my"
    assert db.session.query(Mail).filter_by(message="code").count() == 2


def test_the_code_comes_in_the_candidates_language(ctx, run_work):
    application = make.make_application(locale="pt-BR")
    devices.mail_code(application, clock.now())

    run_work()

    assert "código" in newest_mail("code")


def test_a_browser_that_forgets_is_a_stranger_again(first, link):
    first.post("/my/leave")

    assert first.post(link).location == "/your-code"


def test_signing_in_as_staff_does_not_make_the_browser_a_stranger(first, link):
    with first.session_transaction() as session:
        session.clear()

    assert first.post(link).location == "/my"


def test_the_browser_in_which_one_applied_is_known(ctx, run_work):
    browser = ctx.test_client()
    opening = make.make_opening()
    db.session.commit()
    form = {"name": "Bo", "email": "bo@example.org", "country": "SE", "zone": "Europe/Stockholm", "consent": "y"}
    assert browser.post(f"/jobs/{opening.slug}/apply", data=form).status_code == 303
    browser.post(f"{TASK}/start")
    browser.post(f"{TASK}/draft", json={"answers": {"reply": "words"}, "revision": 0})
    run_work()
    with browser.session_transaction() as session:
        session.pop("candidate")

    assert browser.post(link_in(newest_mail("link"))).location == "/my"


def test_a_known_and_a_new_address_leave_the_same_cookies(ctx, application):
    form = {"name": "Bo", "country": "SE", "zone": "Europe/Stockholm", "consent": "y"}
    answers = [
        ctx.test_client().post(f"/jobs/{application.opening.slug}/apply", data=form | {"email": email})
        for email in ("ana@example.org", "new@example.org")
    ]

    known, new = ([line.partition("=")[0] for line in one.headers.getlist("Set-Cookie")] for one in answers)
    assert sorted(known) == sorted(new)


def test_somebody_with_two_applications_switches_by_their_links_without_a_code(ctx, first, link, run_work):
    other = make.make_application(make.make_opening(make.make_role("Another")), email="ana@example.org")
    run_work()
    second_link = link_in(newest_mail("link"))

    first.post(second_link)
    first.post(f"{TASK}/start")
    first.post(f"{TASK}/draft", json={"answers": {"reply": "words for the other job"}, "revision": 0})
    first.post(link)

    assert "my first words" in first.get(f"{TASK}/answer").text
    first.post(second_link)
    assert "words for the other job" in first.get(f"{TASK}/answer").text
    assert other.code in first.get(f"{TASK}/answer").text


def test_an_old_window_of_another_application_writes_nothing_into_this_one(first, application, run_work):
    page = first.get(f"{TASK}/answer").text
    save = re.search(r'data-autosave="([^"]+)"', page).group(1).replace("&amp;", "&")
    hand_in = re.search(r'class="work-answer"[^>]*action="([^"]+)"', page).group(1).replace("&amp;", "&")
    other = make.make_application(make.make_opening(make.make_role("Another")), email="ana@example.org")
    run_work()
    first.post(link_in(newest_mail("link")))
    first.post(f"{TASK}/start")

    saved = first.post(save, json={"answers": {"reply": "of the old window"}, "revision": 0})
    sent = first.post(hand_in, data={"answer-reply": "of the old window", "revision": "0", "key": "k"})

    assert (saved.status_code, sent.status_code) == (403, 409)
    assert "of the old window" in sent.text
    assert submissions.attempt_of(invitations.of(other)[0]).draft == {}
    assert db.session.query(Submission).count() == 0


def test_a_candidate_replaces_their_link_and_everybody_else_is_out(first, second, link, run_work, application):
    second.post(link)
    enter(second, mailed_code(run_work))
    assert is_in(second)

    asked = first.get("/my/new-link")
    first.post("/my/new-link")

    assert "ana@example.org" in asked.text
    assert is_in(first)
    assert not is_in(second)
    assert second.get(link).status_code == 410
    run_work()
    new = link_in(newest_mail("new_link"))
    assert second.post(new).location == "/your-code"
    assert first.get(new).location == "/my"
    assert submissions.attempt_of(invitations.of(application)[0]).draft == {"reply": "my first words"}


def test_replacing_twice_within_minutes_is_once(first, link, run_work, application):
    first.post("/my/new-link")
    first.post("/my/new-link")
    run_work()

    assert db.session.query(Mail).filter_by(message="new_link").count() == 1
    assert first.get(link_in(newest_mail("new_link"))).location == "/my"


def test_a_recruiter_of_the_region_issues_a_new_link_on_record(sign_in, application, first, link, run_work):
    recruiter = make.make_user(Duty.RECRUITER, region=application.opening.region)
    desk = sign_in(recruiter)

    answer = desk.post(f"/applications/{application.code}/new-link")

    assert answer.status_code == 303
    assert not is_in(first)
    assert first.get(link).status_code == 410
    event = db.session.query(AuditEvent).filter_by(action="invitation.replace").one()
    assert (event.actor_kind, event.actor_id) == ("user", recruiter.id)
    run_work()
    assert first.get(link_in(newest_mail("new_link"))).status_code == 200


@pytest.mark.parametrize("duty", [Duty.GRADER, Duty.MANAGER, "recruiter elsewhere", None])
def test_nobody_else_issues_a_new_link(sign_in, client, application, link, duty):
    region = make.make_region("APAC") if duty == "recruiter elsewhere" else None
    duty = Duty.RECRUITER if duty == "recruiter elsewhere" else duty
    browser = sign_in(make.make_user(duty, region=region)) if duty else client

    answer = browser.post(f"/applications/{application.code}/new-link")

    assert answer.status_code == (404 if duty else 302)
    assert client.get(link).status_code == 200


def test_the_button_for_a_new_link_stands_on_the_list_and_on_the_applicants_page(sign_in, application):
    browser = sign_in(make.make_user(Duty.LEAD))
    region = application.opening.region.code

    for page in (f"/desk/{region}/applied", f"/applications/{application.code}"):
        assert "Mail them a new link" in browser.get(page).text
    manager = sign_in(make.make_user(Duty.MANAGER))
    assert "Mail them a new link" not in manager.get(f"/applications/{application.code}").text


def test_a_link_lives_while_nothing_is_told_and_30_days_beyond(first, application, second, link, at):
    manager = make.make_user(Duty.MANAGER)
    decisions.decide(application, Stage.NOT_SELECTED, "No.", manager.id, clock.now())
    db.session.commit()
    at(days=200)
    untold = second.get(link).status_code
    decisions.release(application, manager.id, clock.now())
    db.session.commit()
    at(days=229)
    told = second.get(link).status_code
    at(days=231)

    assert (untold, told, second.get(link).status_code) == (200, 200, 410)


def test_a_link_that_has_ended_comes_anew_for_another_30_days(application, client, link, at, run_work):
    applications.withdraw(application, clock.now())
    db.session.commit()
    at(days=31)
    client.post("/send-link", data={"email": "ana@example.org"}).close()
    run_work()
    new = link_in(newest_mail("link"))

    assert new != link
    assert client.post(new).location == "/my"
    assert "You have withdrawn" in client.get("/my").text


def test_asking_for_the_link_costs_the_same_for_known_and_unknown_addresses(client, application, count_queries, at):
    at(minutes=10)
    client.get("/send-link")
    before = rows()
    costs = []

    for email in ("ana@example.org", "eva@example.org"):
        with count_queries() as statements:
            answer = client.post("/send-link", data={"email": email})
        costs.append((statements, len(answer.data)))
    untouched = rows()
    answer.close()

    assert costs[0] == costs[1]
    assert untouched == before  # addresses are looked up after the answer has left


@pytest.mark.parametrize(
    ("address", "shown"),
    [("ana@example.org", "a…@example.org"), ("x@y.zz", "x…@y.zz"), ('"a b"@example.org', '"…@example.org')],
)
def test_an_address_is_shown_to_its_owner_only(address, shown):
    assert masked(address) == shown
