"""Databases besides the one that the application serves: opened, brought to a revision, read as a snapshot."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager

from alembic import command
from alembic.config import Config as AlembicConfig
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from flask import Flask, current_app
from sqlalchemy import Connection, func, inspect, select, text

from app.backup.manifest import AuditHead
from app.extensions import READ, db, engine_settings, migrate, prepare_engines, reading
from app.models import AuditEvent, AuditSeal
from app.refusals import Refused
from app.services import invariants
from app.services.invariant_rules import ALL
from config import ROOT, Config


@contextmanager
def opened(config: Config) -> Iterator[None]:
    """Within the block `db` is the database of `config`, with the same two doors, and nothing of the web pages."""
    app = Flask("winnow", instance_path=str(config.home))
    app.config.from_mapping(engine_settings(config.database_url), WINNOW=config)
    db.init_app(app)
    prepare_engines(app)
    migrate.init_app(app, db, directory=str(ROOT / "migrations"), render_as_batch=True)
    with app.app_context():
        try:
            yield
        finally:
            close()


def close() -> None:
    """Let go of every connection to the database of this context."""
    db.session.remove()
    for engine in db.engines.values():
        engine.dispose()


@contextmanager
def snapshot() -> Iterator[Connection]:
    """A read-only connection that sees one moment of the database while others write; it holds nobody up.

    SQLite: a read transaction in WAL mode. PostgreSQL: REPEATABLE READ.
    """
    with db.engines[READ].connect() as connection:
        if connection.dialect.name == "postgresql":
            connection.execution_options(isolation_level="REPEATABLE READ")
        yield connection


def migrate_to(revision: str) -> None:
    """Bring an empty or older database to a revision; raises Refused for one that this code does not know."""
    config = alembic()
    try:
        ScriptDirectory.from_config(config).get_revision(revision)
    except CommandError as error:
        raise Refused(
            f"The backup stands at revision {revision}, which this code does not know. Update the code (git pull)."
        ) from error
    command.upgrade(config, revision)


def newest() -> str | None:
    """The revision at which this code wants a database to stand."""
    return ScriptDirectory.from_config(alembic()).get_current_head()


def alembic() -> AlembicConfig:
    """Alembic's settings; what it would print goes nowhere."""
    config: AlembicConfig = current_app.extensions["migrate"].migrate.get_config()
    config.stdout = io.StringIO()
    return config


def audit_head(connection: Connection) -> AuditHead:
    """Where the audit trail of this database stands."""
    if not inspect(connection).has_table(AuditSeal.__tablename__):
        return AuditHead(0, None, None)
    events = connection.scalar(select(func.count(AuditEvent.id))) or 0
    last = connection.execute(
        select(AuditSeal.event_id, AuditSeal.chain).order_by(AuditSeal.event_id.desc()).limit(1)
    ).first()
    return AuditHead(events, last.event_id if last else None, last.chain if last else None)


def broken_rules() -> dict[str, int]:
    """The invariants that do not hold, each with one row that breaks it. The database stands at the newest revision."""
    with reading():
        findings = list(invariants.look_at_all(ALL))
    return {found.invariant.name: found.examples[0] for found in findings if found.violations}


def orphans(connection: Connection) -> str | None:
    """The first row of SQLite that refers to one that is missing, in words. PostgreSQL lets none in."""
    if connection.dialect.name != "sqlite":
        return None
    found = connection.execute(text("PRAGMA foreign_key_check")).first()
    return f"Row {found[1]} of {found[0]} refers to a row of {found[2]} that is missing." if found else None
