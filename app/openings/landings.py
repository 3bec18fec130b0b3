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
# What the cookie holds: the first landing and the last, or the last of this visit alone.
FIRST, LAST, VISIT = "first", "last", "visit"
# The public pages on which one arrives; pictures and previews are none.
LANDINGS = frozenset(
    {"openings.home", "openings.list_openings", "openings.show_opening", "openings.apply", "openings.show_notice"}
)


def came() -> Came:
    """How whoever sends this form came, as far as they let us know. Without a cookie, what the form's address says."""
    kept, here = _kept(), _here()
    if _wants_no_tracks():
        return Came(None, kept.get(VISIT) or here)
    if LAST in kept:
        return Came(kept.get(FIRST), kept[LAST])
    return Came(here, here)


def remember(response: Response) -> Response:
    """Give the cookie to whoever arrives by a way that says something. Writes no row."""
    here = _here()
    if request.method != "GET" or request.endpoint not in LANDINGS or response.status_code >= 400 or here is None:
        return response
    found = {VISIT: here} if _wants_no_tracks() else {FIRST: _kept().get(FIRST, here), LAST: here}
    response.set_cookie(
        _name(),
        _serializer().dumps({name: touches.as_json(one) for name, one in found.items()}),
        max_age=None if _wants_no_tracks() else DAYS,
        secure=bool(current_app.config["SESSION_COOKIE_SECURE"]),
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


def _kept() -> dict[str, Landing]:
    """What our cookie holds; nothing for one that we did not write, or too long ago."""
    try:
        kept = _serializer().loads(request.cookies.get(_name(), ""), max_age=DAYS)
    except BadData:
        return {}
    return {name: touches.from_json(one) for name, one in kept.items()}


def _wants_no_tracks() -> bool:
    return request.headers.get("DNT") == "1" or request.headers.get("Sec-GPC") == "1"


def _name() -> str:
    return f"{current_app.config['SESSION_COOKIE_NAME']}-came"


def _serializer() -> URLSafeTimedSerializer:
    keys = [*current_app.config["SECRET_KEY_FALLBACKS"], current_app.config["SECRET_KEY"]]
    return URLSafeTimedSerializer(keys, salt="came")
