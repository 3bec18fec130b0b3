"""What other weights would change, worked out from the stored ratings without writing a score (work of kind "preview").

Piece by piece: each looks at the next applications, keeps their old and new scores, and asks for the piece after it;
the last adds everything up. What is counted here is what happens if nothing is rated until the weights are in force.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from fractions import Fraction
from itertools import chain
from typing import Any, NamedTuple

from sqlalchemy import delete, func, select, update

from app import sql
from app.extensions import db
from app.models import Application, Opening, Preview, PreviewPart, Role, RubricVersion, Score, Standing
from app.queue import defer
from app.services import evidence, rescoring, roles, scores
from app.services.evidence import Evidence
from app.services.work import Hopeless

# Applications that one piece looks at: some tenths of a second.
CHUNK = 500
# Applicants who cross the line are shown one by one up to this number, each way.
SHOWN = 20


class Change(NamedTuple):
    """One application's score before and after, in billionths, and whether it reaches the line.

    None means no score, or no line. `thirds` is how many third reviews would be asked for.
    """

    application_id: int
    opening_id: int
    old: int | None
    new: int | None
    was_above: bool | None
    is_above: bool | None
    thirds: int


@dataclass(frozen=True)
class Moved:
    """One applicant who crosses the line, with the score before and after in billionths."""

    application_id: int
    old: int
    new: int


@dataclass(frozen=True)
class Result:
    """What the weights would change.

    `affected` have been scored; `changed` get another score; `lost` and `gained` have one only before or only after.
    `moved` is opening id → how many get another place in its ranking.
    """

    affected: int
    changed: int
    lost: int
    gained: int
    thirds: int
    up: int
    down: int
    moved: dict[int, int]
    going_up: tuple[Moved, ...]
    going_down: tuple[Moved, ...]

    @classmethod
    def from_json(cls, content: dict[str, Any]) -> Result:
        """As it was stored."""
        listed = {way: tuple(Moved(**one) for one in content[way]) for way in ("going_up", "going_down")}
        moved = {int(opening_id): number for opening_id, number in content["moved"].items()}
        return cls(**(content | listed | {"moved": moved}))


@dataclass(frozen=True)
class Piece:
    """What one piece of work found: the changes of some applications, or, after the last, the result."""

    run: int
    after: int
    changes: tuple[Change, ...]
    result: Result | None


@dataclass(frozen=True)
class Status:
    """Where a preview stands; `is_outdated` where other weights are in force than it was compared with.

    `newer_readings` were saved, and `newer_scores` applicants got a place in a ranking, after it was begun.
    """

    preview: Preview
    total: int
    result: Result | None
    newer_readings: int
    newer_scores: int
    is_outdated: bool


def begin(proposal: RubricVersion, in_force: RubricVersion, now: datetime) -> None:
    """Ask for what a proposal would change, compared with the version in force; asking again begins anew."""
    before = db.session.get(Preview, proposal.id, populate_existing=True)
    run = before.run + 1 if before else 1
    values = {
        "rubric_version_id": proposal.id,
        "against_id": in_force.id,
        "run": run,
        "after": 0,
        "looked_at": 0,
        "readings_seen": readings_of(proposal.role_id),
        "scores_seen": rescoring.with_score(proposal.role_id),
        "started_at": now,
        "finished_at": None,
        "result": {},
    }
    db.session.execute(delete(PreviewPart).where(PreviewPart.rubric_version_id == proposal.id))
    sql.insert_or_replace(Preview, ("rubric_version_id",), [values])
    defer("preview", proposal.id, now, key=f"{proposal.id}:{run}:0")


def readings_of(role_id: int) -> int:
    """How many readings of a role's answers have been saved."""
    total = (
        select(func.sum(Application.ratings_revision))
        .join(Opening, Opening.id == Application.opening_id)
        .where(Opening.role_id == role_id)
    )
    return int(db.session.scalar(total) or 0)


def status(proposal: RubricVersion) -> Status | None:
    """Where a proposal's preview stands; None if there is none."""
    preview = db.session.get(Preview, proposal.id, populate_existing=True)
    if preview is None:
        return None
    total = rescoring.with_score(proposal.role_id)
    return Status(
        preview=preview,
        total=total,
        result=Result.from_json(preview.result) if preview.finished_at else None,
        newer_readings=readings_of(proposal.role_id) - preview.readings_seen,
        newer_scores=total - preview.scores_seen,
        is_outdated=preview.against_id != roles.rubric_in_force(proposal.role_id).id,
    )


# --- work of kind "preview" --------------------------------------------------------------------------------------


def look(rubric_version_id: int) -> Piece | None:
    """The next piece of a preview. None when it is finished, or its version no longer a proposal."""
    preview = db.session.get(Preview, rubric_version_id, populate_existing=True)
    if preview is None:
        raise Hopeless("The rubric version was deleted.")
    rubric = db.session.get_one(RubricVersion, rubric_version_id)
    if preview.finished_at is not None or rubric.in_force_at is not None or rubric.discarded_at is not None:
        return None
    application_ids = rescoring.scored(rubric.role_id, preview.after, CHUNK)
    if not application_ids:
        return Piece(preview.run, preview.after, (), summarise(_changes_of(preview)))
    return Piece(preview.run, preview.after, tuple(_compare(rubric, application_ids)), None)


def _compare(rubric: RubricVersion, application_ids: Sequence[int]) -> list[Change]:
    role = db.session.get_one(Role, rubric.role_id)
    old_line, new_line = roles.line(role), roles.line_at(rubric.line_percent)
    rows = db.session.execute(
        select(Standing.application_id, Standing.order_key, Score.numerator, Score.denominator)
        .join(Score, Score.id == Standing.score_id)
        .where(Standing.application_id.in_(application_ids), Score.numerator.is_not(None))
    )
    standing = {row[0]: (row[1], Fraction(row[2] or 0, row[3] or 1)) for row in rows}
    return [
        _change(found, standing.get(found.application_id), scores.weigh(found, rubric, new_line), old_line, new_line)
        for found in evidence.gather(application_ids)
    ]


def _change(
    found: Evidence,
    before: tuple[int, Fraction] | None,
    after: scores.Computed,
    old_line: Fraction | None,
    new_line: Fraction | None,
) -> Change:
    return Change(
        application_id=found.application_id,
        opening_id=found.opening_id,
        old=None if before is None else before[0],
        new=None if after.score is None else round(after.score * scores.BILLION),
        was_above=None if before is None or old_line is None else before[1] >= old_line,
        is_above=None if after.score is None or new_line is None else after.score >= new_line,
        thirds=len(after.disagreements),
    )


def _changes_of(preview: Preview) -> list[Change]:
    parts = db.session.scalars(
        select(PreviewPart.rows).where(
            PreviewPart.rubric_version_id == preview.rubric_version_id, PreviewPart.run == preview.run
        )
    )
    return [Change(*row) for row in chain.from_iterable(parts)]


def keep(rubric_version_id: int, piece: Piece | None, now: datetime) -> None:
    """Keep a piece and ask for the next, or finish; nothing if somebody has begun anew."""
    if piece is None:
        return
    of_run = update(Preview).where(
        Preview.rubric_version_id == rubric_version_id,
        Preview.run == piece.run,
        Preview.after == piece.after,
        Preview.finished_at.is_(None),
    )
    if piece.result is not None:
        if sql.changed(of_run.values(finished_at=now, result=asdict(piece.result))):
            db.session.execute(delete(PreviewPart).where(PreviewPart.rubric_version_id == rubric_version_id))
        return
    last = piece.changes[-1].application_id
    if sql.changed(of_run.values(after=last, looked_at=Preview.looked_at + len(piece.changes))):
        db.session.add(
            PreviewPart(
                rubric_version_id=rubric_version_id,
                run=piece.run,
                after=piece.after,
                rows=[list(change) for change in piece.changes],
            )
        )
        defer("preview", rubric_version_id, now, key=f"{rubric_version_id}:{piece.run}:{last}")


# --- adding up ---------------------------------------------------------------------------------------------------


def summarise(changes: Sequence[Change]) -> Result:
    """What these changes come to. Crossing needs a score and a line both before and after."""
    up = [one for one in changes if one.was_above is False and one.is_above is True]
    down = [one for one in changes if one.was_above is True and one.is_above is False]
    return Result(
        affected=len(changes),
        changed=sum(one.old != one.new and None not in (one.old, one.new) for one in changes),
        lost=sum(one.new is None and one.old is not None for one in changes),
        gained=sum(one.old is None and one.new is not None for one in changes),
        thirds=sum(one.thirds for one in changes),
        up=len(up),
        down=len(down),
        moved=_moved(changes),
        going_up=_shown(up),
        going_down=_shown(down),
    )


def _shown(crossing: Sequence[Change]) -> tuple[Moved, ...]:
    """The first few by their new score."""
    best = sorted(crossing, key=lambda one: (-(one.new or 0), one.application_id))[:SHOWN]
    return tuple(
        Moved(one.application_id, one.old, one.new) for one in best if one.old is not None and one.new is not None
    )


def _moved(changes: Sequence[Change]) -> dict[int, int]:
    """Opening id → how many have another place than before among those who had and have one."""
    of_opening: dict[int, list[Change]] = {}
    for one in changes:
        of_opening.setdefault(one.opening_id, []).append(one)
    moved = {}
    for opening_id, those in sorted(of_opening.items()):
        old, new = _places(one.old for one in those), _places(one.new for one in those)
        moved[opening_id] = sum(
            old[one.old] != new[one.new] for one in those if one.old is not None and one.new is not None
        )
    return moved


def _places(keys: Iterable[int | None]) -> dict[int, int]:
    """The place of each score: equal scores share it, and the next one counts them."""
    places: dict[int, int] = {}
    for place, key in enumerate(sorted((key for key in keys if key is not None), reverse=True), start=1):
        places.setdefault(key, place)
    return places
