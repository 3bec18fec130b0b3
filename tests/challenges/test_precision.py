"""The document says how often the checks are right, and its numbers are today's."""

from dataclasses import replace

from app.services import catalog
from docs import checks

LIBRARY = catalog.load_all(catalog.SHIPPED)


def test_the_tables_in_the_document_are_those_of_the_shipped_examples():
    text = checks.PAGE.read_text("utf-8")

    assert text == checks.page(text, LIBRARY), "run: .venv/bin/python -m docs.checks"


def test_writing_the_tables_twice_changes_nothing():
    text = checks.page(f"a\n{checks.BEGIN}\nold\n{checks.END}\nb\n", LIBRARY)

    assert checks.page(text, LIBRARY) == text
    assert text.startswith("a\n")
    assert text.endswith(f"{checks.END}\nb\n")


def test_a_note_that_nobody_agrees_with_lowers_the_figures():
    challenge = LIBRARY.get("close-my-account", 1)
    one = next(example for example in challenge.examples if example.facts.get("hoops") == "found")
    good = replace(challenge, examples=(replace(one, misread=()),))
    bad = replace(challenge, examples=(replace(one, misread=("hoops", "closed")),))

    right = checks.tables(catalog.Library((good,), ()))
    wrong = checks.tables(catalog.Library((bad,), ()))

    assert "| `phrases: hoops` | 1 | 1 | 100 % | 0 | 100 % |" in right
    assert "| `phrases: hoops` | 1 | 1 | 0 % | 0 | – |" in wrong


def test_the_document_names_every_kind_of_check():
    text = checks.PAGE.read_text("utf-8")

    assert [kind for kind in checks.CheckKind if f"`{kind}" not in text] == []
