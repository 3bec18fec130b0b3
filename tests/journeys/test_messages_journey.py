"""A candidate asks from inside the workspace with words that are not saved yet, by keyboard; a recruiter answers."""

from __future__ import annotations

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from app import clock
from app.extensions import db
from app.models import Duty, Message
from app.services import invitations, staff
from tests import factories as make

pytestmark = pytest.mark.browser
PHONE = {"width": 360, "height": 740}


def cookie_of(live, **values: object) -> dict[str, str]:
    """A cookie as the site itself would set it."""
    signer = live.app.session_interface.get_signing_serializer(live.app)
    return {"name": "winnow", "value": signer.dumps(values), "url": live.url}


@pytest.fixture
def people(live) -> tuple[dict[str, str], dict[str, str]]:
    """The cookies of a candidate who has started, and of a recruiter of their region."""
    with live.app.app_context():
        application = make.make_verified(make.make_application(name="Asha Rao", zone="Asia/Kolkata"))
        make.make_attempt(make.make_invitation(application))
        recruiter = make.make_user(Duty.RECRUITER, region=make.make_region("EMEA"), name="Maria Ionescu")
        mine = invitations.open_session(application, clock.now(), by_link=True)
        theirs = staff.open_session(recruiter, clock.now())
        db.session.commit()
        signed_in = {"_user_id": recruiter.fs_uniquifier, "_fresh": True, "staff": theirs}
        return cookie_of(live, candidate=mine), cookie_of(live, **signed_in)


def page_of(live, browser: Browser, cookie: dict[str, str], **settings: object) -> Page:
    context = browser.new_context(base_url=live.url, locale="en-GB", **settings)
    context.add_cookies([cookie])
    page = context.new_page()
    page.troubles = []
    page.on("pageerror", lambda error: page.troubles.append(str(error)))
    page.on("console", lambda said: page.troubles.append(said.text) if "Policy" in said.text else None)
    return page


def accessible(page: Page) -> None:
    found = Axe().run(page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]})
    assert found.violations_count == 0, found.generate_report()
    page.wait_for_load_state()  # Without its style sheets a page may be wider.
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"), page.url


def ask_by_keyboard(page: Page, question: str) -> None:
    page.locator("#ask summary").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.type(question)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")


def test_a_question_from_the_workspace_is_answered_and_no_word_is_lost(live, browser, people):
    candidate = page_of(live, browser, people[0], viewport=PHONE)
    candidate.goto("/my/close-my-account/answer")
    candidate.route("**/draft?*", lambda route: route.abort())  # nothing is saved while they ask
    candidate.get_by_label("Your reply to Ben").fill("Half of my answer")
    ask_by_keyboard(candidate, "May I use a list?")
    expect(candidate.locator("[data-ask-says]")).to_have_text(re.compile("Sent. The answer appears"))
    expect(candidate.get_by_label("Your reply to Ben")).to_have_value("Half of my answer")
    expect(candidate.get_by_label("Your question")).to_have_value("")
    accessible(candidate)

    desk = page_of(live, browser, people[1], viewport={"width": 1280, "height": 800})
    desk.goto("/desk/EMEA/messages")
    accessible(desk)
    desk.get_by_role("link", name="Asha Rao").focus()
    desk.keyboard.press("Enter")
    expect(desk.get_by_text("May I use a list?")).to_be_visible()
    accessible(desk)
    desk.get_by_label("Your message").focus()
    desk.keyboard.type("Yes, you may.")
    desk.keyboard.press("Tab")
    desk.keyboard.press("Enter")
    expect(desk.get_by_text("No question waits")).to_be_visible()

    candidate.unroute("**/draft?*")
    candidate.reload()
    expect(candidate.get_by_label("Your reply to Ben")).to_have_value("Half of my answer")
    candidate.get_by_role("link", name="Messages 1 new").click()
    expect(candidate.locator(".said-head > b").last).to_have_text("Maria")
    expect(candidate.get_by_text("Yes, you may.")).to_be_visible()
    expect(candidate.get_by_text("Kolkata (UTC+05:30)").first).to_be_visible()
    accessible(candidate)
    assert candidate.troubles == desk.troubles == []


def test_a_question_typed_offline_stays_and_is_sent_later(live, browser, people):
    page = page_of(live, browser, people[0], viewport=PHONE)
    page.goto("/my")
    page.context.set_offline(True)
    ask_by_keyboard(page, "Is the pay monthly?")
    expect(page.locator("[data-ask-says]")).to_have_text(re.compile("you seem to be offline"))

    page.context.set_offline(False)
    page.goto("/my/messages")
    expect(page.get_by_label("Your question")).to_have_value("Is the pay monthly?")
    page.get_by_role("button", name="Send").click()

    expect(page.locator(".said-body")).to_have_text("Is the pay monthly?")
    expect(page.get_by_label("Your question")).to_have_value("")
    assert page.evaluate("sessionStorage.length") == 0


def test_without_javascript_the_question_takes_the_draft_along(live, browser, people):
    page = page_of(live, browser, people[0], viewport=PHONE, java_script_enabled=False)
    page.goto("/my/close-my-account/answer")
    page.get_by_label("Your reply to Ben").fill("Half of my answer")
    page.locator("#ask summary").click()
    page.get_by_label("Your question").fill("May I use a list?")
    page.get_by_role("button", name="Send").click()

    expect(page.get_by_text("Sent. The answer appears")).to_be_visible()
    expect(page.get_by_label("Your reply to Ben")).to_have_value("Half of my answer")
    with live.app.app_context():
        assert db.session.query(Message).one().body == "May I use a list?"
