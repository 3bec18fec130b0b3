"""A challenge as a candidate may see it: its words in one language, without anchors, guide or examples."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from app.models import ChallengeVersion, Opening, Role, StoredFile
from app.services import answers, catalog, company, publishing, roles
from app.services.answers import Answered
from app.services.catalog_types import Brief, Challenge, Device, Example, Message, PartKind


@dataclass(frozen=True)
class Asked:
    """One thing that is judged: what it is called and what it means. A bonus adds points and can only help."""

    key: str
    name: str
    meaning: str
    is_bonus: bool = False


@dataclass(frozen=True)
class Task:
    """A challenge in words. `locale` is the language that they really are in; `instructions` are Markdown."""

    slug: str
    locale: str
    challenge: Challenge
    brief: Brief
    criteria: tuple[Asked, ...]
    instructions: str

    @property
    def minutes(self) -> int:
        """How long most people need."""
        return self.challenge.minutes

    @property
    def needs_computer(self) -> bool:
        """Whether a phone will not do."""
        return self.challenge.device is Device.COMPUTER

    @property
    def has_files(self) -> bool:
        """Whether a file is asked for."""
        return any(part.kind is PartKind.FILE for part in self.challenge.parts)

    @property
    def messages(self) -> tuple[Message, ...]:
        """The messages that stand above the whole answer."""
        return answers.general_messages(self.brief, self.challenge)

    def messages_of(self, name: str) -> tuple[Message, ...]:
        """The messages that one item answers; they stand beside its field."""
        return answers.messages_of(self.brief, name)

    def source(self, part: str, texts: Mapping[str, str]) -> tuple[str, str]:
        """The HTML and the CSS of one part; NotFound where there is no such part."""
        return answers.source(self.challenge, part, texts)

    def shown(self, texts: Mapping[str, str], files: Mapping[str, StoredFile] | None = None) -> tuple[Answered, ...]:
        """An answer to this task as its own writer reads it."""
        return answers.answered(self.challenge, texts, self.locale, files=files)


def task(version: ChallengeVersion, role: Role, locale: str) -> Task:
    """The task in a language, or in English where it has no text in it. Only the criteria that the role weighs."""
    challenge = publishing.challenge_of(version)
    brief = catalog.text_for(challenge, locale)
    weighed = roles.rubric_in_force(role.id).weights[str(version.id)]["criteria"]
    criteria = tuple(
        Asked(view.key, view.name.value, view.meaning.value, view.is_bonus)
        for view in catalog.criteria_for(challenge, brief.locale)
        if view.key in weighed
    )
    return Task(version.slug, brief.locale, challenge, brief.value, criteria, instructions(brief.value))


def instructions(brief: Brief) -> str:
    """What to do, as Markdown: where a challenge is about the company's product, with its name or the neutral exercise.

    The content that was published has a gap for the product, so a company can name another one at any time.
    """
    if not brief.product:
        return brief.task
    founded = company.get()
    if founded is None or not founded.product_name:
        return f"{brief.task}\n\n{brief.no_product}"
    about = brief.product.replace("{name}", markdown_literal(founded.product_name))
    return f"{brief.task}\n\n{about.replace('{address}', f'<{founded.product_address}>')}"


def markdown_literal(text: str) -> str:
    """The text so that Markdown shows it as typed."""
    return re.sub(r"([\\`*_{}\[\]()#+.!|<>&~-])", r"\\\1", text)


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
