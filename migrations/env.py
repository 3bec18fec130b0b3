"""Alembic's environment: the models' metadata, and one migration at a time in one transaction."""

from __future__ import annotations

from alembic import context
from alembic.autogenerate.api import AutogenContext
from flask import current_app
from sqlalchemy import JSON, Column

import app.models  # noqa: F401 - the tables
from app.extensions import Base, UTCDateTime

database = current_app.extensions["migrate"].db


def render_item(kind: str, item: object, autogen_context: AutogenContext) -> str | bool:
    """Write our own column types as the plain types that they store."""
    if kind == "type" and isinstance(item, UTCDateTime):
        return "sa.DateTime(timezone=True)"
    if kind == "type" and isinstance(item, JSON):
        autogen_context.imports.add("from sqlalchemy.dialects import postgresql")
        return "sa.JSON().with_variant(postgresql.JSONB(), 'postgresql')"
    return False


def compare_type(
    _context: object, _column: Column, _metadata_column: Column, _inspected: object, metadata_type: object
) -> bool | None:
    """Our moment is a DateTime to the database."""
    return False if isinstance(metadata_type, UTCDateTime) else None


def run() -> None:
    """Run the migrations on the writing engine. SQLite checks foreign keys only after a table was rebuilt."""
    with database.engine.connect() as connection:
        is_sqlite = connection.dialect.name == "sqlite"
        if is_sqlite:
            # Outside the transaction, where alone SQLite listens to this.
            connection.connection.driver_connection.execute("PRAGMA foreign_keys=OFF")
        context.configure(
            connection=connection,
            target_metadata=Base.metadata,
            render_item=render_item,
            compare_type=compare_type,
            render_as_batch=True,
        )
        with context.begin_transaction():
            context.run_migrations()
        connection.commit()
        if is_sqlite:
            connection.connection.driver_connection.execute("PRAGMA foreign_keys=ON")


run()
