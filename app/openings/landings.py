"""By which way somebody comes: remembered in a cookie of this site, signed, and nowhere else until they apply.

The cookie holds codes and our own addresses, nothing about the person, and lasts 30 days. Whoever's browser asks not to
be tracked (Do Not Track, Global Privacy Control) gets one that ends with the visit and holds the last landing alone,
without the site that they came from: the link that they chose to follow is part of this visit, their way before is not.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import current_app, request
from itsdangerous import BadData, URLSafeTimedSerializer
from werkzeug.wrappers import Response

from app import clock
from app.services import touches
from app.services.touches import Came, Landing

DAYS = 30 * 24 * 60 * 60
# The public pages on which one arrives; pictures and previews are none.
LANDINGS = frozenset(
    {"openings.home", "openings.list_openings", "openings.show_opening", "openings.apply", "openings.show_notice"}
)


def came() -> Came:
    """How whoever sends this request came, as far as they let us know."""
    remembered, here = _remembered(), _here()
    if _wants_no_tracks():
        return Came(None, here or remembered.last)
    return remembered.then(here) if here else remembered


def remember(response: Response) -> Response:
    """Give the cookie to whoever arrives by a way that says something. Writes no row."""
    if request.method != "GET" or request.endpoint not in LANDINGS or response.status_code >= 400 or not _here():
        return response
    found = came()
    kept = {name: touches.as_json(one) for name, one in (("first", found.first), ("last", found.last)) if one}
    is_secure = bool(current_app.config["SESSION_COOKIE_SECURE"])
    response.set_cookie(
        _name(),
        _serializer().dumps(kept),
        max_age=None if _wants_no_tracks() else DAYS,
        secure=is_secure,
        httponly=True,
        samesite="Lax",
    )
    return response


def _here() -> Landing | None:
    """This request as a landing, or None where it says nothing about how they came."""
    host = None if _wants_no_tracks() else _foreign_host()
    found = touches.landing(request.path, request.args, host, clock.now())
    return found if found.says_where_from else None


def _foreign_host() -> str | None:
    try:
        host = urlsplit(request.referrer or "").hostname
    except ValueError:
        return None
    return host if host != urlsplit(f"//{request.host}").hostname else None


def _remembered() -> Came:
    try:
        kept = _serializer().loads(request.cookies.get(_name(), ""), max_age=DAYS)
    except BadData:
        return Came()
    first, last = (touches.from_json(kept[name]) if name in kept else None for name in ("first", "last"))
    return Came(first, last)


def _wants_no_tracks() -> bool:
    return request.headers.get("DNT") == "1" or request.headers.get("Sec-GPC") == "1"


def _name() -> str:
    return f"{current_app.config['SESSION_COOKIE_NAME']}-came"


def _serializer() -> URLSafeTimedSerializer:
    keys = [*current_app.config["SECRET_KEY_FALLBACKS"], current_app.config["SECRET_KEY"]]
    return URLSafeTimedSerializer(keys, salt="came")
