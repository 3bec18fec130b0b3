"""The two statements that SQLite and PostgreSQL share but SQLAlchemy spells per database."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, CursorResult, FromClause, inspect, literal
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import InstrumentedAttribute

from app.extensions import Base, db


def _insert(model: type[Base] | FromClause) -> Any:
    target: Any = model
    dialect = db.session.get_bind().dialect.name
    return sqlite.insert(target) if dialect == "sqlite" else postgresql.insert(target)


def insert_if_absent(model: type[Base], **values: Any) -> bool:
    """Insert the row unless a unique constraint says that it is there already; True if it was inserted."""
    # Counted by what comes back: on PostgreSQL the driver's row count is not to be had for an ORM insert.
    statement = _insert(model).values(**values).on_conflict_do_nothing().returning(*inspect(model).primary_key)
    return db.session.execute(statement).first() is not None


def insert_absent(model: type[Base], rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert those of the rows that no unique constraint knows already, in one statement."""
    if rows:
        db.session.execute(_insert(model).values(list(rows)).on_conflict_do_nothing())


def insert_absent_ids(
    model: type[Base], rows: Sequence[Mapping[str, Any]], *columns: InstrumentedAttribute[int]
) -> list[Any]:
    """As `insert_absent`, for many rows; gives these columns of the rows that were inserted."""
    if not rows:
        return []
    # On the table and with the rows as parameters: the statement is then built once and not for every batch.
    statement = _insert(model.__table__).on_conflict_do_nothing().returning(*columns)
    return list(db.session.execute(statement, list(rows)).all())


def insert_or_replace(model: type[Base], keys: tuple[str, ...], rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert the rows, overwriting those that have the same `keys`."""
    if rows:
        statement = _insert(model.__table__)
        changes = {name: statement.excluded[name] for name in rows[0] if name not in keys}
        db.session.execute(statement.on_conflict_do_update(index_elements=list(keys), set_=changes), list(rows))


def insert_or_add(model: type[Base], keys: tuple[str, ...], column: InstrumentedAttribute[int], **values: Any) -> None:
    """Insert the row, or add its number in `column` to the row that has the same `keys`."""
    statement = _insert(model).values(**values)
    total = column + statement.excluded[column.key]
    db.session.execute(statement.on_conflict_do_update(index_elements=list(keys), set_={column.key: total}))


def is_one_of(column: InstrumentedAttribute[Any], *values: Any) -> ColumnElement[bool]:
    """The condition with its values as literals: from bound values no planner sees that a partial index fits."""
    return column.in_([literal(value, column.type, literal_execute=True) for value in values])


def changed(statement: Any) -> bool:
    """Run a conditional UPDATE or DELETE; True if it touched a row. Zero rows: somebody else was first."""
    result = db.session.execute(statement.execution_options(synchronize_session=False))
    assert isinstance(result, CursorResult)
    return result.rowcount > 0
