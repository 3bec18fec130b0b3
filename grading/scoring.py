"""From levels to scores, in exact fractions. Unknown is None, never 0; nothing is rounded here.

criterion   = mean of its readers' levels (0 to 3), or the settled level after a third review
challenge   = sum(weight * criterion) / (3 * sum(weight)) over the judged criteria, so 0 to 1;
              a bonus criterion is in the first sum only, and the result is never above 1
application = mean of the challenges due so far, weighted by the role
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from enum import Enum
from fractions import Fraction
from numbers import Rational
from typing import Final

HIGHEST_LEVEL: Final = 3


class NotJudged(Enum):
    """The type of `NOT_JUDGED`; an enum of one, so that type checkers can narrow on `is`."""

    NOT_JUDGED = "NOT_JUDGED"


NOT_JUDGED: Final = NotJudged.NOT_JUDGED
"""Every reader said "cannot judge": known, and apart from both 0 and unrated (None)."""


def criterion_score(levels: Sequence[int | None], settled: int | None = None) -> Fraction | NotJudged | None:
    """Score one criterion, 0 to 3, from one level per reader; None among them means "cannot judge".

    A settled level wins over all readings. Without any rating the score is None; when every reader
    said "cannot judge" it is `NOT_JUDGED`. Raises ValueError for a level outside 0 to 3.
    """
    judged = [check_level(level) for level in levels if level is not None]
    if settled is not None:
        return Fraction(check_level(settled))
    if judged:
        return Fraction(sum(judged), len(judged))
    return NOT_JUDGED if levels else None


def challenge_score(
    weights: Mapping[str, int | Fraction],
    criteria: Mapping[str, Fraction | NotJudged | None],
    bonus: Collection[str] = (),
) -> Fraction | None:
    """Score one challenge, 0 to 1, from its criteria's scores (0 to 3 each).

    Criteria in `bonus` add points and never lower the score: they are left out of what makes 1, and 1 is the most.

    A criterion that nobody could judge leaves both sums; one that is unrated (None or absent) makes
    the challenge None. Where every criterion is `NOT_JUDGED` (or those that were judged weigh nothing)
    the answer is None too: there is nothing to take a mean of, and "0" would be a verdict that no reader gave.
    Raises ValueError for an unknown criterion, a score outside 0 to 3, and negative or all-zero weights.
    """
    exact = check_weights(weights)
    _check_known(criteria, exact)
    _check_known(bonus, exact)
    for key, score in criteria.items():
        if isinstance(score, Rational) and not 0 <= score <= HIGHEST_LEVEL:
            raise ValueError(f"The score of criterion {key!r} is not within 0 to {HIGHEST_LEVEL}.")
    judged: dict[str, Fraction] = {}
    for key in exact:
        score = criteria.get(key)
        if score is None:
            return None
        if score is not NOT_JUDGED:
            judged[key] = score / HIGHEST_LEVEL
    plain = _weighted_mean(exact, {key: score for key, score in judged.items() if key not in bonus})
    if plain is None:
        return None
    total = sum((exact[key] for key in judged if key not in bonus), Fraction())
    extra = sum((exact[key] * judged[key] for key in judged if key in bonus), Fraction())
    return min(Fraction(1), plain + extra / total)


def application_score(
    weights: Mapping[str, int | Fraction],
    challenges: Mapping[str, Fraction | None],
    due: Collection[str] | None = None,
) -> Fraction | None:
    """Score one application, 0 to 1: the role-weighted mean of the challenges due so far.

    `due` names the challenges that count by now (one behind a gate that did not open is not due);
    left out, all of the role's are due. While a due challenge has no score, or nothing is due, the answer is None.
    Raises ValueError for an unknown challenge, a score outside 0 to 1, and negative or all-zero weights.
    """
    exact = check_weights(weights)
    wanted = set(exact if due is None else due)
    _check_known(challenges, exact)
    _check_known(wanted, exact)
    for key, score in challenges.items():
        if score is not None and not 0 <= score <= 1:
            raise ValueError(f"The score of challenge {key!r} is not within 0 to 1.")
    scored: dict[str, Fraction] = {}
    for key in wanted:
        score = challenges.get(key)
        if score is None:
            return None
        scored[key] = score
    return _weighted_mean(exact, scored)


def check_level(level: int) -> int:
    """Give the level back, or raise ValueError unless it is a whole number from 0 to 3."""
    if isinstance(level, bool) or not isinstance(level, int) or not 0 <= level <= HIGHEST_LEVEL:
        raise ValueError(f"A level is a whole number from 0 to {HIGHEST_LEVEL}, not {level!r}.")
    return level


def check_weights(weights: Mapping[str, int | Fraction]) -> dict[str, Fraction]:
    """Give the weights as fractions; ValueError unless all are exact, none negative, and one above 0."""
    for key, weight in weights.items():
        # A float would bring its rounding into sums that are promised to be exact.
        if isinstance(weight, bool) or not isinstance(weight, Rational) or weight < 0:
            raise ValueError(f"The weight of {key!r} must be a whole number or fraction, 0 or more, not {weight!r}.")
    if not any(weights.values()):
        raise ValueError("At least one weight must be above 0.")
    return {key: Fraction(weight) for key, weight in weights.items()}


def _check_known(keys: Iterable[str], weights: Mapping[str, Fraction]) -> None:
    unknown = sorted(set(keys) - set(weights))
    if unknown:
        raise ValueError(f"No weight is known for: {', '.join(unknown)}.")


def _weighted_mean(weights: Mapping[str, Fraction], scores: Mapping[str, Fraction]) -> Fraction | None:
    total = sum((weights[key] for key in scores), Fraction())
    if not total:
        return None
    return sum((weights[key] * score for key, score in scores.items()), Fraction()) / total
