"""Render one message in its reader's language, and send it. Always from a job, never from a request."""

from __future__ import annotations

import smtplib
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.utils import make_msgid, parseaddr
from typing import Any
from urllib.parse import urlsplit

from flask import current_app, render_template
from flask_babel import force_locale
from flask_mailman import EmailMessage
from sqlalchemy import update

from app import links, locales, tokens
from app.extensions import db, mailman
from app.models import Accommodation, Application, Candidate, Invitation, Mail, OneTimeLink, Submission, User
from app.services import accommodations, answers, catalog, deadlines, publishing, receipts, submissions, uploads
from app.services.work import Hopeless

TIMEOUT = 15


@dataclass(frozen=True)
class Letter:
    """What was sent, and what must be remembered of it."""

    address: str
    subject: str
    body: str
    # A link in the mail: (table, row id, hash of its token), written when the mail has left.
    link: tuple[type[Invitation] | type[OneTimeLink], int, str] | None = None


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
    if letter.link:
        table, row_id, token_hash = letter.link
        db.session.execute(update(table).where(table.id == row_id).values(token_hash=token_hash))


def write(mail: Mail) -> Letter:
    """The letter's words. The template's first line is the subject."""
    reader: Candidate | User = (
        db.session.get_one(Candidate, mail.candidate_id)
        if mail.candidate_id
        else db.session.get_one(User, mail.user_id)
    )
    context, link = _context(mail, reader.locale)
    with force_locale(locales.babel_name(reader.locale)):
        text = render_template(f"mail/{mail.message}.txt", reader=reader, **context)
    subject, _, body = text.strip().partition("\n")
    return Letter(_one_address(reader.email), " ".join(subject.split()), body.strip() + "\n", link)


def _context(mail: Mail, locale: str) -> tuple[dict[str, Any], tuple[Any, int, str] | None]:
    """The records that the message is about, with the addresses it names."""
    secret: str = current_app.config["SECRET_KEY"]
    about = mail.about
    context: dict[str, Any] = {"home_url": links.absolute("openings.list_openings")}
    link: tuple[Any, int, str] | None = None
    if "application" in about:
        context["application"] = db.session.get_one(Application, about["application"])
        context["status_url"] = links.absolute("candidate.show_status")
        context["verify_url"] = links.absolute("candidate.verify_receipt")
    if "submission" in about:
        submission = db.session.get_one(Submission, about["submission"])
        attempt = submission.attempt
        challenge = publishing.challenge_of(attempt.invitation.challenge_version)
        context["submission"] = submission
        context["signed"] = receipts.text(receipts.of(submission, uploads.in_submission(submission)), secret)
        context["written"] = answers.answered(challenge, submission.answers, attempt.locale)
    if "invitation" in about:
        invitation = db.session.get_one(Invitation, about["invitation"])
        token = tokens.derived(secret, "invitation", invitation.id, invitation.link_number)
        link = (Invitation, invitation.id, tokens.hash_of(token))
        brief = catalog.text_for(publishing.challenge_of(invitation.challenge_version), locale).value
        link_url = links.absolute("candidate.show_link", token=token)
        started = submissions.attempt_of(invitation)
        ends_at = started.cutoff_at if started else deadlines.window_ends_at(invitation)
        context |= {"invitation": invitation, "brief": brief, "link_url": link_url, "ends_at": ends_at}
    if "accommodation" in about:
        asked = db.session.get_one(Accommodation, about["accommodation"])
        # Where nothing is open any more, no end is named.
        context |= {"asked": asked, "ends": accommodations.ends([asked.application_id])[asked.application_id]}
    if "one_time_link" in about:
        one_time = db.session.get_one(OneTimeLink, about["one_time_link"])
        token = tokens.derived(secret, "one-time", one_time.id)
        link = (OneTimeLink, one_time.id, tokens.hash_of(token))
        context |= {"one_time": one_time, "link_url": links.absolute("auth.show_one_time_link", token=token)}
    return context, link


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
