"""The database and the other extensions, created here and wired in `create_app`.

SQLite gets two engines, because its defaults silently lose concurrent updates: the writing engine begins every
transaction with BEGIN IMMEDIATE, the reading engine refuses to write. PostgreSQL gets the same two doors, so that a
GET which writes fails on either database.
"""

from __future__ import annotations

import enum
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime
from typing import Any

from flask import Flask
from flask_babel import Babel
from flask_mailman import Mail
from flask_migrate import Migrate
from flask_security import Security
from flask_sqlalchemy import SQLAlchemy
from flask_sqlalchemy.session import Session as FlaskSession
from flask_wtf import CSRFProtect
from sqlalchemy import JSON, BigInteger, Date, DateTime, Dialect, Engine, Enum, Integer, MetaData, event
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import DeclarativeBase, Session, registry
from sqlalchemy.types import TypeDecorator

READ = "read"
# Long enough for a queue of short write transactions, short enough that a person is told.
SQLITE_BUSY_SECONDS = 15


class UTCDateTime(TypeDecorator[datetime]):
    """A moment, stored and given back in UTC. A naive value is refused: nobody can know what it meant."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse naive values and convert to UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value!r} has no time zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Give SQLite's naive values their zone back."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    """The base of every row."""

    registry = registry(
        metadata=MetaData(
            naming_convention={
                "ix": "ix_%(table_name)s_%(column_0_N_name)s",
                "uq": "uq_%(table_name)s_%(column_0_N_name)s",
                "ck": "ck_%(table_name)s_%(constraint_name)s",
                "fk": "fk_%(table_name)s_%(column_0_name)s",
                "pk": "pk_%(table_name)s",
            }
        ),
        type_annotation_map={
            int: BigInteger().with_variant(Integer, "sqlite"),
            datetime: UTCDateTime,
            date: Date,
            enum.Enum: Enum(enum.Enum, native_enum=False, create_constraint=True, length=30, validate_strings=True),
            dict[str, Any]: JSON().with_variant(JSONB, "postgresql"),
            list[Any]: JSON().with_variant(JSONB, "postgresql"),
        },
    )


_reading: ContextVar[bool] = ContextVar("reading", default=False)


class RoutingSession(FlaskSession):
    """Sends everything to the reading engine while `reading()` holds."""

    def get_bind(self, *args: Any, **kwargs: Any) -> Any:
        """The read-only engine while reading, else the writing one."""
        if _reading.get():
            return self._db.engines[READ]
        return super().get_bind(*args, **kwargs)

    def close(self) -> None:
        """End the session. A database that went away meanwhile has rolled back by itself: what is ready is given."""
        try:
            super().close()
        except DBAPIError:
            super().close()  # The first call dropped the transaction, this one drops the rest.


@event.listens_for(RoutingSession, "before_flush")
def _refuse_to_write_while_reading(session: Session, *_: Any) -> None:
    if _reading.get() and (session.new or session.dirty or session.deleted):
        raise RuntimeError("A request or job that only reads tried to write; see ARCHITECTURE rule 4.")


@contextmanager
def reading() -> Iterator[None]:
    """Read through the read-only engine; the read transaction ends with the block."""
    token = _reading.set(True)
    try:
        yield
    finally:
        try:
            db.session.rollback()
        finally:
            # Even when the database has gone away meanwhile: else a long-lived worker could only read from now on.
            _reading.reset(token)


def start_reading() -> None:
    """Turn reading on for the rest of this request; `stop_reading` ends it."""
    _reading.set(True)


def stop_reading() -> None:
    """Writing is allowed again in this context."""
    _reading.set(False)


db = SQLAlchemy(model_class=Base, session_options={"class_": RoutingSession, "expire_on_commit": False})
migrate = Migrate()
csrf = CSRFProtect()
babel = Babel()
security = Security()
mailman = Mail()


def engine_settings(database_url: str) -> dict[str, Any]:
    """Flask-SQLAlchemy's settings for the two doors to one database."""
    if database_url.startswith("sqlite"):
        # isolation_level None switches the driver's own, surprising transactions off; `prepare_engines` begins them.
        options: dict[str, Any] = {"connect_args": {"isolation_level": None, "timeout": SQLITE_BUSY_SECONDS}}
        read_options = dict(options)
    else:
        options = {"pool_size": 4, "max_overflow": 4, "pool_pre_ping": True}
        read_options = options | {"execution_options": {"postgresql_readonly": True}}
    return {
        "SQLALCHEMY_DATABASE_URI": database_url,
        "SQLALCHEMY_ENGINE_OPTIONS": options,
        "SQLALCHEMY_BINDS": {READ: {"url": database_url, **read_options}},
    }


def prepare_engines(app: Flask) -> None:
    """Give SQLite its pragmas and explicit transactions. Opens no connection."""
    with app.app_context():
        for name, engine in db.engines.items():
            if engine.dialect.name == "sqlite":
                _prepare_sqlite(engine, read_only=name == READ)


def _prepare_sqlite(engine: Engine, read_only: bool) -> None:
    @event.listens_for(engine, "connect")
    def set_pragmas(connection: Any, _record: Any) -> None:
        cursor = connection.cursor()
        cursor.execute("PRAGMA journal_mode=WAL")
        # FULL: an acknowledged submission survives a power cut. It costs 0.2 ms here.
        cursor.execute("PRAGMA synchronous=FULL")
        cursor.execute("PRAGMA foreign_keys=ON")
        if read_only:
            cursor.execute("PRAGMA query_only=ON")
        cursor.close()

    @event.listens_for(engine, "begin")
    def begin(connection: Any) -> None:
        connection.exec_driver_sql("BEGIN" if read_only else "BEGIN IMMEDIATE")
