"""The control: the common design with RQ alone. A row, then `enqueue` with RQ's own retry. It loses what is killed.

`python -m chaos.control` runs it under Winnow's own launcher and queue server; `python -m chaos.control worker` is one
RQ worker with its default settings. Only there to prove that the recount sees a loss.
"""

from __future__ import annotations

import sys

import redis
from flask import Flask, current_app, redirect, request
from rq import Queue, Retry, Worker
from sqlalchemy import Engine, create_engine, event, text
from werkzeug.wrappers import Response

from app import launcher
from app.processes import Child
from config import ROOT, Config

TABLES = (
    "CREATE TABLE IF NOT EXISTS handed_in (key VARCHAR(43) PRIMARY KEY, name VARCHAR(40), words TEXT)",
    "CREATE TABLE IF NOT EXISTS facts (key VARCHAR(43), length INTEGER)",
)


def create_app() -> Flask:
    """The control's web server."""
    config = Config.from_environ()
    app = Flask(__name__)
    app.extensions["engine"] = engine(config)
    app.extensions["queue"] = Queue(connection=redis.Redis.from_url(config.redis_url, socket_timeout=2))
    app.add_url_rule("/healthz", view_func=lambda: "ok", endpoint="healthz")
    app.add_url_rule("/submit", view_func=submit, methods=["POST"])
    return app


def engine(config: Config) -> Engine:
    """The control's database, with the same care for SQLite as Winnow's."""
    found = create_engine(config.database_url)
    if found.dialect.name == "sqlite":
        event.listen(found, "connect", lambda connection, _: connection.execute("PRAGMA journal_mode=WAL"))
    return found


def submit() -> Response:
    """Store, commit, enqueue, acknowledge."""
    key, name, words = (request.form[field] for field in ("key", "name", "words"))
    statement = "INSERT INTO handed_in VALUES (:key, :name, :words) ON CONFLICT DO NOTHING"
    with current_app.extensions["engine"].begin() as connection:
        is_new = connection.execute(text(statement), {"key": key, "name": name, "words": words}).rowcount
    if is_new:
        try:
            current_app.extensions["queue"].enqueue(check, key, retry=Retry(max=3))
        except redis.RedisError:
            current_app.logger.warning("not enqueued: %s", key)
    return redirect(f"/receipts/{key}", 303)


def check(key: str) -> None:
    """The job: what the checks saw."""
    with engine(Config.from_environ()).begin() as connection:
        words = connection.execute(text("SELECT words FROM handed_in WHERE key = :key"), {"key": key}).scalar_one()
        connection.execute(text("INSERT INTO facts VALUES (:key, :length)"), {"key": key, "length": len(words)})


def prepare() -> None:
    """Make the tables."""
    with engine(Config.from_environ()).begin() as connection:
        for table in TABLES:
            connection.execute(text(table))


def work() -> int:
    """One RQ worker as RQ's own command starts it."""
    connection = redis.Redis.from_url(Config.from_environ().redis_url)
    Worker(["default"], connection=connection).work(logging_level="WARNING")
    return 0


def run() -> int:
    """Winnow's launcher with the control's processes."""
    config = Config.from_environ()
    web = [*["-m", "gunicorn", "--bind", f"127.0.0.1:{config.port}", "--workers", "2", "--chdir", str(ROOT)]]
    family = [
        Child("web", [sys.executable, *web, "--no-control-socket", "chaos.control:create_app()"], cwd=ROOT),
        Child("worker", [sys.executable, "-m", "chaos.control", "worker"], cwd=ROOT),
    ]
    return launcher.main(config, prepare, family)


if __name__ == "__main__":
    raise SystemExit(work() if sys.argv[1:] == ["worker"] else run())
