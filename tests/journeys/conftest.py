"""A running Winnow of its own and a real browser, for journeys through the pages as people take them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from flask import Flask
from werkzeug.serving import make_server

from app import create_app, jobs, valkey
from app import queue as bells
from config import Config, queue_socket
from tests.conftest import SECRET, let_go
from tests.serving import Quiet, at_once, serving


@dataclass(frozen=True)
class Live:
    """A running site: its address, its app, and the workers' work on request."""

    url: str
    app: Flask

    def run_work(self) -> int:
        """Do all due work as the workers would; returns how many pieces were done."""
        done = 0
        with self.app.app_context():
            while now_done := sum(jobs.drain_work(name) for name in sorted(set(bells.CLASS_OF.values()))):
                done += now_done
        return done


@pytest.fixture
def live(tmp_path: Path, new_database: Callable[[str], str]) -> Iterator[Live]:
    """Winnow with its own data folder, database and queue server, forms protected as in real life."""
    made: list[Flask] = []

    def answer(environ, start_response):
        return made[0](environ, start_response)

    # The server comes first: mails and links need to know its port.
    server = make_server("127.0.0.1", 0, at_once(answer), threaded=True, request_handler=Quiet)
    with valkey.running(tmp_path / "queue", queue_socket(tmp_path)) as queue_url:
        settings = {"database_url": new_database("journey"), "redis_url": queue_url, "port": server.server_port}
        made.append(create_app(Config(home=tmp_path, secret_key=SECRET, **settings)))
        with serving(server):
            yield Live(f"http://127.0.0.1:{server.server_port}", made[0])
        with made[0].app_context():
            let_go()
