"""What a backup says of itself: `manifest.json`, read as something that anybody may have written."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from app.backup.values import Kind
from app.refusals import Refused

FORMAT = 1
NAME = "manifest.json"
# Bytes. A hundred thousand files take some twenty million.
LONGEST = 64_000_000
LONGEST_FILE_NAME = 1_000
_TABLE = re.compile(r"[a-z][a-z0-9_]{0,62}")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_REVISION = re.compile(r"[A-Za-z0-9_]{1,32}")
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f\\]")


class NotABackup(Refused):
    """The file is no backup of Winnow, is damaged, or was changed. The text names what is wrong."""

    code = "not_a_backup"


@dataclass(frozen=True)
class Part:
    """One member of the file: its size in bytes and its SHA-256."""

    size: int
    sha256: str


@dataclass(frozen=True)
class TablePart(Part):
    """The rows of one table. `last_id` is the last id that PostgreSQL gave, None where there is no such counter."""

    rows: int
    columns: dict[str, Kind]
    last_id: int | None = None

    @staticmethod
    def member(name: str) -> str:
        """Where the rows of this table stand in the file."""
        return f"tables/{name}.jsonl"


@dataclass(frozen=True)
class AuditHead:
    """Where the audit trail stood: how many events, the last one sealed, and the link of the chain made for it."""

    events: int
    sealed: int | None
    chain: str | None


@dataclass(frozen=True)
class Manifest:
    """Everything that a backup says of itself. `made_at` is in UTC, as ISO 8601."""

    made_at: str
    winnow: str
    database: str
    revision: str
    tables: dict[str, TablePart]
    files: dict[str, Part]
    audit: AuditHead

    @property
    def rows(self) -> int:
        """All rows of all tables."""
        return sum(part.rows for part in self.tables.values())

    def members(self) -> dict[str, Part]:
        """Everything that is in the file besides the manifest, by its place there."""
        tables: dict[str, Part] = {TablePart.member(name): part for name, part in self.tables.items()}
        return tables | {f"files/{name}": part for name, part in self.files.items()}

    def to_json(self) -> bytes:
        """The manifest as it is written."""
        tables = {
            name: {
                "rows": part.rows,
                "bytes": part.size,
                "sha256": part.sha256,
                "last_id": part.last_id,
                "columns": {column: kind.value for column, kind in part.columns.items()},
            }
            for name, part in self.tables.items()
        }
        said = {
            "format": FORMAT,
            "made_at": self.made_at,
            "winnow": self.winnow,
            "database": self.database,
            "revision": self.revision,
            "audit": {"events": self.audit.events, "sealed": self.audit.sealed, "chain": self.audit.chain},
            "tables": tables,
            "files": {name: {"bytes": part.size, "sha256": part.sha256} for name, part in self.files.items()},
        }
        return json.dumps(said, indent=1, ensure_ascii=False).encode() + b"\n"


def read(content: bytes) -> Manifest:
    """The manifest in these bytes; raises NotABackup with what is wrong."""
    try:
        said = json.loads(content)
        if not isinstance(said, dict) or not isinstance(said.get("format"), int):
            raise NotABackup(f"{NAME} is not one of Winnow's.")
        if said["format"] != FORMAT:
            raise NotABackup(
                f"{NAME} has format {said['format']}; this Winnow reads format {FORMAT}. Use the Winnow that made it."
            )
        return _manifest(said)
    except RecursionError as error:
        raise NotABackup(f"{NAME} is not one of Winnow's.") from error
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise NotABackup(f"{NAME} cannot be read: {type(error).__name__} {error}") from error


def _manifest(said: dict[str, Any]) -> Manifest:
    audit = said["audit"]
    return Manifest(
        made_at=_text(said["made_at"]),
        winnow=_text(said["winnow"]),
        database=_text(said["database"]),
        revision=_matching(_REVISION, said["revision"]),
        tables={_matching(_TABLE, name): _table(part) for name, part in said["tables"].items()},
        files={_file_name(name): Part(_number(p["bytes"]), _hash(p["sha256"])) for name, p in said["files"].items()},
        audit=AuditHead(
            _number(audit["events"]),
            None if audit["sealed"] is None else _number(audit["sealed"]),
            None if audit["chain"] is None else _hash(audit["chain"]),
        ),
    )


def _table(part: dict[str, Any]) -> TablePart:
    columns = {_matching(_TABLE, name): Kind(kind) for name, kind in part["columns"].items()}
    last_id = None if part["last_id"] is None else _number(part["last_id"])
    if list(columns) != sorted(columns):
        raise ValueError("columns out of order")
    return TablePart(_number(part["bytes"]), _hash(part["sha256"]), _number(part["rows"]), columns, last_id)


def _number(value: Any) -> int:
    if type(value) is not int or not 0 <= value < 2**63:
        raise ValueError(f"{value!r} is not a count")
    return value


def _text(value: Any) -> str:
    if not isinstance(value, str) or len(value) > 200 or _UNPRINTABLE.search(value):
        raise ValueError("not a short text")
    return value


def _matching(pattern: re.Pattern[str], value: Any) -> str:
    if not isinstance(value, str) or not pattern.fullmatch(value):
        raise ValueError(f"{str(value)[:80]!r} cannot be a name")
    return value


def _hash(value: Any) -> str:
    return _matching(_SHA256, value)


def _file_name(value: Any) -> str:
    """A path below the folder of files and nowhere else."""
    if is_safe_file_name(value):
        return str(value)
    raise NotABackup(f"The file name {str(value)[:120]!r} leads out of the folder of files.")


def is_safe_file_name(value: Any) -> bool:
    """Whether this is a plain relative path: no step upwards, no drive, no control character."""
    if not isinstance(value, str) or not 0 < len(value) <= LONGEST_FILE_NAME or _UNPRINTABLE.search(value):
        return False
    if not value.isascii() and value.encode("utf-8", "replace").decode() != value:
        return False  # Bytes that are no UTF-8.
    path = PurePosixPath(value)
    return not path.is_absolute() and ".." not in path.parts and str(path) == value and value != "."
