"""Everything that is stored about a person, for themselves: as JSON, and the same as a page. Nobody else is in it."""

from __future__ import annotations

import enum
import json
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, inspect, select

from app.extensions import db
from app.models import Application, Candidate, ChallengeVersion, Invitation, Opening
from app.refusals import Refused
from app.services import applications, audit, personal
from app.services.audit import Actor
from app.services.owners import Table

Row = dict[str, Any]
CONTEXT = ("_application", "_job", "_told")


def require_verified(application: Application) -> None:
    """Go on for somebody who has used the link in their mail: the address is theirs, and so is the data under it."""
    if not applications.is_verified(application):
        raise Refused("Open the link in our mail once first: it shows that the address is yours.")


def of_person(application: Application, now: datetime) -> dict[str, Any]:
    """What is stored about the person behind this application, in all their applications, by kind of record.

    What a decision is made of comes in once they were told it. One statement for each kind of record.
    """
    require_verified(application)
    candidate_id = application.candidate_id
    found: dict[str, list[Row]] = {}
    for table in personal.TABLES:
        if table.told or table.told_later:
            found.setdefault(table.name, []).extend(_rows(table, candidate_id))
    audit.record(Actor.candidate(candidate_id), "data.export", "candidate", candidate_id, now)
    return {"made_at": now.isoformat(), "records": {name: rows for name, rows in found.items() if rows}}


def _rows(table: Table, candidate_id: int) -> list[Row]:
    """The rows of one table, each with the application and the challenge that it belongs to."""
    columns = [getattr(table.model, name) for name in (table.told + " " + table.told_later).split()]
    models = [table.model, *(model for model, _on in table.path())]
    if Application in models:
        where = (Application.code, Opening.title, Application.released_at)
        columns += [column.label(name) for column, name in zip(where, CONTEXT, strict=True)]
    if Invitation in models:
        columns.append(ChallengeVersion.slug.label("_challenge"))
    query: Select[Any] = select(*columns).select_from(table.model)
    for model, on in table.path():
        query = query.join(model, on)
    if Application in models:
        query = query.join(Opening, Opening.id == Application.opening_id)
    if Invitation in models:
        query = query.join(ChallengeVersion, ChallengeVersion.id == Invitation.challenge_version_id)
    query = query.where(_person(table, candidate_id)).order_by(*inspect(table.model).primary_key)
    if table.only is not None:
        query = query.where(table.only)
    rows = (_row(table, row._asdict()) for row in db.session.execute(query))
    return [row for row in rows if row]


def _person(table: Table, candidate_id: int) -> ColumnElement[bool]:
    if table.model is Candidate:
        return Candidate.id == candidate_id
    return (Application.candidate_id if list(table.path()) else table.key) == candidate_id


def _row(table: Table, found: Row) -> Row:
    """One row as it goes out; empty where nothing of it may be known yet."""
    later = table.told_later.split() if found.get("_told") is not None else []
    own = {name: _plain(found[name]) for name in (*table.told.split(), *later)}
    if not own:
        return {}
    where = {name: found[f"_{name}"] for name in ("application", "job", "challenge") if f"_{name}" in found}
    return where | own


def _plain(value: Any) -> Any:
    if isinstance(value, datetime | date):
        return value.isoformat()
    return value.name.lower() if isinstance(value, enum.Enum) else value


def as_json(data: dict[str, Any]) -> str:
    """For programs, and still to be read by people."""
    return json.dumps(data, ensure_ascii=False, indent=2) + "\n"
