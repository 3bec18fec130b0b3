"""The file of a backup: a ZIP with the rows of each table, the uploaded files and the manifest.

ZIP, because members of unknown length can be streamed into it, and read alone and in any order afterwards. It is
written under another name, synced, read back and only then renamed; it is read as something that anybody may have made.
"""

from __future__ import annotations

import hashlib
import io
import os
import shutil
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import IO

from app.backup import manifest
from app.backup.manifest import Manifest, NotABackup, Part
from app.backup.tables import Digest
from app.refusals import Refused

CHUNK = 1 << 20
# Bytes. A page that a candidate's link showed has two megabytes, and a logo less.
LONGEST_LINE = 64_000_000
# Rows compress well even so, and a backup is taken beside people who are being served.
LEVEL = 3
_BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError, OverflowError)


@contextmanager
def written(target: Path) -> Iterator[Path]:
    """The place to write a file that appears under its name only when it is whole and on the disk.

    For its owner only. Raises Refused when the name is taken or there is no room; what was begun is removed.
    """
    if target.exists():
        raise Refused(f"{target} exists already. Choose another name.")
    begun = target.with_name(f".{target.name}.part")
    try:
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with suppress(FileNotFoundError):  # Of a backup that was killed.
            begun.unlink()
        os.close(os.open(begun, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        yield begun
        sync(begun)
        begun.rename(target)
        sync(target.parent)
    except OSError as error:
        raise no_room(target.parent, error) from error
    finally:
        with suppress(OSError):
            begun.unlink()


def sync(path: Path) -> None:
    """Wait until a file or a folder is on the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def no_room(folder: Path, error: OSError) -> Refused:
    """Why nothing could be written there, in words."""
    free = ""
    with suppress(OSError):
        free = f" {shutil.disk_usage(folder).free / 1e6:,.0f} MB are free there."
    where = error.filename or folder
    return Refused(f"{where}: {error.strerror or error}.{free} Nothing half-written was left behind.")


class Writer:
    """Puts members into a new backup. Each is streamed; close it with the manifest."""

    def __init__(self, path: Path) -> None:
        self._zip = zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=LEVEL)

    def close(self) -> None:
        """Write the list of members, without which nothing can be read."""
        self._zip.close()

    def add_rows(self, name: str, encoded: Iterable[bytes]) -> Digest:
        """Write encoded rows; gives what they come to."""
        rows, size, sha = 0, 0, hashlib.sha256()
        with self._zip.open(name, "w", force_zip64=True) as member:
            buffer = bytearray()
            for entry in encoded:
                rows += 1
                buffer += entry
                if len(buffer) > CHUNK:
                    member.write(buffer)
                    sha.update(buffer)
                    size += len(buffer)
                    buffer.clear()
            member.write(buffer)
            sha.update(buffer)
        return Digest(rows, size + len(buffer), sha.hexdigest())

    def add_file(self, name: str, source: IO[bytes]) -> Part:
        """Write what is in an open file; pictures and the like are compressed already."""
        info = zipfile.ZipInfo(name)
        info.external_attr = 0o600 << 16
        size, sha = 0, hashlib.sha256()
        with self._zip.open(info, "w", force_zip64=True) as member:
            while chunk := source.read(CHUNK):
                member.write(chunk)
                sha.update(chunk)
                size += len(chunk)
        return Part(size, sha.hexdigest())

    def add_manifest(self, said: Manifest) -> None:
        """Write the manifest, the last member."""
        self._zip.writestr(manifest.NAME, said.to_json())


class Archive:
    """A backup that is being read. Nothing that it says is believed before it was compared."""

    def __init__(self, path: Path, opened: zipfile.ZipFile) -> None:
        self.path = path
        self._zip = opened
        self._infos = _members(opened)
        self.manifest = manifest.read(self._small(manifest.NAME))
        # SHA-256 of the manifest, and with it of everything else.
        self.fingerprint = hashlib.sha256(self._small(manifest.NAME)).hexdigest()
        self._compare_members()

    def lines(self, name: str) -> Iterator[bytes]:
        """The encoded rows of a table. Raises NotABackup at the first thing that is not as the manifest says."""
        part = self.manifest.tables[name]
        rows, place = 0, part.member(name)
        with self._reading(place, part) as stream:
            while entry := stream.readline(LONGEST_LINE + 1):
                if len(entry) > LONGEST_LINE or not entry.endswith(b"\n"):
                    raise NotABackup(f"{place}: line {rows + 1} has no end.")
                rows += 1
                yield entry
        if rows != part.rows:
            raise NotABackup(f"{place} has {rows:,} rows; the manifest says {part.rows:,}.")

    def chunks(self, name: str) -> Iterator[bytes]:
        """The content of an uploaded file, piece by piece. Raises NotABackup like `lines`."""
        with self._reading(f"files/{name}", self.manifest.files[name]) as stream:
            while chunk := stream.read(CHUNK):
                yield chunk

    def check(self) -> None:
        """Read everything once; raise NotABackup naming the first member that is not as the manifest says."""
        for name in self.manifest.tables:
            for _ in self.lines(name):
                pass
        for name in self.manifest.files:
            for _ in self.chunks(name):
                pass

    @contextmanager
    def _reading(self, place: str, part: Part) -> Iterator[_Measured]:
        try:
            with self._zip.open(self._infos[place]) as member, closing(_Measured(place, part, member)) as stream:
                yield stream
                stream.compare()
        except _BROKEN as error:
            raise NotABackup(f"{place} is damaged: {error}") from error

    def _small(self, place: str) -> bytes:
        if place not in self._infos:
            raise NotABackup(f"{self.path.name} has no {place}: it is no backup of Winnow.")
        try:
            with self._zip.open(self._infos[place]) as member:
                content = member.read(manifest.LONGEST + 1)
        except _BROKEN as error:
            raise NotABackup(f"{place} is damaged: {error}") from error
        if len(content) > manifest.LONGEST:
            raise NotABackup(f"{place} is too long.")
        return content

    def _compare_members(self) -> None:
        """What is in the file is what the manifest lists, no more, no less, and as long."""
        said = self.manifest.members()
        there = set(self._infos) - {manifest.NAME}
        for place in sorted(there - set(said)):
            raise NotABackup(f"{place[:200]!r} is in the file and not in its manifest.")
        for place, part in sorted(said.items()):
            if place not in there:
                raise NotABackup(f"{place} is in the manifest and not in the file.")
            if self._infos[place].file_size != part.size:
                size = self._infos[place].file_size
                raise NotABackup(f"{place} has {size:,} bytes; the manifest says {part.size:,}.")


class _Measured(io.BufferedReader):
    """A member as a stream that stops at the size it may have, and knows its digest at the end."""

    def __init__(self, place: str, part: Part, member: IO[bytes]) -> None:
        self._tap = _Tap(place, part, member)
        super().__init__(self._tap, CHUNK)

    def compare(self) -> None:
        """Raise NotABackup unless all of it was read and is what the manifest says."""
        self._tap.compare()


class _Tap(io.RawIOBase):
    def __init__(self, place: str, part: Part, member: IO[bytes]) -> None:
        self._place, self._part, self._member = place, part, member
        self._size, self._sha = 0, hashlib.sha256()

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        chunk = self._member.read(len(buffer))
        self._size += len(chunk)
        if self._size > self._part.size:
            raise NotABackup(f"{self._place} is longer than its manifest says.")
        self._sha.update(chunk)
        buffer[: len(chunk)] = chunk
        return len(chunk)

    def compare(self) -> None:
        if self._size != self._part.size or self._sha.hexdigest() != self._part.sha256:
            raise NotABackup(f"{self._place} is not what was written: its SHA-256 differs from the manifest's.")


def _members(opened: zipfile.ZipFile) -> dict[str, zipfile.ZipInfo]:
    infos: dict[str, zipfile.ZipInfo] = {}
    for info in opened.infolist():
        if info.filename in infos:
            raise NotABackup(f"{info.filename[:200]!r} is in the file twice.")
        if info.flag_bits & 1 or info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise NotABackup(f"{info.filename[:200]!r} is packed as Winnow packs nothing.")
        infos[info.filename] = info
    return infos


@contextmanager
def reading(path: Path) -> Iterator[Archive]:
    """An existing backup, opened. Raises NotABackup for what is none."""
    try:
        with zipfile.ZipFile(path) as opened:
            yield Archive(path, opened)
    except zipfile.BadZipFile as error:
        raise NotABackup(f"{path} is no backup of Winnow, or its end is missing ({error}).") from error
    except OSError as error:
        raise Refused(f"{error.filename or path}: {error.strerror or error}.") from error
