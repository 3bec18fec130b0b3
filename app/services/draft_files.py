"""A draft as the files of the format: there is one format and one loader, `catalog.parse`, for all challenges."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from app.locales import DEFAULT
from app.services.catalog import Fault
from app.services.catalog_types import DRAFT, PartKind
from app.services.draft_checks import write_check
from app.services.draft_content import LEVELS, Content, ExampleRow, MessageRow, PartRow, Words, as_part, fields_of
from app.services.draft_sheets import Sheet

NO_EXAMPLE = "there is no example"


@dataclass
class Written:
    """The files of a draft, and for each file the paths of its lines."""

    files: dict[str, bytes] = field(default_factory=dict)
    paths: dict[str, list[str]] = field(default_factory=dict)

    def add(self, name: str, data: bytes, paths: list[str]) -> None:
        """One file."""
        self.files[name] = data
        self.paths[name] = paths

    def path_of(self, fault: Fault) -> str:
        """The path of the value that a fault is about; empty where it is about the whole."""
        if fault.message.startswith(NO_EXAMPLE):
            return "examples"
        name = fault.file.split("/", 2)[-1]
        paths = self.paths.get(name, [])
        return paths[fault.line - 1] if 0 < fault.line <= len(paths) else paths[0] if paths else ""


def write(content: Content, fills: Mapping[str, str] | None = None, without: frozenset[str] = frozenset()) -> Written:
    """The files of a draft. `fills` replaces values by their path; rows of checks and examples in `without` are out.

    So are examples in a language that the challenge does not have now.
    """
    fills = fills or {}
    written = Written()
    frame = Sheet(fills)
    _frame(frame, content, without)
    written.add("challenge.yaml", frame.table(), frame.paths)
    for locale in content.locales:
        brief, rubric, guide = Sheet(fills), Sheet(fills), Sheet(fills)
        _brief(brief, content, locale)
        written.add(f"brief.{locale}.md", *brief.front_matter(content.task.get(locale, ""), f"task.{locale}"))
        _rubric(rubric, content, locale)
        written.add(f"rubric.{locale}.yaml", rubric.table(), rubric.paths)
        if locale == DEFAULT or _has(content.guide_title, locale) or _has(content.guide_text, locale):
            _review(guide, content.guide_review, locale)
            guide.text("title", content.guide_title.get(locale, ""), f"guide_title.{locale}")
            text = content.guide_text.get(locale, "")
            written.add(f"guide.{locale}.md", *guide.front_matter(text, f"guide_text.{locale}"))
    shown = [row.key for place, row in enumerate(content.checks) if f"checks.{place}" not in without]
    for place, example in enumerate(content.examples):
        if f"examples.{place}" not in without and example.locale in content.locales:
            sheet = Sheet(fills)
            _example(sheet, content, example, f"examples.{place}", shown)
            name = f"examples/{example.number:02d}-{example.quality}.{example.locale}.yaml"
            written.add(name, sheet.table(), sheet.paths)
    return written


def _has(words: Words, locale: str) -> bool:
    return bool(words.get(locale, "").strip())


def _review(sheet: Sheet, reviews: Words, locale: str) -> None:
    """Who has read a text. A translation that nobody has signed says that too."""
    review = reviews.get(locale, "") or ("" if locale == DEFAULT else DRAFT)
    sheet.text_if_any("review", review, f"review.{locale}")


def _frame(sheet: Sheet, content: Content, without: frozenset[str]) -> None:
    sheet.line("format: 1", "")
    sheet.number("minutes", content.minutes, "minutes")
    sheet.line(f"device: {content.device.value}", "device")
    sheet.line(f"answer_language: {content.answer_language.value}", "answer_language")
    sheet.flag("product", content.has_product, "has_product")
    sheet.words("locales", content.locales, "locales")
    _list(sheet, "parts", bool(content.parts))
    for place, part in enumerate(content.parts):
        _frame_part(sheet, part, f"parts.{place}")
    sheet.words("facts", [row.key for row in content.facts], "facts")
    _list(sheet, "criteria", bool(content.criteria))
    for place, one in enumerate(content.criteria):
        path = f"criteria.{place}"
        sheet.entry("key", one.key, f"{path}.name.{DEFAULT}")
        sheet.number("weight", one.weight, f"{path}.weight", 2)
        sheet.flag("optional", one.is_optional, f"{path}.is_optional", 2)
        sheet.flag("bonus", one.is_bonus, f"{path}.is_bonus", 2)
    sheet.words("follow_ups", [row.key for row in content.follow_ups], "follow_ups")
    shown = [place for place in range(len(content.checks)) if f"checks.{place}" not in without]
    _list(sheet, "checks", bool(shown))
    for place in shown:
        write_check(sheet, content, content.checks[place], f"checks.{place}")


def _list(sheet: Sheet, name: str, has_rows: bool) -> None:
    sheet.line(f"{name}:" if has_rows else f"{name}: []", name)


def _frame_part(sheet: Sheet, part: PartRow, path: str) -> None:
    sheet.entry("key", part.key, f"{path}.label.{DEFAULT}")
    sheet.line(f"    kind: {part.kind.value}", path)
    if not part.is_required:
        sheet.line("    required: false", f"{path}.is_required")
    sheet.number("limit", part.limit, f"{path}.limit", 2)
    if part.kind is PartKind.REPLY:
        sheet.line(f"    channel: {part.channel.value}", f"{path}.channel")
    if part.kind in (PartKind.TEXTS, PartKind.ORDERING, PartKind.SOURCE):
        sheet.words("items", [item.key for item in part.items], f"{path}.items", 2)
    if part.kind is PartKind.ORDERING:
        sheet.flag("reasons", part.has_reasons, f"{path}.has_reasons", 2)
    if part.kind is PartKind.FILE:
        sheet.words("types", part.types, f"{path}.types", 2)


def _brief(sheet: Sheet, content: Content, locale: str) -> None:
    sheet.text("title", content.title.get(locale, ""), f"title.{locale}")
    sheet.text("summary", content.summary.get(locale, ""), f"summary.{locale}")
    _review(sheet, content.brief_review, locale)
    if content.has_product:
        sheet.text("product", content.product.get(locale, ""), f"product.{locale}")
        sheet.text("no_product", content.no_product.get(locale, ""), f"no_product.{locale}")
    if content.messages or any(part.kind is PartKind.REPLY for part in content.parts):
        _list(sheet, "messages", bool(content.messages))
    for place, message in enumerate(content.messages):
        _message(sheet, content, message, f"messages.{place}", locale)
    _table(sheet, "facts", bool(content.facts))
    for place, row in enumerate(content.facts):
        sheet.text(quoted_key(row.key), row.words.get(locale, ""), f"facts.{place}.words.{locale}", 1)
    _table(sheet, "labels", bool(content.parts))
    for place, part in enumerate(content.parts):
        for name, label, hint, path in _labels(part, f"parts.{place}"):
            sheet.head(quoted_key(name), f"{path}.label.{locale}", 1)
            sheet.text("label", label.get(locale, ""), f"{path}.label.{locale}", 2)
            sheet.text_if_any("hint", hint.get(locale, ""), f"{path}.hint.{locale}", 2)
            if part.kind is PartKind.REWRITE:
                sheet.text("original", part.original.get(locale, ""), f"{path}.original.{locale}", 2)


def quoted_key(key: str) -> str:
    """A key in quotes: a person's word can be one that YAML reads as something else (`no`, `on`)."""
    return f'"{key}"'


def _table(sheet: Sheet, name: str, has_rows: bool) -> None:
    sheet.line(f"{name}:" if has_rows else f"{name}: {{}}", name)


def _message(sheet: Sheet, content: Content, message: MessageRow, path: str, locale: str) -> None:
    part = message.part or (content.parts[0].key if content.parts else "")
    sheet.entry("part", part, f"{path}.part")
    sheet.text("sender", message.sender.get(locale, ""), f"{path}.sender.{locale}", 2)
    sheet.text_if_any("address", message.address.get(locale, ""), f"{path}.address.{locale}", 2)
    sheet.text_if_any("subject", message.subject.get(locale, ""), f"{path}.subject.{locale}", 2)
    sheet.text("text", message.text.get(locale, ""), f"{path}.text.{locale}", 2)


def _labels(part: PartRow, path: str) -> Iterator[tuple[str, Words, Words, str]]:
    yield part.key, part.label, part.hint, path
    for place, item in enumerate(part.items):
        yield f"{part.key}.{item.key}", item.label, item.hint, f"{path}.items.{place}"


def _rubric(sheet: Sheet, content: Content, locale: str) -> None:
    _review(sheet, content.rubric_review, locale)
    _table(sheet, "criteria", bool(content.criteria))
    for place, one in enumerate(content.criteria):
        path = f"criteria.{place}"
        sheet.head(quoted_key(one.key), f"{path}.name.{locale}", 1)
        sheet.text("name", one.name.get(locale, ""), f"{path}.name.{locale}", 2)
        sheet.text("meaning", one.meaning.get(locale, ""), f"{path}.meaning.{locale}", 2)
        if locale == DEFAULT or any(_has(words, locale) for words in one.levels):
            sheet.head("levels", f"{path}.levels.0.{locale}", 2)
            for level in range(LEVELS):
                sheet.text(str(level), one.levels[level].get(locale, ""), f"{path}.levels.{level}.{locale}", 3)
    if locale == DEFAULT or any(_has(row.words, locale) for row in content.follow_ups):
        _table(sheet, "follow_ups", bool(content.follow_ups))
        for place, row in enumerate(content.follow_ups):
            sheet.text(quoted_key(row.key), row.words.get(locale, ""), f"follow_ups.{place}.words.{locale}", 1)


def _example(sheet: Sheet, content: Content, example: ExampleRow, path: str, known: list[str]) -> None:
    sheet.line(f"kind: {'chatbot' if example.is_chatbot else 'person'}", f"{path}.locale")
    sheet.flag("showcase", example.is_showcase, path)
    if example.locale != DEFAULT or example.review:
        sheet.text("review", example.review or DRAFT, path)
    sheet.head("answers", f"{path}.answers")
    for part in content.parts:
        required = as_part(part).required_fields
        for name in fields_of(part):
            answer = example.answers.get(name, "")
            if name in required or answer.strip():
                sheet.text(quoted_key(name), answer, f"{path}.answers.{name}", 1)
    sheet.head("levels", f"{path}.levels")
    for one in content.criteria:
        level = example.levels.get(one.key, "")
        if level or not one.is_optional:
            sheet.number(quoted_key(one.key), level, f"{path}.levels.{one.key}", 1)
    facts = {key: note for key, note in example.facts.items() if key in known}
    if facts:
        sheet.head("facts", path)
        for key, note in facts.items():
            sheet.line(f"  {quoted_key(key)}: {note}", path)
    misread = [key for key in example.misread if key in known]
    if misread:
        sheet.words("misread", misread, path)
    sheet.text("why", example.why, f"{path}.why")
