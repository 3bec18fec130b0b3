"""A running Winnow of its own and a real browser, for journeys through the pages as people take them."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from flask import Flask
from werkzeug.serving import WSGIRequestHandler, make_server

from app import clock, create_app, jobs, valkey
from app import queue as bells
from app.extensions import db
from app.services import catalog, publishing, staff
from app.setup import migrate_database
from config import Config, queue_socket
from tests.conftest import SECRET, fresh_database


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


class Quiet(WSGIRequestHandler):
    """Answers without a line per request."""

    def log(self, type: str, message: str, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def live(tmp_path: Path) -> Iterator[Live]:
    """Winnow with its own data folder, database and queue server, forms protected as in real life."""
    made: list[Flask] = []

    def answer(environ, start_response):
        return made[0](environ, start_response)

    # The server comes first: mails and links need to know its port.
    server = make_server("127.0.0.1", 0, answer, threaded=True, request_handler=Quiet)
    with valkey.running(tmp_path / "queue", queue_socket(tmp_path)) as queue_url:
        made.append(_site(tmp_path, server.server_port, queue_url))
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield Live(f"http://127.0.0.1:{server.server_port}", made[0])
        finally:
            server.shutdown()
            server.server_close()
            thread.join()
            with made[0].app_context():
                db.session.remove()
                for engine in db.engines.values():
                    engine.dispose()


# One database for each process of the suite, which may run several of these at once.
WORKER = os.environ.get("PYTEST_XDIST_WORKER", "main")


def _site(home: Path, port: int, queue_url: str) -> Flask:
    server = os.environ.get("TEST_DATABASE_URL")
    database = fresh_database(server, f"winnow_journey_{WORKER}") if server else f"sqlite:///{home / 'winnow.sqlite'}"
    app = create_app(Config(home=home, secret_key=SECRET, database_url=database, redis_url=queue_url, port=port))
    with app.app_context():
        migrate_database()
        staff.ensure_roles()
        for challenge in catalog.load_all(catalog.SHIPPED).challenges:
            publishing.publish(challenge, clock.now())
        db.session.commit()
    return app
