"""The kinds of answer in a real browser: an order by keyboard alone, source with its preview, a phone."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from app import clock
from app.extensions import db
from app.models import Submission
from app.services import invitations
from tests import kinds
from tests.files import png
from tests.journeys.test_candidate_journey import SAVED, accessible, nothing_sticks_out

pytestmark = pytest.mark.browser
TASK = f"/my/{kinds.SLUG}"


def enter(live, browser: Browser, **options) -> Page:
    """The workspace, opened by somebody who has started."""
    with live.app.app_context():
        application = kinds.make_application()
        token = invitations.open_session(application, clock.now(), by_link=True)
        db.session.commit()
        cookie = live.app.session_interface.get_signing_serializer(live.app).dumps({"candidate": token})
    context = browser.new_context(**({"base_url": live.url, "viewport": {"width": 1280, "height": 800}} | options))
    context.add_cookies([{"name": "winnow", "value": cookie, "url": live.url}])
    page = context.new_page()
    page.goto(TASK)
    page.get_by_role("button", name="Start").click()
    page.get_by_label("Address of your dashboard").wait_for()
    return page


@pytest.fixture
def page(live, browser: Browser):
    page = enter(live, browser)
    troubles: list[str] = []
    page.on("pageerror", lambda error: troubles.append(str(error)))
    page.on("console", lambda message: troubles.append(message.text) if "Policy" in message.text else None)
    yield page
    page.context.close()
    assert not troubles, troubles


def order_of(page: Page) -> list[str]:
    return page.locator(".item-name").all_inner_texts()


def test_an_order_is_made_by_keyboard_alone_and_survives_a_reload(live, page):
    expect(page.get_by_text("This order is not yours yet.")).to_be_visible()
    page.get_by_role("button", name="Up: Rita: other invoices").focus()
    page.keyboard.press("Enter")
    expect(page.locator("[data-order-said]")).to_have_text("Rita: other invoices: place 2 of 4")
    expect(page.get_by_role("button", name="Up: Rita: other invoices")).to_be_focused()
    page.keyboard.press("Space")
    page.keyboard.press("Enter")  # it is the first already
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Down: Rita: other invoices")).to_be_focused()
    wanted = ["Rita: other invoices", "Jon: password reset", "Vera: praise", "Paul: refund"]
    assert order_of(page) == wanted
    expect(page.get_by_text("This order is not yours yet.")).to_be_hidden()
    page.locator("textarea[name='answer-queue.t3']").fill("Somebody's data is open.")
    expect(page.locator("[data-save-state]")).to_have_text(SAVED)

    page.reload()

    assert order_of(page) == wanted
    assert page.locator("[data-place]").all_inner_texts() == ["1", "2", "3", "4"]
    expect(page.locator("textarea[name='answer-queue.t3']")).to_have_value("Somebody's data is open.")


def test_an_order_that_was_not_saved_is_put_back(live, page):
    page.context.set_offline(True)
    page.get_by_role("button", name="Down: Jon: password reset").click()
    page.evaluate("document.querySelector('form[data-autosave]').dataset.autosave = '/nowhere'")
    page.context.set_offline(False)

    page.reload()

    assert order_of(page)[:2] == ["Vera: praise", "Jon: password reset"]
    expect(page.locator("[data-save-state]")).to_have_text(SAVED)


def test_items_are_dragged_by_their_handle(live, page):
    page.set_viewport_size({"width": 1280, "height": 1900})
    last = page.locator(".item").last
    handle, first = last.locator("[data-handle]"), page.locator(".item").first
    page.locator("[data-order-fold]").click()
    handle.scroll_into_view_if_needed()
    start, end = handle.bounding_box(), first.bounding_box()
    page.mouse.move(start["x"] + 10, start["y"] + 10)
    page.mouse.down()
    for step in range(1, 11):
        page.mouse.move(start["x"] + 10, start["y"] + 10 + (end["y"] + 5 - start["y"] - 10) * step / 10)
    page.mouse.up()

    assert order_of(page)[0] == "Paul: refund"
    expect(page.locator("[data-order-said]")).to_have_text("Paul: refund: place 1 of 4")


def test_the_preview_shows_what_was_typed_once_it_is_saved(live, page):
    page.locator("textarea[name='answer-widget.html']").fill("<h1 class='a'>On duty</h1><script>parent.x=1</script>")
    page.locator("textarea[name='answer-widget.css']").fill(".a { color: rgb(1, 2, 3) }")
    page.get_by_role("button", name="Show what I have").click()

    heading = page.frame_locator(".preview iframe").get_by_role("heading", name="On duty")
    expect(heading).to_have_css("color", "rgb(1, 2, 3)")
    assert page.url.endswith("/answer")
    page.locator("textarea[name='answer-widget.html']").fill("<h1>Later</h1>")
    expect(page.frame_locator(".preview iframe").get_by_role("heading", name="Later")).to_be_visible()


def test_an_answer_of_every_kind_is_handed_in(live, page):
    for name, text in kinds.ANSWERS.items():
        if name != "queue":
            page.locator(f"[name='answer-{name}']").fill(text)
    page.get_by_role("button", name="Keep this order").click()
    page.get_by_role("button", name="Hand in").click()

    expect(page.get_by_role("heading", name="Your answer has arrived")).to_be_visible()
    with live.app.app_context():
        assert db.session.query(Submission).one().answers["queue"] == "t1 t2 t3 t4"
    assert page.evaluate("Object.keys(localStorage)") == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_kind_is_accessible_on_a_phone(live, browser, scheme):
    page = enter(live, browser, viewport={"width": 360, "height": 640}, color_scheme=scheme)

    nothing_sticks_out(page)
    accessible(page)
    page.get_by_role("button", name="Hand in").click()
    expect(page.get_by_text("Nothing is lost. Please look at these again:")).to_be_visible()
    nothing_sticks_out(page)
    accessible(page)
    page.context.close()


def test_an_order_is_made_without_javascript(live, browser):
    page = enter(live, browser, java_script_enabled=False)
    for place, name in enumerate(["Rita", "Jon", "Paul", "Vera"], start=1):
        page.locator(".item", has_text=f"{name}:").locator("select").first.select_option(str(place))
    page.get_by_role("button", name="Save", exact=True).click()

    expect(page.locator(".item-name").first).to_have_text("Rita: other invoices")
    assert [re.sub(":.*", "", each) for each in order_of(page)] == ["Rita", "Jon", "Paul", "Vera"]
    page.context.close()


def test_a_file_is_sent_at_once_and_taken_out_again(live, page):
    picker = page.get_by_label("A picture of it")
    picker.set_input_files({"name": "shot.png", "mimeType": "image/png", "buffer": png()})
    expect(page.get_by_text("The file is kept.")).to_be_visible()
    expect(page.locator("[data-save-state]")).to_have_text(SAVED)
    page.reload()
    expect(page.get_by_text("shot.png")).to_be_visible()

    page.get_by_role("button", name="Take it out").click()
    expect(page.get_by_text("shot.png")).to_be_hidden()
    expect(page.locator("[data-save-state]")).to_have_text(SAVED)
    picker.set_input_files({"name": "shot.png", "mimeType": "image/png", "buffer": b"MZ nothing"})

    expect(page.get_by_text("The content of this file is not what its name says.")).to_be_visible()
    accessible(page)
