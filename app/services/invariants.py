"""What must be true of the database after every commit, asked of the rows themselves.

An invariant is a query that finds what breaks it. It is asked for a range of ids of one table, so that the tick can
look at a large table slice by slice; `flask invariants` asks for everything. A query sees one moment: no work under
way can make it wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.types import TypeEngine

from app.extensions import db

EXAMPLES = 5
SLICE = 5_000
LAST_ID = 2**63 - 1


@dataclass(frozen=True)
class Invariant:
    """One thing that must be true. `sql` gives the `id` of every row of `table` that breaks it, between :low and :high.

    With `breaks`, `sql` gives rows to look at, and `breaks` says which of them break it: what no database can compute.
    """

    name: str
    sentence: str
    table: str
    sql: str
    breaks: Callable[[Row[Any]], bool] | None = None
    # Types of columns that `breaks` reads, where the two databases give them differently.
    types: Mapping[str, TypeEngine[Any]] = field(default_factory=dict)
    # The column of `table` that is sliced.
    key: str = "id"
    # Asked as a whole or not at all: too much for the tick.
    is_whole: bool = False


@dataclass(frozen=True)
class Finding:
    """How often an invariant is broken, with the ids of up to five rows."""

    invariant: Invariant
    violations: int
    examples: tuple[int, ...]

    def as_json(self) -> dict[str, Any]:
        """For programs, with the query, so that anybody can ask again."""
        return {
            "name": self.invariant.name,
            "sentence": self.invariant.sentence,
            "table": self.invariant.table,
            "violations": self.violations,
            "examples": list(self.examples),
            "sql": self.invariant.sql,
        }


def look(invariant: Invariant, low: int = 0, high: int = LAST_ID) -> Finding:
    """Ask for one invariant, for the rows whose id lies between `low` and `high`, both included."""
    bounds = {} if invariant.is_whole else {"low": low, "high": high}
    if invariant.breaks is not None:
        return _judge(invariant, invariant.breaks, bounds)
    # The number of all and the first five, in one pass.
    counted = f"SELECT broken.id, count(*) OVER () FROM ({invariant.sql}) AS broken ORDER BY broken.id LIMIT {EXAMPLES}"
    rows = db.session.execute(text(counted), bounds).all()
    return Finding(invariant, rows[0][1] if rows else 0, tuple(row[0] for row in rows))


def _judge(invariant: Invariant, breaks: Callable[[Row[Any]], bool], bounds: dict[str, int]) -> Finding:
    number = 0
    examples: list[int] = []
    # A few at a time: a frozen page may have a megabyte.
    query = text(invariant.sql)
    if invariant.types:
        # Columns are matched by name; those without a type here come as the driver gives them.
        query = query.columns(**invariant.types)  # type: ignore[assignment]
    rows = db.session.execute(query, bounds, execution_options={"yield_per": 50})
    for row in rows:
        if breaks(row):
            number += 1
            if len(examples) < EXAMPLES:
                examples.append(int(row.id))
    return Finding(invariant, number, tuple(examples))


def newest_id(invariant: Invariant) -> int:
    """The highest id of the table that an invariant is about; 0 of an empty one."""
    return db.session.scalar(text(f"SELECT max({invariant.key}) FROM {invariant.table}")) or 0


def look_at_all(invariants: tuple[Invariant, ...]) -> Iterator[Finding]:
    """Ask for everything, invariant by invariant."""
    return (look(invariant) for invariant in invariants)


class Rounds:
    """Asks for one slice of one invariant at a time, round after round; remembers where it is."""

    def __init__(self, invariants: tuple[Invariant, ...]) -> None:
        self._invariants = tuple(entry for entry in invariants if not entry.is_whole)
        self._place, self._low = 0, 0
        self.begun = 1
        """Which round it is, counted from 1."""

    def step(self) -> Finding:
        """Ask for the next slice. The last slice of the last invariant is followed by the first of the first."""
        invariant, low = self._invariants[self._place], self._low
        high = low + SLICE - 1
        if high < newest_id(invariant):
            self._low = high + 1
        else:
            # What comes in meanwhile belongs to the next round.
            self._low, high = 0, LAST_ID
            self._place = (self._place + 1) % len(self._invariants)
            self.begun += self._place == 0
        return look(invariant, low, high)
