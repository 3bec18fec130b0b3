"""Receipts that anybody can check: any changed letter shows, and a copy from a mail is read."""

from __future__ import annotations

import contextlib
import hashlib
import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.services import receipts, submissions
from app.services.receipts import Receipt, Unreadable

SECRET, OTHER = "a" * 40, "b" * 40
RECEIPT = Receipt(
    "K7QM2XPDRT89",
    2,
    datetime(2026, 11, 22, 8, 30, 1, 123456, tzinfo=UTC),
    "in-time",
    hashlib.sha256(b"{}").hexdigest(),
    {"screenshot": hashlib.sha256(b"png").hexdigest()},
)
TEXT = receipts.text(RECEIPT, SECRET)


def test_a_receipt_is_read_as_it_was_written():
    assert receipts.is_genuine(TEXT, [SECRET]) == (RECEIPT, True)


def test_a_receipt_signed_with_an_older_key_stays_genuine():
    assert receipts.is_genuine(TEXT, [OTHER, SECRET])[1]
    assert not receipts.is_genuine(TEXT, [OTHER])[1]


@pytest.mark.parametrize(
    "copied",
    [
        "\n".join(f"> {line}" for line in TEXT.splitlines()),
        TEXT.replace("\n", "\r\n"),
        TEXT.replace(": ", ":\n"),
        f"Hello,\n\nhere it is:\n\n  {TEXT}\n\nKind regards",
    ],
)
def test_a_copy_from_a_mail_is_read(copied):
    assert receipts.is_genuine(copied, [SECRET]) == (RECEIPT, True)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("K7QM2XPDRT89", "K7QM2XPDRT88"),
        ("Version: 2", "Version: 1"),
        ("08:30:01.123456Z", "08:30:01.123457Z"),
        ("in-time", "late"),
        (RECEIPT.answers[-6:], "000000"),
        (f"File screenshot SHA-256: {RECEIPT.files['screenshot']}\n", ""),
        ("File screenshot", "File other"),
    ],
)
def test_any_change_shows(old, new):
    assert not receipts.is_genuine(TEXT.replace(old, new), [SECRET])[1]


@pytest.mark.parametrize(
    "text",
    ["", "Receipt: K7QM2XPDRT89", TEXT.rpartition("\n")[0], TEXT.replace("2026-11", "2026-13"), f"{TEXT}\nVersion: 3"],
)
def test_what_is_not_one_whole_receipt_cannot_be_read(text):
    with pytest.raises(Unreadable):
        receipts.is_genuine(text, [SECRET])


@given(st.text(max_size=300))
def test_no_text_breaks_the_reader(text):
    for written in (text, TEXT + text, text + TEXT):
        with contextlib.suppress(Unreadable):
            receipts.is_genuine(written, [SECRET])


def test_anybody_can_compute_the_hash_of_the_answers():
    answers = {"reply": "Olá, 谢谢 🌾\n", "a": 'quote " and \\'}

    written = submissions.canonical(answers)

    assert json.loads(written) == answers
    assert hashlib.sha256(written).hexdigest() == submissions.content_hash(answers)
    assert written == '{"a":"quote \\" and \\\\","reply":"Olá, 谢谢 🌾\\n"}'.encode()
