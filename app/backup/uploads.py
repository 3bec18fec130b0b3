"""The uploaded files of a backup, unpacked beside their folder and put in place when everything else is well."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from app.backup.archive import Archive, sync
from app.backup.values import read_line
from app.refusals import Refused
from config import Config

# In the data folder.
FOLDER = "files"
# Where rows name files by their SHA-256; app/files.py says where each lies.
NAMING_TABLE = "stored_file"
NAMING_COLUMNS = ("sha256", "copy_sha256")


def refuse_others(archive: Archive, config: Config) -> None:
    """Raise Refused if anything lies in the folder of files that is not, byte for byte, in the backup.

    What is there and equal stays: so one moves to another database, or goes back after an upgrade, in place.
    """
    folder, said = config.home / FOLDER, archive.manifest.files
    if folder.is_symlink():
        raise Refused(f"{folder} is a link. Restore where it leads to, or remove it.")
    for place, folders, names in os.walk(folder):
        for name in sorted(folders + names):
            path = Path(place) / name
            if path.is_dir() and not path.is_symlink():
                continue
            part = said.get(path.relative_to(folder).as_posix())
            if path.is_symlink() or part is None or not path.is_file() or _sha256(path) != part.sha256:
                raise Refused(
                    f"{path} is not in the backup. Move the folder away, and try again:\n"
                    f"  mv {folder} {folder.with_name('files-aside')}"
                )


def missing(archive: Archive) -> list[str]:
    """The files that rows of the backup name and that are not in it: on several hosts, the folder may be elsewhere."""
    part = archive.manifest.tables.get(NAMING_TABLE)
    if part is None:
        return []
    places = [place for place, column in enumerate(part.columns) if column in NAMING_COLUMNS]
    named = {row[place] for row in map(read_line, archive.lines(NAMING_TABLE)) for place in places} - {None}
    return sorted(str(name) for name in named if f"{str(name)[:2]}/{name}" not in archive.manifest.files)


@contextmanager
def unpacked(archive: Archive, config: Config) -> Iterator[Callable[[], None]]:
    """Unpack the files under another name; the block is given what puts them in their place. The rest is removed."""
    folder = config.home / FOLDER
    begun = folder.with_name(f"{folder.name}.restoring")
    shutil.rmtree(begun, ignore_errors=True)
    try:
        for number, name in enumerate(archive.manifest.files):
            _unpack(archive, name, begun / str(number))

        def put() -> None:
            folder.mkdir(mode=0o700, exist_ok=True)
            for number, name in enumerate(archive.manifest.files):
                target = folder / name
                target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                (begun / str(number)).replace(target)
                sync(target.parent)

        yield put
    finally:
        shutil.rmtree(begun, ignore_errors=True)


def _unpack(archive: Archive, name: str, place: Path) -> None:
    """Write one file under a number of its own: no name from the backup is a path before all is checked."""
    place.parent.mkdir(mode=0o700, exist_ok=True)
    handle = os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        for chunk in archive.chunks(name):
            file.write(chunk)
        file.flush()
        os.fsync(handle)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
