"""What a page that only reads must note down: done after the reader has the page, in one short transaction."""

from __future__ import annotations

from collections.abc import Callable, Collection

import structlog
from flask import Flask, after_this_request, current_app
from werkzeug.wrappers import Response

from app import clock, people
from app.extensions import db
from app.services import identities

log = structlog.get_logger()


def later(function: Callable[[], object]) -> None:
    """Run `function` after this request's response is closed, in an app context and a transaction of its own.

    It carries ids, never records: the request's session is gone by then. What goes wrong is logged and changes
    nothing for the reader, who has the page already.
    """
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]

    def attach(response: Response) -> Response:
        response.call_on_close(lambda: _run(app, function))
        return response

    after_this_request(attach)


def _run(app: Flask, function: Callable[[], object]) -> None:
    with app.app_context():
        try:
            function()
            db.session.commit()
        except Exception as error:
            db.session.rollback()
            log.error("afterwards_failed", function=getattr(function, "__qualname__", "?"), exc_info=error)


def note_identities(application_ids: Collection[int]) -> None:
    """This page shows its reader who these applicants are; they are never given their unread answers."""
    reader_id, now = people.me().id, clock.now()
    fresh = identities.unseen(application_ids, reader_id)
    if fresh:
        later(lambda: identities.note_identities_seen(fresh, reader_id, now))
