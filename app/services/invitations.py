"""Invitations: the private link to one's challenge, its window, and the candidate's sessions."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time, timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.orm import joinedload

from app import clock, sql, tokens
from app.extensions import db
from app.models import Application, Attempt, CandidateSession, ChallengeVersion, Invitation, Role, Stage
from app.refusals import Erased, LinkUsed
from app.services import audit, deadlines, devices, mails
from app.services.audit import Actor

# A session acts until it was quiet for so long, and writes until so long after the last window.
QUIET_AFTER = timedelta(hours=12)
WRITES_ON = timedelta(minutes=30)
# Then it only reads: for so long after the last window, and at least as long as a working session.
READS_ON = timedelta(days=30)
# How exactly the last sign of life of a session is kept.
SEEN_EVERY = timedelta(minutes=10)
# A link holds until so long after the application has ended and its owner was told.
LINK_HOLDS_ON = timedelta(days=30)
# Nobody is mailed their link more often.
MAIL_PAUSE = timedelta(minutes=5)
LAST_MINUTE = time(23, 59, 59)


def invite(application: Application, version: ChallengeVersion, now: datetime) -> Invitation:
    """Open the window for one challenge: whole days in the candidate's own zone, ending at 23:59:59 there."""
    zone = application.candidate.zone
    closes_local = _last_minute(application.opening.role, zone, now)
    invitation = Invitation(
        application=application,
        challenge_version=version,
        opens_at=now,
        closes_at=clock.deadline_utc(zone, closes_local),
        closes_local=closes_local.isoformat(),
        closes_zone=zone,
        closes_tzdata=clock.tzdata_version(),
        link_issued_at=now,
        created_at=now,
    )
    db.session.add(invitation)
    db.session.flush()
    audit.record(Actor("system"), "invitation.issue", "invitation", invitation.id, now)
    return invitation


def window_end(role: Role, zone: str, now: datetime) -> datetime:
    """The last moment to answer for somebody in this zone who applies now."""
    return clock.deadline_utc(zone, _last_minute(role, zone, now))


def _last_minute(role: Role, zone: str, now: datetime) -> datetime:
    """The same on the clocks of the zone."""
    last_day = (now.astimezone(clock.zone(zone)) + timedelta(days=role.window_days)).date()
    local = datetime.combine(last_day, LAST_MINUTE)
    try:
        clock.deadline_utc(zone, local)
    except clock.WallTimeSkipped as skipped:
        return skipped.next_valid
    return local


def of(application: Application) -> list[Invitation]:
    """The invitations of an application in the order in which they were issued."""
    return list(
        db.session.scalars(
            select(Invitation).where(Invitation.application_id == application.id).order_by(Invitation.id)
        )
    )


def mail_link(application: Application, now: datetime) -> None:
    """Mail the newest link again, to its owner only; not again within five minutes, so that nobody is flooded.

    A link that has ended is replaced first: whoever reads the mailbox may look at an old application once more.
    """
    if mails.lately("link", application, now - MAIL_PAUSE):
        return
    if _has_ended(of(application)[-1], now):
        _issue(application, now)
    mails.post("link", application.candidate, now, application=application.id, invitation=of(application)[-1].id)


def mail_for_computer(invitation: Invitation, now: datetime) -> bool:
    """Mail the link of one challenge to its owner, to be opened elsewhere. False: it was sent minutes ago."""
    application = invitation.application
    sent = mails.lately("computer", application, now - MAIL_PAUSE)
    if any(about["invitation"] == invitation.id for about in sent):
        return False
    mails.post("computer", application.candidate, now, application=application.id, invitation=invitation.id)
    return True


def replace_link(
    application: Application, by: Actor, now: datetime, session: str | None = None, device: str | None = None
) -> bool:
    """Issue a new link and mail it to its owner; the old one is dead at once, and every other browser is out.

    `session` and `device` are the tokens of the browser that stays in. False: it was replaced minutes ago, and the
    mail is on its way. Raises Erased where the person's data was deleted.
    """
    if application.candidate.erased_at is not None:
        raise Erased("This person has had their data deleted, so nobody can write to them any more.")
    if mails.lately("new_link", application, now - MAIL_PAUSE):
        return False
    _issue(application, now)
    devices.forget_others(application, session, device)
    audit.record(by, "invitation.replace", "application", application.id, now)
    mails.post("new_link", application.candidate, now, application=application.id, invitation=of(application)[-1].id)
    return True


def _issue(application: Application, now: datetime) -> None:
    """All links of this application are dead; the next mails carry others."""
    db.session.execute(
        update(Invitation)
        .where(Invitation.application_id == application.id)
        .values(link_number=Invitation.link_number + 1, link_issued_at=now, token_hash=None)
    )


def arm(invitation_id: int, number: int, token_hash: str) -> None:
    """The mail with this link has left: it holds from now on, unless the link was replaced meanwhile."""
    sql.changed(
        update(Invitation)
        .where(Invitation.id == invitation_id, Invitation.link_number == number)
        .values(token_hash=token_hash)
    )


def by_token(token: str, now: datetime) -> Invitation:
    """The invitation behind a link, or LinkUsed. Changes nothing: mail scanners open links too."""
    return by_hash(tokens.hash_of(token), now)


def by_hash(token_hash: str, now: datetime) -> Invitation:
    """As `by_token`, for a browser that pressed the button and is asked for a code."""
    found = db.session.scalar(select(Invitation).where(Invitation.token_hash == token_hash))
    if found is None or found.revoked_at is not None or _has_ended(found, now):
        raise LinkUsed("This link is not valid any more. Ask for a new one: it comes by mail in a minute.")
    return found


def _has_ended(invitation: Invitation, now: datetime) -> bool:
    """Whether a link is too old: 30 days after its owner was told the end, or it was issued anew."""
    ended_at = _ended_at(invitation.application)
    return ended_at is not None and now >= max(ended_at, invitation.link_issued_at) + LINK_HOLDS_ON


def _ended_at(application: Application) -> datetime | None:
    """When the candidate knew that this application is over; None while it goes on, as far as they know."""
    if application.stage in (Stage.WITHDRAWN, Stage.HIRED, Stage.OFFER_DECLINED):
        return application.stage_since
    if application.stage is Stage.NOT_SELECTED and application.released_at is not None:
        return max(application.stage_since, application.released_at)
    return None


# --- sessions ----------------------------------------------------------------------------------------------------


def open_session(application: Application, now: datetime, by_link: bool) -> str:
    """Begin a candidate's session in this browser; gives the token for its cookie. Ended ones of the same person go.

    Using the link for the first time shows that the mail address is real.
    """
    if by_link:
        sql.changed(
            update(Application)
            .where(Application.id == application.id, Application.verified_at.is_(None))
            .values(verified_at=now)
        )
    mine = CandidateSession.application_id == application.id
    db.session.execute(delete(CandidateSession).where(mine, CandidateSession.ends_at <= now))
    token = tokens.fresh()
    db.session.add(
        CandidateSession(
            token_hash=tokens.hash_of(token),
            application_id=application.id,
            created_at=now,
            seen_at=now,
            ends_at=max(last_end(application) + READS_ON, now + QUIET_AFTER),
        )
    )
    return token


def last_end(application: Application) -> datetime:
    """The last moment at which any of the application's challenges can be answered, extra time included."""
    ends = [deadlines.window_ends_at(invitation) for invitation in of(application)]
    cutoffs = select(Attempt.cutoff_at).join(Invitation).where(Invitation.application_id == application.id)
    ends += db.session.scalars(cutoffs)
    return max(ends)


def close_session(token: str) -> None:
    """Forget this session; its cookie is worth nothing from now on."""
    db.session.execute(delete(CandidateSession).where(CandidateSession.token_hash == tokens.hash_of(token)))


def session_of(token: str, now: datetime) -> CandidateSession | None:
    """This browser's session with its application, while it lasts. It reads; whether it acts, `is_awake` says."""
    return db.session.scalar(
        select(CandidateSession)
        .where(CandidateSession.token_hash == tokens.hash_of(token), CandidateSession.ends_at > now)
        .options(joinedload(CandidateSession.application))
    )


def is_awake(session: CandidateSession, now: datetime) -> bool:
    """Whether the session still acts: it was used within twelve hours. Else its owner opens their link again."""
    return now < session.seen_at + QUIET_AFTER


def may_write(session: CandidateSession, now: datetime) -> bool:
    """Whether answers can still come from this session: it is awake, and the last window ended at most 30 minutes ago.

    What comes in between is kept as late; submissions.submit decides that.
    """
    return is_awake(session, now) and now < last_end(session.application) + WRITES_ON


def is_to_note(session: CandidateSession, now: datetime) -> bool:
    """Whether this sign of life is worth a write. A quiet session is not woken by being looked at."""
    return is_awake(session, now) and now >= session.seen_at + SEEN_EVERY


def note_seen(session_id: int, now: datetime) -> None:
    """The session was used now."""
    db.session.execute(update(CandidateSession).where(CandidateSession.id == session_id).values(seen_at=now))


def challenge_of(invitations: Sequence[Invitation], slug: str) -> Invitation | None:
    """The invitation to the challenge with this slug."""
    return next((entry for entry in invitations if entry.challenge_version.slug == slug), None)
