"""The applicants, made by the product's own services before it starts: all have started the challenge."""

from __future__ import annotations

import contextlib
import logging
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from sqlalchemy import Engine, text, update
from sqlalchemy.exc import DBAPIError

from app import clock, create_app, logs, setup, tokens
from app.extensions import db
from app.models import ChallengeVersion, Mail, Opening, OpeningState
from app.services import (
    applications,
    catalog,
    company,
    invitations,
    openings,
    publishing,
    roles,
    staff,
    submissions,
    work,
)
from app.services.applications import Details
from app.services.audit import SYSTEM
from app.services.catalog_types import Brief, Label, Part, PartKind
from app.services.openings import OpeningPlan
from chaos import rated
from config import Config

# The challenge of closing an account, with room for a link and a picture.
FIRST, SLUG = "close-my-account", "close-my-account-and-more"
LINK, FILE = "page", "picture"
AT_ONCE = 200
MAILS_AT_ONCE = 1_000
CODES = """
    SELECT mail.body FROM mail JOIN candidate ON candidate.id = mail.candidate_id
    WHERE mail.message = 'code' AND candidate.email_key = :address ORDER BY mail.id DESC LIMIT 1
"""


def prepare(settings: dict[str, str], count: int, tell: Callable[[str], None], rated_count: int = 0) -> list[str]:
    """A new database with `count` applicants who have started, and others who were scored; the former's links."""
    app = create_app(Config.from_environ(settings))
    logs.configure(logging.ERROR)  # No queue server runs yet to hear the bells.
    with app.app_context():
        try:
            version = _found()
            opening_id, links = opened("Support agent", "EMEA", version).id, list[str]()
            while len(links) < count:
                opening = db.session.get_one(Opening, opening_id)
                numbers = range(len(links), min(len(links) + AT_ONCE, count))
                links += [_apply(opening, number, app.config["SECRET_KEY"]) for number in numbers]
                db.session.commit()
                db.session.expunge_all()
            tell(f"{count} people have applied and started")
            if rated_count:
                rated.make(opened(rated.TITLE, rated.REGION, version), rated_count)
                tell(f"{rated_count} others have been read and scored")
            _send_nothing()
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


def _found() -> ChallengeVersion:
    """The company, and the challenge with its two parts more."""
    setup.migrate_database()
    now = clock.now()
    staff.ensure_roles()
    company.found("Chaos Ltd", now)
    first = catalog.load_all(catalog.SHIPPED).get(FIRST, 1)
    assert first is not None
    more = (Part(LINK, PartKind.URL, is_required=False), Part(FILE, PartKind.FILE, is_required=False, types=("png",)))
    briefs = {locale: _with_labels(brief) for locale, brief in first.briefs.items()}
    version, _ = publishing.publish(replace(first, slug=SLUG, parts=(*first.parts, *more), briefs=briefs), now)
    return version


def _with_labels(brief: Brief) -> Brief:
    return replace(brief, labels={**brief.labels, LINK: Label("A page"), FILE: Label("A picture")})


def opened(title: str, region_code: str, version: ChallengeVersion) -> Opening:
    """An opening that takes applications, for a role of its own without a shortlist line. Commits."""
    now = clock.now()
    region = company.region_by_code(region_code)
    assert region is not None
    plan = OpeningPlan(
        title=title,
        description="Help our customers in their own language.",
        place="Anywhere in the region",
        closes_local=(now + timedelta(days=30)).replace(tzinfo=None, microsecond=0),
        pay=None,
    )
    role = roles.create(title, [version], SYSTEM, now, line_percent=None)
    opening = openings.open_in(role, region, plan, SYSTEM, now)
    openings.change_state(opening, OpeningState.OPEN, SYSTEM, now)
    db.session.commit()
    return opening


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
    while held := work.claim(["mail"], MAILS_AT_ONCE, work.LEASE, now):
        work.succeed_all(held, now)
    db.session.execute(update(Mail).values(sent_at=now))
    db.session.commit()
