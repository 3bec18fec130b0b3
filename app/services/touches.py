"""How somebody came: the first and the last landing that says where from, cleaned, and kept with an application."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from app.extensions import db
from app.models import Application, Touch

TOKEN = re.compile(r"[A-Za-z0-9_-]{1,64}\Z")
HOST = re.compile(r"[a-z0-9.-]{1,120}\Z")
LONGEST_UTM, LONGEST_PATH = 60, 120


@dataclass(frozen=True)
class Landing:
    """One arrival on a public page. `referrer` is the host alone."""

    path: str
    at: datetime
    token: str | None = None
    utm_source: str | None = None
    utm_medium: str | None = None
    utm_campaign: str | None = None
    referrer: str | None = None

    @property
    def says_where_from(self) -> bool:
        """Whether it tells anything about how the person came."""
        return any((self.token, self.utm_source, self.utm_medium, self.utm_campaign, self.referrer))


@dataclass(frozen=True)
class Came:
    """The first and the last landing that said where from; None where none did, or none may be kept."""

    first: Landing | None = None
    last: Landing | None = None


def landing(path: str, query: Mapping[str, str], referrer_host: str | None, at: datetime) -> Landing:
    """An arrival, cleaned: strangers write addresses, so what is not a plain short code or text is left out."""
    token = query.get("src", "")
    host = (referrer_host or "").lower()
    return Landing(
        path=(path[:LONGEST_PATH] if _is_plain(path) else "") or "/",
        at=at.replace(microsecond=0),
        token=token if TOKEN.match(token) else None,
        utm_source=_plain(query.get("utm_source")),
        utm_medium=_plain(query.get("utm_medium")),
        utm_campaign=_plain(query.get("utm_campaign")),
        referrer=host if HOST.match(host) else None,
    )


def _plain(text: str | None) -> str | None:
    """A short line of readable characters, or None: control and invisible characters are refused, not repaired."""
    line = (text or "").strip()
    return line[:LONGEST_UTM].strip() if line and _is_plain(line) else None


def _is_plain(text: str) -> bool:
    return text.isprintable()


def keep(application: Application, came: Came) -> None:
    """Keep with a new application how its person came."""
    for found, is_first in ((came.first, True), (came.last, False)):
        if found is not None:
            values = asdict(found)
            db.session.add(
                Touch(application_id=application.id, is_first=is_first, landed_at=values.pop("at"), **values)
            )


def of(application: Application) -> list[Touch]:
    """The touches of an application, the first first."""
    mine = select(Touch).where(Touch.application_id == application.id)
    return list(db.session.scalars(mine.order_by(Touch.is_first.desc())))


def as_json(found: Landing) -> dict[str, Any]:
    """A landing as a cookie keeps it: what is not known is left out."""
    return {name: value for name, value in (asdict(found) | {"at": found.at.isoformat()}).items() if value}


def from_json(kept: Mapping[str, Any]) -> Landing:
    """A landing that `as_json` wrote."""
    return Landing(**(dict(kept) | {"at": datetime.fromisoformat(kept["at"])}))
