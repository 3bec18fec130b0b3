"""How values are written: the same bytes from either database, and the same value when read."""

from __future__ import annotations

import json
import os
from datetime import UTC

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.backup.values import ENCODE, Kind, decoder, kind_of, line, read_line
from app.extensions import db

numbers = st.one_of(st.integers(), st.floats(allow_nan=False, allow_infinity=False))
words = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))
documents = st.recursive(
    st.one_of(st.none(), st.booleans(), numbers, words),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(words, inner, max_size=4)),
    max_leaves=12,
)

KINDS = {
    Kind.INTEGER: st.integers(-(2**63), 2**63 - 1),
    Kind.TEXT: st.text(st.characters(exclude_categories=["Cs"])),
    Kind.BOOLEAN: st.booleans(),
    Kind.REAL: st.floats(allow_nan=False),
    Kind.MOMENT: st.datetimes(timezones=st.just(UTC)),
    Kind.DAY: st.dates(),
    Kind.TIME: st.times(),
    Kind.BYTES: st.binary(),
}


def written(kind, value):
    return line([ENCODE[kind](value)])


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.value)
@given(data=st.data())
def test_a_value_comes_back_as_it_was(kind, data):
    value = data.draw(KINDS[kind])

    encoded = written(kind, value)

    assert decoder(kind)(read_line(encoded)[0]) == value
    assert encoded.count(b"\n") == 1


@given(document=documents)
def test_a_document_that_was_read_is_written_the_same_again(document):
    once = written(Kind.JSON, json.dumps(document))

    stored = decoder(Kind.JSON)(read_line(once)[0])

    assert written(Kind.JSON, stored) == once


def test_a_document_is_written_the_same_after_postgresql_has_kept_it():
    server = os.environ.get("TEST_DATABASE_URL")
    if not server:
        pytest.skip("needs PostgreSQL: TEST_DATABASE_URL")
    with psycopg.connect(server) as connection:

        @given(document=documents)
        def stays(document):
            text = json.dumps(document)
            kept = connection.execute("SELECT %s::jsonb::text", (text,)).fetchone()[0]
            assert written(Kind.JSON, kept) == written(Kind.JSON, text)

        stays()


def test_no_value_and_nothing_in_a_document_are_two_things():
    assert line([None]) != written(Kind.JSON, "null")
    assert decoder(Kind.JSON)(None) is None
    assert decoder(Kind.JSON)([None]) == "null"


def test_half_a_surrogate_pair_passes():
    encoded = written(Kind.JSON, '"\\ud800"')

    assert decoder(Kind.JSON)(read_line(encoded)[0]) == '"\\ud800"'


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (Kind.INTEGER, "1"),
        (Kind.INTEGER, True),
        (Kind.INTEGER, 1.5),
        (Kind.TEXT, 1),
        (Kind.BOOLEAN, 1),
        (Kind.MOMENT, "2026-11-22T10:00:00"),
        (Kind.MOMENT, "yesterday"),
        (Kind.DAY, "2026-13-01"),
        (Kind.JSON, {}),
        (Kind.JSON, [1, 2]),
        (Kind.BYTES, "no base64!"),
    ],
)
def test_a_value_of_another_kind_is_refused(kind, value):
    with pytest.raises(ValueError):
        decoder(kind)(value)


def test_every_column_of_every_model_has_a_kind():
    columns = [column for table in db.metadata.tables.values() for column in table.columns]

    assert [str(column) for column in columns if kind_of(getattr(column.type, "impl", column.type)) is None] == []
