"""Every column of every table is declared: personal or not, told to its owner or not."""

from __future__ import annotations

import pytest

from app.data_words import FIELDS, RECORDS
from app.extensions import Base
from app.services import personal

DECLARED = {table.name: table.columns for table in personal.TABLES} | {
    name: set(columns.split()) for name, columns in personal.OF_NOBODY.items()
}


def test_every_column_is_declared_and_every_declared_column_exists():
    there = {table.name: {column.name for column in table.columns} for table in Base.metadata.sorted_tables}

    assert there == DECLARED


@pytest.mark.parametrize("table", personal.TABLES, ids=lambda table: table.name)
def test_no_column_is_declared_twice_and_all_that_is_told_is_there(table):
    told = {*table.told.split(), *table.told_later.split()}

    assert not set(table.personal) & set(table.plain.split())
    assert told <= table.columns


def test_whatever_is_told_has_a_name_on_the_page():
    told = {name for table in personal.TABLES for name in (table.told + " " + table.told_later).split()}

    assert told | {"job", "challenge", "application"} <= FIELDS.keys()
    assert {table.name for table in personal.TABLES if table.told or table.told_later} == RECORDS.keys()


def test_ids_of_colleagues_and_hashes_of_links_are_told_to_nobody():
    told = {name for table in personal.TABLES for name in (table.told + " " + table.told_later).split()}

    assert not told & {"grader_id", "decided_by_id", "user_id", "token_hash", "key", "about"}
