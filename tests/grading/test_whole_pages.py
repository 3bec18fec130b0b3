"""What candidates paste is a piece of a page or a whole one; the language of their reply is looked at."""

import pytest

from grading.checks import Check, CheckKind, Note, run

HTML = Check("html", CheckKind.HTML, ("widget",))
LANGUAGE = Check("language", CheckKind.LANGUAGE, ("reply",))
PIECE = "<h2>On duty</h2>\n<ul><li>Ana</li></ul>"
PAGE = f'<!doctype html>\n<html lang="en">\n<head><title>Today</title></head>\n<body>\n{PIECE}\n</body>\n</html>\n'


@pytest.mark.parametrize("text", [PIECE, PAGE])
def test_a_piece_and_a_whole_page_without_a_fault_are_clean(text):
    [fact] = run([HTML], {"widget": text}, "en")

    assert (fact.note, fact.seen) == (Note.CLEAN, {"count": 0, "faults": []})


@pytest.mark.parametrize("text", [PIECE, PAGE])
def test_a_fault_is_seen_in_both(text):
    [fact] = run([HTML], {"widget": text.replace("</h2>", "</h1>")}, "en")

    assert fact.note is Note.FAULTS


def test_a_reply_in_another_language_than_the_jobs_is_flagged():
    text = "Hola, Ben: tu cuenta ya está cerrada y no tienes que hacer nada más. No te cobraremos más. Un saludo, Lucía"

    assert [fact.note for fact in run([LANGUAGE], {"reply": text}, "es")] == [Note.EXPECTED]
    assert [fact.note for fact in run([LANGUAGE], {"reply": text}, "en")] == [Note.OTHER]
