"""After the answer, on a phone: the outcome, a second review, two questions, a copy of one's data, and deleting it."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select

from app import clock
from app.extensions import db
from app.models import Assignment, Candidate, Duty, Erasure, Mail, Stage, Survey, Work, WorkState
from app.services import appeals, assignments, comments, decisions, ratings
from tests import factories as make
from tests.invariants import assert_invariants

pytestmark = pytest.mark.browser
PHONE = {"width": 390, "height": 800}


@pytest.fixture
def link(live) -> str:
    """The mailed link of somebody who was turned down near the line, in a role that allows second reviews."""
    with live.app.app_context():
        for _ in range(2):
            make.make_user(Duty.GRADER)
        manager = make.make_user(Duty.MANAGER)
        opening = make.make_opening()
        appeals.allow(opening.role, 30, 7, manager.id, clock.now())
        person = make.make_application(opening, name="Asha Rao", email="asha@example.org")
        attempt_id = make.make_submission(make.make_attempt(make.make_invitation(person))).attempt_id
        db.session.commit()
        live.run_work()
        for assignment in assignments.of_attempt(attempt_id):
            read(assignment, 1)
        db.session.commit()
        live.run_work()
        comments.write(person, comments.WHOLE, "You wrote so warmly.", manager.id, clock.now())
        decisions.decide(person, Stage.NOT_SELECTED, "Below the line.", manager.id, clock.now())
        decisions.release(person, manager.id, clock.now())
        make.make_user(Duty.GRADER)
        db.session.commit()
        live.run_work()
        body = db.session.scalars(select(Mail.body).where(Mail.message == "link")).one()
        return str(re.search(r"http\S+/your-link/\S+", body or "").group())  # type: ignore[union-attr]


def read(assignment: Assignment, level: int) -> None:
    levels = dict.fromkeys(ratings.criteria_of(assignment), level)
    ratings.record(assignment, assignment.grader_id, levels, {}, clock.now())


@pytest.fixture
def phone(live, browser: Browser):
    context = browser.new_context(viewport=PHONE, base_url=live.url, timezone_id="Asia/Kolkata", locale="en-GB")
    page = context.new_page()
    troubles: list[str] = []
    page.on("pageerror", lambda error: troubles.append(str(error)))
    page.on("console", lambda message: troubles.append(message.text) if "Policy" in message.text else None)
    yield page
    context.close()
    assert not troubles, troubles


def looks_right(page: Page, name: str) -> None:
    """Nothing sticks out at the side, and no fault that a machine can find stands in anybody's way."""
    page.wait_for_load_state()  # Without its style sheets a page may be wider.
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), name
    found = Axe().run(page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]})
    assert found.violations_count == 0, found.generate_report()
    if folder := os.environ.get("PICTURES"):
        _pictures(page, Path(folder), name)


def _pictures(page: Page, folder: Path, name: str) -> None:
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        for kind, size in (("phone", PHONE), ("wide", {"width": 1280, "height": 900})):
            page.set_viewport_size(size)  # type: ignore[arg-type]
            page.screenshot(path=folder / f"{name}-{kind}-{scheme}.png", full_page=True)
    page.emulate_media(color_scheme="light")
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]


def test_from_the_outcome_to_a_dead_link(live, phone, link, tmp_path):
    page = phone
    page.goto(link)
    page.locator("main").get_by_role("button").click()
    # This browser is a new one, and there is work to read.
    expect(page.get_by_label("The code from our mail")).to_be_visible()
    page.get_by_label("The code from our mail").fill(mailed_code(live))
    page.get_by_role("button", name="Go to my application").click()
    expect(page.get_by_text("You are not on the shortlist this time.")).to_be_visible()
    expect(page.get_by_text("You wrote so warmly.")).to_be_visible()
    expect(page.get_by_text("Can be understood, but mistakes or jargon distract.")).to_be_visible()
    looks_right(page, "outcome")

    page.get_by_role("button", name="Ask for a second review").click()
    expect(page.get_by_text("Somebody who has not seen your answer before reads it again")).to_be_visible()
    second_review(live)
    page.reload()
    expect(page.get_by_text("it stays as it was")).to_be_visible()
    looks_right(page, "second-review")

    page.get_by_role("link", name="Two questions for you").click()
    looks_right(page, "survey")
    page.get_by_label("4", exact=True).check()
    page.get_by_label("How many minutes did it really take you?").fill("35")
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_text("Thank you. That helps the people who come after you.")).to_be_visible()

    page.get_by_role("link", name="My data").click()
    looks_right(page, "data")
    with page.expect_download() as download:
        page.get_by_role("button", name="Download it as JSON").click()
    saved = tmp_path / "mine.json"
    download.value.save_as(saved)
    records = json.loads(saved.read_text("utf-8"))["records"]
    assert records["candidate"][0]["name"] == "Asha Rao"
    assert records["survey"][0]["fair"] == 4
    page.get_by_role("button", name="Read it here").click()
    expect(page.get_by_text("asha@example.org").first).to_be_visible()
    looks_right(page, "copy")

    page.get_by_role("link", name="My data").click()
    page.get_by_role("link", name="Delete my data").click()
    looks_right(page, "delete")
    page.get_by_label("Yes, delete my data.").check()
    page.get_by_role("button", name="Delete my data").click()
    expect(page.get_by_text("Your data is deleted, and your links are dead.")).to_be_visible()

    page.goto(link)
    expect(page.get_by_role("heading", name="This link does not work any more")).to_be_visible()
    all_is_gone(live)


def mailed_code(live) -> str:
    """The code in the mail that the workers send."""
    live.run_work()
    with live.app.app_context():
        body = db.session.scalars(select(Mail.body).where(Mail.message == "code")).one()
        return str(re.search(r"(?m)^\w{4} \w{4}$", body or "").group())  # type: ignore[union-attr]


def second_review(live) -> None:
    """The workers find a reader, who reads; the manager decides that it stays."""
    live.run_work()
    with live.app.app_context():
        reading = db.session.scalars(select(Assignment).where(Assignment.is_appeal)).one()
        read(reading, 1)
        db.session.commit()
        live.run_work()
        application = assignments.application_of(reading)
        appeals.settle(application, Stage.NOT_SELECTED, "Read again: it stays.", 1, clock.now())
        db.session.commit()
    live.run_work()


def all_is_gone(live) -> None:
    """The last mail leaves, and then nothing says who it was."""
    live.run_work()
    with live.app.app_context():
        # As if a minute had passed.
        db.session.query(Work).filter_by(kind="erase", state=WorkState.PENDING).update({"next_at": clock.now()})
        db.session.commit()
    live.run_work()
    with live.app.app_context():
        person = db.session.scalars(select(Candidate)).one()
        assert (person.name, person.email) == ("(erased)", "")
        assert db.session.scalars(select(Erasure)).one().done_at is not None
        assert db.session.scalars(select(Survey.fair)).one() == 4
        assert_invariants()
