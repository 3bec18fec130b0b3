"""Where uploaded files lie: a folder in the data folder, each file under the SHA-256 of its bytes.

The same bytes are kept once. A file is there whole or not at all: written aside, forced to the disk, then renamed.
Names that people give never reach the disk.
"""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path

from flask import Flask, Response, abort, current_app, request

# One request may bring this much; each file may have file_types.LARGEST. Generous, so that one photograph too large is
# answered with words beside its field, and everything typed, instead of a broken connection.
LARGEST_REQUEST = 40 * 1024 * 1024
FRESH = timedelta(minutes=5)
POLICY = "sandbox; default-src 'none'; frame-ancestors 'none'"
MEDIA_TYPES = {"pdf": "application/pdf", "png": "image/png", "jpg": "image/jpeg"}
_DIGEST = re.compile(r"[0-9a-f]{64}")


def init_app(app: Flask) -> None:
    """Register the hook that reads nothing. It must come before whatever looks into a form."""
    app.before_request(_judge_request)


def _judge_request() -> None:
    if request.endpoint in current_app.config["WINNOW_UPLOADS"]:
        request.max_content_length = LARGEST_REQUEST
    if request.headers.get("Content-Encoding", "identity") != "identity":
        abort(415)


def put(data: bytes) -> str:
    """Keep these bytes; gives their SHA-256. Keeping the same bytes again changes nothing."""
    digest = hashlib.sha256(data).hexdigest()
    path = _path(digest)
    with suppress(FileNotFoundError):
        # Somebody needs it again: `is_fresh` keeps it from being removed before their row is written.
        os.utime(path)
        return digest
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle, aside = tempfile.mkstemp(dir=path.parent, prefix=".new-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(aside).replace(path)
    except BaseException:
        Path(aside).unlink(missing_ok=True)
        raise
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
    return digest


def read(digest: str) -> bytes:
    """The bytes with this SHA-256; FileNotFoundError where they are gone, ValueError where they are others by now."""
    data = _path(digest).read_bytes()
    if hashlib.sha256(data).hexdigest() != digest:
        raise ValueError(f"The file {digest} was changed on the disk.")
    return data


def is_fresh(digest: str, now: datetime) -> bool:
    """Whether these bytes were sent within the last five minutes; a row that names them may be on its way."""
    try:
        return now.timestamp() - _path(digest).stat().st_mtime < FRESH.total_seconds()
    except FileNotFoundError:
        return False


def remove(digest: str) -> None:
    """Remove these bytes for good. Only where no row names them, and not while they are fresh."""
    _path(digest).unlink(missing_ok=True)


def _path(digest: str) -> Path:
    if not _DIGEST.fullmatch(digest):
        raise ValueError(f"{digest!r} is no SHA-256.")
    home: Path = current_app.config["WINNOW"].home
    return home / "files" / digest[:2] / digest


def answer(data: bytes, kind: str, name: str) -> Response:
    """A file as a download: never guessed at, never opened as a page of this site."""
    response = Response(data, content_type=MEDIA_TYPES.get(kind, "text/plain; charset=utf-8"))
    response.headers.set("Content-Disposition", "attachment", filename=name)
    response.headers["Content-Security-Policy"] = POLICY
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    return response
