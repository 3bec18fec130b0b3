"""Refusals and failures become pages, once, here. Every page says what happened and that nothing was lost."""

from __future__ import annotations

import structlog
from flask import Flask, render_template, request
from flask_babel import gettext as _
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DBAPIError, InterfaceError, InternalError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnection
from werkzeug.exceptions import HTTPException, SecurityError
from werkzeug.wrappers import Response

from app import pages
from app.extensions import db
from app.refusals import Refused

log = structlog.get_logger()

# What the database raises when it is busy, away, full or not to be written. A mistake of ours raises others.
UNAVAILABLE = (OperationalError, InterfaceError, InternalError, NoConnection)
# How databases say that they are full, and PostgreSQL that it is only to be read.
FULL, READ_ONLY = {"SQLITE_FULL", "53100"}, "25006"
# Seconds until one tries again: a busy or restarting database is soon back, a full disk needs a person.
SOON, LATER = 30, 300


def init_app(app: Flask) -> None:
    """Register the handlers."""
    app.register_error_handler(Refused, refused)
    app.register_error_handler(CSRFError, old_form)
    app.register_error_handler(SecurityError, unknown_host)
    app.register_error_handler(HTTPException, http_error)
    for kind in UNAVAILABLE:
        app.register_error_handler(kind, database_error)
    app.register_error_handler(Exception, unexpected)


def page(
    status: int, title: str, what: str, todo: str, template: str = "errors/page.html", **more: object
) -> tuple[str, int]:
    """The one error page: what happened, and what to do."""
    words = {"title": title, "what": what, "todo": todo, **more}
    try:
        return render_template(template, **words), status
    except (DBAPIError, NoConnection):
        db.session.rollback()
        pages.forget_the_database()
        return render_template(template, **words), status


def refused(error: Refused) -> tuple[str, int]:
    """A rule said no."""
    db.session.rollback()
    if error.status == 404:
        return not_found()
    return page(error.status, _("That did not work"), words(error), _("Go back to where you were; nothing was lost."))


def words(error: Refused) -> str:
    """A refusal in the reader's language."""
    text: str = _(error.text, **error.values)
    return text


def not_found() -> tuple[str, int]:
    """The same page for what does not exist and for what is not open to this person."""
    return page(
        404,
        _("There is no such page"),
        _("This page does not exist, or it is not open to you."),
        _("Check the address, or start from the first page."),
    )


def unknown_host(_error: SecurityError) -> tuple[str, int, dict[str, str]]:
    """A request for a host that is not ours. No page: its links would lead to that host."""
    return "This server does not answer to that name.\n", 400, {"Content-Type": "text/plain; charset=utf-8"}


def old_form(_error: CSRFError) -> tuple[str, int]:
    """The form is too old or came from elsewhere."""
    return page(
        400,
        _("This form has expired"),
        _("The page was open for a long time, or it was opened in another window."),
        _("Go back, load the page again and send the form once more."),
    )


def http_error(error: HTTPException) -> tuple[str, int] | Response:
    """What Werkzeug says: wrong method, too large, and the like."""
    if error.code is None or error.code < 400:
        return error.get_response()
    if error.code == 404:
        return not_found()
    if error.code == 413:
        return page(
            413,
            _("That is too large"),
            _("The form holds more than can be sent at once."),
            _("Go back: what you typed is still in this browser. Shorten it, or choose a smaller file."),
        )
    body, status = page(
        error.code,
        _("That did not work"),
        _("The page could not answer this. Your browser may have sent it in a way that we do not know."),
        _("Go back to where you were; nothing was lost."),
    )
    response = error.get_response()
    response.set_data(body)
    response.status_code = status
    response.content_type = "text/html; charset=utf-8"
    return response


def database_error(
    error: Exception, template: str = "errors/page.html", **more: object
) -> tuple[str, int] | tuple[str, int, dict[str, str]]:
    """The database is busy, full, away or not to be written: 503 or, with a full disk, 507; when to try again."""
    cause = getattr(error, "orig", None) or error
    code = getattr(cause, "sqlite_errorname", None) or getattr(cause, "sqlstate", None)
    if isinstance(error, InternalError) and code != READ_ONLY:
        return unexpected(error)
    db.session.rollback()
    is_full = code in FULL
    log.error("database_unavailable", error=str(cause), page=str(request.url_rule))
    pages.forget_the_database()
    body, status = page(
        507 if is_full else 503,
        _("We cannot save right now"),
        _("The database does not answer. What you sent was not saved, and nothing saved before is lost."),
        _("Keep this page open and try again in a minute."),
        template,
        **more,
    )
    return body, status, {"Retry-After": str(LATER if is_full else SOON)}


def unexpected(error: Exception) -> tuple[str, int]:
    """A mistake of ours."""
    db.session.rollback()
    log.error("unexpected_error", exc_info=error, page=str(request.url_rule))
    return page(
        500,
        _("Something went wrong on our side"),
        _("It was noted, and nothing that was saved before is lost."),
        _("Go back and try again."),
    )
