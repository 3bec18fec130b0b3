"""Publishing: the frozen content of a challenge version in the database. From then on it never changes."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from app.extensions import db
from app.models import ChallengeVersion
from app.refusals import Refused
from app.services import audit, catalog
from app.services.audit import SYSTEM
from app.services.catalog import Challenge

# More than anybody writes, and not more than a column of the database holds: an address may name any number.
MOST_VERSIONS = 2**31 - 1
# Fingerprint → challenge; as many as this company has published.
_built: dict[str, Challenge] = {}


class Edited(Refused):
    """A published version was changed in its files."""

    code = "edited"


def publish(challenge: Challenge, now: datetime) -> tuple[ChallengeVersion, bool]:
    """Store a challenge's content and fingerprint; gives the row and whether it is new.

    Publishing the same content again changes nothing. Other content under a published number is refused.
    """
    fingerprint = catalog.fingerprint(challenge)
    found = find(challenge.slug, challenge.version)
    if found is not None:
        if found.fingerprint != fingerprint:
            raise Edited(
                f"{challenge.name} is published and has been edited since. Scores name it, so it must not change: "
                f"undo the edit, or copy the folder to v{challenge.version + 1} and edit there."
            )
        return found, False
    version = ChallengeVersion(
        slug=challenge.slug,
        version=challenge.version,
        fingerprint=fingerprint,
        content=catalog.content(challenge),
        published_at=now,
    )
    db.session.add(version)
    db.session.flush()
    audit.record(SYSTEM, "challenge.publish", "challenge_version", version.id, now)
    return version, True


def challenge_of(version: ChallengeVersion) -> Challenge:
    """The published challenge. Kept once it was built: a version never changes, and building it takes milliseconds."""
    found = _built.get(version.fingerprint)
    if found is None:
        found = _built[version.fingerprint] = catalog.from_content(version.content)
    return found


def find(slug: str, version: int) -> ChallengeVersion | None:
    """The published version, if there is one."""
    if version > MOST_VERSIONS:
        return None
    return db.session.scalar(
        select(ChallengeVersion).where(ChallengeVersion.slug == slug, ChallengeVersion.version == version)
    )


def newest() -> list[ChallengeVersion]:
    """The newest published version of every challenge, by name."""
    versions = db.session.scalars(select(ChallengeVersion).order_by(ChallengeVersion.slug, ChallengeVersion.version))
    return list({version.slug: version for version in versions}.values())
