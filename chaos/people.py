"""The applicants, made by the product's own services in one step before it starts: all have started the challenge."""

from __future__ import annotations

import contextlib
import logging
import re
from collections.abc import Callable
from datetime import timedelta

from sqlalchemy import Engine, text, update
from sqlalchemy.exc import DBAPIError

from app import clock, create_app, logs, setup, tokens
from app.extensions import db
from app.models import Mail, Opening, OpeningState, Work, WorkState
from app.services import applications, catalog, company, invitations, openings, publishing, roles, staff, submissions
from app.services.applications import Details
from app.services.audit import SYSTEM
from app.services.openings import OpeningPlan
from config import Config

SLUG = "close-my-account"
AT_ONCE = 200
CODES = """
    SELECT mail.body FROM mail JOIN candidate ON candidate.id = mail.candidate_id
    WHERE mail.message = 'code' AND candidate.email_key = :address ORDER BY mail.id DESC LIMIT 1
"""


def prepare(settings: dict[str, str], count: int, tell: Callable[[str], None]) -> list[str]:
    """A new database with one opening and `count` applicants who have started; the paths of their private links."""
    app = create_app(Config.from_environ(settings))
    logs.configure(logging.ERROR)  # No queue server runs yet to hear the bells.
    with app.app_context():
        try:
            opening_id, links = _open(), list[str]()
            while len(links) < count:
                opening = db.session.get_one(Opening, opening_id)
                numbers = range(len(links), min(len(links) + AT_ONCE, count))
                links += [_apply(opening, number, app.config["SECRET_KEY"]) for number in numbers]
                db.session.commit()
                db.session.expunge_all()
            _send_nothing()
            tell(f"{count} people have applied and started")
            return links
        finally:
            db.session.remove()
            for engine in db.engines.values():
                engine.dispose()
            logs.configure()


def newest_code(engine: Engine, number: int) -> str | None:
    """The newest code that was mailed to a person, from the mailbox; None while it is on its way."""
    with contextlib.suppress(DBAPIError), engine.connect() as connection:
        body = connection.execute(text(CODES), {"address": address_of(number)}).scalar()
        found = re.search(r"^\w{4} \w{4}$", body or "", re.M)
        return found.group() if found else None
    return None


def address_of(number: int) -> str:
    """A person's mail address."""
    return f"applicant{number}@example.org"


def _open() -> int:
    setup.migrate_database()
    now = clock.now()
    staff.ensure_roles()
    company.found("Chaos Ltd", now)
    challenge = catalog.load_all(catalog.SHIPPED).get(SLUG, 1)
    region = company.region_by_code("EMEA")
    assert challenge is not None and region is not None
    version, _ = publishing.publish(challenge, now)
    plan = OpeningPlan(
        title="Support agent",
        description="Help our customers in their own language.",
        place="Anywhere in the region",
        closes_local=(now + timedelta(days=30)).replace(tzinfo=None, microsecond=0),
        pay=None,
    )
    opening = openings.open_in(roles.create("Support agent", [version], SYSTEM, now), region, plan, SYSTEM, now)
    openings.change_state(opening, OpeningState.OPEN, SYSTEM, now)
    db.session.commit()
    return opening.id


def _apply(opening: Opening, number: int, secret: str) -> str:
    """Apply and start; the path of the link, which holds as it does once its mail has left (`mail.keep`)."""
    details = Details(name=f"Applicant {number}", email=address_of(number), country="RO", zone="UTC", locale="en")
    application = applications.apply(opening, details, clock.now()).application
    invitation = invitations.of(application)[0]
    submissions.start(invitation, "en", clock.now())
    token = tokens.derived(secret, "invitation", invitation.id, invitation.link_number)
    invitation.token_hash = tokens.hash_of(token)
    return f"/your-link/{token}"


def _send_nothing() -> None:
    """The mails with the links count as sent: thousands of them would only delay what is tried here."""
    now = clock.now()
    db.session.execute(update(Mail).values(sent_at=now))
    done = {"state": WorkState.SUCCEEDED, "finished_at": now}
    db.session.execute(update(Work).where(Work.kind == "mail").values(done))
    db.session.commit()
