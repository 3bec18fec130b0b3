"""The ranking as finished values for its page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction

from app import words
from app.models import Application, ChallengeVersion, Decision, Opening, RubricVersion, Stage
from app.services import applications, catalog, likenesses, publishing, ranking, rescoring, roles, scores
from app.services.ranking import Place

PAGE = 50


@dataclass(frozen=True)
class Row:
    """One line of the ranking. `name` is None while the applicant is known by code only."""

    code: str
    name: str | None
    is_erased: bool
    rank: int
    is_tied: bool
    score: float
    readers: int
    has_open_third: bool
    is_withdrawn: bool
    decision: Decision | None
    is_told: bool
    # The promise: by when the applicant is to be told; None once they are.
    reply_by: datetime | None
    # An answer of theirs is worded like somebody else's.
    is_alike: bool
    # The shortlist line runs directly above this row.
    is_first_below: bool


@dataclass(frozen=True)
class Unscored:
    """An applicant without a score yet."""

    code: str
    name: str | None
    is_erased: bool
    stage_name: str
    is_withdrawn: bool
    decision: Decision | None
    is_told: bool
    reply_by: datetime | None
    is_alike: bool


@dataclass(frozen=True)
class Ranking:
    """One page of a ranking. `named` are the ids of those whose names the page shows."""

    rows: tuple[Row, ...]
    unscored: tuple[Unscored, ...]
    line_percent: int | None
    line_ends_page: bool
    next_after: str | None
    is_first: bool
    named: tuple[int, ...]
    # While everybody is scored again under new weights.
    rescoring: rescoring.Progress | None


def look(opening: Opening, after: str | None) -> Ranking:
    """One page of an opening's ranking after the applicant with this code; an unknown code begins at the top."""
    start = ranking.cursor(opening, after) if after else None
    places = ranking.page(opening, start, PAGE + 1)
    shown, has_more = places[:PAGE], len(places) > PAGE
    line = roles.line(opening.role)
    first = _first_below(shown, line, start)
    waiting = [] if start else ranking.unscored(opening)
    people = [place.application for place in shown] + [application for application, _ in waiting]
    alike = likenesses.among([one.id for one in people])
    return Ranking(
        rows=tuple(_row(place, place is first, place.application.id in alike) for place in shown),
        unscored=tuple(
            Unscored(
                code=one.code,
                name=name_of(one),
                is_erased=one.candidate.erased_at is not None,
                stage_name=str(words.STAGES[one.stage]),
                is_withdrawn=one.stage is Stage.WITHDRAWN,
                decision=decision,
                is_told=one.released_at is not None,
                reply_by=_promise(one),
                is_alike=one.id in alike,
            )
            for one, decision in waiting
        ),
        line_percent=opening.role.line_percent,
        line_ends_page=bool(shown) and line is not None and not has_more and shown[-1].score >= line,
        next_after=shown[-1].application.code if has_more else None,
        is_first=start is None,
        named=tuple(one.id for one in people if name_of(one) is not None),
        rescoring=under_way(opening.role_id),
    )


def under_way(role_id: int) -> rescoring.Progress | None:
    """How far scoring again is, or None when nobody waits for it."""
    progress = rescoring.progress(role_id)
    return None if progress is None or progress.is_finished else progress


def _first_below(places: list[Place], line: Fraction | None, start: tuple[int, int] | None) -> Place | None:
    """The row that the line runs above: the first one below it, unless an earlier page has drawn it already."""
    if line is None:
        return None
    if start is not None and start[0] < line * scores.BILLION:
        return None
    return next((place for place in places if place.score < line), None)


def _row(place: Place, is_first_below: bool, is_alike: bool) -> Row:
    application = place.application
    return Row(
        code=application.code,
        name=name_of(application),
        is_erased=application.candidate.erased_at is not None,
        rank=place.rank,
        is_tied=place.is_tied,
        score=float(place.score),
        readers=place.readers,
        has_open_third=place.has_open_third,
        is_withdrawn=application.stage is Stage.WITHDRAWN,
        decision=place.decision,
        is_told=application.released_at is not None,
        reply_by=_promise(application),
        is_alike=is_alike,
        is_first_below=is_first_below,
    )


def _promise(application: Application) -> datetime | None:
    """By when they are to be told; None once they are, or have left."""
    is_over = application.released_at is not None or application.stage is Stage.WITHDRAWN
    return None if is_over else application.reply_by


def name_of(application: Application) -> str | None:
    """The name once somebody is shortlisted, else None: until then work is judged, not a person."""
    return application.candidate.name if application.stage in applications.NAMED else None


@dataclass(frozen=True)
class Weighed:
    """A challenge of a role with its criteria as (name, weight), and those that the role leaves out."""

    title: str
    name: str
    minutes: int
    criteria: tuple[tuple[str, int], ...]
    left_out: tuple[str, ...]


def weighed(version: ChallengeVersion, rubric: RubricVersion, locale: str) -> Weighed:
    """How a role weighs a challenge under one rubric version."""
    challenge = publishing.challenge_of(version)
    weights = rubric.weights[str(version.id)]["criteria"]
    views = catalog.criteria_for(challenge, locale)
    return Weighed(
        title=catalog.text_for(challenge, locale).value.title,
        name=challenge.name,
        minutes=challenge.minutes,
        criteria=tuple((view.name.value, weights[view.key]) for view in views if view.key in weights),
        left_out=tuple(view.name.value for view in views if view.key not in weights),
    )
