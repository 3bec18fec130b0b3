"""A challenge as a candidate may see it: its words in one language, without anchors, guide or examples."""

from __future__ import annotations

from dataclasses import dataclass

from app.models import ChallengeVersion, Opening, Role
from app.services import catalog, publishing, roles
from app.services.catalog_types import Brief, Challenge, Device, Example, PartKind

# Kinds of part that the workspace has fields for.
ANSWERABLE = frozenset({PartKind.REPLY, PartKind.REWRITE, PartKind.TEXTS})


@dataclass(frozen=True)
class Asked:
    """One thing that is judged: what it is called and what it means."""

    key: str
    name: str
    meaning: str


@dataclass(frozen=True)
class Task:
    """A challenge in words. `locale` is the language that they really are in; `minutes` what most people need."""

    slug: str
    locale: str
    challenge: Challenge
    brief: Brief
    criteria: tuple[Asked, ...]

    @property
    def minutes(self) -> int:
        """How long most people need."""
        return self.challenge.minutes

    @property
    def needs_computer(self) -> bool:
        """Whether a phone will not do."""
        return self.challenge.device is Device.COMPUTER

    @property
    def is_answerable(self) -> bool:
        """Whether the workspace has a field for every part."""
        return all(part.kind in ANSWERABLE for part in self.challenge.parts)


def task(version: ChallengeVersion, role: Role, locale: str) -> Task:
    """The task in a language, or in English where it has no text in it. Only the criteria that the role weighs."""
    challenge = publishing.challenge_of(version)
    brief = catalog.text_for(challenge, locale)
    weighed = roles.rubric_in_force(role.id).weights[str(version.id)]["criteria"]
    criteria = tuple(
        Asked(view.key, view.name.value, view.meaning.value)
        for view in catalog.criteria_for(challenge, brief.locale)
        if view.key in weighed
    )
    return Task(version.slug, brief.locale, challenge, brief.value, criteria)


def of_opening(opening: Opening, locale: str) -> list[Task]:
    """What is asked of everyone who applies, in order."""
    return [task(entry.challenge_version, opening.role, locale) for entry in opening.role.challenges]


def top_example(challenge: Challenge, locale: str) -> Example | None:
    """One shipped answer that reaches the highest levels: in the language, else in English, else none."""
    excellent = [one for one in challenge.examples if one.quality == "excellent"]
    for wanted in (locale, "en"):
        for one in excellent:
            if one.locale == wanted:
                return one
    return None
