"""Invitations: the private link to one's challenge, its window, and the candidate's sessions."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from typing import Any

from sqlalchemy import delete, select, update

from app import clock, sql, tokens
from app.extensions import db
from app.models import Application, CandidateSession, ChallengeVersion, Invitation, Mail
from app.refusals import LinkUsed
from app.services import audit, mails
from app.services.audit import Actor

# After the window a candidate still reads their status and outcome.
SESSION_HOLDS = timedelta(days=30)
QUIET = timedelta(minutes=5)
LAST_MINUTE = time(23, 59, 59)


def invite(application: Application, version: ChallengeVersion, now: datetime) -> Invitation:
    """Open the window for one challenge: whole days in the candidate's own zone, ending at 23:59:59 there."""
    zone = application.candidate.zone
    days = application.opening.role.window_days
    last_day = (now.astimezone(clock.zone(zone)) + timedelta(days=days)).date()
    closes_local = datetime.combine(last_day, LAST_MINUTE)
    try:
        closes_at = clock.deadline_utc(zone, closes_local)
    except clock.WallTimeSkipped as skipped:
        closes_local = skipped.next_valid
        closes_at = clock.deadline_utc(zone, closes_local)
    invitation = Invitation(
        application=application,
        challenge_version=version,
        opens_at=now,
        closes_at=closes_at,
        closes_local=closes_local.isoformat(),
        closes_zone=zone,
        closes_tzdata=clock.tzdata_version(),
        created_at=now,
    )
    db.session.add(invitation)
    db.session.flush()
    audit.record(Actor("system"), "invitation.issue", "invitation", invitation.id, now)
    return invitation


def of(application: Application) -> list[Invitation]:
    """The invitations of an application in the order in which they were issued."""
    return list(
        db.session.scalars(
            select(Invitation).where(Invitation.application_id == application.id).order_by(Invitation.id)
        )
    )


def mail_link(application: Application, now: datetime) -> None:
    """Mail the newest link again, to its owner only; not again within five minutes, so that nobody is flooded."""
    newest = of(application)[-1]
    if not any(about["application"] == application.id for about in _mailed_lately("link", application, now)):
        mails.post("link", application.candidate, now, application=application.id, invitation=newest.id)


def mail_for_computer(invitation: Invitation, now: datetime) -> bool:
    """Mail the link of one challenge to its owner, to be opened elsewhere. False: it was sent minutes ago."""
    application = invitation.application
    if any(about["invitation"] == invitation.id for about in _mailed_lately("computer", application, now)):
        return False
    mails.post("computer", application.candidate, now, application=application.id, invitation=invitation.id)
    return True


def _mailed_lately(message: str, application: Application, now: datetime) -> list[dict[str, Any]]:
    """What the latest mails of one kind to this person were about."""
    recent = select(Mail.about).where(
        Mail.candidate_id == application.candidate_id, Mail.message == message, Mail.created_at > now - QUIET
    )
    return list(db.session.scalars(recent))


def by_token(token: str) -> Invitation:
    """The invitation behind a link, or LinkUsed. Changes nothing: mail scanners open links too."""
    found = db.session.scalar(select(Invitation).where(Invitation.token_hash == tokens.hash_of(token)))
    if found is None or found.revoked_at is not None:
        raise LinkUsed("This link is not valid any more. Ask for a new one: it comes by mail in a minute.")
    return found


def open_session(application: Application, now: datetime, by_link: bool) -> str:
    """Begin a candidate's session in this browser; gives the token for its cookie.

    Using the link for the first time shows that the mail address is real.
    """
    if by_link:
        sql.changed(
            update(Application)
            .where(Application.id == application.id, Application.verified_at.is_(None))
            .values(verified_at=now)
        )
    token = tokens.fresh()
    db.session.add(
        CandidateSession(
            token_hash=tokens.hash_of(token),
            application_id=application.id,
            created_at=now,
            ends_at=now + SESSION_HOLDS,
        )
    )
    return token


def close_session(token: str) -> None:
    """Forget this browser."""
    db.session.execute(delete(CandidateSession).where(CandidateSession.token_hash == tokens.hash_of(token)))


def application_of_session(token: str, now: datetime) -> Application | None:
    """The application that this browser's session is for, while it lasts."""
    return db.session.scalar(
        select(Application)
        .join(CandidateSession)
        .where(CandidateSession.token_hash == tokens.hash_of(token), CandidateSession.ends_at > now)
    )


def challenge_of(invitations: Sequence[Invitation], slug: str) -> Invitation | None:
    """The invitation to the challenge with this slug."""
    return next((entry for entry in invitations if entry.challenge_version.slug == slug), None)
