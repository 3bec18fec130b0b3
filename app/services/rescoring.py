"""Scoring everybody again under weights that were put in force, whenever nothing else waits.

A piece of work of kind "spread" asks for the runs of the next few applications and for the piece after it; each run
is work of kind "rescore". Whatever is killed in between goes on where it was.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import exists, func, select, update

from app import sql
from app.extensions import db
from app.models import Application, Opening, Rescoring, RubricVersion, Score, Work, WorkState
from app.queue import defer, defer_many
from app.services import counters, roles, scores
from app.services.scores import Computed
from app.services.work import Held, Hopeless

# Rows that one transaction of "spread" writes.
CHUNK = 500


@dataclass(frozen=True)
class Progress:
    """How many applications are scored under the version in force, of how many."""

    version: RubricVersion
    done: int
    total: int
    is_finished: bool


@dataclass(frozen=True)
class Few:
    """The next applications to ask for, in the order of their ids."""

    after: int
    application_ids: tuple[int, ...]
    is_last: bool


def begin(rubric: RubricVersion, now: datetime) -> bool:
    """Ask that everybody with a score gets one under this version; asking again is asking once."""
    new = sql.insert_if_absent(
        Rescoring, rubric_version_id=rubric.id, after=0, asked=0, done=0, started_at=now, asked_at=None
    )
    if new:
        defer("spread", rubric.id, now, key=f"{rubric.id}:0")
    return new


def scored(role_id: int, after: int, limit: int) -> list[int]:
    """The next applications of a role that were ever scored, after this id."""
    openings = list(db.session.scalars(select(Opening.id).where(Opening.role_id == role_id)))
    has_score = exists(select(Score.id).where(Score.application_id == Application.id))
    return list(
        db.session.scalars(
            select(Application.id)
            .where(Application.id > after, Application.opening_id.in_(openings), has_score)
            .order_by(Application.id)
            .limit(limit)
        )
    )


# --- work of kind "spread" ---------------------------------------------------------------------------------------


def next_few(rubric_version_id: int) -> Few:
    """Who is to be asked for next."""
    rescoring = db.session.get(Rescoring, rubric_version_id, populate_existing=True)
    if rescoring is None:
        raise Hopeless("The rubric version was deleted.")
    rubric = db.session.get_one(RubricVersion, rubric_version_id)
    found = scored(rubric.role_id, rescoring.after, CHUNK)
    return Few(rescoring.after, tuple(found), len(found) < CHUNK)


def ask(rubric_version_id: int, few: Few, now: datetime) -> None:
    """Ask for a run for each of them, and for the piece that follows; nothing if that has been done."""
    after = few.application_ids[-1] if few.application_ids else few.after
    mine = sql.changed(
        update(Rescoring)
        .where(
            Rescoring.rubric_version_id == rubric_version_id,
            Rescoring.after == few.after,
            Rescoring.asked_at.is_(None),
        )
        .values(after=after, asked=Rescoring.asked + len(few.application_ids), asked_at=now if few.is_last else None)
    )
    if not mine:
        return
    defer_many("rescore", {key_of(rubric_version_id, one): one for one in few.application_ids}, now)
    if not few.is_last:
        defer("spread", rubric_version_id, now, key=f"{rubric_version_id}:{after}")


# --- work of kind "rescore" --------------------------------------------------------------------------------------


def key_of(rubric_version_id: int, application_id: int) -> str:
    """What makes a run one: the version that asked for it, and the application."""
    return f"{rubric_version_id}:{application_id}"


def _asked_by(held: Held) -> int:
    _kind, rubric_version_id, _application_id = held.key.split(":")
    return int(rubric_version_id)


def keep(held: Sequence[Held], computed: Mapping[int, Computed], now: datetime) -> None:
    """Write the scores of these runs, and count them. An application that was deleted meanwhile needs none."""
    scores.keep_scores({one.subject_id: computed[one.subject_id] for one in held if one.subject_id in computed}, now)
    done: dict[int, int] = {}
    for one in held:
        done[_asked_by(one)] = done.get(_asked_by(one), 0) + 1
    for rubric_version_id, number in sorted(done.items()):
        db.session.execute(
            update(Rescoring)
            .where(Rescoring.rubric_version_id == rubric_version_id)
            .values(done=Rescoring.done + number)
            .execution_options(synchronize_session=False)
        )


# --- how far it is -----------------------------------------------------------------------------------------------


def progress(role_id: int) -> Progress | None:
    """How far scoring under the version in force is; None if nobody was ever to be scored again under it."""
    rubric = roles.rubric_in_force(role_id)
    rescoring = db.session.get(Rescoring, rubric.id, populate_existing=True)
    if rescoring is None:
        return None
    is_asked = rescoring.asked_at is not None
    total = rescoring.asked if is_asked else max(rescoring.asked, with_score(role_id))
    return Progress(rubric, rescoring.done, total, is_asked and rescoring.done == rescoring.asked)


def with_score(role_id: int) -> int:
    """How many of a role's applications have a place in a ranking, from the counters."""
    opening_ids = list(db.session.scalars(select(Opening.id).where(Opening.role_id == role_id)))
    return sum(numbers.get(counters.SCORED, 0) for numbers in counters.of(opening_ids).values())


def failed(rubric_version_id: int) -> int:
    """How many runs have failed and wait for a person. Looks at every run: for commands, not for pages."""
    of_version = Work.key.startswith(f"rescore:{rubric_version_id}:")
    return (
        db.session.scalar(
            select(func.count()).where(Work.kind == "rescore", Work.state == WorkState.FAILED, of_version)
        )
        or 0
    )
