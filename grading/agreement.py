"""Where readers of the same answer part so far that a third person has to look."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from grading.scoring import challenge_score, check_level, check_weights, criterion_score

WIDE_APART: Final = 2
"""Levels: readings this far apart on one criterion describe two different answers."""


@dataclass(frozen=True)
class Disagreement:
    """Why a third review opens: the criteria that lie two levels apart, in rubric order, and the line between."""

    criteria: tuple[str, ...]
    straddles_line: bool


def needs_third(
    readings: Sequence[Mapping[str, int | None]],
    weights: Mapping[str, int],
    line: Fraction | None,
    bonus: Collection[str] = (),
) -> Disagreement | None:
    """Say whether two readers disagree enough for a third review, and on what; None where they do not.

    Each reading is one reader's level per criterion (0 to 3; None is "cannot judge"). It opens when two
    readers lie two levels or more apart on a criterion, or when their own challenge scores (0 to 1) stand on both
    sides of the role's line (a score equal to the line is above it). "Cannot judge" and a criterion not
    rated yet differ from nothing; a reader without a full score, and a role without a line, straddle nothing.
    Raises ValueError for levels outside 0 to 3, unknown criteria and a line outside 0 to 1.
    """
    if line is not None and not 0 <= line <= 1:
        raise ValueError(f"The line must be within 0 to 1, not {line}.")
    check_weights(weights)
    scores = [_own_score(reading, weights, bonus) for reading in readings]
    apart = tuple(key for key in weights if _spread(readings, key) >= WIDE_APART)
    straddles = line is not None and len({score >= line for score in scores if score is not None}) == 2
    return Disagreement(apart, straddles) if apart or straddles else None


def _own_score(
    reading: Mapping[str, int | None], weights: Mapping[str, int], bonus: Collection[str]
) -> Fraction | None:
    return challenge_score(weights, {key: criterion_score([level]) for key, level in reading.items()}, bonus)


def _spread(readings: Sequence[Mapping[str, int | None]], key: str) -> int:
    levels = [check_level(level) for reading in readings if (level := reading.get(key)) is not None]
    return max(levels) - min(levels) if levels else 0
