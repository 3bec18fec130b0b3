"""Upgrading: nobody else at work, a backup, the migrations, a look at the outcome, and words for when it fails."""

from __future__ import annotations

import shlex
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from alembic import command
from alembic.util import CommandError
from sqlalchemy import Connection, inspect, make_url, select, text

from app import launcher, setup
from app.backup import database, tables
from app.backup.manifest import Manifest
from app.backup.restoring import database_file, move_aside
from app.backup.taking import Taken, take
from app.extensions import db
from app.models import AuditSeal
from app.processes import CannotStart
from app.refusals import Refused
from config import Config


@dataclass(frozen=True)
class Upgraded:
    """What an upgrade did: from where to where, and the backup taken before (None if there was no need)."""

    before: str | None
    after: str | None
    taken: Taken | None
    broken_rules: tuple[str, ...] = ()


class UpgradeFailed(Refused):
    """The migrations ran into something, or what came out is wrong. The text says how to go back."""

    code = "upgrade_failed"


def upgrade(config: Config, backup_into: Path | None = None, anyway: bool = False) -> Upgraded:
    """Back up, migrate and look at the outcome. `anyway` does it beside other connections that were seen.

    Raises Refused or CannotStart before anything was changed, UpgradeFailed afterwards.
    """
    with launcher.alone(config, "Winnow is being upgraded. Wait until that is done."):
        setup.refuse_newer()
        with database.snapshot() as connection:
            before, is_empty = tables.revision(connection), not tables.has_tables(connection)
        if before is None:
            if not is_empty:
                raise Refused("The tables in this database are not Winnow's. Is DATABASE_URL right?")
            database.migrate_to("head")
            return Upgraded(None, database.newest(), None)
        if setup.is_up_to_date():
            return Upgraded(before, before, None)
        database.close()
        if not anyway:
            _refuse_others(config)
        taken = take(config, backup_into)
        try:
            database.migrate_to("head")
            _look(taken.manifest)
            broken = tuple(database.broken_rules())
        except Exception as error:
            raise UpgradeFailed(_way_back(config, taken, error)) from error
        return Upgraded(before, database.newest(), taken, broken)


def _refuse_others(config: Config) -> None:
    """Raise Refused when somebody else is connected to the database: other processes of Winnow, most likely."""
    place = database_file(config)
    others = _others_on_server() if place is None else _is_open_elsewhere(place)
    if others:
        raise Refused(
            f"{others} Stop web, workers and tick on every host, and try again. "
            "If it is not Winnow (a monitor, a shell), add --anyway."
        )


def _others_on_server() -> str | None:
    query = text(
        "SELECT DISTINCT coalesce(host(client_addr), 'this host') FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend' ORDER BY 1"
    )
    with db.engine.connect() as connection:
        hosts = list(connection.scalars(query))
    return f"Others are connected to the database, from {', '.join(hosts)}." if hosts else None


def _is_open_elsewhere(place: Path) -> str | None:
    """SQLite leaves WAL mode only for the last one who has the file open."""
    with closing(sqlite3.connect(place, timeout=0, isolation_level=None)) as connection:
        try:
            connection.execute("PRAGMA journal_mode=DELETE")
            connection.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError:
            return f"Another process has {place} open."
    return None


def _look(before: Manifest) -> None:
    """Raise Refused unless the database is where the code wants it and nothing went missing on the way."""
    if not setup.is_up_to_date():
        raise Refused("The database did not reach the newest revision.")
    try:
        command.check(database.alembic())
    except CommandError as error:
        raise Refused(f"The tables are not what the code expects: {error}") from error
    with database.snapshot() as connection:
        there = set(inspect(connection).get_table_names())
        for name, part in before.tables.items():
            if name in there and (now := tables.count(connection, name)) < part.rows:
                raise Refused(f"The table {name} had {part.rows:,} rows and has {now:,}.")
        if problem := database.orphans(connection):
            raise Refused(problem)
        _look_at_link(connection, before)


def _look_at_link(connection: Connection, before: Manifest) -> None:
    if before.audit.sealed is None:
        return
    found = connection.scalar(select(AuditSeal.chain).where(AuditSeal.event_id == before.audit.sealed))
    if found != before.audit.chain:
        raise Refused(f"The link of the audit trail at event {before.audit.sealed} has changed.")


def _way_back(config: Config, taken: Taken, error: BaseException) -> str:
    """What happened, how the database stands now, and what to type."""
    said = str(getattr(error, "orig", None) or error).strip() or type(error).__name__
    backup = f"The backup taken before is {taken.path}."
    if _is_unchanged(taken):
        return (
            f"The upgrade failed: {said}\n"
            f"The database is as it was before: the migrations were taken back. {backup}\n"
            "Put the previous version of the code in place, and start Winnow."
        )
    return (
        f"The upgrade failed: {said}\n"
        f"The database was changed. {backup}\n"
        "Do not start Winnow. Put the previous version of the code in place, and type there:\n"
        + _commands(config, taken)
    )


def _is_unchanged(taken: Taken) -> bool:
    try:
        database.close()
        with database.snapshot() as connection:
            return tables.revision(connection) == taken.manifest.revision
    except Exception:  # Whatever it is, we do not know that all is well.
        return False
    finally:
        database.close()


def _commands(config: Config, taken: Taken) -> str:
    place, backup = database_file(config), shlex.quote(str(taken.path))
    if place is None:
        new = f"{make_url(config.database_url).database}_restored"
        return (
            f"  createdb {shlex.quote(new)}   (with the same owner and on the same server)\n"
            f"  DATABASE_URL=<the address of {new}> .venv/bin/flask restore {backup}\n"
            "Then put that address into the settings of every host."
        )
    return f"  {move_aside(place, f'aside-{taken.path.stem}')}\n  .venv/bin/flask restore {backup}"


__all__ = ["CannotStart", "UpgradeFailed", "Upgraded", "upgrade"]
