"""How one value of the database is written in a backup: the same bytes for the same value, from either database."""

from __future__ import annotations

import base64
import enum
import json
from collections.abc import Callable
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

from sqlalchemy import JSON as JsonType
from sqlalchemy import BigInteger, Boolean, Date, DateTime, Float, Integer, LargeBinary, String, Text, Time
from sqlalchemy.types import TypeEngine

from app.extensions import UTCDateTime

# From here on Python writes a float with an exponent and PostgreSQL's JSONB gives it back as a whole number.
FIRST_EXPONENT = 1e16


class Kind(enum.Enum):
    """What a column holds, whatever the database calls it."""

    INTEGER = "integer"
    TEXT = "text"
    BOOLEAN = "boolean"
    REAL = "real"
    MOMENT = "moment"
    DAY = "day"
    TIME = "time"
    JSON = "json"
    BYTES = "bytes"


# The first match counts. The types of either database are subclasses of these.
_KIND_OF: tuple[tuple[type[TypeEngine[Any]], Kind], ...] = (
    (Boolean, Kind.BOOLEAN),
    (JsonType, Kind.JSON),
    (DateTime, Kind.MOMENT),
    (Date, Kind.DAY),
    (Time, Kind.TIME),
    (LargeBinary, Kind.BYTES),
    (Integer, Kind.INTEGER),
    (Float, Kind.REAL),
    (String, Kind.TEXT),
)
# How each kind is asked for and given back. JSON travels as its text, so that nothing reads it as something else.
TYPE_OF: dict[Kind, TypeEngine[Any]] = {
    Kind.INTEGER: BigInteger(),
    Kind.TEXT: Text(),
    Kind.BOOLEAN: Boolean(),
    Kind.REAL: Float(),
    Kind.MOMENT: UTCDateTime(),
    Kind.DAY: Date(),
    Kind.TIME: Time(),
    Kind.JSON: Text(),
    Kind.BYTES: LargeBinary(),
}


def kind_of(column_type: TypeEngine[Any]) -> Kind | None:
    """The kind of a column with this type, or None for a type that no table of Winnow uses."""
    return next((kind for known, kind in _KIND_OF if isinstance(column_type, known)), None)


def _number(text: str) -> float | int:
    """A number with a point or an exponent in JSON, as JSONB would give it back: no negative zero, no exponent."""
    value = float(text)
    return int(Decimal(text)) if abs(value) >= FIRST_EXPONENT else value + 0.0


def _json(text: str) -> list[Any]:
    # In a list of its own, so that JSON's null differs from no value.
    return [json.loads(text, parse_float=_number)]


def _moment(value: datetime) -> str:
    return value.astimezone(UTC).isoformat(timespec="microseconds")


def _same(value: Any) -> Any:
    return value


ENCODE: dict[Kind, Callable[[Any], Any]] = {
    Kind.INTEGER: _same,
    Kind.TEXT: _same,
    Kind.BOOLEAN: bool,
    Kind.REAL: float,
    Kind.MOMENT: _moment,
    Kind.DAY: date.isoformat,
    Kind.TIME: lambda value: value.isoformat(timespec="microseconds"),
    Kind.JSON: _json,
    Kind.BYTES: lambda value: base64.b64encode(value).decode("ascii"),
}

# Sorted keys and no spaces: JSONB keeps neither the order of keys nor the spaces that were written.
_write = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode


def line(values: list[Any]) -> bytes:
    """One row, encoded values in the order of the columns' names, as one line of UTF-8.

    Half a surrogate pair is legal in SQLite's JSON; it passes as it is.
    """
    return _write(values).encode("utf-8", "surrogatepass") + b"\n"


def decoder(kind: Kind) -> Callable[[Any], Any]:
    """What turns a value of a line back into a value for the database; raises ValueError for any other value."""

    def decode(value: Any) -> Any:
        if value is None:
            return None
        if not isinstance(value, _WRITTEN_AS[kind]) or (isinstance(value, bool) and kind is not Kind.BOOLEAN):
            raise ValueError(f"{type(value).__name__} where {kind.value} should be")
        return _DECODE[kind](value)

    return decode


def _read_moment(text: str) -> datetime:
    value = datetime.fromisoformat(text)
    if value.tzinfo is None:
        raise ValueError("a moment without a zone")
    return value


def _read_json(value: list[Any]) -> str:
    if len(value) != 1:
        raise ValueError("JSON that is not in a list of its own")
    return json.dumps(value[0])


_WRITTEN_AS: dict[Kind, type | tuple[type, ...]] = {
    Kind.INTEGER: int,
    Kind.BOOLEAN: bool,
    Kind.REAL: (float, int),
    Kind.JSON: list,
    **dict.fromkeys((Kind.TEXT, Kind.MOMENT, Kind.DAY, Kind.TIME, Kind.BYTES), str),
}
_DECODE: dict[Kind, Callable[[Any], Any]] = {
    Kind.INTEGER: _same,
    Kind.TEXT: _same,
    Kind.BOOLEAN: _same,
    Kind.REAL: float,
    Kind.MOMENT: _read_moment,
    Kind.DAY: date.fromisoformat,
    Kind.TIME: time.fromisoformat,
    Kind.JSON: _read_json,
    Kind.BYTES: lambda text: base64.b64decode(text, validate=True),
}


def read_line(text: bytes) -> list[Any]:
    """The values of one line; raises ValueError for anything that is not one."""
    try:
        row = json.loads(text.decode("utf-8", "surrogatepass"))
    except RecursionError as error:
        raise ValueError("too deep") from error
    if not isinstance(row, list):
        raise ValueError("not a row")
    return row
