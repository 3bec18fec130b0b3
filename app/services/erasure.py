"""Deleting a person's data, over all their applications: out at once, empty at once, gone within the hour.

What stays says nothing about anybody: ids, codes, levels, moments, counts. Work of kind "erase" does the last of it
once the mail that confirms it has left, and does it all again, so that nothing that was under way stays behind.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, func, or_, select, update

from app import clock, files, sql
from app.extensions import db
from app.models import (
    Application,
    Assignment,
    AssignmentState,
    Attempt,
    Candidate,
    Erasure,
    Invitation,
    Mail,
    Stage,
    StoredFile,
    Work,
    WorkState,
)
from app.queue import defer
from app.services import accommodations, appeals, applications, assignments, audit, mails, messages, personal, work
from app.services.audit import Actor
from app.services.owners import Owner, ids
from app.services.work import Hopeless, NotYet

# So long the last mail may take; then the address goes without it.
LONGEST_MAIL = timedelta(days=1)
SOON, A_WHILE = timedelta(minutes=1), timedelta(minutes=5)
# Needed until the last mail has left.
_LAST = frozenset({"email", "locale"})


def erase(candidate: Candidate, by: Actor, now: datetime, is_told: bool = True) -> bool:
    """Delete everything that says who somebody is or what they wrote. False if it was asked for before.

    They are out at once: no link, no session, nothing to read for reviewers. `is_told`: they get a last mail.
    """
    # A legal hold (issue 8) is refused here, with its reason, before anything is touched.
    if not sql.insert_if_absent(Erasure, candidate_id=candidate.id, asked_at=now):
        return False
    mine = list(db.session.scalars(select(Application).where(Application.candidate_id == candidate.id)))
    for application in mine:
        _leave(application, by, now)
    _call_off(candidate.id, now)
    candidate.erased_at, candidate.email_key = now, f"erased:{candidate.id}"
    db.session.execute(
        update(Invitation)
        .where(Invitation.application_id.in_(ids(Owner.APPLICATION, candidate.id)), Invitation.revoked_at.is_(None))
        .values(revoked_at=now)
        .execution_options(synchronize_session=False)
    )
    if is_told:
        db.session.get_one(Erasure, candidate.id).mail_id = mails.post("erased", candidate, now).id
    db.session.flush()
    _empty(candidate.id, later=_LAST)
    audit.record(by, "data.erase", "candidate", candidate.id, now)
    defer("erase", candidate.id, now, at=now + SOON)
    return True


def _leave(application: Application, by: Actor, now: datetime) -> None:
    """Out of the race, unless it is over and they know it; whoever reads their answer stops."""
    is_over = application.released_at is not None and application.stage is Stage.NOT_SELECTED
    if not is_over and Stage.WITHDRAWN in applications.LEGAL[application.stage]:
        applications.change_stage(application, Stage.WITHDRAWN, by, now)
    appeals.end(application.id, now)
    messages.end(application)


def _call_off(candidate_id: int, now: datetime) -> None:
    """Nobody reads, checks, closes or mails anything more; a result under way is refused by its fence."""
    attempts = ids(Owner.ATTEMPT, candidate_id)
    db.session.execute(
        update(Assignment)
        .where(Assignment.attempt_id.in_(attempts), Assignment.state.in_(assignments.WAITING))
        .values(state=AssignmentState.RELEASED, lease_until=None)
        .execution_options(synchronize_session=False)
    )
    for kind in ("close", "assign", "third"):
        work.cancel_about(kind, attempts, now)
    for kind in ("check", "freeze", "sketch", "compare"):
        work.cancel_about(kind, ids(Owner.SUBMISSION, candidate_id), now)
    accommodations.end(ids(Owner.APPLICATION, candidate_id), now)
    work.cancel_about("mail", select(Mail.id).where(Mail.candidate_id == candidate_id), now)


def _empty(candidate_id: int, later: frozenset[str] = frozenset()) -> None:
    """Empty every personal column, and delete the rows that are nothing else. `later`: the person's last columns."""
    db.session.flush()
    for table in personal.TABLES:
        mine = table.of(candidate_id)
        if table.goes:
            # Rows of files go with their bytes, in `finish`.
            if table.model is not StoredFile:
                db.session.execute(delete(table.model).where(mine).execution_options(synchronize_session=False))
            continue
        kept = later | {"email_key"} if table.model is Candidate else frozenset[str]()
        values = {name: value for name, value in table.personal.items() if name not in kept}
        if values:
            emptied = update(table.model).where(mine).values(values)
            db.session.execute(emptied.execution_options(synchronize_session=False))
    db.session.expire_all()


# --- work of kind "erase": the address, the files, and what was under way -------------------------------------------


def look(candidate_id: int) -> None:
    """Whether everything can go now. NotYet while the last mail is on its way, or a file is being worked on."""
    erasure, now = db.session.get(Erasure, candidate_id), clock.now()
    if erasure is None:
        raise Hopeless("There is no erasure of this person.")
    mail = db.session.get(Mail, erasure.mail_id) if erasure.mail_id else None
    if mail is not None and mail.sent_at is None and now - erasure.asked_at < LONGEST_MAIL and _is_due(mail):
        raise NotYet("The mail that confirms it has not left yet.", SOON)
    copies = select(Work.id).where(Work.kind == "bleach", work.is_in(WorkState.RUNNING))
    mine = select(StoredFile.id).join(Attempt).where(StoredFile.attempt_id.in_(ids(Owner.ATTEMPT, candidate_id)))
    if db.session.scalar(copies.where(Work.subject_id.in_(mine)).limit(1)) is not None:
        raise NotYet("A copy of a file is being made.", SOON)
    if any(files.is_fresh(digest, now) for digest in _digests(candidate_id)):
        raise NotYet("The same file was sent a moment ago.", A_WHILE)


def _is_due(mail: Mail) -> bool:
    found = db.session.scalar(select(Work.state).where(Work.key == f"mail:{mail.id}"))
    return found in (WorkState.PENDING, WorkState.RUNNING)


def _digests(candidate_id: int) -> set[str]:
    mine = StoredFile.attempt_id.in_(ids(Owner.ATTEMPT, candidate_id))
    rows = db.session.execute(select(StoredFile.sha256, StoredFile.copy_sha256).where(mine))
    return {digest for row in rows for digest in row if digest is not None}


def finish(candidate_id: int, _nothing: None, now: datetime) -> None:
    """Empty everything for good, with the address and the files. Doing it again changes nothing."""
    attempts = ids(Owner.ATTEMPT, candidate_id)
    mine = select(StoredFile.id).where(StoredFile.attempt_id.in_(attempts))
    work.cancel_about("bleach", mine, now)
    accommodations.end(ids(Owner.APPLICATION, candidate_id), now)
    digests = _digests(candidate_id)
    rows = delete(StoredFile).where(StoredFile.attempt_id.in_(attempts))
    db.session.execute(rows.execution_options(synchronize_session=False))
    _empty(candidate_id)
    erasure = db.session.get_one(Erasure, candidate_id)
    if erasure.done_at is None:
        erasure.done_at = now
    # Before the commit: where that fails, all of this is done again, and the bytes were to go anyway.
    for digest in sorted(digests):
        if not _is_used(digest):
            files.remove(digest)


def _is_used(digest: str) -> bool:
    """Whether somebody else has handed in the same bytes."""
    same = or_(StoredFile.sha256 == digest, StoredFile.copy_sha256 == digest)
    return bool(db.session.scalar(select(func.count()).select_from(StoredFile).where(same)))


# --- the ledger: an older backup brings erased people back -----------------------------------------------------------


def ledger() -> Iterator[str]:
    """Every erasure as a line of JSON, without anything about the person but ids and moments."""
    query = select(Erasure, Candidate.created_at).join(Candidate, Candidate.id == Erasure.candidate_id)
    for erasure, created_at in db.session.execute(query.order_by(Erasure.candidate_id)):
        line = {"candidate": erasure.candidate_id, "known_since": created_at.isoformat()}
        yield json.dumps(line | {"erased_at": erasure.asked_at.isoformat()})


def repeat(lines: Iterable[str], now: datetime) -> int:
    """Erase those of a ledger who are back; gives how many. An id that is somebody else by now is left alone."""
    done = 0
    for line in lines:
        if not line.strip():
            continue
        entry: dict[str, Any] = json.loads(line)
        candidate = db.session.get(Candidate, entry["candidate"])
        if candidate is None or candidate.created_at != datetime.fromisoformat(entry["known_since"]):
            continue
        done += erase(candidate, audit.SYSTEM, now, is_told=False)
    return done
