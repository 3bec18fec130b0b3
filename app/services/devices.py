"""The browsers in which a candidate acts: which are known, and the mailed code that lets a further one in."""

from __future__ import annotations

import enum
import hmac
import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, or_, select, update

from app import sql, tokens
from app.extensions import db
from app.models import Application, Attempt, CandidateDevice, CandidateSession, EntryCode, Invitation
from app.services import audit, mails
from app.services.audit import SYSTEM, Actor

CODE_HOLDS = timedelta(minutes=10)
MOST_TRIES = 5
LOCKED_FOR = timedelta(minutes=15)
# Between two codes, and at most in an hour: nobody's mailbox is flooded by a stranger who has their link.
NEXT_CODE_AFTER = timedelta(minutes=1)
MOST_CODES, PER = 6, timedelta(hours=1)


class Tried(enum.Enum):
    """What came of a code that was typed in."""

    RIGHT = "right"
    WRONG = "wrong"
    # Used, too old, or none was mailed.
    ENDED = "ended"
    LOCKED = "locked"


@dataclass(frozen=True)
class Asked:
    """Where an application stands with its code, now. `locked_until` None: it can be tried or asked for."""

    is_sent: bool
    locked_until: datetime | None


def needs_code(application: Application, device: str | None) -> bool:
    """Whether this browser must enter a mailed code: there is work to read or to spoil, and we do not know it.

    Until a draft exists a new browser costs one button; there is nothing to lose yet, and people begin on whatever
    device is at hand.
    """
    return _has_work(application) and not is_known(application, device)


def is_known(application: Application, device: str | None) -> bool:
    """Whether this browser was let in to the application before and has not been forgotten since."""
    if device is None:
        return False
    row = select(CandidateDevice.id).where(
        CandidateDevice.token_hash == tokens.hash_of(device), CandidateDevice.application_id == application.id
    )
    return db.session.scalar(row) is not None


def _has_work(application: Application) -> bool:
    worked_on = or_(Attempt.draft_saved_at.is_not(None), Attempt.submission_count > 0)
    row = select(Attempt.id).join(Invitation).where(Invitation.application_id == application.id, worked_on).limit(1)
    return db.session.scalar(row) is not None


def remember(application: Application, device: str, now: datetime) -> None:
    """This browser needs no code for this application from now on."""
    sql.insert_if_absent(
        CandidateDevice, token_hash=tokens.hash_of(device), application_id=application.id, created_at=now
    )


def forget(device: str) -> None:
    """This browser is a stranger again, for all its applications."""
    db.session.execute(delete(CandidateDevice).where(CandidateDevice.token_hash == tokens.hash_of(device)))


def forget_others(application: Application, session: str | None, device: str | None) -> None:
    """End every session of an application and forget every browser, but these (given by their tokens)."""
    ended = delete(CandidateSession).where(CandidateSession.application_id == application.id)
    forgotten = delete(CandidateDevice).where(CandidateDevice.application_id == application.id)
    if session is not None:
        ended = ended.where(CandidateSession.token_hash != tokens.hash_of(session))
    if device is not None:
        forgotten = forgotten.where(CandidateDevice.token_hash != tokens.hash_of(device))
    db.session.execute(ended)
    db.session.execute(forgotten)


# --- the code ----------------------------------------------------------------------------------------------------


def asked(application: Application, now: datetime) -> Asked:
    """What the page for the code must know."""
    row = db.session.get(EntryCode, application.id, populate_existing=True)
    if row is None:
        return Asked(is_sent=False, locked_until=None)
    is_locked = row.locked_until is not None and now < row.locked_until
    is_sent = row.asked_at is not None and now < row.asked_at + CODE_HOLDS
    return Asked(is_sent=is_sent and not is_locked, locked_until=row.locked_until if is_locked else None)


def mail_code(application: Application, now: datetime) -> bool:
    """Mail a new code to the candidate; older ones stop at once. False: one went a moment ago, or it is locked."""
    sql.insert_if_absent(EntryCode, application_id=application.id, number=0, tries=0)
    if len(mails.lately("code", application, now - PER)) >= MOST_CODES:
        return False
    is_time = or_(EntryCode.asked_at.is_(None), EntryCode.asked_at <= now - NEXT_CODE_AFTER)
    is_free = or_(EntryCode.locked_until.is_(None), EntryCode.locked_until <= now)
    renewed = sql.changed(
        update(EntryCode)
        .where(EntryCode.application_id == application.id, is_time, is_free)
        .values(number=EntryCode.number + 1, asked_at=now, code_hash=None, expires_at=None, tries=0, locked_until=None)
    )
    if not renewed:
        return False
    number = _row(application).number
    mails.post("code", application.candidate, now, is_awaited=True, application=application.id, code=number)
    audit.record(SYSTEM, "device.code", "application", application.id, now)
    return True


def arm(application_id: int, number: int, code_hash: str, now: datetime) -> None:
    """The mail with this code has left: it holds for ten minutes, unless a newer one was asked for meanwhile."""
    sql.changed(
        update(EntryCode)
        .where(EntryCode.application_id == application_id, EntryCode.number == number)
        .values(code_hash=code_hash, expires_at=now + CODE_HOLDS)
    )


def try_code(application: Application, typed: str, now: datetime) -> Tried:
    """Look at a typed code. The right one is spent; the fifth wrong one locks this application for 15 minutes.

    The caller commits whatever comes of it: a try counts.
    """
    holds = (EntryCode.application_id == application.id, EntryCode.expires_at > now, EntryCode.tries < MOST_TRIES)
    # Counted before it is looked at, so that many tries at the same moment are no more than five.
    is_counted = sql.changed(update(EntryCode).where(*holds).values(tries=EntryCode.tries + 1))
    if not is_counted:
        return Tried.LOCKED if asked(application, now).locked_until else Tried.ENDED
    row = _row(application)
    if hmac.compare_digest(row.code_hash or "", tokens.hash_of(_plain(typed))):
        # Another one may be asked for at once: the answer to this try can be lost on its way.
        row.code_hash, row.expires_at, row.asked_at = None, None, None
        audit.record(Actor.candidate(application.candidate_id), "device.enter", "application", application.id, now)
        return Tried.RIGHT
    if row.tries < MOST_TRIES:
        return Tried.WRONG
    row.code_hash, row.expires_at, row.locked_until = None, None, now + LOCKED_FOR
    audit.record(SYSTEM, "device.lock", "application", application.id, now)
    return Tried.LOCKED


def _row(application: Application) -> EntryCode:
    return db.session.get_one(EntryCode, application.id, populate_existing=True)


def _plain(typed: str) -> str:
    """A code as it was made: capitals and digits only, however it was written (wide letters of a Chinese keyboard)."""
    return "".join(letter for letter in unicodedata.normalize("NFKC", typed).upper() if letter.isalnum())
