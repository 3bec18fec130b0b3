"""Gunicorn's worker, which also says that it takes requests: the heartbeat by which outages are known.

It says so from the loop in which it waits for requests, so that a process which hangs is silent.
"""

from __future__ import annotations

import time

import structlog
from gunicorn.workers.sync import SyncWorker
from sqlalchemy.exc import SQLAlchemyError

from app import clock
from app.extensions import db, reading
from app.services import outages

log = structlog.get_logger()


class Worker(SyncWorker):  # type: ignore[misc]  # gunicorn has no types
    """As gunicorn's own, and heard by the database."""

    _next_beat = 0.0

    def notify(self) -> None:
        """Tell gunicorn's master, and now and then the database, that this process takes requests."""
        super().notify()
        if time.monotonic() >= self._next_beat:
            self._next_beat = time.monotonic() + outages.EVERY.total_seconds()
            self._beat()

    def _beat(self) -> None:
        with self.wsgi.app_context():
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
