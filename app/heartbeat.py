"""Each web process says every few seconds that it takes requests: the heartbeat by which outages are known."""

from __future__ import annotations

import time
from collections.abc import Callable

import structlog
from flask import Flask
from sqlalchemy.exc import SQLAlchemyError

from app import clock
from app.extensions import db, reading
from app.services import outages

log = structlog.get_logger()


def go_on(app: Flask, is_well: Callable[[], bool], pause: float = outages.EVERY.total_seconds()) -> None:
    """Say so for ever, in a thread of its own. A process that is not well is silent."""
    while True:
        if is_well():
            beat(app)
        time.sleep(pause)


def beat(app: Flask) -> None:
    """Say it once, unless another process has just said it."""
    with app.app_context():
        try:
            with reading():
                is_due = outages.is_beat_due(clock.now())
            db.session.remove()
            if is_due:
                outage = outages.beat(clock.now())
                db.session.commit()
                if outage is not None:
                    log.warning("outage", seconds=outages.seconds(outage))
        except SQLAlchemyError as error:
            # Without the database nobody can answer: silence is the truth.
            db.session.rollback()
            log.error("beat_failed", error=type(error).__name__)
        finally:
            db.session.remove()
