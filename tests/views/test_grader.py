"""The review desk: what it shows, what it hides, and that nothing typed is lost."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from app.extensions import db
from app.models import Assignment, Duty, Rating, User
from app.services import ratings
from tests import factories as make

CRITERIA = ("action", "consequences", "no_hoops", "tone", "language")


def form_of(level: object = 2, **changes: object) -> dict[str, object]:
    return {f"level-{key}": level for key in CRITERIA} | changes


def ratings_of(assignment: Assignment) -> dict[str, int | None]:
    query = select(Rating.criterion, Rating.level).where(Rating.assignment_id == assignment.id)
    return dict(db.session.execute(query).all())


@pytest.fixture
def reader(ctx) -> User:
    return make.make_user(Duty.GRADER, name="Rita Reader")


@pytest.fixture
def browser(reader, sign_in):
    return sign_in(reader)


def test_the_desk_says_what_waits_and_opens_the_next_answer(browser, reader):
    assignment = make.make_assignment(reader)
    db.session.commit()

    desk_page = browser.get("/review")
    opened = browser.post("/review/next")
    answer = browser.get(opened.location)

    assert "One answer waits for you." in desk_page.text
    assert (opened.status_code, opened.location) == (303, f"/review/{assignment.code}")
    assert "please close my account - Ben" in answer.text
    assert "Your account is closed, and there is nothing more for you to do." in answer.text
    assert "Says plainly that it is done" in answer.text
    assert "Reserved for you until" in answer.text


def test_saving_levels_stores_them_and_opens_the_next_answer(browser, reader):
    first, second = make.make_assignment(reader), make.make_assignment(reader)
    db.session.commit()
    code = browser.post("/review/next").location.rsplit("/", 1)[-1]
    read, other = (first, second) if first.code == code else (second, first)

    saved = browser.post(f"/review/{code}", data=form_of(3, **{"level-tone": "cannot", "comment-action": "Clear."}))

    assert (saved.status_code, saved.location) == (303, f"/review/{other.code}")
    assert ratings_of(read) == dict.fromkeys(CRITERIA, 3) | {"tone": None}
    assert ratings.reading(read).comments == {"action": "Clear."}


def test_after_the_last_answer_the_desk_says_that_nothing_waits(browser, reader):
    assignment = make.make_assignment(reader)
    db.session.commit()

    saved = browser.post(f"/review/{assignment.code}", data=form_of(), follow_redirects=True)

    assert saved.request.path == "/review"
    assert "Nothing waits for you now." in saved.text
