"""The language of an answer is a flag: rarely wrong, often silent, and never loaded by the web server."""

import subprocess
import sys

import pytest

import config
from app.services import catalog
from grading.checks import Check, CheckKind, Note, count_words, run
from grading.folding import is_unspaced
from grading.language import CODES, FEWEST_WORDS, spoken

CHECK = Check("language", CheckKind.LANGUAGE, ("reply",))
PROSE = {
    locale: [
        text
        for challenge in catalog.load_all(catalog.SHIPPED).challenges
        for example in challenge.examples
        if example.locale == locale
        for name, text in example.answers.items()
        if not name.endswith((".html", ".css"))
    ]
    for locale in CODES
}


def note(text, locale="en"):
    [fact] = run([CHECK], {"reply": text}, locale)
    return fact.note


def cut(text, words):
    """Pieces of so many words; three Chinese characters are two words."""
    plain = spoken(text)
    if sum(map(is_unspaced, plain)) > len(plain) / 2:
        size = words * 2
        pieces = [plain[at : at + size] for at in range(0, len(plain) - size + 1, size)]
        return [piece for piece in pieces if count_words(piece) >= words]
    found = plain.split()
    return [" ".join(found[at : at + words + 3]) for at in range(0, len(found) - words - 2, words)]


@pytest.mark.parametrize("words", [15, 20, 30])
@pytest.mark.parametrize("locale", CODES)
def test_no_piece_of_a_shipped_answer_is_taken_for_another_language(locale, words):
    notes = [note(piece, locale) for text in PROSE[locale] for piece in cut(text, words)]

    assert len(notes) >= 5
    assert Note.OTHER not in notes
    assert notes.count(Note.EXPECTED) >= 0.95 * len(notes)


@pytest.mark.parametrize("locale", CODES)
def test_an_answer_in_another_of_the_six_languages_is_flagged(locale):
    for other in CODES:
        if other != locale:
            notes = [note(text, other) for text in PROSE[locale] if len(cut(text, 20))]
            assert notes.count(Note.OTHER) >= 0.9 * len(notes)


def test_too_few_words_say_nothing():
    short = "Hola Ben tu cuenta ya esta cerrada y no tienes que hacer nada mas"

    assert count_words(short) == FEWEST_WORDS - 1
    assert note(short) is Note.SHORT
    assert note(f"{short} hoy") is Note.OTHER
    assert note("") is Note.EMPTY
    assert note("Hola", "de") is Note.NO_LIST


def test_addresses_numbers_and_code_are_not_language():
    code = "<b class='x'> https://status.example.com/a?b=1 ana@example.com {{name}} #4711 12:30 `run` www.x.example "
    words = "Hola, Ben: tu cuenta ya está cerrada y no tienes que hacer nada más hoy. "

    assert spoken(code).strip() == ""
    assert note(code * 10) is Note.SHORT
    assert note(words + code * 3, "es") is Note.EXPECTED


def test_a_seventh_language_is_another_language():
    german = "Guten Tag Ben, Ihr Konto ist jetzt geschlossen und Sie müssen nichts weiter tun, vielen Dank für alles."

    [fact] = run([CHECK], {"reply": german}, "en")

    assert (fact.note, fact.seen) == (Note.OTHER, ["de"])


SERVE = """
import sys
from pathlib import Path
from app import create_app
from config import Config

app = create_app(Config(home=Path(sys.argv[1]), secret_key="x" * 40, database_url=sys.argv[2],
                        redis_url="redis://127.0.0.1:1/0", testing=True))
client = app.test_client()
for page in ("/", "/jobs", "/my/not-a-link"):
    assert client.get(page).status_code < 500, page
print(*sorted({"numpy", "py3langid", "fpdf", "PIL", "pypdf"} & sys.modules.keys()))
"""


def test_the_web_server_loads_nothing_that_only_workers_need(tmp_path, new_database):
    command = [sys.executable, "-W", "ignore", "-c", SERVE, tmp_path, new_database("weights")]

    result = subprocess.run(command, capture_output=True, text=True, cwd=config.ROOT, timeout=100, check=False)

    assert (result.returncode, result.stdout) == (0, "\n"), result.stderr[-2_000:]
