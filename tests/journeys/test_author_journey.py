"""A hiring manager writes a challenge by keyboard, looks at it as a candidate, and publishes it."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from app import clock
from app.extensions import db
from app.models import Duty
from app.services import authoring, publishing, staff
from tests import factories as make

pytestmark = pytest.mark.browser
MOST_TABS = 150


@pytest.fixture
def afternoon(live, browser):
    """A page of a signed-in hiring manager; complaints of the page fail the test."""
    with live.app.app_context():
        make.make_company()
        manager = make.make_user(Duty.MANAGER)
        signer = live.app.session_interface.get_signing_serializer(live.app)
        token = staff.open_session(manager, clock.now())
        cookie = signer.dumps({"_user_id": manager.fs_uniquifier, "_fresh": True, "staff": token})
        db.session.commit()
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    context.add_cookies([{"name": "winnow", "value": cookie, "url": live.url}])
    page, complaints = context.new_page(), []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    yield page
    context.close()
    assert [said for said in complaints if "422" not in said and "409" not in said] == []


def tab_to(page: Page, selector: str) -> None:
    """Go on with the Tab key until the control has the focus; fails where the keyboard does not lead there."""
    for _ in range(MOST_TABS):
        if page.evaluate("wanted => document.activeElement?.matches(wanted)", selector):
            return
        page.keyboard.press("Tab")
    pytest.fail(f"The keyboard does not lead to {selector}")


def write(page: Page, path: str, text: str) -> None:
    """Write into the control with this path."""
    tab_to(page, f'[id="{path}"]')
    page.keyboard.press("Control+a")
    page.keyboard.type(text)


def press(page: Page, do: str) -> None:
    """Press a button of the form by keyboard, and wait until the page has saved."""
    tab_to(page, f'button[value="{do}"]:not([tabindex="-1"])')
    if do == "next":
        with page.expect_navigation(wait_until="load"):
            page.keyboard.press("Enter")
        return
    with page.expect_response(lambda answer: answer.request.method == "GET" and "/drafts/" in answer.url):
        page.keyboard.press("Enter")
    page.wait_for_load_state("networkidle")


def test_a_challenge_is_written_by_keyboard_looked_at_and_published(live, afternoon):
    page = afternoon
    page.goto(f"{live.url}/challenges/new")
    page.keyboard.type("A late parcel")
    page.keyboard.press("Enter")
    page.wait_for_url("**/situation")

    write(page, "summary.en", "Reply to a customer whose parcel is late.")
    write(page, "messages.0.sender.en", "Ana")
    write(page, "messages.0.text.en", "Where is my parcel?")
    for place, fact in enumerate(("It comes on Friday.", "Shipping is paid back.", "Nobody has to sign.")):
        write(page, f"facts.{place}.words.en", fact)
    press(page, "add:facts")
    expect(page.locator('[id="facts.3.words.en"]')).to_be_focused()
    page.keyboard.type("She may cancel.")
    write(page, "task.en", "Write the reply to **Ana**.")
    press(page, "next")
    assert page.url.endswith("/answer")
    press(page, "next")

    write(page, "new.criteria", "Says when")
    press(page, "add:criteria")
    expect(page.locator('[id="criteria.0.name.en"]')).to_be_focused()
    write(page, "criteria.0.meaning.en", "Ana knows when it comes.")
    for level in range(4):
        write(page, f"criteria.0.levels.{level}.en", f"Anchor {level}")
    for place in range(2):
        write(page, f"follow_ups.{place}.words.en", f"Question {place}?")
    write(page, "guide_text.en", "Read it once as Ana.")
    press(page, "next")

    press(page, "add:examples")
    write(page, "examples.0.answers.your_reply", "Dear Ana, it comes on Friday.")
    tab_to(page, '[name="examples.0.levels.says_when"]')
    page.keyboard.press("Space")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    write(page, "examples.0.why", "Says the day.")
    press(page, "save")
    expect(page.get_by_text("Saved.")).to_be_visible()

    page.goto(f"{live.url}/challenges/drafts/a-late-parcel/v1/publish")
    expect(page.get_by_text("Everything is there.")).to_be_visible()
    frame = page.frame_locator("iframe.frame")
    expect(frame.get_by_text("Where is my parcel?")).to_be_visible()
    expect(page.locator("iframe.frame")).to_have_js_property("clientWidth", 390)
    page.get_by_role("link", name="As a reviewer").click()
    expect(page.frame_locator("iframe.frame").get_by_text("Dear Ana, it comes on Friday.")).to_be_visible()
    tab_to(page, "form[data-confirm] button")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Publish").last.press("Enter")
    page.wait_for_url("**/challenges/a-late-parcel/v1")

    with live.app.app_context():
        challenge = publishing.challenge_of(publishing.find("a-late-parcel", 1))
    assert [one.levels for one in challenge.examples] == [{"says_when": 2}]
    assert challenge.briefs["en"].facts == {
        "it_comes_on_friday": "It comes on Friday.",
        "shipping_is_paid_back": "Shipping is paid back.",
        "nobody_has_to_sign": "Nobody has to sign.",
        "she_may_cancel": "She may cancel.",
    }


def test_saving_stays_on_the_page_refreshes_the_preview_and_says_what_is_missing(live, afternoon):
    page = afternoon
    page.goto(f"{live.url}/challenges/new")
    page.keyboard.type("A late parcel")
    page.keyboard.press("Enter")
    page.wait_for_url("**/situation")
    page.locator("[data-live] summary").click()
    frame = page.frame_locator("[data-live] iframe")
    expect(frame.get_by_role("heading", name="A late parcel")).to_be_visible()

    page.locator('[id="title.en"]').fill("A lost parcel")
    page.locator('[id="minutes"]').fill("soon")
    page.locator('[id="minutes"]').press("Enter")

    expect(frame.get_by_role("heading", name="A lost parcel")).to_be_visible()
    expect(page.locator('[id="minutes-errors"]')).to_have_text("Please write a whole number from 1 to 240.")
    expect(page.locator('[id="minutes"]')).to_be_focused()
    expect(page.get_by_role("heading", name="A lost parcel", level=1)).to_be_visible()


def test_what_was_typed_is_on_the_page_when_somebody_else_was_quicker(live, afternoon):
    page = afternoon
    page.goto(f"{live.url}/challenges/new")
    page.keyboard.type("A late parcel")
    page.keyboard.press("Enter")
    page.wait_for_url("**/situation")
    with live.app.app_context():
        draft = authoring.get("a-late-parcel", 1)
        authoring.save(draft, authoring.content_of(draft), draft.revision, clock.now())
        db.session.commit()

    page.locator('[id="summary.en"]').fill("Words that nobody else has")
    page.get_by_role("button", name="Save", exact=True).last.click()

    expect(page.get_by_role("heading", name="This was not saved, and here is what you wrote")).to_be_visible()
    expect(page.get_by_text("Words that nobody else has")).to_be_visible()
