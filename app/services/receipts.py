"""Receipts that anybody can check: what came when, as a few lines of text with a signature.

The lines are English and the same in every language, so that a copy from a page or a mail can be read by the verifier.
They name the answer by its SHA-256 and hold nothing about the person.
"""

from __future__ import annotations

import hmac
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from app import tokens
from app.models import StoredFile, Submission
from app.refusals import Refused

TITLE = "Winnow receipt 1"
LONGEST_TEXT = 20_000
# How it came: in time, in the two minutes after the end, handed in by itself at the end, or later.
ARRIVALS = ("in-time", "in-grace", "at-the-end", "late")
_QUOTED = re.compile(r"^[>\s]+", re.MULTILINE)
_LINES = {
    "receipt": r"Receipt:\s*([0-9A-Z]{6,16})\b",
    "version": r"Version:\s*([0-9]{1,6})\b",
    "received": r"Received:\s*([0-9T:.+Z-]{20,40})",
    "arrived": r"Arrived:\s*([a-z-]{4,12})\b",
    "answers": r"Answers SHA-256:\s*([0-9a-f]{64})\b",
    "signature": r"Signature:\s*([A-Za-z0-9_-]{43})(?![A-Za-z0-9_-])",
}
_FILE = re.compile(r"File ([\w.-]{1,81}) SHA-256:\s*([0-9a-f]{64})\b")


class Unreadable(Refused):
    """The text holds no whole receipt."""

    status = 422
    code = "unreadable_receipt"


@dataclass(frozen=True)
class Receipt:
    """What a receipt says. `received_at` is UTC, `answers` and `files` are SHA-256 in hexadecimal digits."""

    code: str
    version: int
    received_at: datetime
    arrived: str
    answers: str
    files: Mapping[str, str] = field(default_factory=dict)

    @property
    def signed(self) -> str:
        """The canonical JSON that the signature covers."""
        content = {
            "receipt": self.code,
            "version": self.version,
            "received": _moment(self.received_at),
            "arrived": self.arrived,
            "answers": self.answers,
            "files": dict(self.files),
        }
        return json.dumps(content, sort_keys=True, separators=(",", ":"))


def of(submission: Submission, files: Mapping[str, StoredFile]) -> Receipt:
    """The receipt of what was handed in, with the files of its answers by their codes."""
    arrived = ARRIVALS[
        3 if submission.is_late else 2 if submission.is_by_timeout else 1 if submission.is_in_grace else 0
    ]
    return Receipt(
        submission.code,
        submission.number,
        submission.received_at,
        arrived,
        submission.content_hash,
        {one.field: one.sha256 for one in files.values()},
    )


def signature(receipt: Receipt, secret: str) -> str:
    """HMAC-SHA256 by a key of its own, which is derived from the secret key."""
    return tokens.derived(tokens.derived(secret, "receipt", 1), receipt.signed)


def text(receipt: Receipt, secret: str) -> str:
    """The receipt as lines of text, signed."""
    lines = [
        TITLE,
        f"Receipt: {receipt.code}",
        f"Version: {receipt.version}",
        f"Received: {_moment(receipt.received_at)}",
        f"Arrived: {receipt.arrived}",
        f"Answers SHA-256: {receipt.answers}",
        *(f"File {name} SHA-256: {digest}" for name, digest in sorted(receipt.files.items())),
        f"Signature: {signature(receipt, secret)}",
    ]
    return "\n".join(lines)


def is_genuine(written: str, secrets: Sequence[str]) -> tuple[Receipt, bool]:
    """Read a receipt out of a text and say whether one of these keys signed it, every letter.

    Quotation marks of mails and broken lines are forgiven. Raises Unreadable where a line is missing or there twice.
    """
    receipt, signed_as = _read(written)
    found = [hmac.compare_digest(signature(receipt, secret), signed_as) for secret in secrets]
    return receipt, any(found)


def _read(written: str) -> tuple[Receipt, str]:
    plain = _QUOTED.sub("", written)
    values: dict[str, str] = {}
    for name, pattern in _LINES.items():
        hits = set(re.findall(pattern, plain, re.ASCII))
        if len(hits) != 1:
            raise Unreadable("This is not a whole receipt. Please copy all its lines, from the first to the signature.")
        values[name] = hits.pop()
    try:
        received_at = datetime.fromisoformat(values["received"])
        is_utc = received_at.tzinfo is not None
    except ValueError:
        is_utc = False
    if not is_utc:
        raise Unreadable("The moment in this receipt cannot be read. Please copy it once more.")
    receipt = Receipt(
        values["receipt"],
        int(values["version"]),
        received_at,
        values["arrived"],
        values["answers"],
        dict(_FILE.findall(plain)),
    )
    return receipt, values["signature"]


def _moment(instant: datetime) -> str:
    return instant.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
