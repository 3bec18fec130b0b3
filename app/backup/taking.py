"""Taking a backup: a snapshot of the database while people work, the files, a manifest; read back before it counts."""

from __future__ import annotations

import os
import stat
import tomllib
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from itertools import chain, count
from pathlib import Path
from typing import IO

from app import clock
from app.backup import database, tables, uploads
from app.backup.archive import Writer, reading, written
from app.backup.manifest import Manifest, NotABackup, Part, TablePart, is_safe_file_name
from app.refusals import Refused
from config import ROOT, Config

SUFFIX = ".zip"


@dataclass(frozen=True)
class Taken:
    """A backup that was written and read back. `size` is in bytes, `fingerprint` the SHA-256 of its manifest.

    `missing_files` are named by rows and were not in the folder of files.
    """

    path: Path
    manifest: Manifest
    size: int
    fingerprint: str
    missing_files: tuple[str, ...]


def take(config: Config, where: Path | None = None) -> Taken:
    """Write a backup into a folder, or as a file with this name (ends in .zip); `backups` in the data folder if None.

    Raises Refused when there is no database of Winnow, the name is taken, or there is no room.
    """
    moment = clock.now()
    target = _target(where or config.home / "backups", moment)
    if config.sqlite_path and not (config.home / config.sqlite_path).exists():
        raise Refused(f"There is no database at {config.sqlite_path}. Does this command have the service's settings?")
    with written(target) as place:
        with closing(Writer(place)) as writer:
            said = _write(writer, config, moment)
        try:
            with reading(place) as archive:
                archive.check()
                fingerprint, gone = archive.fingerprint, tuple(uploads.missing(archive))
        except NotABackup as error:
            raise Refused(f"What was written cannot be read back ({error}). Is the disk well?") from error
    return Taken(target, said, target.stat().st_size, fingerprint, gone)


def files_below(folder: Path) -> Iterator[str]:
    """The regular files below a folder, by their relative names, in order. Links are not followed."""
    for place, folders, names in os.walk(folder):
        folders.sort()
        for name in sorted(names):
            path = Path(place) / name
            if not path.is_symlink() and path.is_file():
                yield path.relative_to(folder).as_posix()


def _target(where: Path, moment: datetime) -> Path:
    where = where.expanduser().absolute()
    if where.suffix == SUFFIX and not where.is_dir():
        return where
    name = f"winnow-{moment:%Y%m%dT%H%M%SZ}"
    numbered = (f"{name}-{number}" for number in count(2))
    return next(path for one in chain((name,), numbered) if not (path := where / f"{one}{SUFFIX}").exists())


def _write(writer: Writer, config: Config, moment: datetime) -> Manifest:
    # The database first: a file is written before the row that names it, so every file of the snapshot is there.
    with database.snapshot() as connection:
        revision = tables.revision(connection)
        if revision is None:
            raise Refused("The database is empty: there is nothing to back up. Is DATABASE_URL right?")
        counters = tables.sequences(connection)
        found: dict[str, TablePart] = {}
        for shape in tables.shapes(connection):
            done = writer.add_rows(TablePart.member(shape.name), tables.lines(connection, shape))
            _, sequence = counters.get(shape.name, (None, None))
            last_id = tables.last_given(connection, sequence) if sequence else None
            found[shape.name] = TablePart(done.size, done.sha256, done.rows, shape.columns, last_id)
        audit, kind = database.audit_head(connection), connection.dialect.name
    said = Manifest(
        made_at=moment.isoformat(timespec="seconds"),
        winnow=_version(),
        database=kind,
        revision=revision,
        tables=found,
        files=_write_files(writer, config.home / uploads.FOLDER),
        audit=audit,
    )
    writer.add_manifest(said)
    return said


def _write_files(writer: Writer, folder: Path) -> dict[str, Part]:
    found: dict[str, Part] = {}
    for name in files_below(folder):
        if not is_safe_file_name(name):
            raise Refused(f"The file {name!a} in {folder} has a name that no backup can hold. Rename it.")
        file = _open_regular(folder / name)
        if file is not None:  # Else it was deleted meanwhile.
            with file:
                found[name] = writer.add_file(f"files/{name}", file)
    return found


def _open_regular(path: Path) -> IO[bytes] | None:
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except FileNotFoundError:
        return None
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        return None
    return os.fdopen(handle, "rb")


def _version() -> str:
    return str(tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"])
