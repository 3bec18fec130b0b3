"""Files in an answer: kept as they come, sealed, and copied for reviewers without what says who made them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import func, select

from app import file_types, files, tokens
from app.extensions import db
from app.file_types import BadFile
from app.models import Attempt, StoredFile, Submission
from app.queue import defer
from app.refusals import NotFound
from app.services import publishing
from app.services.catalog_types import Part, PartKind
from app.services.work import Hopeless

LONGEST_CODE = 24
MOST_FILES = 40
"""So many files one attempt may bring, replaced ones included: enough for every change of mind, too few for a disk."""


def part_of(attempt: Attempt, field: str) -> Part:
    """The part that this field of files belongs to, or NotFound."""
    challenge = publishing.challenge_of(attempt.invitation.challenge_version)
    for part in challenge.parts:
        if part.key == field and part.kind is PartKind.FILE:
            return part
    raise NotFound


def keep(attempt: Attempt, field: str, name: str, data: bytes, now: datetime) -> StoredFile:
    """Keep one file for a field of an attempt. Raises BadFile where it is none that is asked for.

    The same file again for the same field is the one that is there.
    """
    part = part_of(attempt, field)
    kind = file_types.type_of(name, data, part.types)
    if _count(attempt) >= MOST_FILES:
        raise BadFile("You have sent many files already. Choose among those, or write to the team.")
    digest = files.put(data)
    same = select(StoredFile).where(
        StoredFile.attempt_id == attempt.id, StoredFile.field == field, StoredFile.sha256 == digest
    )
    before = db.session.scalar(same)
    if before is not None:
        return before
    is_text = kind in file_types.TEXTS
    stored = StoredFile(
        code=tokens.code(20),
        attempt=attempt,
        field=field,
        original_name=file_types.clean_name(name),
        type=kind,
        size=len(data),
        sha256=digest,
        copy_sha256=digest if is_text else None,
        bleached_at=now if is_text else None,
        stored_at=now,
    )
    db.session.add(stored)
    db.session.flush()
    if not is_text:
        defer("bleach", stored.id, now)
    return stored


def _count(attempt: Attempt) -> int:
    query = select(func.count()).select_from(StoredFile).where(StoredFile.attempt_id == attempt.id)
    return db.session.scalar(query) or 0


def of_attempt(attempt: Attempt) -> dict[str, StoredFile]:
    """Every file that was kept for an attempt, by its code."""
    rows = db.session.scalars(select(StoredFile).where(StoredFile.attempt_id == attempt.id))
    return {file.code: file for file in rows}


def by_code(code: str) -> StoredFile | None:
    """The file with this code."""
    return db.session.scalar(select(StoredFile).where(StoredFile.code == code))


def in_submission(submission: Submission) -> dict[str, StoredFile]:
    """The files that a submission names, by code."""
    return named(submission.attempt, [str(text) for text in submission.answers.values()])


def named(attempt: Attempt, codes: Iterable[str]) -> dict[str, StoredFile]:
    """The files of an attempt among these codes; nothing of anybody else's."""
    wanted = {code for code in codes if 0 < len(code) <= LONGEST_CODE}
    return {code: file for code, file in of_attempt(attempt).items() if code in wanted} if wanted else {}


def original(file: StoredFile) -> bytes:
    """The bytes as they came: for the candidate, whose they are, and for whoever may know the name."""
    return files.read(file.sha256)


def readable_copy(file: StoredFile) -> bytes:
    """The copy for those who may not know whose it is; NotFound until it is made, and where none could be."""
    if file.copy_sha256 is None:
        raise NotFound
    return files.read(file.copy_sha256)


# --- work of kind "bleach": the copy for reviewers ------------------------------------------------------------------


def make_copy(file_id: int) -> str | None:
    """Make the copy and keep it; gives its SHA-256, or None where no copy can be made."""
    # Only workers load what decodes pictures and PDFs.
    from app.bleaching import Unreadable, bleach  # noqa: PLC0415

    file = db.session.get(StoredFile, file_id)
    if file is None:
        raise Hopeless("The file was deleted.")
    try:
        return files.put(bleach(file.type, files.read(file.sha256)))
    except FileNotFoundError:
        raise Hopeless("The file is not in the data folder of this machine.") from None
    except Unreadable:
        return None


def note_copy(file_id: int, digest: str | None, now: datetime) -> None:
    """Note where the copy is, or that there is none."""
    file = db.session.get_one(StoredFile, file_id)
    file.copy_sha256, file.bleached_at = digest, now
