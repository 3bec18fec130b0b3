"""How a web process takes requests: gunicorn starts the processes and minds them, waitress speaks with the clients.

A request reaches the application when all of it has arrived, and its answer leaves the application at once, however
slowly the client sends and reads. So a slow client costs a connection and some memory and holds nobody else up. The
application is told when the first byte of a request came: a slow upload is not late.
"""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Iterable
from types import FrameType
from typing import Any

from gunicorn.workers.base import Worker
from waitress import wasyncore
from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser
from waitress.server import BaseWSGIServer, create_server
from waitress.task import WSGITask

from app import clock, heartbeat
from app.arrivals import ENVIRON
from app.files import LARGEST_REQUEST

# Pages that one process works on at once, so that one which waits (for the queue server, for the one writer of SQLite)
# does not hold up the next.
THREADS = 2
# Connections per process, each of which may need three files: 1,024 are allowed by default.
CONNECTIONS = 300
# Seconds after which a client that sends and reads nothing is let go.
SILENT_FOR = 60
# Seconds. Gunicorn kills a process that was not heard of for 30 more, so that no request outlives the 60 seconds in
# which the sealer of the audit trail waits for it (`audit.LONGEST_TRANSACTION`).
LONGEST_REQUEST = 25.0
OPTIONS: dict[str, Any] = {
    "threads": THREADS,
    "connection_limit": CONNECTIONS,
    "channel_timeout": SILENT_FOR,
    # Twice as much as a page takes: whoever sends a bit too much gets the page that says so.
    "max_request_body_size": 2 * LARGEST_REQUEST,
    # What proxies say is judged by the application: `WINNOW_PROXIES`.
    "clear_untrusted_proxy_headers": False,
    "asyncore_use_poll": True,
    "log_socket_errors": False,
    "ident": None,
}


class Arriving(HTTPRequestParser):  # type: ignore[misc]
    """Reads a request, and knows when its first byte came."""

    def __init__(self, settings: Any) -> None:
        self.began_at = clock.now()
        super().__init__(settings)


class Telling(WSGITask):  # type: ignore[misc]
    """Gives the moment to the application."""

    def get_environment(self) -> dict[str, Any]:
        """As waitress', with the moment."""
        environ: dict[str, Any] = super().get_environment()
        environ[ENVIRON] = self.request.began_at
        return environ


class Connection(HTTPChannel):  # type: ignore[misc]
    """A connection of which each request has its moment."""

    parser_class = Arriving
    task_class = Telling


class BufferingWorker(Worker):  # type: ignore[misc]
    """A process of gunicorn's that buffers requests and answers."""

    def run(self) -> None:
        """Serve until told to stop or left alone, then finish the requests that have begun."""
        # It warns of every request that waits for a thread.
        logging.getLogger("waitress.queue").setLevel(logging.ERROR)
        self._begun: dict[int, float] = {}
        self._map: dict[int, Any] = {}
        sockets = [listener.sock for listener in self.sockets]
        create_server(self._answer, map=self._map, sockets=sockets, **OPTIONS)
        self._doors = [entry for entry in self._map.values() if isinstance(entry, BaseWSGIServer)]
        for door in self._doors:
            door.channel_class = Connection
        self._stepped_at = time.monotonic()
        # Beside the loop, which never waits for the database.
        threading.Thread(target=heartbeat.go_on, args=(self.wsgi, self._is_well), daemon=True).start()
        while self.alive and self.ppid == os.getppid():
            self._step()
        self._finish()

    def handle_exit(self, number: int, frame: FrameType | None) -> None:
        """Told to stop: wake the loop, which may be waiting for clients."""
        super().handle_exit(number, frame)
        for door in getattr(self, "_doors", ()):
            door.pull_trigger()

    def _answer(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        me = threading.get_ident()
        self._begun[me] = time.monotonic()
        try:
            answer: Iterable[bytes] = self.wsgi(environ, start_response)
            return answer
        finally:
            del self._begun[me]

    def _step(self, patience: float = 1.0) -> None:
        """Speak with whoever is ready within so many seconds; tell gunicorn unless a request takes too long."""
        wasyncore.loop(timeout=patience, use_poll=True, map=self._map, count=1)
        now = time.monotonic()
        if all(now - begun < LONGEST_REQUEST for begun in list(self._begun.values())):
            self._stepped_at = now
            self.notify()

    def _is_well(self) -> bool:
        """Whether the loop goes round and no request hangs."""
        return bool(self.alive) and time.monotonic() - self._stepped_at < LONGEST_REQUEST

    def _finish(self) -> None:
        """Accept nobody any more, and go on until whoever has begun to send has read the answer."""
        for door in self._doors:
            door.accepting = False
        self._step(0)  # Who was let in a moment ago has not been listened to yet.
        ends = time.monotonic() + self.cfg.graceful_timeout
        while time.monotonic() < ends and any(_is_busy(entry) for entry in self._map.values()):
            self._step()


def _is_busy(entry: Any) -> bool:
    """Whether this is a connection with a request under way: half sent, being answered, or half answered."""
    return isinstance(entry, HTTPChannel) and bool(entry.request or entry.requests or entry.total_outbufs_len)
