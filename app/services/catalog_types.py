"""What a challenge is made of: frozen values, all of them JSON-able, read from files or from a published version."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Generic, TypeVar

from grading.checks import Check

T = TypeVar("T")

DRAFT = "machine-drafted, not yet reviewed"
"""The mark of a translation that no native speaker has signed."""


class PartKind(StrEnum):
    """The kinds of answer that a part of a challenge asks for."""

    REPLY = "reply"
    REWRITE = "rewrite"
    TEXTS = "texts"
    ORDERING = "ordering"
    URL = "url"
    SOURCE = "source"
    FILE = "file"


class Channel(StrEnum):
    """How a customer's message is shown."""

    EMAIL = "email"
    CHAT = "chat"


class Device(StrEnum):
    """What a candidate needs: `any` works on a phone."""

    ANY = "any"
    COMPUTER = "computer"


class AnswerLanguage(StrEnum):
    """In which language the answer has to be: the one the opening asks for, or any."""

    OPENING = "opening"
    ANY = "any"


class ExampleKind(StrEnum):
    """Who wrote an example answer: a person would, or a chatbot typically does."""

    PERSON = "person"
    CHATBOT = "chatbot"


@dataclass(frozen=True, slots=True)
class Part:
    """One thing to answer. `items` are texts, tickets or languages of source; `limit` is in characters per field."""

    key: str
    kind: PartKind
    is_required: bool = True
    channel: Channel | None = None
    items: tuple[str, ...] = ()
    has_reasons: bool = False
    types: tuple[str, ...] = ()
    limit: int = 10_000

    @property
    def fields(self) -> tuple[str, ...]:
        """Names of the plain-text fields that hold the answer; a draft, a submission and the checks share them.

        reply, rewrite, url, file: `key` (a file's field holds its id). texts and source: `key.item` each.
        ordering: `key` (item keys, first to last, separated by spaces), and `key.item` for reasons where asked.
        """
        inner = tuple(f"{self.key}.{item}" for item in self.items)
        if self.kind in (PartKind.TEXTS, PartKind.SOURCE):
            return inner
        if self.kind is PartKind.ORDERING:
            return (self.key, *(inner if self.has_reasons else ()))
        return (self.key,)

    @property
    def prose_fields(self) -> tuple[str, ...]:
        """The fields that hold sentences of the candidate's own: no source, whose first lines are alike everywhere."""
        if self.kind in (PartKind.REPLY, PartKind.REWRITE, PartKind.TEXTS):
            return self.fields
        return self.fields[1:] if self.kind is PartKind.ORDERING else ()

    @property
    def required_fields(self) -> tuple[str, ...]:
        """The fields that must not be left empty: all of a part that is required; of source, CSS is extra."""
        if not self.is_required:
            return ()
        is_html = self.kind is PartKind.SOURCE and "html" in self.items
        return (f"{self.key}.html",) if is_html else self.fields

    @property
    def label_keys(self) -> tuple[str, ...]:
        """Names that a brief gives a label: the part, and each of its items."""
        return (self.key, *(f"{self.key}.{item}" for item in self.items))


@dataclass(frozen=True, slots=True)
class CriterionWeight:
    """One criterion of the rubric without its words. An optional one can be left out of a role.

    A bonus adds points to the others and is not part of what makes 100 %: who leaves it out loses nothing.
    """

    key: str
    weight: int
    is_optional: bool = False
    is_bonus: bool = False


@dataclass(frozen=True, slots=True)
class Message:
    """A customer's message as the candidate sees it. `part` is the part that answers it, or one of its items."""

    part: str
    sender: str
    text: str
    subject: str = ""
    address: str = ""


@dataclass(frozen=True, slots=True)
class Label:
    """The words at one field: its label, a hint, and the text that a rewriting starts from."""

    label: str
    hint: str = ""
    original: str = ""


@dataclass(frozen=True, slots=True)
class Brief:
    """What the candidate reads in one language. `facts` are those to rely on; `task` is Markdown.

    A challenge about the company's own product has two more texts in Markdown: `product`, with `{name}` and
    `{address}` in it, and `no_product` for a company that has named none.
    """

    title: str
    summary: str
    messages: tuple[Message, ...]
    facts: Mapping[str, str]
    labels: Mapping[str, Label]
    task: str
    review: str = ""
    product: str = ""
    no_product: str = ""


@dataclass(frozen=True, slots=True)
class CriterionText:
    """A criterion in words: candidates see name and meaning, reviewers also the four anchors of levels 0 to 3."""

    name: str
    meaning: str
    anchors: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RubricText:
    """The rubric in one language, with the interview's follow-up questions. Anchors may be missing outside English."""

    criteria: Mapping[str, CriterionText]
    follow_ups: Mapping[str, str]
    review: str = ""


@dataclass(frozen=True, slots=True)
class Guide:
    """Advice for reviewers in one language, as Markdown. Never shown to candidates."""

    title: str
    text: str
    review: str = ""


@dataclass(frozen=True, slots=True)
class Example:
    """An answer with the levels that a careful person would give and one line of why.

    `facts` maps a check's key to the note that it is expected to give; `misread` names the checks whose note a
    careful person would not agree with here. A `is_showcase` example is on the start page.
    """

    number: int
    quality: str
    locale: str
    kind: ExampleKind
    answers: Mapping[str, str]
    levels: Mapping[str, int]
    why: str
    facts: Mapping[str, str] = field(default_factory=dict)
    is_showcase: bool = False
    review: str = ""
    misread: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The file's name without its ending: `01-poor.en`."""
        return f"{self.number:02d}-{self.quality}.{self.locale}"


@dataclass(frozen=True, slots=True)
class Challenge:
    """One frozen version of a task. Maps keyed by language hold a language only where a file exists."""

    slug: str
    version: int
    minutes: int
    device: Device
    answer_language: AnswerLanguage
    locales: tuple[str, ...]
    parts: tuple[Part, ...]
    criteria: tuple[CriterionWeight, ...]
    facts: tuple[str, ...]
    follow_ups: tuple[str, ...]
    checks: tuple[Check, ...]
    briefs: Mapping[str, Brief]
    rubrics: Mapping[str, RubricText]
    guides: Mapping[str, Guide]
    examples: tuple[Example, ...]
    has_product: bool = False

    @property
    def name(self) -> str:
        """How a score names the version it was made under: `close-my-account/v1`."""
        return f"{self.slug}/v{self.version}"

    @property
    def fields(self) -> tuple[str, ...]:
        """Names of all fields of an answer, in the order of the parts."""
        return tuple(name for part in self.parts for name in part.fields)

    @property
    def points(self) -> int:
        """What makes 100 %: three levels times the weight, over all criteria but those that are a bonus."""
        return sum(3 * criterion.weight for criterion in self.criteria if not criterion.is_bonus)


@dataclass(frozen=True, slots=True)
class Localised(Generic[T]):
    """A text with the language it really is in (which a page shows when it differs), and whether it is a draft."""

    value: T
    locale: str
    is_draft: bool
