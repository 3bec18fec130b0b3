"""A candidate who begins on a computer and goes on with a phone, and one who comes back after a night."""

from __future__ import annotations

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from app.extensions import db
from app.models import CandidateSession, Mail
from app.services import invitations
from tests import factories as make

pytestmark = pytest.mark.browser
SAVED = re.compile(r"^Saved \d\d:\d\d:\d\d$")
REPLY = "Your reply to Ben"


def mailed(live, message: str, pattern: str) -> str:
    """What stands in the newest mail of a kind, as the mailbox keeps it."""
    live.run_work()
    with live.app.app_context():
        mail = db.session.query(Mail).filter_by(message=message).order_by(Mail.id.desc()).first()
        return re.search(pattern, mail.body, re.M).group()


@pytest.fixture
def link(live) -> str:
    """The link in the mail of somebody who has applied."""
    with live.app.app_context():
        make.make_application(name="Asha Rao", email="asha@example.org")
        db.session.commit()
    return mailed(live, "link", r"http://\S+/your-link/\S+")


@pytest.fixture
def open_browser(browser: Browser):
    """Browsers of their own, as on different devices; a page that complains fails the test."""
    contexts, troubles = [], []

    def opened(**options) -> Page:
        contexts.append(browser.new_context(locale="en-GB", **options))
        page = contexts[-1].new_page()
        page.on("pageerror", lambda error: troubles.append(str(error)))
        page.on("console", lambda message: troubles.append(message.text) if "Policy" in message.text else None)
        return page

    yield opened
    for context in contexts:
        context.close()
    assert not troubles, troubles


def begin(page: Page, link: str, words: str) -> None:
    page.goto(link)
    page.get_by_role("button", name="Go to my application").click()
    page.get_by_role("link", name="Look at the task").click()
    page.get_by_role("button", name="Start").click()
    page.get_by_label(REPLY).fill(words)
    expect(page.locator("[data-save-state]")).to_have_text(SAVED)


def accessible(page: Page) -> None:
    found = Axe().run(page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]})
    assert found.violations_count == 0, found.generate_report()


def test_a_second_device_gets_in_with_the_mailed_code_and_sees_the_draft(live, link, open_browser):
    computer, phone = open_browser(), open_browser(viewport={"width": 360, "height": 640}, is_mobile=True)
    begin(computer, link, "Hi Ben, written on my computer")

    phone.goto(link)
    accessible(phone)
    phone.get_by_role("button", name="Mail me a code").click()
    expect(phone.get_by_text("We have mailed a code to a…@example.org")).to_be_visible()
    accessible(phone)
    code = mailed(live, "code", r"^\w{4} \w{4}$")
    phone.get_by_label("The code from our mail").fill("BBBB BBBB")
    phone.get_by_role("button", name="Go to my application").click()
    expect(phone.get_by_text("This is not the code in our newest mail")).to_be_visible()
    accessible(phone)
    phone.get_by_label("The code from our mail").fill(f" {code.lower()} ")
    phone.get_by_role("button", name="Go to my application").click()
    phone.get_by_role("link", name="Go on writing").click()

    expect(phone.get_by_label(REPLY)).to_have_value("Hi Ben, written on my computer")
    assert "/your-link/" not in phone.url
    computer.get_by_label(REPLY).fill("Hi Ben, both of us are in")
    expect(computer.locator("[data-save-state]")).to_have_text(SAVED)


def test_words_typed_after_a_night_are_there_when_the_link_was_opened_again(live, link, open_browser):
    page = open_browser()
    begin(page, link, "Evening words")
    with live.app.app_context():
        db.session.query(CandidateSession).update(
            {CandidateSession.seen_at: db.session.query(CandidateSession).one().seen_at - invitations.QUIET_AFTER}
        )
        db.session.commit()

    page.get_by_label(REPLY).fill("Morning words")
    expect(page.locator("[data-save-state]")).to_contain_text("Open your link again")
    page.goto(page.url)
    expect(page.get_by_text("Nothing is lost")).to_be_visible()
    page.goto(link)
    page.get_by_role("button", name="Go to my application").click()
    page.get_by_role("link", name="Go on writing").click()

    expect(page.get_by_label(REPLY)).to_have_value("Morning words")
    expect(page.locator("[data-save-state]")).to_have_text(SAVED)


def test_somebody_elses_browser_is_out_once_the_link_is_replaced(live, link, open_browser):
    mine, theirs = open_browser(), open_browser()
    theirs.goto(link)
    theirs.get_by_role("button", name="Go to my application").click()
    begin(mine, link, "My words")

    mine.get_by_role("link", name="Somebody else may have my link").click()
    accessible(mine)
    mine.get_by_role("button", name="Mail me a new link").click()
    expect(mine.get_by_text("Your new link is on its way")).to_be_visible()

    theirs.reload()
    expect(theirs.get_by_role("heading", name="Your link")).to_be_visible()
    theirs.goto(link)
    expect(theirs.get_by_text("This link does not work any more")).to_be_visible()
    accessible(theirs)
    theirs.goto(mailed(live, "new_link", r"http://\S+/your-link/\S+"))
    expect(theirs.get_by_role("button", name="Mail me a code")).to_be_visible()
