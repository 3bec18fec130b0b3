"""A challenge with every kind of answer, for tests of the workspace, the desk and the manager's page."""

from __future__ import annotations

from app import clock
from app.models import Application, ChallengeVersion, Opening
from app.services import catalog, publishing, roles
from app.services.audit import SYSTEM
from tests import factories as make

SLUG = "every-kind"
FRAME = """\
format: 1
minutes: 30
device: computer
answer_language: opening
locales: [en]
parts:
  - {key: queue, kind: ordering, items: [t1, t2, t3, t4], reasons: true, limit: 200}
  - {key: notes, kind: texts, items: [ana, tom], required: false}
  - {key: dashboard, kind: url, limit: 2000}
  - {key: widget, kind: source, items: [html, css], required: false, limit: 20000}
  - {key: paper, kind: file, types: [pdf, png, jpg, txt], required: false}
criteria:
  - {key: order, weight: 3}
  - {key: widget, weight: 2}
  - {key: style, weight: 1, bonus: true}
facts: [known]
follow_ups: [why, next]
checks:
  - {key: parts, kind: parts}
  - {key: order, kind: order, field: queue, order: [t3, t1, t4, t2], swaps: ["t4 t2"]}
  - {key: link, kind: link, field: dashboard}
  - {key: html, kind: html, field: widget.html}
  - {key: css, kind: css, field: widget.css}
  - {key: pictures, kind: pictures, field: widget.html}
"""
BRIEF = """\
---
title: The whole desk
summary: Put four tickets in order, and build a notice.
messages:
  - {part: queue.t1, sender: "Jon, 05:00", text: The link to reset my password does not arrive. I cannot get in.}
  - {part: queue.t2, sender: "Vera, 09:30", text: "Love the new colours!"}
  - {part: queue.t3, sender: "Rita, 09:50", text: I see the invoices of a company that I do not know.}
  - {part: queue.t4, sender: "Paul, 08:00", text: "Is the refund coming to my card?"}
  - {part: notes.ana, sender: Ana, subject: Invoice, text: "Where is my invoice?"}
  - {part: dashboard, sender: Mira, text: Please show me how the day goes.}
facts:
  known: It is ten o'clock.
labels:
  queue: {label: Your order, hint: The first is the one that you take first.}
  queue.t1: {label: "Jon: password reset", hint: One line of reason}
  queue.t2: {label: "Vera: praise", hint: One line of reason}
  queue.t3: {label: "Rita: other invoices", hint: One line of reason}
  queue.t4: {label: "Paul: refund", hint: One line of reason}
  notes: {label: Two notes}
  notes.ana: {label: To Ana}
  notes.tom: {label: To Tom}
  dashboard: {label: Address of your dashboard, hint: Begins with https://}
  widget: {label: Your notice, hint: It has to make sense without scripts.}
  widget.html: {label: HTML}
  widget.css: {label: CSS}
  paper: {label: A picture of it, hint: What it looks like on your screen.}
---
Do it **well**.
"""
RUBRIC = """\
criteria:
  order: {name: Order, meaning: What cannot wait comes first., levels: {0: a, 1: b, 2: c, 3: d}}
  widget: {name: Notice, meaning: It can be read., levels: {0: a, 1: b, 2: c, 3: d}}
  style: {name: Own style, meaning: It is easy to read., levels: {0: a, 1: b, 2: c, 3: d}}
follow_ups: {why: "Why so?", next: "And then?"}
"""
EXAMPLE = """\
kind: chatbot
answers: {queue: t3 t1 t4 t2, queue.t1: a, queue.t2: b, queue.t3: c, queue.t4: d, dashboard: "https://example.com/d"}
levels: {order: 2, widget: 1, style: 0}
why: It is one.
"""
ANSWERS = {
    "queue": "t3 t1 t4 t2",
    "queue.t1": "He has waited since five.",
    "queue.t2": "Nobody is harmed.",
    "queue.t3": "Somebody's data is open.",
    "queue.t4": "No hurry.",
    "notes.ana": "Hello Ana",
    "dashboard": "https://mario-rossi.example/board",
    "widget.html": '<h1 class="top">On duty</h1><p>Ana until 18:00</p>',
    "widget.css": ".top { color: #a00 }",
}


def make_version() -> ChallengeVersion:
    """The challenge, published once."""
    files = {
        "challenge.yaml": FRAME,
        "brief.en.md": BRIEF,
        "rubric.en.yaml": RUBRIC,
        "guide.en.md": "---\ntitle: Guide\n---\nRead it twice.\n",
        "examples/01-fair.en.yaml": EXAMPLE,
    }
    challenge = catalog.parse(f"{SLUG}/v1", {name: text.encode() for name, text in files.items()})
    return publishing.publish(challenge, clock.now())[0]


def make_opening() -> Opening:
    """An opening whose only challenge has every kind of answer."""
    role = roles.create("Support agent", [make_version()], SYSTEM, clock.now(), readers=1, line_percent=60)
    return make.make_opening(role)


def make_application() -> Application:
    """Somebody who has applied to it."""
    return make.make_application(make_opening())
