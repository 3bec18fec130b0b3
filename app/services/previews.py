"""A challenge that nobody has been asked yet, as candidates and reviewers will see it: values without a person."""

from __future__ import annotations

from app.services import answers, authoring, catalog, desk, tasks
from app.services.catalog_types import Challenge, Example
from app.services.desk import Counted, Sheet
from app.services.tasks import Asked, Task

CODE = "PREVIEW"


def challenge_of(slug: str, version: int) -> Challenge | None:
    """The draft of this name as far as it goes; None while too little is there to be shown. NotFound without one."""
    return authoring.look(authoring.get(slug, version)).challenge


def task(challenge: Challenge, locale: str) -> Task:
    """What a candidate reads, in a language or in English."""
    brief = catalog.text_for(challenge, locale)
    criteria = tuple(
        Asked(view.key, view.name.value, view.meaning.value, view.is_bonus)
        for view in catalog.criteria_for(challenge, brief.locale)
    )
    return Task(challenge.slug, brief.locale, challenge, brief.value, criteria, tasks.instructions(brief.value))


def sheet(challenge: Challenge, example: Example, locale: str) -> Sheet:
    """What a reviewer reads: an example as the answer, and the rubric in the reader's language."""
    brief = catalog.text_for(challenge, example.locale)
    weights = {one.key: one.weight for one in challenge.criteria}
    return Sheet(
        code=CODE,
        title=brief.value.title,
        answer_locale=brief.locale,
        messages=answers.general_messages(brief.value, challenge),
        facts_given=tuple(brief.value.facts.values()),
        task=tasks.instructions(brief.value),
        answers=answers.answered(challenge, example.answers, brief.locale, is_unnamed=True),
        criteria=desk.asked(challenge, weights, locale),
        guide=catalog.guide_for(challenge, locale),
        lease_until=None,
        counted=Counted(0, 1, 0, 0),
    )


def example_for(challenge: Challenge, locale: str) -> Example:
    """The first example in a language, else the first of all."""
    return next((one for one in challenge.examples if one.locale == locale), challenge.examples[0])
