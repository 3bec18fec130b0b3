"""A reviewer's evening, by keyboard alone."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from app import clock
from app.extensions import db
from app.models import Assignment, AssignmentState, Duty, Rating
from app.services import staff
from tests import factories as make

pytestmark = pytest.mark.browser


@pytest.fixture
def evening(live, browser):
    """A page of a signed-in reviewer with three answers to read; complaints of the page fail the test."""
    with live.app.app_context():
        reader = make.make_user(Duty.GRADER)
        for _ in range(3):
            make.make_assignment(reader)
        signer = live.app.session_interface.get_signing_serializer(live.app)
        token = staff.open_session(reader, clock.now())
        cookie = signer.dumps({"_user_id": reader.fs_uniquifier, "_fresh": True, "staff": token})
        db.session.commit()
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    context.add_cookies([{"name": "winnow", "value": cookie, "url": live.url}])
    page, complaints = context.new_page(), []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    page.goto(f"{live.url}/review")
    yield page
    context.close()
    assert [said for said in complaints if "422" not in said] == []


def current(page):
    """The criterion that the next key is for."""
    return page.locator(".criterion-current fieldset").get_attribute("data-criterion")


def chosen(page):
    """What is chosen, in rubric order."""
    return page.eval_on_selector_all(
        "fieldset.levels", "all => all.map(e => e.querySelector(':checked')?.value || null)"
    )


def test_an_evening_of_reviews_needs_no_mouse(live, evening):
    page = evening
    page.keyboard.press("Enter")  # the one gold button has the focus
    page.wait_for_url("**/review/*")
    first = page.url
    assert current(page) == "action"

    for key in "32c":
        page.keyboard.press(key)
    assert (chosen(page), current(page)) == (["3", "2", "cannot", None, None], "tone")

    page.keyboard.press("u")
    assert (chosen(page), current(page)) == (["3", "2", None, None, None], "no_hoops")

    with page.expect_navigation():
        page.keyboard.press("Control+Enter")
    expect(page.get_by_text("Not saved yet")).to_be_visible()
    assert (chosen(page), current(page)) == (["3", "2", None, None, None], "no_hoops")

    for key in "100":
        page.keyboard.press(key)
    with page.expect_navigation():
        page.keyboard.press("Control+Enter")
    assert page.url != first

    second = page.url
    page.keyboard.press("s")
    expect(page.locator("#skip")).to_be_visible()
    page.keyboard.press("Space")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert page.url not in (first, second)

    for key in "33333":
        page.keyboard.press(key)
    with page.expect_navigation():
        page.keyboard.press("Enter")  # after the last criterion the save button has the focus
    assert page.url == second
    with live.app.app_context():
        rated = select(Rating.criterion, Rating.level).join(Assignment).where(Assignment.code == first.rsplit("/")[-1])
        levels = dict(db.session.execute(rated).all())
        done = db.session.query(Assignment).filter_by(state=AssignmentState.RATED).count()
    assert levels == {"action": 3, "consequences": 2, "no_hoops": 1, "tone": 0, "language": 0}
    assert done == 2


def test_keys_write_inside_a_comment_and_can_be_turned_off(evening):
    page = evening
    page.keyboard.press("Enter")
    page.wait_for_url("**/review/*")

    page.keyboard.press("?")
    expect(page.locator("#keys")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#keys")).to_be_hidden()

    page.locator("details.comment summary").first.focus()
    page.keyboard.press("Enter")
    page.locator("#comment-action").focus()
    page.keyboard.type("30 days, 2 facts: so ok?")
    assert page.locator("#comment-action").input_value() == "30 days, 2 facts: so ok?"
    assert chosen(page) == [None] * 5

    page.locator("[data-keys-switch]").focus()
    page.keyboard.press("Space")
    page.keyboard.press("3")
    page.reload()
    page.keyboard.press("3")
    assert chosen(page) == [None] * 5
    assert not page.locator("[data-keys-switch]").is_checked()


def test_a_page_in_use_keeps_its_answer_reserved(live, evening):
    page = evening
    page.clock.install()
    page.keyboard.press("Enter")
    page.wait_for_url("**/review/*")
    page.keyboard.press("2")

    with page.expect_response("**/hold") as held:
        page.clock.fast_forward("05:00")

    assert held.value.status == 200
