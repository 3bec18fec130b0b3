"""A candidate with an old phone: apply, start, type, lose the page, hand in, read the receipt."""

from __future__ import annotations

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from app.extensions import db
from app.models import Mail, Submission
from tests import factories as make

pytestmark = pytest.mark.browser
PHONE = {"width": 360, "height": 640}
SAVED = re.compile(r"^Saved \d\d:\d\d:\d\d$")


@pytest.fixture
def phone(live, browser: Browser):
    """A phone in Kolkata whose browser still says Asia/Calcutta; a page that complains fails the test."""
    context = browser.new_context(
        viewport=PHONE, base_url=live.url, timezone_id="Asia/Calcutta", locale="en-GB", has_touch=True, is_mobile=True
    )
    page = context.new_page()
    troubles: list[str] = []
    page.on("pageerror", lambda error: troubles.append(str(error)))
    page.on("console", lambda message: troubles.append(message.text) if "Policy" in message.text else None)
    yield page
    context.close()
    assert not troubles, troubles


def opening_of(live) -> str:
    with live.app.app_context():
        opening = make.make_opening()
        db.session.commit()
        return opening.slug


def apply(page: Page, slug: str) -> None:
    page.goto("/jobs")
    page.get_by_role("link", name="Support agent").click()
    page.get_by_role("link", name="Apply").first.click()
    expect(page.locator("#zone")).to_have_value("Asia/Kolkata")
    page.get_by_label("Your name").fill("Asha Rao")
    page.get_by_label("Your e-mail address").fill("asha@example.org")
    page.get_by_label("Country where you live").select_option("IN")
    page.get_by_label("I have read this").check()
    page.get_by_role("button", name="Send my application").click()
    page.get_by_role("link", name="Start now").click()


def start(page: Page) -> None:
    page.get_by_role("button", name="Start").click()
    expect(page.get_by_text("Hi, please close my account - Ben")).to_be_visible()


def nothing_sticks_out(page: Page) -> None:
    page.wait_for_load_state()  # Without its style sheets a page may be wider.
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"), page.url


def accessible(page: Page) -> None:
    found = Axe().run(page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]})
    assert found.violations_count == 0, found.generate_report()


def test_from_the_first_page_to_the_receipt(live, phone):
    apply(phone, opening_of(live))
    nothing_sticks_out(phone)
    start(phone)
    phone.get_by_label("Your reply to Ben").fill(make.GOOD_REPLY)
    expect(phone.locator("[data-save-state]")).to_have_text(SAVED)
    nothing_sticks_out(phone)

    phone.reload()
    expect(phone.get_by_label("Your reply to Ben")).to_have_value(make.GOOD_REPLY)
    phone.get_by_label("This is final.").check()
    phone.get_by_role("button", name="Hand in").click()

    expect(phone.get_by_role("heading", name="Your answer has arrived")).to_be_visible()
    expect(phone.get_by_text("Kolkata (UTC+05:30)").first).to_be_visible()
    expect(phone.get_by_text("Should you want to come back")).to_be_visible()
    nothing_sticks_out(phone)
    assert phone.evaluate("Object.keys(localStorage)") == []
    live.run_work()
    with live.app.app_context():
        submission = db.session.query(Submission).one()
        assert submission.answers == {"reply": make.GOOD_REPLY}
        assert {mail.message for mail in db.session.query(Mail) if mail.sent_at} == {"link", "receipt"}


def test_words_typed_offline_survive_a_reload_and_are_saved_later(live, phone):
    apply(phone, opening_of(live))
    start(phone)
    phone.context.set_offline(True)
    phone.get_by_label("Your reply to Ben").fill("Written on a train")
    expect(phone.locator("[data-save-state]")).to_contain_text("You are offline")

    # Back online, but the page is gone before it could save: the browser's copy is put back and saved.
    phone.evaluate("document.querySelector('form[data-autosave]').dataset.autosave = '/nowhere'")
    phone.context.set_offline(False)
    phone.reload()

    expect(phone.get_by_label("Your reply to Ben")).to_have_value("Written on a train")
    expect(phone.locator("[data-save-state]")).to_have_text(SAVED)


def test_two_windows_show_both_texts_and_wait_for_a_choice(live, phone):
    apply(phone, opening_of(live))
    start(phone)
    second = phone.context.new_page()
    second.goto(phone.url)
    second.get_by_label("Your reply to Ben").fill("from the second window")
    expect(second.locator("[data-save-state]")).to_have_text(SAVED)

    phone.get_by_label("Your reply to Ben").fill("from the first window")
    expect(phone.get_by_text("Both texts are here")).to_be_visible()
    expect(phone.locator("[data-other-text]")).to_have_text("from the second window")
    expect(phone.get_by_label("Your reply to Ben")).to_have_value("from the first window")
    accessible(phone)
    phone.get_by_role("button", name="Take the other text").click()

    expect(phone.get_by_label("Your reply to Ben")).to_have_value("from the second window")
    expect(phone.locator("[data-save-state]")).to_have_text(SAVED)


def test_pressing_hand_in_while_a_save_is_under_way_loses_nothing(live, phone):
    apply(phone, opening_of(live))
    start(phone)
    held: list[object] = []
    phone.route("**/draft?*", lambda route: held.append(route))
    phone.get_by_label("Your reply to Ben").fill("Done, Ben.")
    with phone.expect_request("**/draft?*"):
        pass
    phone.get_by_role("button", name="Hand in").click()
    held[0].continue_()

    expect(phone.get_by_role("heading", name="Your answer has arrived")).to_be_visible()
    expect(phone.get_by_text("Done, Ben.")).to_be_visible()


def test_everything_essential_works_without_javascript(live, browser):
    slug = opening_of(live)
    context = browser.new_context(viewport=PHONE, base_url=live.url, java_script_enabled=False, locale="en-GB")
    page = context.new_page()
    page.goto(f"/jobs/{slug}/apply")
    page.get_by_label("Your name").fill("Asha Rao")
    page.get_by_label("Your e-mail address").fill("asha@example.org")
    page.get_by_label("Country where you live").select_option("IN")
    page.get_by_label("Your time zone").select_option("Asia/Kolkata")
    page.get_by_label("I have read this").check()
    page.get_by_role("button", name="Send my application").click()
    page.get_by_role("link", name="Start now").click()
    start(page)
    page.get_by_label("Your reply to Ben").fill("Half of it")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_label("Your reply to Ben")).to_have_value("Half of it")
    page.get_by_role("button", name="Hand in").click()

    expect(page.get_by_role("heading", name="Your answer has arrived")).to_be_visible()
    context.close()


def test_pages_pass_the_accessibility_checks(live, phone):
    slug = opening_of(live)
    apply(phone, slug)
    accessible(phone)
    for address in ("/jobs", f"/jobs/{slug}", f"/jobs/{slug}/apply", f"/jobs/{slug}/applied", "/my", "/send-link"):
        phone.goto(address)
        accessible(phone)
        nothing_sticks_out(phone)
    phone.goto("/my/close-my-account")
    start(phone)
    accessible(phone)
