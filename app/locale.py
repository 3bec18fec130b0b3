"""The language of a page: what the reader chose, else what they are known by, else what their browser asks for."""

from __future__ import annotations

from flask import has_request_context, request, session

from app import locales, people

CHOICE = "lang"


def choose() -> str | None:
    """Babel's name of the language for this request, or None outside one."""
    if not has_request_context():
        return None
    return locales.babel_name(tag())


def tag() -> str:
    """Our tag of the language for this request."""
    asked = request.args.get(CHOICE) or session.get(CHOICE)
    if asked in locales.LOCALES:
        return str(asked)
    user = people.staff_or_none()
    if user is not None:
        return user.locale
    return request.accept_languages.best_match(locales.LOCALES) or locales.DEFAULT


def remember_choice() -> None:
    """Keep a language chosen by `?lang=` for this browser. Writes a cookie, never the database."""
    asked = request.args.get(CHOICE)
    if asked in locales.LOCALES and session.get(CHOICE) != asked:
        session[CHOICE] = asked
