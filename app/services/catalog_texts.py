"""The texts of a challenge in one language: brief, rubric and examples, each judged against the frame."""

from app.locales import DEFAULT
from app.services.catalog_frame import Frame
from app.services.catalog_types import Brief, CriterionText, Example, ExampleKind, Label, Message, PartKind, RubricText
from app.services.strict_yaml import Table
from grading.checks import Note

LEVELS = ("0", "1", "2", "3")


def read_review(table: Table, locale: str) -> str:
    """Who has checked this text. A translation must say so: its readers have a right to know."""
    return table.text("review", required=locale != DEFAULT)


def read_brief(table: Table, task: str, frame: Frame, locale: str) -> Brief:
    """Read what the candidate sees; every fact and every field of the frame must have its words."""
    facts = table.table("facts")
    labels = table.table("labels")
    brief = Brief(
        title=table.text("title"),
        summary=table.text("summary"),
        messages=tuple(_message(entry, frame) for entry in table.tables("messages", required=_has_messages(frame))),
        facts=facts.texts(frame.facts) if facts else {},
        labels=_labels(labels, frame) if labels else {},
        task=task,
        review=read_review(table, locale),
        product=_about_product(table) if frame.has_product else "",
        no_product=table.text("no_product") if frame.has_product else "",
    )
    table.close()
    return brief


def _about_product(table: Table) -> str:
    text = table.text("product")
    for gap in ("{name}", "{address}"):
        if text and gap not in text:
            table.line_fault("product", f"'product' must hold {gap}, where the company's own goes")
    return text


def _has_messages(frame: Frame) -> bool:
    return any(part.kind is PartKind.REPLY for part in frame.parts)


def _message(entry: Table, frame: Frame) -> Message:
    part = entry.text("part")
    if part and part not in [name for known in frame.parts for name in known.label_keys]:
        entry.line_fault("part", f"there is no part {part!r}, and no item of that name")
    message = Message(
        part=part,
        sender=entry.text("sender"),
        text=entry.text("text"),
        subject=entry.text("subject", required=False),
        address=entry.text("address", required=False),
    )
    entry.close()
    return message


def _labels(table: Table, frame: Frame) -> dict[str, Label]:
    found = {}
    for part in frame.parts:
        for name in part.label_keys:
            entry = table.table(name)
            if entry is None:
                continue
            has_original = part.kind is PartKind.REWRITE
            found[name] = Label(
                label=entry.text("label"),
                hint=entry.text("hint", required=False),
                original=entry.text("original") if has_original else "",
            )
            entry.close()
    table.close()
    return found


def read_rubric(table: Table, frame: Frame, locale: str) -> RubricText:
    """Read the criteria in words. English has all anchors and follow-ups; other languages may fall back to it."""
    criteria = {}
    rows = table.table("criteria")
    if rows:
        for weight in frame.criteria:
            entry = rows.table(weight.key)
            if entry is not None:
                criteria[weight.key] = _criterion(entry, locale)
        rows.close()
    questions = table.table("follow_ups", required=locale == DEFAULT)
    rubric = RubricText(
        criteria=criteria,
        follow_ups=questions.texts(frame.follow_ups) if questions else {},
        review=read_review(table, locale),
    )
    table.close()
    return rubric


def _criterion(entry: Table, locale: str) -> CriterionText:
    levels = entry.table("levels", required=locale == DEFAULT)
    anchors = tuple(levels.texts(LEVELS).values()) if levels else ()
    criterion = CriterionText(entry.text("name"), entry.text("meaning"), anchors)
    entry.close()
    return criterion


def read_example(table: Table, frame: Frame, number: int, quality: str, locale: str) -> Example:
    """Read one example; its answers, levels and expected facts must be those of the frame."""
    answers = table.table("answers")
    levels = table.table("levels")
    facts = table.table("facts", required=False)
    example = Example(
        number=number,
        quality=quality,
        locale=locale,
        kind=table.choice("kind", ExampleKind, ExampleKind.PERSON) or ExampleKind.PERSON,
        answers=_answers(answers, frame) if answers else {},
        levels=_levels(levels, frame) if levels else {},
        why=table.text("why"),
        facts=_expected(facts, frame) if facts else {},
        is_showcase=table.flag("showcase", False),
        review=read_review(table, locale),
        misread=_misread(table, frame),
    )
    table.close()
    return example


def _answers(table: Table, frame: Frame) -> dict[str, str]:
    found = {}
    for part in frame.parts:
        for name in part.fields:
            text = table.text(name, required=name in part.required_fields)
            if text:
                found[name] = text
            if len(text) > part.limit:
                table.line_fault(name, f"longer than the part allows ({part.limit} characters)")
    table.close()
    return found


def _levels(table: Table, frame: Frame) -> dict[str, int]:
    found = {}
    for criterion in frame.criteria:
        level = table.whole(criterion.key, 0, 3, required=not criterion.is_optional)
        if level is not None:
            found[criterion.key] = level
    table.close()
    return found


def _misread(table: Table, frame: Frame) -> tuple[str, ...]:
    found = table.words("misread", required=False)
    for key in found:
        if key and key not in [check.key for check in frame.checks]:
            table.line_fault("misread", f"there is no check {key!r}")
    return found


def _expected(table: Table, frame: Frame) -> dict[str, str]:
    found = {}
    for check in frame.checks:
        note = table.choice(check.key, Note) if table.has(check.key) else None
        if note is not None:
            found[check.key] = note.value
    table.close()
    return found
