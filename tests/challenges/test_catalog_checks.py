"""The loader reads every kind of check, and names file and line of whatever does not suit one."""

import pytest

from app.services import catalog
from grading.checks import ANY, CheckKind
from tests.challenges.test_catalog import NAME, faults_of

HEAD = """\
format: 1
minutes: 20
device: any
answer_language: opening
locales: [en, es]
parts:
  - {key: reply, kind: reply, channel: chat}
  - {key: queue, kind: ordering, items: [t1, t2, t3], reasons: true}
  - {key: link, kind: url}
  - {key: widget, kind: source, items: [html, css]}
  - {key: proof, kind: file, types: [pdf], required: false}
criteria:
  - {key: action, weight: 3}
  - {key: extra, weight: 1, bonus: true}
facts: [known]
follow_ups: [why, next]
"""
CHECKS = """\
checks:
  - key: amount
    kind: says
    field: reply
    phrases: {en: [forty-nine], es: [cuarenta y nueve]}
    patterns: {any: ['\\b49(?:[.,]00)?\\s?(?:EUR|€)']}
  - key: name
    kind: name
    field: reply
    phrases: {any: [Mira]}
  - key: order
    kind: order
    field: queue
    order: [t2, t1, t3]
    swaps: ["t1 t3"]
  - key: language
    kind: language
    field: reply
  - key: html
    kind: html
    field: widget.html
  - key: css
    kind: css
    field: widget.css
  - key: pictures
    kind: pictures
    field: widget.html
  - key: alive
    kind: link
    field: link
"""
FIRST = HEAD.count("\n") + 1
BRIEF = """\
---
title: A title
summary: A line.
review: signed
messages:
  - {part: reply, sender: Mira, text: Hello}
  - {part: queue.t1, sender: Tom, text: Late}
facts: {known: It fails.}
labels:
  reply: {label: Reply}
  queue: {label: Queue}
  queue.t1: {label: One}
  queue.t2: {label: Two}
  queue.t3: {label: Three}
  link: {label: Link}
  widget: {label: Widget}
  widget.html: {label: HTML}
  widget.css: {label: CSS}
  proof: {label: Proof}
---
Write it.
"""
RUBRIC = """\
review: signed
criteria:
  action: {name: Does it, meaning: Done., levels: {0: a, 1: b, 2: c, 3: d}}
  extra: {name: More, meaning: More., levels: {0: a, 1: b, 2: c, 3: d}}
follow_ups: {why: "Why?", next: "Then?"}
"""
EXAMPLE = """\
answers:
  reply: It is 49 €.
  queue: t2 t1 t3
  queue.t1: a
  queue.t2: b
  queue.t3: c
  link: https://example.com/
  widget.html: <p>x</p>
  widget.css: "p { color: red }"
levels: {action: 3, extra: 1}
facts: {amount: found}
misread: [amount]
why: It is done.
"""


def contents(frame=HEAD + CHECKS, brief=BRIEF, example=EXAMPLE):
    texts = {
        "challenge.yaml": frame,
        "brief.en.md": brief,
        "brief.es.md": BRIEF if "product:" not in brief else brief,
        "rubric.en.yaml": RUBRIC,
        "rubric.es.yaml": RUBRIC,
        "guide.en.md": "---\ntitle: Guide\n---\nRead.\n",
        "examples/01-good.en.yaml": example,
    }
    return {path: text.encode() for path, text in texts.items()}


def changed(text, old, new):
    assert old in text, old
    return text.replace(old, new, 1)


def test_all_kinds_are_read_and_come_back_from_what_is_published():
    challenge = catalog.parse(NAME, contents())

    checks = {check.key: check for check in challenge.checks}
    assert checks["amount"].patterns == {ANY: ("\\b49(?:[.,]00)?\\s?(?:EUR|€)",)}
    assert checks["name"].phrases == {ANY: ("Mira",)}
    assert (checks["order"].order, checks["order"].swaps) == (("t2", "t1", "t3"), (("t1", "t3"),))
    assert {check.kind for check in challenge.checks} >= {CheckKind.HTML, CheckKind.CSS, CheckKind.LINK}
    assert [criterion.key for criterion in challenge.criteria if criterion.is_bonus] == ["extra"]
    assert challenge.points == 9
    assert challenge.briefs["en"].messages[1].part == "queue.t1"
    assert challenge.examples[0].misread == ("amount",)
    assert catalog.from_content(catalog.content(challenge)) == challenge


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        ("{any: ['\\b49(?:[.,]00)?\\s?(?:EUR|€)']}", "{any: ['(']}", 5, "RE2 does not take the pattern '('"),
        ("{any: ['\\b49(?:[.,]00)?\\s?(?:EUR|€)']}", "{any: ['(?=a)b']}", 5, "RE2 does not take"),
        ("{any: ['\\b49(?:[.,]00)?\\s?(?:EUR|€)']}", "{any: ['(a)\\1']}", 5, "RE2 does not take"),
        ("{any: ['\\b49(?:[.,]00)?\\s?(?:EUR|€)']}", "{any: ['x*|^']}", 5, "nothing at all"),
        ("{any: ['\\b49(?:[.,]00)?\\s?(?:EUR|€)']}", "{any: ['\\b']}", 5, "nothing at all"),
        ("{any: ['\\b49(?:[.,]00)?\\s?(?:EUR|€)']}", "{any: ['" + "a" * 301 + "']}", 5, "longer than 300"),
        ("{any: ['\\b49(?:[.,]00)?\\s?(?:EUR|€)']}", "{any: []}", 5, "at least one entry"),
        ("{any: ['\\b49(?:[.,]00)?\\s?(?:EUR|€)']}", "{xx: [a]}", 5, "unknown key 'xx'"),
        ("{any: ['\\b49(?:[.,]00)?\\s?(?:EUR|€)']}", "[a]", 5, "table"),
        ("phrases: {en: [forty-nine], es: [cuarenta y nueve]}", "phrases: {en: [forty-nine]}", 4, "missing key 'es'"),
        ("phrases: {any: [Mira]}", "phrases: {any: []}", 9, "at least one entry"),
        ("phrases: {any: [Mira]}", "phrases: {any: [NO]}", 9, "put it in quotes"),
        ("    phrases: {any: [Mira]}\n", "", 7, "needs 'phrases' or 'patterns'"),
        ("field: queue", "field: reply", 12, "cannot look at 'reply'"),
        ("field: queue", "field: queue.t1", 12, "cannot look at 'queue.t1'"),
        ("order: [t2, t1, t3]", "order: [t2, t1]", 13, "every item once: t1, t2, t3"),
        ("order: [t2, t1, t3]", "order: [t2, t1, t9]", 13, "every item once"),
        ("order: [t2, t1, t3]", "order: [t2, t1, t1]", 13, "stands twice"),
        ("    order: [t2, t1, t3]\n", "", 10, "missing key 'order'"),
        ('["t1 t3"]', '["t1 t1"]', 14, "two items of the order"),
        ('["t1 t3"]', "[t1]", 14, "two items of the order"),
        ('["t1 t3"]', '["t1 t9"]', 14, "two items of the order"),
        ('["t1 t3"]', '["t1 t2 t3"]', 14, "two items of the order"),
        ("kind: language\n    field: reply", "kind: language\n    field: proof", 17, "cannot look at 'proof'"),
        ("field: widget.html", "field: widget.css", 20, "cannot look at 'widget.css'"),
        ("field: widget.html", "field: reply", 20, "cannot look at 'reply'"),
        ("field: widget.css", "field: widget.html", 23, "cannot look at 'widget.html'"),
        ("kind: pictures\n    field: widget.html", "kind: pictures\n    field: widget.css", 26, "cannot look at"),
        ("field: link", "field: reply", 29, "cannot look at 'reply'"),
        ("kind: link", "kind: link\n    low: 3", 29, "unknown key 'low'"),
        ("kind: language", "kind: language\n    phrases: {any: [x]}", 17, "unknown key 'phrases'"),
        ("kind: language", "kind: language\n    order: [t1]", 17, "unknown key 'order'"),
        ("kind: name", "kind: name\n    list: hoops", 8, "unknown key 'list'"),
    ],
)
def test_a_fault_in_a_check_is_named_with_its_line(old, new, line, words):
    faults = faults_of(contents(frame=HEAD + changed(CHECKS, old, new)))

    place = f"{NAME}/challenge.yaml:{FIRST + line}: "
    assert any(fault.startswith(place) and words in fault for fault in faults), faults


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        ("weight: 1, bonus: true", "weight: 1, bonus: yes", 14, "true or false"),
        ("{key: action, weight: 3}", "{key: action, weight: 3, bonus: true}", 12, "must not be a bonus"),
        ("items: [html, css]", "items: [html, js]", 10, "html or css"),
        ("minutes: 20", "minutes: 20\nproduct: 1", 3, "true or false"),
    ],
)
def test_a_fault_in_what_was_added_to_the_frame_is_named_with_its_line(old, new, line, words):
    faults = faults_of(contents(frame=changed(HEAD, old, new) + CHECKS))

    assert any(fault.startswith(f"{NAME}/challenge.yaml:{line}: ") and words in fault for fault in faults), faults


@pytest.mark.parametrize("part", ["queue.t9", "widget.js", "nobody", "queue.", ".t1"])
def test_a_message_to_nothing_is_a_fault(part):
    faults = faults_of(contents(brief=changed(BRIEF, "part: queue.t1", f"part: {part}")))

    assert faults == [f"{NAME}/brief.en.md:7: there is no part {part!r}, and no item of that name"]


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        ("misread: [amount]", "misread: [amuont]", 12, "there is no check 'amuont'"),
        ("misread: [amount]", "misread: [amount, amount]", 12, "stands twice"),
        ("misread: [amount]", "misread: amount", 12, "list"),
        ("levels: {action: 3, extra: 1}", "levels: {action: 3, extra: 4}", 10, "whole number from 0 to 3"),
    ],
)
def test_a_fault_in_what_an_example_says_is_named_with_its_line(old, new, line, words):
    faults = faults_of(contents(example=changed(EXAMPLE, old, new)))

    assert any(fault.startswith(f"{NAME}/examples/01-good.en.yaml:{line}: ") and words in fault for fault in faults), (
        faults
    )


PRODUCT = "product: Open {name} at {address}.\nno_product: Make one up.\n"


def test_a_challenge_about_the_companys_product_has_both_texts():
    brief = changed(BRIEF, "facts:", f"{PRODUCT}facts:")

    challenge = catalog.parse(
        NAME, contents(frame=changed(HEAD, "minutes: 20", "minutes: 20\nproduct: true") + CHECKS, brief=brief)
    )

    assert challenge.has_product
    assert challenge.briefs["es"].product == "Open {name} at {address}."


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        ("{address}", "here", 8, "must hold {address}"),
        ("{name}", "it", 8, "must hold {name}"),
        ("no_product: Make one up.\n", "", 2, "missing key 'no_product'"),
        ("product: Open {name} at {address}.\n", "", 2, "missing key 'product'"),
    ],
)
def test_a_text_about_the_product_that_would_not_work_is_a_fault(old, new, line, words):
    frame = changed(HEAD, "minutes: 20", "minutes: 20\nproduct: true") + CHECKS
    brief = changed(BRIEF, "facts:", f"{changed(PRODUCT, old, new)}facts:")

    faults = faults_of(contents(frame=frame, brief=brief))

    assert any(fault.startswith(f"{NAME}/brief.en.md:{line}: ") and words in fault for fault in faults), faults


def test_a_text_about_a_product_that_nobody_asked_for_is_a_fault():
    faults = faults_of(contents(brief=changed(BRIEF, "facts:", f"{PRODUCT}facts:")))

    assert any("unknown key 'product'" in fault for fault in faults)
