"""ml10: what opens something stands in no log: neither ours nor gunicorn's, nor in the log of mails."""

from __future__ import annotations

import json
import logging
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from dataclasses import replace
from pathlib import Path

import pytest
from gunicorn.glogging import Logger

from app import clock, logs, mail, tokens
from app.extensions import db
from app.models import AuditEvent, Mail, Work
from app.services import devices, invitations, submissions
from config import MailSettings
from tests import factories as make

CANARY = "Canary" + "c4n4ry" * 6 + "-"  # as long as a token
ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize(
    "address", [f"/your-link/{CANARY}", f"http://x/welcome/{CANARY}?lang=es", f"/your-link/{CANARY}'"]
)
def test_an_address_that_opens_something_is_masked(address):
    shown = logs.masked(f"GET {address} HTTP/1.1")

    assert CANARY not in shown
    assert re.search(r"/(your-link|welcome)/…", shown)


def test_our_own_lines_are_masked_in_every_field_and_in_the_traceback(monkeypatch):
    lines = []
    monkeypatch.setattr(sys, "stderr", type("Err", (), {"write": lines.append, "flush": lambda *_: None})())
    logs.configure()
    try:
        raise ValueError(f"bad request for /your-link/{CANARY}")
    except ValueError as error:
        logs.structlog.get_logger().error("broken", page=f"/your-link/{CANARY}", exc_info=error)
    monkeypatch.undo()
    logs.configure()

    (line,) = lines
    assert CANARY not in line
    assert "/your-link/…" in json.loads(line)["exception"]


def test_lines_of_the_logging_module_are_masked_whoever_writes_them(caplog):
    logging.getLogger("gunicorn.error").error("Error handling request %s", f"/your-link/{CANARY}")
    logging.getLogger("gunicorn.access").warning('"%(r)s"', {"r": f"GET /your-link/{CANARY} HTTP/1.1"})

    assert Logger  # its records are made by the same factory
    assert CANARY not in caplog.text
    assert caplog.text.count("/your-link/…") == 2


@pytest.fixture
def running(tmp_path):
    """Our web server as the launcher starts it, with an access log as well; gives its port and its log file."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    log = tmp_path / "gunicorn.log"
    command = [sys.executable, "-m", "gunicorn", "--bind", f"127.0.0.1:{port}", "--workers", "1", "--preload"]
    command += ["--no-control-socket", "--access-logfile", "-", "--log-level", "debug", "app:create_app()"]
    settings = os.environ | {"WINNOW_HOME": str(tmp_path), "PYTHONUNBUFFERED": "1"}
    with log.open("wb") as output:
        server = subprocess.Popen(command, env=settings, cwd=ROOT, stdout=output, stderr=subprocess.STDOUT)
    for _ in range(600):
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            break
        except OSError:
            time.sleep(0.1)
    yield port, log
    server.send_signal(signal.SIGTERM)
    server.wait(20)


def send(port: int, raw: bytes) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=10) as wire:
        wire.sendall(raw)
        while wire.recv(65536):
            pass


def test_gunicorn_writes_no_token_into_its_access_and_error_log(running):
    port, log = running
    link = f"/your-link/{CANARY}"
    with pytest.raises(urllib.error.HTTPError):  # no database: our error page
        urllib.request.urlopen(f"http://127.0.0.1:{port}{link}", timeout=30)
    send(port, f"GET {link} HTTP/9.9\r\n\r\n".encode())
    send(port, f"GET {link} NOT HTTP\r\n\r\n".encode())
    send(port, f"POST {link} HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n".encode())

    written = log.read_text()
    assert "/your-link/…" in written
    assert CANARY not in written


def test_neither_link_nor_code_stays_in_the_mail_log_the_work_or_the_audit_trail(ctx, monkeypatch, run_work):
    sent = []
    settings = MailSettings(server="mail.example.com", sender="Hiring <hiring@example.com>")
    monkeypatch.setitem(ctx.config, "WINNOW", replace(ctx.config["WINNOW"], mail=settings))
    monkeypatch.setattr(mail.EmailMessage, "__init__", lambda self, subject, body, *_a, **_k: sent.append(body))
    monkeypatch.setattr(mail.mailman, "get_connection", lambda **_: Connection())
    application = make.make_application()
    attempt = make.make_attempt(invitations.of(application)[0])
    submissions.save_draft(attempt, {"reply": "words"}, 0, clock.now())
    devices.mail_code(application, clock.now())

    run_work()

    letters = "\n".join(sent)
    token = re.search(r"/your-link/([\w-]{43})", letters).group(1)
    code = tokens.derived_code(ctx.config["SECRET_KEY"], "entry", application.id, 1)
    assert f"{code[:4]} {code[4:]}" in letters
    kept = repr([vars(row) for table in (Mail, Work, AuditEvent) for row in db.session.query(table)])
    assert token not in kept
    assert code not in kept


class Connection:
    """A mail server that takes everything."""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        return None

    def send_messages(self, _messages):
        return 1
