"""Ask for a mail: a row with codes and ids in this transaction, and the work that sends it."""

from __future__ import annotations

from datetime import datetime

from app.extensions import db
from app.models import Candidate, Mail, User
from app.queue import defer


def post(message: str, reader: Candidate | User, now: datetime, **about: int) -> Mail:
    """Send `message` (the name of a template in templates/mail) to one person, about the records with these ids."""
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
    defer("mail", mail.id, now)
    return mail
