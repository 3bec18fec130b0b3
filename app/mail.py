"""Render one message in its reader's language, and send it. Always from a job, never from a request."""

from __future__ import annotations

import smtplib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.utils import make_msgid, parseaddr
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from flask import current_app, render_template
from flask_babel import force_locale
from flask_mailman import EmailMessage
from sqlalchemy import update

from app import links, locales, tokens
from app.extensions import db, mailman
from app.models import (
    Accommodation,
    Application,
    Candidate,
    Invitation,
    Mail,
    Message,
    OneTimeLink,
    Region,
    Submission,
    User,
)
from app.services import (
    accommodations,
    answers,
    catalog,
    deadlines,
    devices,
    inbox,
    invitations,
    messages,
    publishing,
    receipts,
    submissions,
    uploads,
)
from app.services.work import Hopeless

TIMEOUT = 15
Arm = Callable[[datetime], None]


@dataclass(frozen=True)
class Letter:
    """What was sent, and what must be remembered of it."""

    address: str
    subject: str
    body: str
    # Lets the link or the code in the mail hold; called when the mail has left.
    arm: Arm | None = None


def send(mail_id: int) -> Letter:
    """Write the letter and hand it to the mail server; without one it stays in the local mailbox."""
    mail = db.session.get(Mail, mail_id)
    if mail is None:
        raise Hopeless("The mail was deleted before it could be sent.")
    letter = write(mail)
    settings = current_app.config["WINNOW"].mail
    if settings.server:
        # Named after where links lead, else after the sender: never after this machine.
        linked = urlsplit(current_app.config["WINNOW"].public_url or "").hostname
        headers = {"Message-ID": make_msgid(domain=linked or settings.sender.rpartition("@")[2].rstrip(">"))}
        message = EmailMessage(letter.subject, letter.body, settings.sender, [letter.address], headers=headers)
        try:
            with mailman.get_connection(timeout=TIMEOUT) as connection:
                connection.send_messages([message])
        except smtplib.SMTPRecipientsRefused as error:
            raise Hopeless("The mail server does not accept this address. Check it with the person.") from error
    return letter


def keep(mail_id: int, letter: Letter, now: datetime) -> None:
    """Note that the mail has left. Words are kept only where no mail server is set: they are the mailbox page."""
    mail = db.session.get_one(Mail, mail_id)
    mail.sent_at = now
    if not current_app.config["WINNOW"].mail.server:
        mail.address, mail.subject, mail.body = letter.address, letter.subject, letter.body
    if letter.arm:
        letter.arm(now)


def write(mail: Mail) -> Letter:
    """The letter's words. The template's first line is the subject."""
    reader: Candidate | User = (
        db.session.get_one(Candidate, mail.candidate_id)
        if mail.candidate_id
        else db.session.get_one(User, mail.user_id)
    )
    context, arm = _context(mail, reader.locale)
    with force_locale(locales.babel_name(reader.locale)):
        text = render_template(f"mail/{mail.message}.txt", reader=reader, **context)
    subject, _, body = text.strip().partition("\n")
    return Letter(_one_address(reader.email), " ".join(subject.split()), body.strip() + "\n", arm)


def _context(mail: Mail, locale: str) -> tuple[dict[str, Any], Arm | None]:
    """The records that the message is about, with the addresses it names; and what lets its link or code hold."""
    about = mail.about
    context: dict[str, Any] = {"home_url": links.absolute("openings.list_openings")}
    arm: Arm | None = None
    if "application" in about:
        context["application"] = db.session.get_one(Application, about["application"])
        context["status_url"] = links.absolute("candidate.show_status")
        context["verify_url"] = links.absolute("candidate.verify_receipt")
    if "submission" in about:
        context |= _of_submission(db.session.get_one(Submission, about["submission"]))
    if "invitation" in about:
        named, arm = _of_invitation(db.session.get_one(Invitation, about["invitation"]), locale)
        context |= named
    if "accommodation" in about:
        asked = db.session.get_one(Accommodation, about["accommodation"])
        # Where nothing is open any more, no end is named.
        context |= {"asked": asked, "ends": accommodations.ends([asked.application_id])[asked.application_id]}
    if "one_time_link" in about:
        one_time = db.session.get_one(OneTimeLink, about["one_time_link"])
        token = tokens.derived(_secret(), "one-time", one_time.id)
        arm = partial(_arm_one_time_link, one_time.id, tokens.hash_of(token))
        context |= {"one_time": one_time, "link_url": links.absolute("auth.show_one_time_link", token=token)}
    if "code" in about:
        code = tokens.derived_code(_secret(), "entry", about["application"], about["code"])
        context["code"] = f"{code[:4]} {code[4:]}"
        arm = partial(devices.arm, about["application"], about["code"], tokens.hash_of(code))
    return context | _of_messages(about), arm


def _secret() -> str:
    secret: str = current_app.config["SECRET_KEY"]
    return secret


def _of_submission(submission: Submission) -> dict[str, Any]:
    """What a receipt says: the answers as they are read, and the signed lines."""
    attempt = submission.attempt
    challenge = publishing.challenge_of(attempt.invitation.challenge_version)
    return {
        "submission": submission,
        "signed": receipts.text(receipts.of(submission, uploads.in_submission(submission)), _secret()),
        "written": answers.answered(challenge, submission.answers, attempt.locale),
    }


def _of_invitation(invitation: Invitation, locale: str) -> tuple[dict[str, Any], Arm]:
    """What a mail with a private link says, and what lets the link hold."""
    number = invitation.link_number
    token = tokens.derived(_secret(), "invitation", invitation.id, number)
    started = submissions.attempt_of(invitation)
    named = {
        "invitation": invitation,
        "brief": catalog.text_for(publishing.challenge_of(invitation.challenge_version), locale).value,
        "link_url": links.absolute("candidate.show_link", token=token),
        "ends_at": started.cutoff_at if started else deadlines.window_ends_at(invitation),
    }
    return named, partial(_arm_link, invitation.id, number, tokens.hash_of(token))


def _of_messages(about: dict[str, int]) -> dict[str, Any]:
    """What mails about questions and answers name."""
    context: dict[str, Any] = {}
    if "answer" in about:
        message = db.session.get_one(Message, about["answer"])
        context["answer"] = message
        context["answered_by"] = messages.first_name(message.user.name) if message.user else None
    if "region" in about:
        region = db.session.get_one(Region, about["region"])
        inbox_url = links.absolute("recruiter.list_messages", code=region.code)
        context |= {"region": region, "waiting": inbox.waiting(region.id), "inbox_url": inbox_url}
    return context


def _arm_link(invitation_id: int, number: int, token_hash: str, _now: datetime) -> None:
    invitations.arm(invitation_id, number, token_hash)


def _arm_one_time_link(link_id: int, token_hash: str, _now: datetime) -> None:
    db.session.execute(update(OneTimeLink).where(OneTimeLink.id == link_id).values(token_hash=token_hash))


def _one_address(text: str) -> str:
    """Exactly one plain address, or Hopeless: encoded words and extra recipients never reach a header."""
    _, address = parseaddr(text)
    try:
        if address != text or "=?" in text:
            raise ValueError
        Address(addr_spec=address)
    except (ValueError, IndexError) as error:
        raise Hopeless("This is not an address that mail can be sent to.") from error
    return address
