"""Everything that a candidate or a signed-out visitor reads is there in each of our languages."""

from __future__ import annotations

import re

import pytest
from babel.messages.catalog import Message
from babel.messages.pofile import read_po

from app.locales import DEFAULT, LOCALES, babel_name
from app.translations import collect

LANGUAGES = tuple(tag for tag in LOCALES if tag != DEFAULT)
# What a candidate or a signed-out visitor reads: folders end in a slash.
ROOMS = (
    "app/openings/",
    "app/candidate/",
    "app/auth/",
    "app/demo/",
    "app/forms.py",
    "app/errors.py",
    "app/people.py",
    "app/refusals.py",
    "app/services/accommodations.py",
    "app/services/applications.py",
    "app/services/invitations.py",
    "app/services/openings.py",
    "app/services/receipts.py",
    "app/services/reuse.py",
    "app/services/submissions.py",
    "app/templates/openings/",
    "app/templates/candidate/",
    "app/templates/mail/",
    "app/templates/errors/",
    "app/templates/auth/",
    "app/templates/demo/",
    "app/templates/base.html",
    "app/templates/reading.html",
    "app/templates/_macros.html",
    "app/templates/_answers.html",
    "app/templates/preview.html",
    "app/file_types.py",
    "app/services/uploads.py",
    "app/services/export.py",
    "app/services/surveys.py",
    "app/data_words.py",
)
# The same in English and elsewhere, and rightly so: one word that travelled, and nothing but placeholders.
SAME = {"Demo", "SHA-256", "No", "no", "%(place)s, %(offset)s", "%(about)s, %(whenever)s"} | {
    "%(about)s; %(at_most)s, %(whenever)s"
}
PATTERN = "date pattern"  # of these messages: CLDR letters, no words
PLACEHOLDER = re.compile(r"%\(\w+\)[a-z]|%%|\{\w+\}")


def messages(tag: str) -> list[Message]:
    with collect.path_of(tag).open("rb") as file:
        catalog = read_po(file, locale=babel_name(tag))
    return [message for message in catalog if message.id and is_read_by_candidates(message)]


def is_read_by_candidates(message: Message) -> bool:
    return any(name.startswith(ROOMS) for name, _line in message.locations)


def forms(words: str | tuple[str, ...] | list[str]) -> tuple[str, ...]:
    """A message's texts: one, or one for each plural form."""
    return (words,) if isinstance(words, str) else tuple(words)


def placeholders(text: str) -> set[str]:
    return set(PLACEHOLDER.findall(text))


def holds_the_same(message: Message) -> bool:
    """A singular may leave its number out where the English one does; nothing else may be missing or new."""
    asked = [placeholders(text) for text in forms(message.id)]
    return all(asked[0] <= placeholders(text) <= asked[-1] for text in forms(message.string))


@pytest.mark.parametrize("tag", LANGUAGES)
def test_a_candidate_reads_no_untranslated_word(tag: str) -> None:
    found = messages(tag)

    untranslated = [message.id for message in found if not message.string or not all(forms(message.string))]

    assert len(found) > 300
    assert untranslated == []


@pytest.mark.parametrize("tag", LANGUAGES)
def test_placeholders_survive_translation(tag: str) -> None:
    translated = [message for message in messages(tag) if all(forms(message.string))]

    broken = [(message.id, message.string) for message in translated if not holds_the_same(message)]

    assert broken == []


@pytest.mark.parametrize("tag", LANGUAGES)
def test_no_translation_is_the_english_one(tag: str) -> None:
    own_words = [message for message in messages(tag) if message.context != PATTERN and message.id not in SAME]

    copied = [message.id for message in own_words if set(forms(message.id)) & set(forms(message.string))]

    assert copied == []


@pytest.mark.parametrize("tag", LANGUAGES)
def test_a_date_keeps_its_parts_in_every_order(tag: str) -> None:
    patterns = [message for message in messages(tag) if message.context == PATTERN]

    changed = [pattern.id for pattern in patterns if letters(pattern.string) != letters(pattern.id)]

    assert len(patterns) == 3
    assert changed == []


def letters(pattern: str) -> set[str]:
    """The letters of a CLDR pattern that stand for something; what is in quotes is only text."""
    return set(re.sub(r"'[^']*'", "", pattern)) & set("EdMyHhma")
