"""Winnow as it is measured: its settings, its web app, and the people who are there when the clock starts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from flask import Flask, session
from flask_wtf.csrf import generate_csrf

from app import clock, create_app, locale, people, setup, tokens
from app.extensions import db
from app.models import Application, Attempt, Opening, OpeningState
from app.services import applications, catalog, company, invitations, openings, publishing, roles, staff, submissions
from app.services.applications import Details
from app.services.audit import SYSTEM
from app.services.openings import OpeningPlan
from bench import client
from config import Config

SLUG = "close-my-account"
WORKSPACE = f"/my/{SLUG}/answer"
SUBMIT = f"/my/{SLUG}/submit"
REPLY = (
    "Hi Ben,\n\nYour account is closed, and there is nothing more for you to do. You have paid until the 30th and will "
    "not be charged again. We keep your data for 30 days; until then you can have a copy, just answer this mail.\n\n"
    "Thank you for being with us. Should you want to come back, we will be glad.\n\nKind regards\nRobin"
)


@dataclass(frozen=True)
class Visitor:
    """A candidate's browser: its cookie, and the token of the forms that it was given."""

    cookie: str
    csrf_token: str

    def reads(self) -> bytes:
        """Open the workspace."""
        return client.get(WORKSPACE, self.cookie)

    def hands_in(self) -> bytes:
        """Press the button of a form that was just opened: a new key each time, not final."""
        fields = {
            "csrf_token": self.csrf_token,
            "key": tokens.fresh(),
            "revision": "0",
            "hand_in_draft": "y",
            "answer-reply": REPLY,
        }
        return client.post(SUBMIT, fields, self.cookie)


def create(home: str, url: str) -> Flask:
    """The application with the settings of a trial, in a data folder and with a queue server of the benchmark's own."""
    return create_app(Config.from_environ({"WINNOW_HOME": home, "REDIS_URL": url}))


def with_candidates(home: Path, url: str, count: int) -> list[Visitor]:
    """A new data folder with one opening and `count` people who have started the challenge, each in their browser."""
    app = create(str(home), url)
    with app.app_context():
        opening = open_first(app)
        application_ids = [start(opening, number).invitation.application_id for number in range(count)]
        db.session.commit()
    return [visit(app, application_id) for application_id in application_ids]


def with_submissions(home: Path, url: str, count: int) -> None:
    """A new data folder with `count` submissions, each with its check to be run."""
    app = create(str(home), url)
    with app.app_context():
        opening = open_first(app)
        for number in range(count):
            submissions.submit(start(opening, number), {"reply": REPLY}, tokens.fresh(), False, clock.now())
        db.session.commit()


def open_first(app: Flask) -> Opening:
    """An opening with Ben's challenge that takes applications for a month."""
    setup.migrate_database()
    now = clock.now()
    staff.ensure_roles()
    company.found("Bench Ltd", now)
    challenges = catalog.load_all(catalog.SHIPPED).challenges
    version, _ = publishing.publish(next(one for one in challenges if one.slug == SLUG), now)
    region = company.region_by_code("EMEA")
    assert region is not None
    plan = OpeningPlan(
        title="Support agent",
        description="Help our customers in their own language.",
        place="Anywhere in the region",
        closes_local=(now + timedelta(days=30)).replace(tzinfo=None, microsecond=0),
        pay="€2,400 to €2,900 a month",
    )
    opening = openings.open_in(roles.create("Support agent", [version], SYSTEM, now), region, plan, SYSTEM, now)
    openings.change_state(opening, OpeningState.OPEN, SYSTEM, now)
    return opening


def start(opening: Opening, number: int) -> Attempt:
    """Somebody who has applied and started."""
    details = Details(
        name=f"Candidate {number}",
        email=f"candidate{number}@example.org",
        country="BR",
        zone="America/Sao_Paulo",
        locale="en",
    )
    application = applications.apply(opening, details, clock.now()).application
    return submissions.start(invitations.of(application)[0], "en", clock.now())


def visit(app: Flask, application_id: int) -> Visitor:
    """What the button behind the private link leaves in a browser."""
    with app.test_request_context():
        people.begin_candidate_session(db.session.get_one(Application, application_id), by_link=True)
        session[locale.CHOICE] = "en"
        csrf_token = generate_csrf()
        db.session.commit()
        signer = app.session_interface.get_signing_serializer(app)  # type: ignore[attr-defined]
        return Visitor(f"{app.config['SESSION_COOKIE_NAME']}={signer.dumps(dict(session))}", csrf_token)
