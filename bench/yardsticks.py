"""The yardsticks of the web: the least that a Flask app can do for a form and for a page.

Each has its own SQLite file with the product's pragmas (WAL, synchronous=FULL), so that the disk counts for both.
"""

from __future__ import annotations

from datetime import UTC
from pathlib import Path
from typing import Any

from flask import Flask, render_template, request
from sqlalchemy import (
    Column,
    DateTime,
    Engine,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    create_engine,
    event,
    insert,
    select,
)
from werkzeug.wrappers import Response

from app import clock

metadata = MetaData()
answers = Table(
    "answer",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("body", Text, nullable=False),
    Column("received_at", DateTime, nullable=False),
)
pages = Table("page", metadata, Column("id", Integer, primary_key=True), Column("title", String(120), nullable=False))

ROWS = 59
TITLE = "A page of ten kilobytes"
# 59 rows of four escaped values: 10 KB when rendered.
PAGE = """<!doctype html><html lang="en"><head><title>{{ title }}</title></head><body><h1>{{ title }}</h1><table>
{% for row in rows %}<tr><td>{{ row.number }}</td><td class="name">{{ row.name }}</td><td>{{ row.place }}</td>\
<td class="words">{{ row.words }}</td></tr>
{% endfor %}</table></body></html>"""
WORDS = "Thank you for writing to us & for waiting; your account is closed now."


def insert_app(path: str) -> Flask:
    """POST / stores one row: one Core insert, one commit at FULL."""
    app = Flask("bare_insert")
    engine = app.extensions["engine"] = _engine(path)

    @app.post("/")
    def store() -> Response:
        values = {"body": request.form["body"], "received_at": clock.now().astimezone(UTC)}
        with engine.begin() as connection:
            number = connection.execute(insert(answers).values(values).returning(answers.c.id)).scalar_one()
        return Response(str(number), 201)

    return app


def page_app(path: str) -> Flask:
    """GET / renders a page of 10 KB after one look-up by primary key."""
    app = Flask("bare_page")
    engine = app.extensions["engine"] = _engine(path)
    # Compiled once, as a template in a file would be.
    page = app.jinja_env.from_string(PAGE)
    rows: list[dict[str, Any]] = [
        {"number": number, "name": f"Row <{number}>", "place": "Somewhere", "words": WORDS} for number in range(ROWS)
    ]

    @app.get("/")
    def show() -> str:
        with engine.connect() as connection:
            title = connection.execute(select(pages.c.title).where(pages.c.id == 1)).scalar_one()
        return render_template(page, title=title, rows=rows)

    return app


def prepare(path: Path) -> None:
    """Make the file that `insert_app` and `page_app` use."""
    engine = _engine(str(path))
    metadata.create_all(engine)
    with engine.begin() as connection:
        connection.execute(insert(pages).values(id=1, title=TITLE))
    engine.dispose()


def _engine(path: str) -> Engine:
    engine = create_engine(f"sqlite:///{path}")

    @event.listens_for(engine, "connect")
    def set_pragmas(connection: Any, _record: Any) -> None:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")

    return engine
