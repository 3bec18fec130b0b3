"""Many scored applications, written in bulk: what re-scoring is measured on.

Each has one answer, read by two people on every criterion; the levels are drawn from a seed. Only what scores are
computed from is written: no drafts, no answers.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import insert, text

from app import clock, tokens
from app.extensions import Base, db
from app.models import (
    Application,
    Assignment,
    AssignmentState,
    Attempt,
    Candidate,
    Duty,
    Invitation,
    Opening,
    Rating,
    Stage,
)
from app.services import roles, scores, staff

CHUNK = 500
READERS = 2


def fill(opening: Opening, count: int, seed: int = 1) -> None:
    """Give an opening `count` applications that were read and scored under the version in force. Commits."""
    now = clock.now()
    readers = [staff.create(f"Reader {n}", f"reader{n}@example.com", [(Duty.GRADER, None)], now) for n in range(2)]
    db.session.flush()
    grader_ids = [reader.id for reader in readers]
    chance = random.Random(seed)
    for start in range(1, count + 1, CHUNK):
        numbers = range(start, min(start + CHUNK, count + 1))
        application_ids = _write(opening, numbers, grader_ids, chance, now)
        scores.keep_scores(scores.compute_all(application_ids), now)
        db.session.commit()
        db.session.expunge_all()
    _settle()


def _settle() -> None:
    """PostgreSQL does not notice which numbers were given by hand, and looks at new rows only after a while."""
    if db.engine.dialect.name != "postgresql":
        return
    for model in (Candidate, Application, Invitation, Attempt, Assignment):
        table = model.__tablename__
        place = f"pg_get_serial_sequence('{table}', 'id')"
        db.session.execute(text(f"SELECT setval({place}, (SELECT max(id) FROM {table}))"))
    db.session.execute(text("ANALYZE"))
    db.session.commit()


def _write(opening: Opening, numbers: range, grader_ids: list[int], chance: random.Random, now: datetime) -> list[int]:
    later = now + timedelta(days=7)
    _insert(Candidate, [_candidate(number, now) for number in numbers])
    applications = [_application(opening.id, number, now, later) for number in numbers]
    _insert(Application, applications)
    version_id = opening.role.challenges[0].challenge_version_id
    _insert(
        Invitation,
        [
            {
                "id": number,
                "application_id": number,
                "challenge_version_id": version_id,
                "link_number": 1,
                "opens_at": now,
                "closes_at": later,
                "closes_local": later.replace(tzinfo=None).isoformat(),
                "closes_zone": "UTC",
                "closes_tzdata": "2026f",
                "extra_minutes": 0,
                "created_at": now,
            }
            for number in numbers
        ],
    )
    _insert(Attempt, [_attempt(number, now, later) for number in numbers])
    readings = [
        (number * READERS + place, number, grader) for number in numbers for place, grader in enumerate(grader_ids)
    ]
    _insert(Assignment, [_assignment(*reading, now) for reading in readings])
    criteria = list(roles.rubric_in_force(opening.role_id).weights[str(version_id)]["criteria"])
    _insert(Rating, list(_ratings(readings, criteria, chance, now)))
    return list(numbers)


def _insert(model: type[Base], rows: list[dict[str, Any]]) -> None:
    db.session.execute(insert(model), rows)


def _candidate(number: int, now: datetime) -> dict[str, Any]:
    return {
        "id": number,
        "name": f"Candidate {number}",
        "email": f"candidate{number}@example.org",
        "country": "BR",
        "zone": "America/Sao_Paulo",
        "locale": "en",
        "email_key": f"candidate{number}@example.org",
        "hours": {},
        "shifts": [],
        "languages": [],
        "is_demo": False,
        "created_at": now,
    }


def _application(opening_id: int, number: int, now: datetime, later: datetime) -> dict[str, Any]:
    return {
        "id": number,
        "code": tokens.code(12),
        "opening_id": opening_id,
        "candidate_id": number,
        "stage": Stage.IN_ASSESSMENT,
        "stage_since": now,
        "reply_by": later,
        "notice_version": "1",
        "consented_at": now,
        "ratings_revision": READERS,
        "created_at": now,
    }


def _attempt(number: int, now: datetime, later: datetime) -> dict[str, Any]:
    return {
        "id": number,
        "invitation_id": number,
        "locale": "en",
        "started_at": now,
        "cutoff_at": later,
        "draft": {},
        "draft_revision": 0,
        "hand_in_draft": True,
        "submission_count": 1,
        "final_at": now,
    }


def _assignment(reading_id: int, attempt_id: int, grader_id: int, now: datetime) -> dict[str, Any]:
    return {
        "id": reading_id,
        "code": tokens.code(12),
        "attempt_id": attempt_id,
        "grader_id": grader_id,
        "is_third": False,
        "state": AssignmentState.RATED,
        "reply_by_on": now.date(),
        "position": reading_id,
        "version": 1,
        "rated_at": now,
        "created_at": now,
    }


def _ratings(
    readings: list[tuple[int, int, int]], criteria: list[str], chance: random.Random, now: datetime
) -> Iterator[dict[str, Any]]:
    """Two readers of an answer are at most one level apart, so that few third reviews open."""
    for reading_id, attempt_id, _grader_id in readings:
        own = random.Random(attempt_id * 7919)
        for criterion in criteria:
            level = min(3, own.choice((0, 1, 2, 3)) + chance.choice((0, 0, 0, 1)))
            yield {
                "assignment_id": reading_id,
                "version": 1,
                "criterion": criterion,
                "level": level,
                "rated_at": now,
            }
