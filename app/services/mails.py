"""Ask for a mail: a row with codes and ids in this transaction, and the work that sends it; and the log of mails."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, String, cast, literal, select

from app.extensions import db
from app.models import Application, Candidate, Mail, User, Work, WorkState
from app.queue import defer

# Due work goes by its moment. Less than the five minutes after which waiting work is a fault.
HEAD_START = timedelta(minutes=4)


@dataclass(frozen=True)
class Logged:
    """A line of the mail log. `failure` says why it could not be sent, None while it was or still may be."""

    mail: Mail
    reader: str
    address: str
    failure: str | None


def log(before_id: int | None = None, limit: int = 50) -> list[Logged]:
    """One page of the mail log, the newest first."""
    query = _with_reader().order_by(Mail.id.desc()).limit(limit)
    if before_id is not None:
        query = query.where(Mail.id < before_id)
    rows = db.session.execute(query)
    return [_logged(mail, candidate, user, work) for mail, candidate, user, work in rows]


def logged(mail_id: int) -> Logged | None:
    """One line of the mail log."""
    row = db.session.execute(_with_reader().where(Mail.id == mail_id)).one_or_none()
    if row is None:
        return None
    mail, candidate, user, work = row
    return _logged(mail, candidate, user, work)


def _with_reader() -> Select[Mail, Candidate, User, Work]:
    # By the key, which has an index.
    work_of_mail = Work.key == literal("mail:") + cast(Mail.id, String)
    return (
        select(Mail, Candidate, User, Work)
        .outerjoin(Candidate, Candidate.id == Mail.candidate_id)
        .outerjoin(User, User.id == Mail.user_id)
        .outerjoin(Work, work_of_mail)
    )


def _logged(mail: Mail, candidate: Candidate | None, user: User | None, work: Work | None) -> Logged:
    reader = candidate or user
    assert reader is not None  # a constraint of the table
    failed = work is not None and work.state in (WorkState.FAILED, WorkState.CANCELLED)
    return Logged(mail, reader.name, mail.address or reader.email, (work.reason or "") if work and failed else None)


def lately(message: str, application: Application, since: datetime) -> list[dict[str, Any]]:
    """What the mails of one kind about an application since then were about."""
    recent = select(Mail.about).where(
        Mail.candidate_id == application.candidate_id, Mail.message == message, Mail.created_at > since
    )
    return [about for about in db.session.scalars(recent) if about.get("application") == application.id]


def post(message: str, reader: Candidate | User, now: datetime, *, is_awaited: bool = False, **about: int) -> Mail:
    """Send `message` (the name of a template in templates/mail) to one person, about the records with these ids.

    `is_awaited`: somebody sits before a page and waits for it, so it goes before hundreds of outcomes.
    """
    to_candidate = isinstance(reader, Candidate)
    mail = Mail(
        message=message,
        candidate_id=reader.id if to_candidate else None,
        user_id=None if to_candidate else reader.id,
        about=dict(about),
        created_at=now,
    )
    db.session.add(mail)
    db.session.flush()  # the work needs the id
    defer("mail", mail.id, now, at=now - HEAD_START if is_awaited else now)
    return mail
