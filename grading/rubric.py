"""A rubric as a value: criteria with weights and four anchored levels, and the fingerprint that freezes it."""

import hashlib
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

Json: TypeAlias = "Mapping[str, Json] | Sequence[Json] | str | int | float | bool | None"


@dataclass(frozen=True)
class Criterion:
    """One thing that is judged; `anchors` describe the levels 0, 1, 2 and 3, in this order.

    An optional criterion may be left out by a role (`Rubric.without`). Raises ValueError when the key or an
    anchor is empty, there are not four anchors, or the weight is not a whole number of 0 or more.
    """

    key: str
    weight: int
    name: str
    meaning: str
    anchors: tuple[str, str, str, str]
    optional: bool = False

    def __post_init__(self) -> None:
        """Check what no reader could score by."""
        if not self.key.strip():
            raise ValueError("A criterion needs a key.")
        if isinstance(self.weight, bool) or not isinstance(self.weight, int) or self.weight < 0:
            raise ValueError(f"The weight of {self.key!r} must be a whole number, 0 or more, not {self.weight!r}.")
        if not isinstance(self.anchors, tuple) or len(self.anchors) != 4:
            raise ValueError(f"Criterion {self.key!r} needs a tuple of four anchors, for the levels 0 to 3.")
        if not all(isinstance(anchor, str) and anchor.strip() for anchor in self.anchors):
            raise ValueError(f"Criterion {self.key!r} has an empty anchor.")


@dataclass(frozen=True)
class Rubric:
    """The criteria of one challenge in the order in which they are read.

    Raises ValueError when two criteria share a key or the weights add up to 0.
    """

    criteria: tuple[Criterion, ...]

    def __post_init__(self) -> None:
        """Check what no score could be computed from."""
        keys = [criterion.key for criterion in self.criteria]
        twice = sorted({key for key in keys if keys.count(key) > 1})
        if twice:
            raise ValueError(f"A rubric names each criterion once; twice here: {', '.join(twice)}.")
        if not sum(criterion.weight for criterion in self.criteria):
            raise ValueError("The weights of a rubric must add up to more than 0.")

    @property
    def weights(self) -> dict[str, int]:
        """The weight of each criterion, in rubric order, as `scoring` and `agreement` take it."""
        return {criterion.key: criterion.weight for criterion in self.criteria}

    def without(self, keys: Collection[str]) -> "Rubric":
        """Give the rubric with these optional criteria left out.

        Raises ValueError for a key that is unknown or not optional, or when no weight would remain.
        """
        leaving = set(keys)
        refused = sorted(leaving - {criterion.key for criterion in self.criteria if criterion.optional})
        if refused:
            raise ValueError(f"Only optional criteria can be left out, not: {', '.join(refused)}.")
        return Rubric(tuple(criterion for criterion in self.criteria if criterion.key not in leaving))


def fingerprint(content: Json) -> str:
    """Give the SHA-256 (hex) of content as canonical JSON: sorted keys, no spaces, UTF-8, text byte for byte.

    Text is not normalised (no NFC): a changed byte is a changed version. Order matters in lists, not in
    dictionaries. Raises ValueError for NaN, infinity and text that UTF-8 cannot hold, TypeError for what is not JSON.
    """
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return hashlib.sha256(canonical.encode("utf-8")).hexdigest()
