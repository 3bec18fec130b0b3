"""Text folded for comparison, with a way back to the original's characters. Linear in the length of the text."""

import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

# Ideographs and kana are written without spaces, so a neighbour of this kind never makes a phrase "part of a word".
_UNSPACED = ((0x3040, 0x30FF), (0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xF900, 0xFAFF), (0x20000, 0x3FFFF))
_ALIKE = str.maketrans({"’": "'", "‘": "'", "ʼ": "'", "‑": "-", "‐": "-"})


@dataclass(frozen=True, slots=True)
class Folded:
    """`text` without case, accents and invisible marks; character `i` of it came from `origin[i]` of the original."""

    text: str
    origin: tuple[int, ...]
    original: str

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Return the original's range for the folded range `start:end` (end not included), with trailing accents."""
        last = self.origin[end - 1] + 1
        while last < len(self.original) and unicodedata.combining(self.original[last]):
            last += 1
        return self.origin[start], last


def is_unspaced(character: str) -> bool:
    """Whether the character belongs to a script written without spaces (Chinese, Japanese)."""
    point = ord(character)
    return point >= 0x3040 and any(low <= point <= high for low, high in _UNSPACED)


@lru_cache(maxsize=4096)
def _fold_character(character: str) -> str:
    if character.isspace():
        return " "
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", character).casefold())
    # Cf holds the invisible ones (direction marks, zero-width spaces, soft hyphens), Cc holds NUL, Mn holds accents.
    return "".join(c for c in plain if unicodedata.category(c) not in {"Mn", "Cf", "Cc"}).translate(_ALIKE)


def fold(text: str) -> Folded:
    """Fold case, accents, width and apostrophes; one space for any run of white space; any string is accepted."""
    characters: list[str] = []
    origin: list[int] = []
    for position, character in enumerate(text):
        for folded in _fold_character(character):
            if folded == " " and characters and characters[-1] == " ":
                continue
            characters.append(folded)
            origin.append(position)
    return Folded("".join(characters), tuple(origin), text)


def _joins(character: str) -> bool:
    return character.isalnum() and not is_unspaced(character)


@lru_cache(maxsize=4096)
def _needle(phrase: str) -> str:
    return fold(phrase.removesuffix("*")).text.strip()


def find(folded: Folded, phrases: Iterable[str]) -> Iterator[tuple[int, int]]:
    """Yield the original's range of every whole-word occurrence of each phrase.

    A phrase is literal; a trailing `*` lets its last word go on. Phrases that fold to nothing are never found.
    """
    for phrase in phrases:
        is_stem = phrase.endswith("*")
        needle = _needle(phrase)
        if needle:
            yield from _find_one(folded, needle, is_stem)


def _find_one(folded: Folded, needle: str, is_stem: bool) -> Iterator[tuple[int, int]]:
    text = folded.text
    at = text.find(needle)
    while at >= 0:
        end = at + len(needle)
        starts_inside = at > 0 and _joins(needle[0]) and _joins(text[at - 1])
        ends_inside = end < len(text) and _joins(needle[-1]) and _joins(text[end])
        if starts_inside or (ends_inside and not is_stem):
            at = text.find(needle, at + 1)
            continue
        while ends_inside and end < len(text) and _joins(text[end]):
            end += 1
        yield folded.span(at, end)
        at = text.find(needle, end)
