"""Links that candidates hand in are opened once, soon after, and what they showed is kept (work of kind "freeze").

What stands behind a link later may be something else, or gone; reviewers read what was frozen, with its SHA-256.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from html import escape
from urllib.parse import urlsplit

from sqlalchemy import select

from app import clock, outgoing, sql
from app.destinations import Reason
from app.extensions import db
from app.models import FrozenPage, LinkState, Submission
from app.outgoing import Failed, Fault, Fetched
from app.queue import defer
from app.refusals import NotFound
from app.services import publishing
from app.services.catalog_types import PartKind
from app.services.work import Hopeless, NotYet
from grading.checks import Note

LARGEST = 1_000_000
"""Bytes of one page that are kept; a larger one is noted as too large."""

MOST_LINKS = 3
TRY_FOR = timedelta(minutes=3)
"""A site that does not answer is asked again for so long: a hiccup of a free host is not the candidate's fault."""
PAUSE = timedelta(seconds=45)
LIMITS = outgoing.Limits(body_bytes=LARGEST)
LONGEST = MOST_LINKS * LIMITS.total_s
"""Seconds that the links of one submission may take together."""

BLOT = "▪▪▪"
_READABLE = {"text/html": "text/html", "application/xhtml+xml": "text/html", "text/plain": "text/plain"}
# What may be over in a minute; a name that does not resolve is a broken link, not a forbidden one.
_PASSING = frozenset({Fault.UNREACHABLE, Fault.TIMEOUT, Reason.UNRESOLVED})
_GOOD_STATUS = range(200, 300)


@dataclass(frozen=True)
class Opened:
    """What came of one link, before it is written."""

    field: str
    state: LinkState
    reason: str | None
    url: str | None
    content_type: str | None
    body: bytes | None
    sha256: str | None


def links_of(submission: Submission) -> dict[str, str]:
    """The links in a submission, by field; at most three."""
    challenge = publishing.challenge_of(submission.attempt.invitation.challenge_version)
    fields = [part.key for part in challenge.parts if part.kind is PartKind.URL]
    found = {field: str(submission.answers.get(field, "")).strip() for field in fields}
    return {field: url for field, url in list(found.items())[:MOST_LINKS] if url}


def open_links(submission_id: int) -> list[Opened]:
    """Open every link through the guard for outgoing requests. NotYet while a site may only be having a hiccup."""
    submission = db.session.get(Submission, submission_id)
    if submission is None:
        raise Hopeless("The submission was deleted.")
    may_wait = clock.now() - submission.received_at < TRY_FOR
    opened = []
    for field, url in links_of(submission).items():
        answer = outgoing.fetch(url, limits=LIMITS)
        is_passing = answer.reason in _PASSING if isinstance(answer, Failed) else answer.status >= 500
        if is_passing and may_wait:
            raise NotYet("A link does not answer yet.", PAUSE)
        opened.append(_judged(field, answer))
    return opened


def _judged(field: str, answer: Fetched | Failed) -> Opened:
    if isinstance(answer, Failed):
        is_broken = isinstance(answer.reason, Fault) or answer.reason in _PASSING
        state = LinkState.BROKEN if is_broken else LinkState.REFUSED
        return Opened(field, state, answer.reason.name.lower(), None, None, None, None)
    if answer.status not in _GOOD_STATUS:
        return Opened(field, LinkState.BROKEN, f"status {answer.status}", answer.url, None, None, None)
    return Opened(
        field, LinkState.ALIVE, None, answer.url, answer.content_type[:100] or None, answer.body, answer.sha256
    )


def keep(submission_id: int, opened: list[Opened], now: datetime) -> None:
    """Store what the links showed, once, and ask for the checks."""
    for one in opened:
        sql.insert_if_absent(
            FrozenPage,
            submission_id=submission_id,
            field=one.field,
            state=one.state,
            reason=one.reason,
            url=one.url,
            content_type=one.content_type,
            body=one.body,
            size=None if one.body is None else len(one.body),
            sha256=one.sha256,
            fetched_at=now,
        )
    defer_check(db.session.get_one(Submission, submission_id), now)


def defer_check(submission: Submission, now: datetime) -> None:
    """Ask for the checks of a submission, once for each version of the challenge."""
    version_id = submission.attempt.invitation.challenge_version_id
    defer("check", submission.id, now, key=f"{submission.id}:{version_id}")


def pages_of(submission: Submission) -> dict[str, FrozenPage]:
    """What the submission's links showed, by field."""
    rows = db.session.scalars(select(FrozenPage).where(FrozenPage.submission_id == submission.id))
    return {page.field: page for page in rows}


def readable_of(submission: Submission) -> set[str]:
    """The fields whose link showed something that can be shown again: a page, or plain text."""
    return {field for field, page in pages_of(submission).items() if page.state is LinkState.ALIVE and _type(page)}


def html_of(submission: Submission, field: str, is_unnamed: bool) -> str:
    """What a link showed, as HTML that still has to be cleaned; NotFound where nothing readable was kept.

    For a reader who may not know who wrote it, the names of the hosts are blotted out: they can say who somebody is.
    """
    page = pages_of(submission).get(field)
    if page is None or page.body is None or not _type(page):
        raise NotFound
    text = page.body.decode("utf-8", "replace")
    for url in (links_of(submission).get(field), page.url) if is_unnamed else ():
        host = urlsplit(url or "").hostname
        text = re.sub(re.escape(host), BLOT, text, flags=re.IGNORECASE) if host else text
    return text if _type(page) == "text/html" else f"<pre>{escape(text)}</pre>"


def _type(page: FrozenPage) -> str | None:
    return _READABLE.get(page.content_type or "")


def notes_of(submission: Submission) -> Mapping[str, Note]:
    """What the check of a link says, by field."""
    return {field: Note(page.state.value) for field, page in pages_of(submission).items()}
