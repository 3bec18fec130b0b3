"""What was wrong with the challenges when they were last published, for administrators."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import delete, func, select

from app.extensions import db
from app.models import LibraryFault
from app.services.catalog import Fault

LONGEST_FILE = 500


def replace(faults: Iterable[Fault], now: datetime) -> None:
    """Keep what a run found, instead of what the run before found."""
    db.session.execute(delete(LibraryFault))
    for fault in faults:
        db.session.add(
            LibraryFault(file=fault.file[-LONGEST_FILE:], line=fault.line, message=fault.message, seen_at=now)
        )
    db.session.flush()


def newest() -> list[LibraryFault]:
    """What the last run found, by file and line."""
    return list(db.session.scalars(select(LibraryFault).order_by(LibraryFault.file, LibraryFault.line)))


def count() -> int:
    """How many faults the last run found."""
    return db.session.scalar(select(func.count()).select_from(LibraryFault)) or 0
