"""Near-copies: final answers with much of the same wording as somebody else's (work of kinds "sketch", "compare").

A final answer is sketched: 32 small hashes of its wording are kept. Then it is compared with the answers that share
enough of them. Two pieces of work, because of two answers that come in at once each must see the other's hashes or be
seen by it: whoever keeps its hashes last looks afterwards and finds both. What a pair means, people say.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from itertools import groupby

from sqlalchemy import Select, func, select, union_all
from sqlalchemy.orm import joinedload

from app import sql
from app.extensions import db
from app.models import Application, Attempt, ChallengeVersion, Invitation, Likeness, Shingle, Submission
from app.queue import defer_many
from app.services import publishing
from app.services.catalog_types import Challenge
from app.services.work import Held
from grading.copies import FEWEST_COMMON, near_copy, sketch

NEWEST = 50
"""So many answers with one hash are looked at, the newest. What thousands share is a stock phrase and tells nothing;
where thousands share a whole answer, the newest of them are the ones to show beside the next."""

MOST_COMPARED = 50
"""So many answers one is compared with: those that share most hashes, of these the newest."""


@dataclass(frozen=True)
class Found:
    """Another answer to the same question that is much alike."""

    submission_id: int
    field: str
    share: Fraction


def quoted(challenge: Challenge) -> tuple[str, ...]:
    """What everybody who answers has before them, in every language: it is nobody's own wording."""
    return tuple(
        text
        for brief in challenge.briefs.values()
        for text in (
            *(message.text for message in brief.messages),
            *brief.facts.values(),
            *(label.original for label in brief.labels.values()),
            *(brief.task, brief.product, brief.no_product),
        )
        if text
    )


def shared_prompt(one: Challenge, other: Challenge) -> tuple[str, ...]:
    """What is left out where answers to these two versions of a challenge are compared."""
    return tuple(dict.fromkeys((*quoted(one), *quoted(other))))


def _challenge(submission: Submission) -> Challenge:
    return publishing.challenge_of(submission.attempt.invitation.challenge_version)


def _sketches(submission: Submission) -> dict[str, tuple[int, ...]]:
    """The hashes of each field that holds sentences. All versions of a challenge ask the same question."""
    challenge = _challenge(submission)
    prompt = quoted(challenge)
    return {
        field: sketch(submission.answers.get(field, ""), prompt, about=f"{challenge.slug}/{field}")
        for part in challenge.parts
        for field in part.prose_fields
    }


def _submissions(submission_ids: Collection[int]) -> list[Submission]:
    people = joinedload(Submission.attempt).joinedload(Attempt.invitation).joinedload(Invitation.application)
    query = select(Submission).where(Submission.id.in_(submission_ids)).options(people).order_by(Submission.id)
    return list(db.session.scalars(query))


# --- work of kind "sketch" ---------------------------------------------------------------------------------------


def sketch_all(submission_ids: Collection[int]) -> dict[int, set[int]]:
    """The hashes to keep of each of these answers. Those that were deleted are missing."""
    return {
        one.id: {number for numbers in _sketches(one).values() for number in numbers}
        for one in _submissions(submission_ids)
    }


def keep_sketches(held: Sequence[Held], sketched: Mapping[int, set[int]], now: datetime) -> None:
    """Keep the hashes, and ask for the comparison: it must not begin before they can be seen."""
    there = [one.subject_id for one in held if one.subject_id in sketched]
    for submission_id in there:
        rows = [{"hash": number, "submission_id": submission_id} for number in sorted(sketched[submission_id])]
        sql.insert_absent(Shingle, rows)
    defer_many("compare", {str(submission_id): submission_id for submission_id in there}, now)


# --- work of kind "compare" --------------------------------------------------------------------------------------


def compare_all(submission_ids: Collection[int]) -> dict[int, list[Found]]:
    """The answers of other people that are much like each of these."""
    return {one.id: _compare(one) for one in _submissions(submission_ids)}


def _compare(mine: Submission) -> list[Found]:
    found = []
    for field, hashes in _sketches(mine).items():
        for version, those in groupby(candidates(mine, hashes), key=_version):
            prompt = shared_prompt(_challenge(mine), publishing.challenge_of(version))
            others = {str(one.id): one.answers.get(field, "") for one in those}
            alike = near_copy(mine.answers.get(field, ""), others, prompt)
            found += [Found(int(copy.other), field, copy.share) for copy in alike]
    return found


def _version(submission: Submission) -> ChallengeVersion:
    return submission.attempt.invitation.challenge_version


def candidates(mine: Submission, hashes: Sequence[int]) -> list[Submission]:
    """The answers worth comparing with one that has these hashes, by version of the challenge; nobody's own.

    At most `MOST_COMPARED`, found with one look at the index for each hash; how many answers there are does not matter.
    """
    if not hashes:
        return []
    seen = union_all(*(_newest_with(number) for number in hashes)).subquery()
    ranked = (
        select(seen.c.submission_id)
        .where(seen.c.submission_id.not_in(_own(mine)))
        .group_by(seen.c.submission_id)
        .having(func.count() >= FEWEST_COMMON)
        .order_by(func.count().desc(), seen.c.submission_id.desc())
        .limit(MOST_COMPARED)
    )
    return sorted(_submissions(list(db.session.scalars(ranked))), key=lambda one: _version(one).id)


def _newest_with(number: int) -> Select[int]:
    """The newest answers with one hash: a walk down the key that ends after `NEWEST` rows, whatever it meets.

    Not asked for by equality: a planner that takes a hash for rare fetches all that have it, and sorts them.
    """
    walk = (
        select(Shingle.hash, Shingle.submission_id)
        .where(Shingle.hash <= number)
        .order_by(Shingle.hash.desc(), Shingle.submission_id.desc())
        .limit(NEWEST)
        .subquery()
    )
    return select(walk.c.submission_id).where(walk.c.hash == number)


def _own(mine: Submission) -> list[int]:
    """Everything that this person has handed in, here and at other jobs."""
    query = (
        select(Submission.id)
        .join(Attempt, Attempt.id == Submission.attempt_id)
        .join(Invitation, Invitation.id == Attempt.invitation_id)
        .join(Application, Application.id == Invitation.application_id)
        .where(Application.candidate_id == mine.attempt.invitation.application.candidate_id)
    )
    return list(db.session.scalars(query))


def keep_pairs(held: Sequence[Held], found: Mapping[int, list[Found]], now: datetime) -> None:
    """Write the pairs, each once, whichever of the two was compared. Those deleted meanwhile are no pair any more."""
    pairs = {one.subject_id: found.get(one.subject_id, []) for one in held}
    ids = {*pairs, *(other.submission_id for those in pairs.values() for other in those)}
    there = set(db.session.scalars(select(Submission.id).where(Submission.id.in_(ids))))
    for submission_id, those in pairs.items():
        rows = [
            {
                "earlier_id": min(submission_id, other.submission_id),
                "later_id": max(submission_id, other.submission_id),
                "field": other.field,
                "numerator": other.share.numerator,
                "denominator": other.share.denominator,
                "found_at": now,
            }
            for other in those
            if {submission_id, other.submission_id} <= there
        ]
        sql.insert_absent(Likeness, rows)
