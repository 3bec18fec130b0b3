"""A published challenge as a draft: everything is copied, translations, checks and examples too."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeVar

from app.services.catalog_types import Brief, Challenge, Channel, Example, ExampleKind, Guide, Part, RubricText
from app.services.draft_content import (
    LEVELS,
    CheckRow,
    Content,
    CriterionRow,
    ExampleRow,
    ItemRow,
    MessageRow,
    PartRow,
    TextRow,
    Words,
)
from grading.checks import Check

T = TypeVar("T", Brief, RubricText, Guide)


def copied(challenge: Challenge) -> Content:
    """The draft that `draft_files.write` turns into the same challenge again."""
    briefs, rubrics, guides = challenge.briefs, challenge.rubrics, challenge.guides
    count = max(len(brief.messages) for brief in briefs.values())
    return Content(
        title=_words(briefs, lambda brief: brief.title),
        summary=_words(briefs, lambda brief: brief.summary),
        task=_words(briefs, lambda brief: brief.task),
        product=_words(briefs, lambda brief: brief.product),
        no_product=_words(briefs, lambda brief: brief.no_product),
        minutes=str(challenge.minutes),
        device=challenge.device,
        answer_language=challenge.answer_language,
        has_product=challenge.has_product,
        locales=challenge.locales,
        messages=tuple(_message(briefs, place) for place in range(count)),
        facts=tuple(_fact(briefs, key) for key in challenge.facts),
        parts=tuple(_part(briefs, part) for part in challenge.parts),
        criteria=tuple(
            CriterionRow(
                key=one.key,
                weight=str(one.weight),
                is_optional=one.is_optional,
                is_bonus=one.is_bonus,
                name=_of_criterion(rubrics, one.key, 0),
                meaning=_of_criterion(rubrics, one.key, 1),
                levels=tuple(_of_criterion(rubrics, one.key, 2 + level) for level in range(LEVELS)),
            )
            for one in challenge.criteria
        ),
        follow_ups=tuple(_question(rubrics, key) for key in challenge.follow_ups),
        guide_title=_words(guides, lambda guide: guide.title),
        guide_text=_words(guides, lambda guide: guide.text),
        brief_review=_words(briefs, lambda brief: brief.review),
        rubric_review=_words(rubrics, lambda rubric: rubric.review),
        guide_review=_words(guides, lambda guide: guide.review),
        checks=tuple(_check(one) for one in challenge.checks),
        examples=tuple(_example(one) for one in challenge.examples),
    )


def _words(texts: Mapping[str, T], pick: Callable[[T], str]) -> Words:
    return {locale: text for locale, one in texts.items() if (text := pick(one))}


def _message(briefs: Mapping[str, Brief], place: int) -> MessageRow:
    found = {locale: brief.messages[place] for locale, brief in briefs.items() if place < len(brief.messages)}
    first = next(iter(found.values()))
    return MessageRow(
        part=first.part,
        sender={locale: one.sender for locale, one in found.items()},
        address={locale: one.address for locale, one in found.items() if one.address},
        subject={locale: one.subject for locale, one in found.items() if one.subject},
        text={locale: one.text for locale, one in found.items()},
    )


def _fact(briefs: Mapping[str, Brief], key: str) -> TextRow:
    return TextRow(key, _words(briefs, lambda brief: brief.facts.get(key, "")))


def _question(rubrics: Mapping[str, RubricText], key: str) -> TextRow:
    return TextRow(key, _words(rubrics, lambda rubric: rubric.follow_ups.get(key, "")))


def _part(briefs: Mapping[str, Brief], part: Part) -> PartRow:
    def label(name: str) -> Words:
        return _words(briefs, lambda brief: brief.labels[name].label if name in brief.labels else "")

    def hint(name: str) -> Words:
        return _words(briefs, lambda brief: brief.labels[name].hint if name in brief.labels else "")

    return PartRow(
        key=part.key,
        kind=part.kind,
        is_required=part.is_required,
        channel=part.channel or Channel.EMAIL,
        limit=str(part.limit),
        has_reasons=part.has_reasons,
        types=part.types,
        label=label(part.key),
        hint=hint(part.key),
        original=_words(briefs, lambda brief: brief.labels[part.key].original if part.key in brief.labels else ""),
        items=tuple(ItemRow(item, label(f"{part.key}.{item}"), hint(f"{part.key}.{item}")) for item in part.items),
    )


def _of_criterion(rubrics: Mapping[str, RubricText], key: str, place: int) -> Words:
    """Name, meaning or one anchor of a criterion, by its place among the six texts."""

    def pick(rubric: RubricText) -> str:
        one = rubric.criteria[key]
        texts = (one.name, one.meaning, *one.anchors)
        return texts[place] if place < len(texts) else ""

    return _words(rubrics, pick)


def _check(check: Check) -> CheckRow:
    places = {key: place for place, key in enumerate(check.order, start=1)}
    return CheckRow(
        key=check.key,
        name=check.key.replace("_", " ").capitalize(),
        kind=check.kind,
        # A check of all parts reads every field, and names none.
        looks_at=check.fields[0] if len(check.fields) == 1 else "",
        low="" if check.low is None else str(check.low),
        high="" if check.high is None else str(check.high),
        word_list=check.word_list.value if check.word_list else "",
        phrases={tag: "\n".join(listed) for tag, listed in check.phrases.items()},
        patterns={tag: "\n".join(listed) for tag, listed in check.patterns.items()},
        places={key: str(place) for key, place in places.items()},
        swaps="\n".join(f"{places[first]} {places[second]}" for first, second in check.swaps),
    )


def _example(example: Example) -> ExampleRow:
    return ExampleRow(
        number=example.number,
        quality=example.quality,
        locale=example.locale,
        is_chatbot=example.kind is ExampleKind.CHATBOT,
        answers=dict(example.answers),
        levels={key: str(level) for key, level in example.levels.items()},
        why=example.why,
        facts=dict(example.facts),
        misread=example.misread,
        is_showcase=example.is_showcase,
        review=example.review,
    )
