"""Messages between a candidate and the region's staff: asking, answering, setting aside, and having read.

A thread waits from the oldest question that nobody has answered or set aside. All writing to one thread happens one
after the other, under a lock on its application.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select, update
from sqlalchemy.orm import joinedload

from app import tokens
from app.extensions import db
from app.models import Application, Candidate, FirstAnswer, Message, Sender, Thread
from app.queue import defer
from app.refusals import Erased, Refused
from app.services import applications, audit, counters, invitations, mails, nudges
from app.services.audit import Actor

LONGEST = 4_000
HOUR, MOST_AN_HOUR = timedelta(hours=1), 20


class NoWords(Refused):
    """The message is empty, or too long."""

    status = 422
    code = "no_words"


class NotVerified(Refused):
    """The link was never used, so nobody knows whether the mail address is the person's own."""

    code = "not_verified"


class TooMany(Refused):
    """So many messages within an hour that nobody can answer them."""

    status = 429
    code = "too_many"


class SomebodyWasFirst(Refused):
    """Something was said in the thread since the page was opened."""

    code = "somebody_was_first"


@dataclass(frozen=True)
class Page:
    """Messages in the order in which they were sent; `before` is where the page with the earlier ones ends."""

    messages: Sequence[Message]
    before: int | None

    @property
    def newest_id(self) -> int:
        """The id of the last message shown; 0 without any."""
        return self.messages[-1].id if self.messages else 0


def first_name(name: str) -> str:
    """The first word of somebody's name: what candidates are told of who answered."""
    return name.split()[0] if name.split() else name


def thread_of(application_id: int) -> Thread | None:
    """Where the conversation stands; None before the first message."""
    return db.session.scalar(
        select(Thread).where(Thread.application_id == application_id).options(joinedload(Thread.opened_by))
    )


def page_of(application_id: int, before: int | None = None, limit: int = 50) -> Page:
    """The newest messages of an application, or those before the one with the id `before`."""
    query = (
        select(Message)
        .where(Message.application_id == application_id)
        .options(joinedload(Message.user))
        .order_by(Message.id.desc())
        .limit(limit + 1)
    )
    if before is not None:
        query = query.where(Message.id < before)
    found = list(db.session.scalars(query))
    shown = found[:limit][::-1]
    return Page(shown, shown[0].id if len(found) > limit else None)


def unread_by_candidate(application_id: int) -> int:
    """How many answers the candidate has not had on a page yet."""
    return (
        db.session.scalar(
            select(func.count()).where(
                Message.application_id == application_id, Message.sender == Sender.STAFF, Message.read_at.is_(None)
            )
        )
        or 0
    )


def ask(application: Application, text: str, key: str, now: datetime) -> Message:
    """The candidate writes to the team. `key` was minted with the form: pressing twice asks once."""
    words = _checked(text)
    if not applications.is_verified(application):
        raise NotVerified("Please open the link in your mail once; then you can write to us here.")
    thread = _lock(application)
    known = _known(application, words, key)
    if known is not None:
        return known
    _check_pace(application.id, now)
    message = _say(application, Sender.CANDIDATE, None, words, key, now)
    thread = _note(thread, application, message)
    if thread.waiting_since is None:
        thread.waiting_since = now
        counters.add(application.opening_id, counters.WAITING)
    actor = Actor.candidate(application.candidate_id)
    audit.record(actor, "message.ask", "application", application.id, now, message=message.id)
    nudges.ask_for(thread.region_id, now)
    return message


def answer(application: Application, text: str, key: str, seen: int, by: int, now: datetime) -> Message:
    """A member of staff writes to the candidate, who gets it by mail as well.

    `seen` is the id of the newest message that the page showed (0: none). If something was said since, nothing is
    sent and the refusal says who was first. The first answer to what waited is kept with both its moments.
    """
    words = _checked(text)
    if not applications.is_verified(application):
        raise NotVerified("This applicant has not used their link yet, so nobody knows whether the address is right.")
    thread = _lock(application)
    known = _known(application, words, key)
    if known is not None:
        return known
    _check_seen(thread, seen)
    message = _say(application, Sender.STAFF, by, words, key, now)
    thread = _note(thread, application, message)
    if thread.waiting_since is not None:
        region_id = thread.region_id
        db.session.add(
            FirstAnswer(
                region_id=region_id, application_id=application.id, asked_at=thread.waiting_since, answered_at=now
            )
        )
        defer("speed", region_id, now, key=f"{region_id}:{message.id}")
        _end_waiting(thread, application)
    audit.record(Actor.user(by), "message.answer", "application", application.id, now, message=message.id)
    newest = invitations.of(application)[-1]
    mails.post(
        "answer", application.candidate, now, application=application.id, invitation=newest.id, answer=message.id
    )
    return message


def set_aside(application: Application, seen: int, by: int, now: datetime) -> None:
    """What waits needs no answer, such as a thank-you. Refused where something was said since the page was opened."""
    thread = _lock(application)
    _check_seen(thread, seen)
    if thread is None or thread.waiting_since is None:
        return
    _end_waiting(thread, application)
    audit.record(Actor.user(by), "message.set_aside", "application", application.id, now, message=seen)


def end(application: Application) -> None:
    """The person's data is about to be deleted, and the thread with it: nothing in it waits any more."""
    thread = _lock(application)
    if thread is not None and thread.waiting_since is not None:
        _end_waiting(thread, application)


def note_opened(application_id: int, up_to: int, by: int, now: datetime) -> None:
    """Somebody who may answer has the thread before them: colleagues see it, and the candidate's words are read."""
    db.session.execute(
        update(Thread).where(Thread.application_id == application_id).values(opened_by_id=by, opened_at=now)
    )
    _note_read(application_id, Sender.CANDIDATE, up_to, now)


def note_read_by_candidate(application_id: int, up_to: int, now: datetime) -> None:
    """The candidate has had the answers up to this one on a page."""
    _note_read(application_id, Sender.STAFF, up_to, now)


def _note_read(application_id: int, sender: Sender, up_to: int, now: datetime) -> None:
    db.session.execute(
        update(Message)
        .where(
            Message.application_id == application_id,
            Message.id <= up_to,
            Message.sender == sender,
            Message.read_at.is_(None),
        )
        .values(read_at=now)
        .execution_options(synchronize_session=False)
    )


def _checked(text: str) -> str:
    words = text.strip()
    if not words:
        raise NoWords("Nothing is written here yet.")
    if len(words) > LONGEST:
        raise NoWords("This is too long: a message has at most %(limit)s characters.", limit=LONGEST)
    return words


def _lock(application: Application) -> Thread | None:
    """The thread, with nobody else writing to it. Raises Erased where the person's data was deleted meanwhile."""
    db.session.execute(select(Application.id).where(Application.id == application.id).with_for_update(key_share=True))
    if db.session.scalar(select(Candidate.erased_at).where(Candidate.id == application.candidate_id)) is not None:
        raise Erased("This person has had their data deleted, so nobody can write to them any more.")
    return db.session.get(Thread, application.id, populate_existing=True)


def _key_of(words: str, key: str) -> str:
    return tokens.hash_of(f"{key}\x1f{words}")


def _known(application: Application, words: str, key: str) -> Message | None:
    """The message that this form has sent already with these words."""
    return db.session.scalar(
        select(Message).where(Message.application_id == application.id, Message.key == _key_of(words, key))
    )


def _check_pace(application_id: int, now: datetime) -> None:
    """Refuse more than so many messages within an hour."""
    earlier = (
        select(Message.sent_at)
        .where(Message.application_id == application_id, Message.sender == Sender.CANDIDATE)
        .order_by(Message.id.desc())
        .offset(MOST_AN_HOUR - 1)
        .limit(1)
    )
    sent_at = db.session.scalar(earlier)
    if sent_at is not None and sent_at > now - HOUR:
        raise TooMany(
            "You have written %(number)s messages within an hour. We read them all; please give us a little time. "
            "You can write again in %(minutes)s min.",
            number=MOST_AN_HOUR,
            minutes=math.ceil((sent_at + HOUR - now) / timedelta(minutes=1)),
        )


def _check_seen(thread: Thread | None, seen: int) -> None:
    if (thread.last_message_id if thread else 0) == seen:
        return
    newest = thread.last_message if thread else None
    if newest is not None and newest.user is not None:
        raise SomebodyWasFirst(
            "%(name)s has answered meanwhile. Nothing was sent, and what you wrote is still here.",
            name=first_name(newest.user.name),
        )
    raise SomebodyWasFirst("Something new was written meanwhile. Nothing was sent, and what you wrote is still here.")


def _say(application: Application, sender: Sender, user_id: int | None, words: str, key: str, now: datetime) -> Message:
    message = Message(
        application_id=application.id,
        sender=sender,
        user_id=user_id,
        body=words,
        key=_key_of(words, key),
        sent_at=now,
    )
    db.session.add(message)
    db.session.flush()  # the thread needs the id
    return message


def _note(thread: Thread | None, application: Application, message: Message) -> Thread:
    if thread is None:
        thread = Thread(application_id=application.id, region_id=application.opening.region_id)
        db.session.add(thread)
    thread.last_message = message
    return thread


def _end_waiting(thread: Thread, application: Application) -> None:
    thread.waiting_since = None
    counters.add(application.opening_id, counters.WAITING, -1)
