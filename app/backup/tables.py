"""A database as a backup sees it: its tables by name, their rows in the order of their keys, and a digest of each.

The tables are read from the database and not from the models, which may be newer than it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from typing import Any

from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, Text, cast, column, func, inspect, select, table, text
from sqlalchemy.sql.expression import ColumnElement, TableClause

from app.backup.values import ENCODE, TYPE_OF, Kind, kind_of, line
from app.refusals import Refused

REVISION_TABLE = "alembic_version"
# Rows that are held at once; bodies of pages and pictures may have two megabytes each.
ROWS_AT_ONCE = 200
ROWS_WITH_BYTES_AT_ONCE = 8


@dataclass(frozen=True)
class Shape:
    """A table: its columns sorted by name, so that their order in the database does not matter, and its key."""

    name: str
    columns: dict[str, Kind]
    key: tuple[str, ...]

    @property
    def source(self) -> TableClause:
        """The table as a query names it."""
        return table(self.name, *(column(name, TYPE_OF[kind]) for name, kind in self.columns.items()))

    @property
    def rows_at_once(self) -> int:
        """How many rows to hold in memory."""
        return ROWS_WITH_BYTES_AT_ONCE if Kind.BYTES in self.columns.values() else ROWS_AT_ONCE


@dataclass(frozen=True)
class Digest:
    """What the rows of one table come to. `size` is in bytes, `sha256` covers the encoded rows in order."""

    rows: int
    size: int
    sha256: str


def revision(connection: Connection) -> str | None:
    """The migration at which this database stands; None when it is no database of Winnow."""
    return MigrationContext.configure(connection).get_current_revision()


def has_tables(connection: Connection) -> bool:
    """Whether there is anything in this database."""
    return bool(inspect(connection).get_table_names())


def shapes(connection: Connection) -> list[Shape]:
    """The tables by name. Raises Refused for a table that cannot be one of Winnow's."""
    inspector = inspect(connection)
    keys = inspector.get_multi_pk_constraint()
    found = []
    for (schema, name), columns in inspector.get_multi_columns().items():
        if name == REVISION_TABLE:
            continue
        kinds = {entry["name"]: kind_of(entry["type"]) for entry in columns}
        known = {column_name: kind for column_name, kind in sorted(kinds.items()) if kind is not None}
        if len(known) < len(kinds):
            odd = next(column_name for column_name, kind in kinds.items() if kind is None)
            raise Refused(
                f"The column {name}.{odd} has a type that Winnow does not use. Give Winnow a database of its own."
            )
        key = tuple(keys[schema, name]["constrained_columns"]) or tuple(known)
        found.append(Shape(name, known, key))
    return sorted(found, key=lambda shape: shape.name)


def lines(connection: Connection, shape: Shape) -> Iterator[bytes]:
    """The rows of a table, encoded, in the order of their keys. Holds few of them at a time."""
    source, is_postgresql = shape.source, connection.dialect.name == "postgresql"
    wanted: list[ColumnElement[Any]] = []
    for name, kind in shape.columns.items():
        as_text = kind is Kind.JSON and is_postgresql
        wanted.append(cast(source.c[name], Text) if as_text else source.c[name])
    # SQLite compares bytes; PostgreSQL is told to, whatever the language of the server.
    order = [
        source.c[name].collate("C") if is_postgresql and shape.columns[name] is Kind.TEXT else source.c[name]
        for name in shape.key
    ]
    encoders = [ENCODE[kind] for kind in shape.columns.values()]
    options = {"yield_per": shape.rows_at_once, "stream_results": True}
    query = select(*wanted).order_by(*order)
    with closing(connection.execute(query, execution_options=options)) as rows:
        for row in rows:
            yield line([None if value is None else encode(value) for encode, value in zip(encoders, row, strict=True)])


def digest(encoded: Iterable[bytes]) -> Digest:
    """Count and hash encoded rows."""
    total, size, sha = 0, 0, hashlib.sha256()
    for entry in encoded:
        total += 1
        size += len(entry)
        sha.update(entry)
    return Digest(total, size, sha.hexdigest())


def count(connection: Connection, name: str) -> int:
    """How many rows a table has."""
    return connection.scalar(select(func.count()).select_from(table(name))) or 0


def sequences(connection: Connection) -> dict[str, tuple[str, str]]:
    """PostgreSQL's counters of new ids: {table: (column, sequence)}. SQLite keeps none."""
    if connection.dialect.name != "postgresql":
        return {}
    query = text(
        "SELECT t.relname, a.attname, pg_get_serial_sequence(quote_ident(t.relname), a.attname)"
        " FROM pg_class t JOIN pg_attribute a ON a.attrelid = t.oid"
        " WHERE t.relkind = 'r' AND t.relnamespace = current_schema()::regnamespace AND a.attnum > 0"
        " AND NOT a.attisdropped AND pg_get_serial_sequence(quote_ident(t.relname), a.attname) IS NOT NULL"
    )
    return {name: (column_name, sequence) for name, column_name, sequence in connection.execute(query)}


def last_given(connection: Connection, sequence: str) -> int | None:
    """The last id that a sequence gave, or None if it gave none yet."""
    # The name comes from the database, quoted by it.
    row = connection.execute(text(f"SELECT last_value, is_called FROM {sequence}")).one()
    return int(row.last_value) if row.is_called else None
