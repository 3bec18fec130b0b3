"""An order while it is being made: which item has which place, kept as one line of text.

A finished order is what checks read: item keys, first to last, with spaces between (`t3 t6 t1`). Until then every item
that has a place is kept with it (`t1:2 t3:2`), so that a draft loses nothing, not even a place that is given twice.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence


def places(text: str, items: Sequence[str]) -> dict[str, int]:
    """The place of each item that has one, 1 for the first. Whatever is no item, or no place among them, is left out.

    An item that is named twice keeps the place that was named last.
    """
    found = {}
    for position, word in enumerate(text.split(), start=1):
        item, colon, number = word.partition(":")
        place = (int(number) if number.isascii() and number.isdigit() and len(number) < 4 else 0) if colon else position
        if item in items and 1 <= place <= len(items):
            found[item] = place
    return {item: found[item] for item in items if item in found}


def text(places: Mapping[str, int], items: Sequence[str]) -> str:
    """The order as it is kept; `places` is its inverse."""
    if is_finished(places, items):
        return " ".join(sorted(places, key=places.__getitem__))
    return " ".join(f"{item}:{places[item]}" for item in items if item in places)


def is_finished(places: Mapping[str, int], items: Sequence[str]) -> bool:
    """Whether every item has a place of its own."""
    return sorted(places.values()) == list(range(1, len(items) + 1))


def shared_places(places: Mapping[str, int]) -> list[int]:
    """The places that more than one item has, in rising order."""
    given = list(places.values())
    return sorted({place for place in given if given.count(place) > 1})


def by_place(places: Mapping[str, int], items: Sequence[str]) -> list[str]:
    """All items as they are shown: those with a place first to last, then those without one as they come."""
    return sorted(items, key=lambda item: (places.get(item, len(items) + 1), items.index(item)))
