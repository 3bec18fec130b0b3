"""Is it alive, and is it ready? For supervisors and load balancers."""

from __future__ import annotations

import redis
from flask import Blueprint, jsonify
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.wrappers import Response

from app import clock, queue
from app.extensions import db
from app.services import operations

bp = Blueprint("health", __name__)


@bp.get("/healthz")
def alive() -> Response:
    """The process answers."""
    return jsonify(status="ok")


@bp.get("/readyz")
def ready() -> tuple[Response, int]:
    """The database answers, the queue server answers, and no work has been waiting for long."""
    checks = {"database": _database(), "queue": _queue()}
    if checks["database"] == "ok":
        checks["work"] = _work()
    is_ready = all(value == "ok" for value in checks.values())
    return jsonify(status="ok" if is_ready else "not ready", checks=checks), 200 if is_ready else 503


def _database() -> str:
    try:
        db.session.execute(text("SELECT 1"))
    except SQLAlchemyError as error:
        return type(error).__name__
    return "ok"


def _queue() -> str:
    try:
        queue.connection().ping()
    except redis.RedisError as error:
        return type(error).__name__
    return "ok"


def _work() -> str:
    overdue = operations.overdue(clock.now())
    if not overdue:
        return "ok"
    return "; ".join(
        f"the oldest due work of kind {kind} has waited {int(waited.total_seconds())} s" for kind, waited in overdue
    )
