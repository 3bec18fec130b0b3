"""Putting the rows of a backup into a database that was just migrated to the backup's revision, and comparing them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, insert, text
from sqlalchemy.exc import DBAPIError

from app.backup import database, tables
from app.backup.archive import Archive
from app.backup.manifest import NotABackup, TablePart
from app.backup.tables import Shape
from app.backup.values import decoder, read_line
from app.extensions import db
from app.refusals import Refused

# Bytes of encoded rows that are held before they are written.
BYTES_AT_ONCE = 4_000_000


def fill(archive: Archive) -> None:
    """Migrate the empty database of this context to the backup's revision, load every row, and compare all of it.

    Raises NotABackup for rows that do not fit, Refused where the database says no. On PostgreSQL the rows are one
    transaction; the tables, and on SQLite the file, are the caller's to remove when this fails.
    """
    database.migrate_to(archive.manifest.revision)
    with _without_foreign_keys() as connection:
        shapes = tables.shapes(connection)
        _compare_shapes(shapes, archive)
        for shape in shapes:
            _load(connection, shape, archive)
            if connection.dialect.name == "sqlite":
                connection.commit()  # The file is thrown away if anything fails; this keeps its log short.
        _set_counters(connection, archive)
        _analyze(connection, shapes)
        compare(connection, archive)


def compare(connection: Connection, archive: Archive) -> None:
    """Raise NotABackup unless counts, digests and audit head of the database are those of the manifest."""
    for shape in tables.shapes(connection):
        found, said = tables.digest(tables.lines(connection, shape)), archive.manifest.tables[shape.name]
        if (found.rows, found.sha256) != (said.rows, said.sha256):
            raise NotABackup(
                f"The table {shape.name} came out with {found.rows:,} rows and digest {found.sha256[:12]}; "
                f"the manifest says {said.rows:,} and {said.sha256[:12]}."
            )
    head = database.audit_head(connection)
    if head != archive.manifest.audit:
        raise NotABackup(f"The audit trail ends at {head}; the manifest says {archive.manifest.audit}.")
    if problem := database.orphans(connection):
        raise NotABackup(problem)


def _compare_shapes(shapes: list[Shape], archive: Archive) -> None:
    said = archive.manifest.tables
    there = {shape.name: shape.columns for shape in shapes}
    for name in sorted(there.keys() ^ said.keys()):
        raise NotABackup(f"The table {name} is not in both the backup and its revision {archive.manifest.revision}.")
    for name, columns in there.items():
        if columns != said[name].columns:
            raise NotABackup(f"The columns of the table {name} are not those of revision {archive.manifest.revision}.")


def _load(connection: Connection, shape: Shape, archive: Archive) -> None:
    if tables.count(connection, shape.name):
        connection.execute(shape.source.delete())  # What a migration put there.
    try:
        if connection.dialect.name == "postgresql":
            _copy(connection, shape, archive)
        else:
            for batch in _batches(shape, archive):
                connection.execute(insert(shape.source), batch)
    except DBAPIError as error:
        raise refused_by_database(shape.name, error.orig or error) from error


def _copy(connection: Connection, shape: Shape, archive: Archive) -> None:
    """PostgreSQL's COPY, row by row."""
    driver: Any = connection.connection.driver_connection
    quote = connection.dialect.identifier_preparer.quote
    columns = ", ".join(quote(name) for name in shape.columns)
    try:
        with driver.cursor() as cursor, cursor.copy(f"COPY {quote(shape.name)} ({columns}) FROM STDIN") as copy:
            for row in _rows(shape, archive):
                copy.write_row(row)
    except driver_error(connection) as error:
        raise refused_by_database(shape.name, error) from error


def driver_error(connection: Connection) -> type[Exception]:
    """The base of the errors that the database's own driver raises."""
    error: type[Exception] = connection.dialect.loaded_dbapi.Error
    return error


def refused_by_database(name: str, error: BaseException) -> Refused:
    """What the database said about a table, in one line."""
    said = (str(error).strip() or type(error).__name__).splitlines()[0]
    return Refused(f"The database does not take the rows of {name}: {said}")


def _rows(shape: Shape, archive: Archive) -> Iterator[list[Any]]:
    decoders: list[Callable[[Any], Any]] = [decoder(kind) for kind in shape.columns.values()]
    for number, entry in enumerate(archive.lines(shape.name), 1):
        try:
            yield [decode(value) for decode, value in zip(decoders, read_line(entry), strict=True)]
        except ValueError as error:
            raise NotABackup(f"{TablePart.member(shape.name)}, line {number}: {error}.") from error


def _batches(shape: Shape, archive: Archive) -> Iterator[list[dict[str, Any]]]:
    batch: list[dict[str, Any]] = []
    size = 0
    for row in _rows(shape, archive):
        batch.append(dict(zip(shape.columns, row, strict=True)))
        size += sum(len(value) for value in row if isinstance(value, str | bytes))
        if len(batch) >= tables.ROWS_AT_ONCE or size > BYTES_AT_ONCE:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _set_counters(connection: Connection, archive: Archive) -> None:
    """PostgreSQL goes on after the last id that was given or is there, so that no id is ever given twice."""
    quote = connection.dialect.identifier_preparer.quote
    for name, (column, sequence) in tables.sequences(connection).items():
        highest = connection.scalar(text(f"SELECT max({quote(column)}) FROM {quote(name)}")) or 0
        last = max(highest, archive.manifest.tables[name].last_id or 0)
        if last:
            connection.execute(text("SELECT setval(:sequence, :last)"), {"sequence": sequence, "last": last})


def _analyze(connection: Connection, shapes: list[Shape]) -> None:
    """Let PostgreSQL look at what it has got: else it reads whole tables until autovacuum comes by, if that is on."""
    if connection.dialect.name == "postgresql":
        quote = connection.dialect.identifier_preparer.quote
        connection.execute(text(f"ANALYZE {', '.join(quote(shape.name) for shape in shapes)}"))


@contextmanager
def _without_foreign_keys() -> Iterator[Connection]:
    """One transaction in which rows may refer to rows that come later; at its end all must be there, and it commits."""
    with db.engine.connect() as connection:
        if connection.dialect.name == "sqlite":
            driver: Any = connection.connection.driver_connection
            driver.execute("PRAGMA foreign_keys=OFF")
            driver.execute("PRAGMA synchronous=OFF")  # The file gets its name only after it was synced as a whole.
            yield connection
            connection.commit()
            driver.execute("PRAGMA foreign_keys=ON")
            driver.execute("PRAGMA synchronous=FULL")
            driver.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            return
        keys = _foreign_keys(connection)
        for table, name, _ in keys:
            connection.execute(text(f"ALTER TABLE {table} DROP CONSTRAINT {name}"))
        yield connection
        for table, name, definition in keys:
            try:
                connection.execute(text(f"ALTER TABLE {table} ADD CONSTRAINT {name} {definition}"))
            except DBAPIError as error:
                raise refused_by_database(table, error.orig or error) from error
        connection.commit()


def _foreign_keys(connection: Connection) -> list[tuple[str, str, str]]:
    """(table, name, definition) of every foreign key, quoted by PostgreSQL itself."""
    query = text(
        "SELECT c.conrelid::regclass::text, quote_ident(c.conname), pg_get_constraintdef(c.oid)"
        " FROM pg_constraint c WHERE c.contype = 'f' AND c.connamespace = current_schema()::regnamespace"
    )
    return [(table, name, definition) for table, name, definition in connection.execute(query)]
