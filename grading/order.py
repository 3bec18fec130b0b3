"""The check of an order: how far it is from the key that people agreed on, by Kendall's tau distance."""

from collections.abc import Sequence
from itertools import combinations

from grading.facts import Check, Fact, Note, fact
from grading.folding import Folded


def distance(given: Sequence[str], key: Sequence[str], swaps: Sequence[tuple[str, str]] = ()) -> tuple[int, int]:
    """Count the pairs that stand the other way round than in the key, and the pairs that count at all.

    Kendall's tau distance (Kendall 1938), with the pairs in `swaps` left out of both numbers: either order of them is
    as agreed. tau = 1 - 2 * first / second, from 1 (as agreed) to -1 (the reverse), and nothing when no pair counts.
    Both must hold the same items, each once; raises ValueError otherwise.
    """
    if sorted(given) != sorted(key) or len(set(key)) != len(key):
        raise ValueError("The order and its key must hold the same items, each once.")
    place = {item: number for number, item in enumerate(given)}
    free = {frozenset(pair) for pair in swaps}
    counted = [pair for pair in combinations(key, 2) if frozenset(pair) not in free]
    return sum(place[first] > place[second] for first, second in counted), len(counted)


def order(check: Check, answer: Folded, locale: str) -> Fact:
    """Compare the items, first to last, with the check's key; an item that is missing or stands twice is incomplete."""
    given = answer.original.split()
    if not given:
        return fact(check, None, (), Note.EMPTY)
    if sorted(given) != sorted(check.order):
        return fact(check, None, (), Note.INCOMPLETE)
    swapped, pairs = distance(given, check.order, check.swaps)
    return fact(check, {"swapped": swapped, "pairs": pairs}, (), Note.DIFFERS if swapped else Note.AS_AGREED)
