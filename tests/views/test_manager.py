"""The hiring manager's room: roles, the ranking that explains itself, decisions and telling."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from app import clock, jobs
from app.extensions import db
from app.models import Application, Duty, User
from app.services import assignments, ratings
from tests import factories as make


def make_scored(settle, levels=(3, 2), opening=None, **person) -> Application:
    """An application whose answer was read by as many people as there are levels."""
    submission = make.make_submission(make.make_attempt(make.make_invitation(make.make_application(opening, **person))))
    settle()
    for assignment, level in zip(assignments.of_attempt(submission.attempt_id), levels, strict=True):
        criteria = dict.fromkeys(ratings.criteria_of(assignment), level)
        ratings.record(assignment, assignment.grader_id, criteria, {}, clock.now())
    settle()
    return submission.attempt.invitation.application


@pytest.fixture
def manager(ctx) -> User:
    return make.make_user(Duty.MANAGER, name="Mara Manager")


@pytest.fixture
def settle(ctx) -> Callable[[], None]:
    """Do what the workers do about answers; mail stays."""

    def work() -> None:
        db.session.commit()
        while jobs.drain_work("quick"):
            pass

    return work


@pytest.fixture
def browser(manager, sign_in):
    return sign_in(manager)


@pytest.fixture
def readers(ctx) -> list[User]:
    return [make.make_user(Duty.GRADER, name=f"Reader Number{number}") for number in range(2)]


def path_of(opening) -> str:
    return f"/roles/{opening.role.slug}/{opening.region.code}"


def test_a_role_is_made_from_a_challenge_and_shown_with_its_rubric(browser):
    form = browser.get("/roles/new")
    version = make.publishing.find("close-my-account", 1)

    made = browser.post(
        "/roles/new",
        data={"title": "Night shift", "challenges": version.id, "readers": 2, "line_percent": 55, "window_days": 5},
    )
    page = browser.get(made.location)

    assert "estimate" in form.text.lower()
    assert (made.status_code, made.location) == (303, "/roles/night-shift")
    assert "Does it and says so" in page.text
    assert "Rubric version 1" in page.text


def test_an_opening_is_ranked_decided_and_released(browser, readers, settle):
    opening = make.make_opening()
    application = make_scored(settle, opening=opening, name="Hidden Name")

    ranking = browser.get(path_of(opening))
    decided = browser.post(
        path_of(opening) + "/decide", data={"codes": application.code, "stage": "SHORTLISTED", "reason": "Clear."}
    )
    told = browser.post(path_of(opening) + "/release", follow_redirects=True)
    dossier = browser.get(f"/applications/{application.code}")

    assert application.code in ranking.text
    assert "83.3%" in ranking.text
    assert "Hidden Name" not in ranking.text
    assert decided.status_code == 303
    assert "One applicant is told by mail." in told.text
    assert "Hidden Name" in dossier.text
    assert "Reviewer 2" in dossier.text
    assert db.session.get(Application, application.id).released_at is not None
