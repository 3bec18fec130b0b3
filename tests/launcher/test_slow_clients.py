"""The real web server, with nothing before it: clients that trickle hold up nobody but themselves."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import socket
import time

import pytest

from app import launcher
from app.processes import CannotStart, Supervisor
from app.web import LONGEST_REQUEST, BufferingWorker
from chaos import people, proc, wire
from chaos.devices import Browser
from chaos.plan import Person
from chaos.site import free_port
from config import Config

SLOW = 40
PAGES = 10
STARTS_WITHIN = 60.0


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The web processes that `make run` starts, and a browser with a form filled in."""
    home = tmp_path_factory.mktemp("web")
    config = Config.from_environ({"WINNOW_HOME": str(home), "PORT": str(free_port()), "REDIS_URL": "unix:///none"})
    (link,) = people.prepare({"WINNOW_HOME": str(home)}, 1, lambda _line: None)
    web = launcher.children(config)[0]
    with Supervisor(home) as supervisor, contextlib.suppress(CannotStart):
        supervisor.start(web)
        supervisor.wait_until(web, lambda: answers(config.port), STARTS_WITHIN)
        yield Browser(config.port, link, Person(0).words(0))


def answers(port: int) -> bool:
    with contextlib.suppress(wire.Broken):
        return wire.ask(port, wire.request("GET", "/healthz")).status == 200
    return False


@contextlib.contextmanager
def begun(port: int, sent: bytes, shares):
    """Connections that have sent such a share of a request and then nothing, each with the rest."""
    with contextlib.ExitStack() as stack:
        found = []
        for share in shares:
            connection = stack.enter_context(socket.create_connection(("127.0.0.1", port), wire.PATIENCE))
            connection.sendall(sent[: int(share * len(sent))])
            found.append((connection, sent[int(share * len(sent)) :]))
        yield found


def hanging(slow) -> int:
    """How many of them still wait: neither answered nor cut off."""
    ready, _, _ = select.select([connection for connection, _rest in slow], [], [], 0)
    return len(slow) - len(ready)


def test_pages_are_answered_while_others_trickle(site):
    """In the head, in the middle of the form, and just before its last byte."""
    shares = [(0.05, 0.5, 0.999)[number % 3] for number in range(SLOW)]
    seen = []

    with begun(site.port, site.request(), shares) as slow:
        for _ in range(PAGES):
            page = wire.ask(site.port, wire.request("GET", "/jobs"))
            seen.append((page.status, hanging(slow)))
        for connection, rest in slow:
            connection.sendall(rest)
        heads = [connection.recv(12) for connection, _rest in slow]

    assert seen == [(200, SLOW)] * PAGES
    assert heads == [b"HTTP/1.1 303"] * SLOW


def test_a_process_that_is_told_to_stop_takes_the_forms_that_have_begun(site):
    masters = {one.pid for one in proc.children({os.getpid()}, f"--bind 127.0.0.1:{site.port} ")}

    with begun(site.port, site.request(), [0.5] * 8) as slow:
        assert wire.ask(site.port, wire.request("GET", "/healthz")).status == 200  # The others were accepted before.
        old = proc.children(masters)
        for process in old:
            os.kill(process.pid, signal.SIGTERM)
        for connection, rest in slow:
            connection.sendall(rest)
        heads = [connection.recv(12) for connection, _rest in slow]

    assert len(old) == 2
    assert heads == [b"HTTP/1.1 303"] * 8
    assert answers(site.port)


def test_what_a_proxy_says_about_its_client_reaches_the_application(site):
    """Whoever comes through a proxy is not on this machine and may not read the numbers."""
    here = wire.request("GET", "/metrics")
    through = here.replace(b"\r\n\r\n", b"\r\nX-Forwarded-For: 203.0.113.9\r\n\r\n")

    assert [wire.ask(site.port, sent).status for sent in (here, through)] == [200, 404]


@pytest.mark.parametrize(("seconds", "is_told"), [(0, True), (LONGEST_REQUEST, False)], ids=["just begun", "stuck"])
def test_gunicorn_is_told_that_all_is_well_unless_a_request_is_stuck(seconds, is_told):
    told = []
    worker = object.__new__(BufferingWorker)
    worker.notify = lambda: told.append(True)
    worker._map, worker._begun = {}, {1: time.monotonic() - seconds}

    worker._step()

    assert bool(told) is is_told
