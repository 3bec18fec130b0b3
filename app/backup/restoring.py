"""Restoring: into a scratch database to see that a backup is good, or into an empty one for good."""

from __future__ import annotations

import secrets
import shlex
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from sqlalchemy import inspect, make_url, text
from sqlalchemy.exc import DBAPIError

from app.backup import database, loading, tables, uploads
from app.backup.archive import Archive, no_room, reading, sync
from app.backup.manifest import Manifest, NotABackup
from app.extensions import db
from app.refusals import Refused
from config import Config

SCRATCH = "winnow_verify_"
# The one invariant that no ordinary fault breaks.
CHAIN = "audit_chain_holds"
SIDE_FILES = ("", "-wal", "-shm", "-journal")


@dataclass(frozen=True)
class Restored:
    """What was read back: the manifest, its fingerprint, and files that rows name and that are missing.

    Of a scratch database also the revision to which it went on, and the invariants that the data itself does not hold.
    """

    manifest: Manifest
    fingerprint: str
    missing_files: tuple[str, ...]
    upgraded_to: str | None = None
    broken_rules: tuple[str, ...] = ()


def verify(path: Path, config: Config) -> Restored:
    """Restore into a scratch database on the same kind of server, compare everything, and remove it again.

    Counts, digests, file hashes and audit head are compared, the scratch database is brought to this code's revision,
    the invariants are asked, and the audit trail's chain among them must hold. Raises NotABackup for the first thing
    that is wrong.
    """
    with reading(path) as archive:
        _check_room(archive, config)
        archive.check()
        with _scratch(config) as scratch, database.opened(scratch):
            loading.fill(archive)
            newest = database.newest()
            if newest and newest != archive.manifest.revision:
                database.migrate_to(newest)
            broken = database.broken_rules()
            if CHAIN in broken:
                raise NotABackup(f"The chain of the audit trail is broken at event {broken[CHAIN]}.")
            moved = newest if newest != archive.manifest.revision else None
            return Restored(
                archive.manifest, archive.fingerprint, tuple(uploads.missing(archive)), moved, tuple(broken)
            )


def restore(path: Path, config: Config) -> Restored:
    """Restore into the empty database and folder of files of `config`; refuse where something is there already.

    Everything is compared before it counts; when anything is wrong, nothing stays behind.
    """
    with reading(path) as archive:
        _refuse_unless_empty(config)
        uploads.refuse_others(archive, config)
        _check_room(archive, config)
        archive.check()
        try:
            config.home.mkdir(mode=0o700, parents=True, exist_ok=True)
            with uploads.unpacked(archive, config) as put_files:
                if place := database_file(config):
                    _into_file(archive, config, place, put_files)
                else:
                    _into_server(archive, config, put_files)
        except OSError as error:
            raise no_room(config.home, error) from error
        return Restored(archive.manifest, archive.fingerprint, tuple(uploads.missing(archive)))


def database_file(config: Config) -> Path | None:
    """SQLite's file; a relative name counts from the data folder."""
    return config.home / config.sqlite_path if config.sqlite_path else None


def _into_file(archive: Archive, config: Config, place: Path, put_files: Any) -> None:
    """Build the database beside its place, and give it its name when all is well."""
    place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    building = place.with_name(f"{place.name}.restoring")
    _remove(building)
    try:
        building.touch(mode=0o600)
        with database.opened(replace(config, database_url=f"sqlite:///{building}")):
            loading.fill(archive)
        sync(building)
        put_files()
        building.rename(place)
        sync(place.parent)
    finally:
        _remove(building)


def _into_server(archive: Archive, config: Config, put_files: Any) -> None:
    with database.opened(config):
        try:
            loading.fill(archive)
            put_files()
        except BaseException:
            database.close()
            _drop_tables()
            raise


def _drop_tables() -> None:
    """Empty again what was empty when we came."""
    with db.engine.begin() as connection:
        quote = connection.dialect.identifier_preparer.quote
        for name in inspect(connection).get_table_names():
            connection.execute(text(f"DROP TABLE {quote(name)} CASCADE"))


def _remove(place: Path) -> None:
    for suffix in SIDE_FILES:
        with suppress(FileNotFoundError):
            place.with_name(place.name + suffix).unlink()


def _refuse_unless_empty(config: Config) -> None:
    """Raise Refused, with what to do, unless the database has no table."""
    place = database_file(config)
    if place is None:
        with database.opened(config), database.snapshot() as connection:
            if tables.has_tables(connection):
                raise Refused(
                    f"The database {make_url(config.database_url).database} is not empty. Create an empty one "
                    "(createdb), name it with --into postgresql://… or in DATABASE_URL, and try again."
                )
        return
    if place.exists() and place.stat().st_size:
        with database.opened(config), database.snapshot() as connection:
            is_empty = not tables.has_tables(connection)
        if is_empty:
            _remove(place)
    left = [file for suffix in SIDE_FILES if (file := place.with_name(place.name + suffix)).exists()]
    if any(file.stat().st_size for file in left):
        raise Refused(
            f"There is a database at {place} already. Stop Winnow, move it away, and try again:\n"
            f"  {move_aside(place, 'aside')}"
        )


def move_aside(place: Path, name: str) -> str:
    """What to type to move SQLite's file, and what lies beside it, into a folder of this name."""
    folder = shlex.quote(str(place.parent / name))
    return f"mkdir {folder} && mv {shlex.quote(str(place))}* {folder}/"


def _check_room(archive: Archive, config: Config) -> None:
    """Raise Refused when the disk has less room than the backup says that it needs."""
    needed = sum(part.size for part in archive.manifest.members().values())
    folder = next(folder for folder in (config.home, *config.home.parents) if folder.is_dir())
    free = shutil.disk_usage(folder).free
    if needed > free:
        raise Refused(
            f"The backup says that it needs {needed / 1e6:,.0f} MB; {free / 1e6:,.0f} MB are free on {folder}."
        )


@contextmanager
def _scratch(config: Config) -> Iterator[Config]:
    """The settings of a scratch database that is gone after the block: a file, or a schema of the same server."""
    if config.sqlite_path:
        config.home.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=SCRATCH, dir=config.home) as folder:
            yield replace(config, database_url=f"sqlite:///{folder}/scratch.sqlite")
        return
    name = SCRATCH + secrets.token_hex(4)
    with database.opened(config):
        try:
            _run_alone(f"CREATE SCHEMA {name}")
        except DBAPIError as error:
            raise Refused(
                "The database does not let Winnow make a scratch schema. Allow it (GRANT CREATE ON DATABASE …), or "
                "verify on SQLite: unset DATABASE_URL for this one command."
            ) from error
        try:
            url = make_url(config.database_url)
            options = f"{url.query.get('options', '')} -csearch_path={name}".strip()
            address = url.update_query_dict({"options": options}).render_as_string(hide_password=False)
            yield replace(config, database_url=address)
        finally:
            _run_alone(f"DROP SCHEMA {name} CASCADE")


def _run_alone(statement: str) -> None:
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text(statement))
