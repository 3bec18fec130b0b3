"""The library of challenges: the only reader of `challenges/` and of a company's own folder. No Flask, no database.

A challenge is read from files once, when it is checked or published. What is published is `content(challenge)`, a JSON
value that holds everything pages need; from then on `from_content` brings it back and the files play no part.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from fractions import Fraction
from pathlib import Path

from app.locales import DEFAULT, LOCALES
from app.services.catalog_content import thaw
from app.services.catalog_files import MAX_FILES, ChallengeFault, parse
from app.services.catalog_types import (
    DRAFT,
    Brief,
    Challenge,
    CriterionWeight,
    Example,
    ExampleKind,
    Guide,
    Localised,
)
from app.services.strict_yaml import MAX_BYTES, Fault
from grading import rubric, scoring

__all__ = [
    "Challenge",
    "ChallengeFault",
    "CriterionView",
    "Fault",
    "Library",
    "Row",
    "content",
    "criteria_for",
    "fingerprint",
    "follow_ups_for",
    "from_content",
    "guide_for",
    "load",
    "load_all",
    "parse",
    "rubric_for",
    "share",
    "showcase",
    "table",
    "text_for",
    "warnings",
]

SHIPPED = Path(__file__).resolve().parents[2] / "challenges"
"""The folder of the challenges that come with the product."""


@dataclass(frozen=True, slots=True)
class Library:
    """All challenges that can be used, and what is wrong with the others."""

    challenges: tuple[Challenge, ...]
    faults: tuple[Fault, ...]

    def get(self, slug: str, version: int) -> Challenge | None:
        """Return one version of a challenge, or None."""
        return next((one for one in self.challenges if (one.slug, one.version) == (slug, version)), None)

    def latest(self, slug: str) -> Challenge | None:
        """Return the highest version of a challenge that can be used, or None."""
        return max((one for one in self.challenges if one.slug == slug), key=lambda one: one.version, default=None)


def load(folder: Path) -> Challenge:
    """Read one version from its folder (`…/<slug>/v<number>`). Raises ChallengeFault; each fault has file and line."""
    name = f"{folder.parent.name}/{folder.name}"
    try:
        files = _read_files(folder)
    except OSError as error:
        raise ChallengeFault([Fault(f"{name}/challenge.yaml", 1, f"cannot be read: {error.strerror}")]) from error
    return parse(name, files)


def _read_files(folder: Path) -> dict[str, bytes]:
    files: dict[str, bytes] = {}
    for path in sorted((*folder.iterdir(), *(folder / "examples").glob("*"))):
        name = path.relative_to(folder).as_posix()
        if path.name.startswith(".") or name == "examples":
            continue
        if path.is_dir():
            files[name] = b""
            continue
        with path.open("rb") as file:
            # One byte more than allowed is enough to see that a file is too large.
            files[name] = file.read(MAX_BYTES + 1)
        if len(files) > MAX_FILES:
            break
    return files


def load_all(*roots: Path) -> Library:
    """Read every version in every folder. A broken challenge becomes faults and never takes the others with it.

    Where two folders hold the same version, the first folder's stands and the other is a fault.
    """
    found: dict[tuple[str, int], Challenge] = {}
    faults: list[Fault] = []
    for root in roots:
        try:
            folders = list(_version_folders(root))
        except OSError as error:
            faults.append(Fault(str(root), 1, f"cannot be read: {error.strerror}"))
            continue
        for folder in folders:
            try:
                challenge = load(folder)
            except ChallengeFault as fault:
                faults.extend(fault.faults)
                continue
            if (challenge.slug, challenge.version) in found:
                faults.append(Fault(f"{challenge.name}/challenge.yaml", 1, "another folder holds this version already"))
            else:
                found[challenge.slug, challenge.version] = challenge
    return Library(tuple(found[key] for key in sorted(found)), tuple(faults))


def _version_folders(root: Path) -> Iterator[Path]:
    for slug in sorted(root.iterdir()):
        if slug.is_dir() and not slug.name.startswith("."):
            yield from (one for one in sorted(slug.iterdir()) if one.is_dir() and not one.name.startswith("."))


def content(challenge: Challenge) -> dict[str, object]:
    """Return the challenge as plain JSON values: what publishing freezes. `from_content` is its inverse."""
    plain: dict[str, object] = json.loads(json.dumps(asdict(challenge)))
    return plain


def from_content(content: Mapping[str, object]) -> Challenge:
    """Bring a published challenge back. Raises ValueError when the content is not one."""
    return thaw(Challenge, content)


def fingerprint(challenge: Challenge) -> str:
    """Return the SHA-256 (64 hexadecimal digits) of the whole content; any changed word changes it."""
    return rubric.fingerprint(json.loads(json.dumps(asdict(challenge))))


def text_for(challenge: Challenge, locale: str) -> Localised[Brief]:
    """Return the brief in a language, or in English where it does not exist; the result names its language."""
    found = locale if locale in challenge.briefs else DEFAULT
    brief = challenge.briefs[found]
    return Localised(brief, found, brief.review == DRAFT)


def guide_for(challenge: Challenge, locale: str) -> Localised[Guide]:
    """Return the reviewers' guide in a language, or in English where it does not exist."""
    found = locale if locale in challenge.guides else DEFAULT
    guide = challenge.guides[found]
    return Localised(guide, found, guide.review == DRAFT)


@dataclass(frozen=True, slots=True)
class CriterionView:
    """A criterion in a reader's language. Candidates get name and meaning; the four anchors are for reviewers."""

    key: str
    weight: int
    is_optional: bool
    is_bonus: bool
    name: Localised[str]
    meaning: Localised[str]
    anchors: Localised[tuple[str, ...]]


def criteria_for(challenge: Challenge, locale: str) -> tuple[CriterionView, ...]:
    """Return all criteria in a language; words and anchors fall back to English each on their own, visibly."""
    return tuple(_criterion_view(challenge, weight, locale) for weight in challenge.criteria)


def _criterion_view(challenge: Challenge, weight: CriterionWeight, locale: str) -> CriterionView:
    words = locale if locale in challenge.rubrics else DEFAULT
    text = challenge.rubrics[words].criteria[weight.key]
    is_draft = challenge.rubrics[words].review == DRAFT
    anchored = words if text.anchors else DEFAULT
    anchors = challenge.rubrics[anchored]
    return CriterionView(
        key=weight.key,
        weight=weight.weight,
        is_optional=weight.is_optional,
        is_bonus=weight.is_bonus,
        name=Localised(text.name, words, is_draft),
        meaning=Localised(text.meaning, words, is_draft),
        anchors=Localised(anchors.criteria[weight.key].anchors, anchored, anchors.review == DRAFT),
    )


def rubric_for(challenge: Challenge, locale: str) -> rubric.Rubric:
    """Return the rubric as `grading` takes it, in the words of a language (each text falls back to English)."""
    criteria = []
    for view in criteria_for(challenge, locale):
        zero, one, two, three = view.anchors.value
        words = (view.name.value, view.meaning.value, (zero, one, two, three))
        criteria.append(rubric.Criterion(view.key, view.weight, *words, optional=view.is_optional))
    return rubric.Rubric(tuple(criteria))


def follow_ups_for(challenge: Challenge, locale: str) -> tuple[Localised[str], ...]:
    """Return the two questions for an interview, in a language or in English."""
    found = locale if challenge.rubrics.get(locale) and challenge.rubrics[locale].follow_ups else DEFAULT
    text = challenge.rubrics[found]
    return tuple(Localised(text.follow_ups[key], found, text.review == DRAFT) for key in challenge.follow_ups)


def showcase(challenge: Challenge, locale: str) -> tuple[Example, ...]:
    """Return the examples for the start page, in their order: those of the language, or the English ones."""
    marked = [one for one in challenge.examples if one.is_showcase]
    return tuple([one for one in marked if one.locale == locale] or [one for one in marked if one.locale == DEFAULT])


def share(challenge: Challenge, example: Example) -> float:
    """Return the example's score, 0 to 1, by the rule that scores candidates; criteria without a level are left out."""
    rated = [criterion for criterion in challenge.criteria if criterion.key in example.levels]
    score = scoring.challenge_score(
        {one.key: one.weight for one in rated},
        {one.key: Fraction(example.levels[one.key]) for one in rated},
        [one.key for one in rated if one.is_bonus],
    )
    return float(score or 0)


def warnings(challenge: Challenge, line: float = 2 / 3) -> list[str]:
    """Return what is allowed but unwise, a sentence each; `line` is the share (0 to 1) needed for the shortlist."""
    found = [
        f"{challenge.name}: the chatbot's answer {one.name} would pass the line ({share(challenge, one):.0%})"
        for one in challenge.examples
        if one.kind is ExampleKind.CHATBOT and share(challenge, one) >= line
    ]
    if all(one.kind is not ExampleKind.CHATBOT for one in challenge.examples):
        found.append(f"{challenge.name}: there is no example of a typical chatbot answer")
    return found


@dataclass(frozen=True, slots=True)
class Row:
    """What one challenge has in one language. `for_candidates`: brief, criteria names and meanings are complete."""

    challenge: str
    locale: str
    for_candidates: bool
    has_anchors: bool
    has_guide: bool
    is_draft: bool
    examples: int


def table(library: Library) -> list[Row]:
    """Return a row for every usable challenge and each of the six languages, for `flask challenges check`."""
    return [_row(challenge, locale) for challenge in library.challenges for locale in LOCALES]


def _row(challenge: Challenge, locale: str) -> Row:
    brief, words = challenge.briefs.get(locale), challenge.rubrics.get(locale)
    return Row(
        challenge=challenge.name,
        locale=locale,
        for_candidates=brief is not None and words is not None,
        has_anchors=words is not None and all(text.anchors for text in words.criteria.values()),
        has_guide=locale in challenge.guides,
        is_draft=DRAFT in (brief.review if brief else "", words.review if words else ""),
        examples=sum(one.locale == locale for one in challenge.examples),
    )
