"""Mail: written in its reader's language by a job, handed to a real mail server, or kept in the local mailbox."""

from __future__ import annotations

import socket
from dataclasses import replace

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP

from app import clock, jobs
from app.extensions import db
from app.models import Mail, Work, WorkState
from app.services import invitations
from config import MailSettings
from tests import factories as make


class Postbox:
    """A mail server's memory; refuses addresses of nowhere.example."""

    def __init__(self) -> None:
        self.envelopes = []

    async def handle_RCPT(self, server, session, envelope, address, options):
        if address.endswith("@nowhere.example"):
            return "550 there is nobody here"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        self.envelopes.append(envelope)
        return "250 OK"


class Plain(Controller):
    def factory(self):
        return SMTP(self.handler, enable_SMTPUTF8=True)


@pytest.fixture
def postbox(ctx, monkeypatch):
    """A real mail server on a free port, named in the settings."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    box = Postbox()
    server = Plain(box, hostname="127.0.0.1", port=port)
    server.start()
    settings = MailSettings(server="127.0.0.1", port=port, use_tls=False, sender="Hiring <hiring@example.com>")
    monkeypatch.setitem(ctx.config, "WINNOW", replace(ctx.config["WINNOW"], mail=settings))
    mailman = ctx.extensions["mailman"]
    for name, value in (("server", "127.0.0.1"), ("port", port), ("use_tls", False), ("use_ssl", False)):
        monkeypatch.setattr(mailman, name, value)
    monkeypatch.setattr(mailman, "backend", "smtp")
    yield box
    server.stop()


def send() -> None:
    db.session.commit()
    while jobs.drain_work("mail"):
        pass


def test_a_mail_reaches_the_server_with_the_link_and_its_words_are_not_kept(postbox):
    application = make.make_application(name="Ana Lima", email="ana@example.org")

    send()

    (envelope,) = postbox.envelopes
    assert envelope.rcpt_tos == ["ana@example.org"]
    assert b"/your-link/" in envelope.content
    assert b"@example.com>" in next(line for line in envelope.content.splitlines() if b"message-id" in line.lower())
    mail = db.session.query(Mail).one()
    assert (mail.subject, mail.body, mail.address) == (None, None, None)
    assert mail.sent_at is not None
    assert invitations.of(application)[0].token_hash


def test_the_link_in_the_mail_is_the_link_that_works(ctx, run_work):
    make.make_application()
    run_work()
    body = db.session.query(Mail).one().body
    path = next(word for word in body.split() if "/your-link/" in word).removeprefix("http://127.0.0.1:8000")

    assert ctx.test_client().get(path).status_code == 200


def test_a_mail_is_written_in_its_readers_language(run_work):
    make.make_application(locale="pt-BR")
    make.make_application(locale="ru")

    run_work()

    portuguese, russian = (mail.body for mail in db.session.query(Mail).order_by(Mail.id))
    assert "você" in portuguese.lower() or "sua" in portuguese.lower()
    assert any("\u0400" < letter < "\u04ff" for letter in russian)


def test_an_address_that_the_server_refuses_waits_for_a_person(postbox):
    make.make_application(email="ghost@nowhere.example")

    send()

    work = db.session.query(Work).filter_by(kind="mail").one()
    assert work.state is WorkState.FAILED
    assert "does not accept this address" in work.reason


def test_a_server_that_is_away_is_tried_again_later(postbox, monkeypatch, ctx):
    monkeypatch.setattr(ctx.extensions["mailman"], "port", 9)
    make.make_application()

    send()

    work = db.session.query(Work).filter_by(kind="mail").one()
    assert work.state is WorkState.PENDING
    assert work.next_at > clock.now()


@pytest.mark.parametrize(
    "name",
    ["=?utf-8?q?a=0d=0aBcc:_x@evil.test?=", "Ana\r\nBcc: x@evil.test", "Ana\nSubject: you won"],
)
def test_a_name_adds_no_header(postbox, name):
    make.make_application(name=name)

    send()

    (envelope,) = postbox.envelopes
    head = envelope.content.split(b"\r\n\r\n")[0].lower()
    assert b"\nbcc:" not in head
    assert head.count(b"subject:") == 1
    assert len(envelope.rcpt_tos) == 1


def test_an_encoded_word_in_an_address_is_never_sent(postbox):
    application = make.make_application()
    application.candidate.email = "=?utf-8?q?a=0d=0aBcc:_x@evil.test?="

    send()

    assert postbox.envelopes == []
    assert db.session.query(Work).filter_by(kind="mail").one().state is WorkState.FAILED
