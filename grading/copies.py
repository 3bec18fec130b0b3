"""Near-copies: another answer to the same challenge with much of the same wording. Shown side by side, never judged."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from heapq import nsmallest

from grading.facts import MAX_RANGES, Range
from grading.folding import Folded, fold, is_unspaced
from grading.wording import count_words

SHINGLE = 5
"""Words in a row that are compared."""

ALIKE = 0.5
"""The share of common shingles (Jaccard) from which two answers are worth a look."""

FEWEST_WORDS = 40
"""Below this, stock phrases alone make two honest answers alike (research: up to 2.8 % of pairs)."""

FEWEST_SHINGLES = FEWEST_WORDS - SHINGLE + 1
"""So many different runs must be left when the prompt is subtracted: 40 words of one's own have them."""

SKETCH = 32
"""Hashes that a sketch keeps. Two answers that share half of their shingles share 16 of them on average, and none at
all in fewer than one case in a thousand million."""

FEWEST_COMMON = 4
"""Hashes that two sketches have in common at least, where the answers are worth comparing: of two that share half of
their shingles, one pair in a million has fewer; of honest answers with a stock phrase or two, most have."""


@dataclass(frozen=True, slots=True)
class Copy:
    """Another answer that is much alike: `share` (0 to 1) of shingles in common, and where they stand in this one."""

    other: str
    share: Fraction
    where: tuple[Range, ...]


def near_copy(answer: str, others: Mapping[str, str], prompt: Sequence[str] = ()) -> list[Copy]:
    """Find the answers in `others` (by any key) that share half of their wording with this one, the most alike first.

    Compared are runs of five words (shingles) by their Jaccard similarity; what stands in the `prompt` is subtracted
    from both, because everybody quotes it. Texts of fewer than 40 words of their own are never compared. At most
    `MAX_RANGES` ranges are given for each copy. Work grows with the length of the texts, not with its square.
    """
    quoted = _quoted(tuple(prompt))
    folded = fold(answer)
    mine = _own_shingles(folded, quoted)
    if not mine:
        return []
    found = []
    for key, text in others.items():
        theirs = _own_shingles(fold(text), quoted).keys()
        common = mine.keys() & theirs
        if common and len(common) >= ALIKE * len(mine.keys() | theirs):
            share = Fraction(len(common), len(mine.keys() | theirs))
            found.append(Copy(key, share, _joined(folded, (place for words in common for place in mine[words]))))
    return sorted(found, key=lambda copy: (-copy.share, copy.other))


def sketch(answer: str, prompt: Sequence[str] = (), about: str = "") -> tuple[int, ...]:
    """Give the smallest hashes of the answer's shingles, rising: what an index of many answers keeps of each.

    `about` names the question: the same words have other hashes under another question, so that one index holds the
    answers to all of them apart. Answers that share none of them need not be compared. A bottom-k sketch (Broder 1997,
    "On the resemblance and containment of documents"): the share of common hashes among the smallest `SKETCH` of both
    together estimates the Jaccard similarity. Each is from 0 to 2^63 - 1, so that every database can store it, and is
    the same in every process and on every machine. Empty when `near_copy` would not compare the answer.
    """
    own = _own_shingles(fold(answer), _quoted(tuple(prompt)))
    return tuple(nsmallest(SKETCH, {_hash(about, words) for words in own}))


def _hash(about: str, words: tuple[str, ...]) -> int:
    text = f"{about}\n{' '.join(words)}"
    digest = hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "big") >> 1


@lru_cache(maxsize=16)
def _quoted(prompt: tuple[str, ...]) -> frozenset[tuple[str, ...]]:
    """The runs of the prompt. Kept, because all answers to one challenge have the same."""
    return frozenset(words for text in prompt for words in _shingles(fold(text)))


def _own_shingles(folded: Folded, quoted: frozenset[tuple[str, ...]]) -> dict[tuple[str, ...], list[Range]]:
    """The runs that do not stand in the prompt; none where too little is left to compare."""
    if count_words(folded.original) < FEWEST_WORDS:
        return {}
    own = {words: places for words, places in _shingles(folded).items() if words not in quoted}
    return own if len(own) >= FEWEST_SHINGLES else {}


def _shingles(folded: Folded) -> dict[tuple[str, ...], list[Range]]:
    """Every run of five words, with where it stands in the folded text. A Chinese character is a word of its own."""
    words = list(_words(folded))
    found: dict[tuple[str, ...], list[Range]] = {}
    for first in range(len(words) - SHINGLE + 1):
        run = words[first : first + SHINGLE]
        place = run[0][0], run[-1][1]
        found.setdefault(tuple(folded.text[start:end] for start, end in run), []).append(place)
    return found


def _words(folded: Folded) -> Iterator[Range]:
    start = None
    for at, character in enumerate(folded.text):
        if is_unspaced(character) or not character.isalnum():
            if start is not None:
                yield start, at
                start = None
            if is_unspaced(character) and character.isalnum():
                yield at, at + 1
        elif start is None:
            start = at
    if start is not None:
        yield start, len(folded.text)


def _joined(folded: Folded, places: Iterable[Range]) -> tuple[Range, ...]:
    """Join runs that overlap or have no word between them, so that a copied sentence is one range of the original."""
    joined: list[Range] = []
    for start, end in sorted(places):
        if joined and not any(character.isalnum() for character in folded.text[joined[-1][1] : start]):
            joined[-1] = joined[-1][0], max(end, joined[-1][1])
        else:
            joined.append((start, end))
    return tuple(folded.span(start, end) for start, end in joined[:MAX_RANGES])
