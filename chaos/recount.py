"""Count the database against the receipts: plain SQL, no code of the product, so that anyone can do it again."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, create_engine, text

from chaos.faults import FAULTS
from chaos.plan import Person

# Work that is due is done when nothing of these kinds waits or runs.
DONE_WITHIN = 60.0
SUBMISSIONS = """
    SELECT submission.id, submission.key, submission.code, submission.answers, submission.content_hash,
           candidate.email_key
    FROM submission JOIN attempt ON attempt.id = submission.attempt_id
    JOIN invitation ON invitation.id = attempt.invitation_id
    JOIN application ON application.id = invitation.application_id
    JOIN candidate ON candidate.id = application.candidate_id
    WHERE candidate.email_key LIKE 'applicant%'
"""
UNDONE = """
    SELECT count(*) FROM work WHERE state IN ('PENDING', 'RUNNING')
    AND kind IN ('check', 'mail', 'freeze', 'bleach', 'spread', 'rescore')"""
# What the crowd's habits come to.
PAGES, COPIES = "SELECT count(*) FROM frozen_page", "SELECT count(*) FROM stored_file WHERE copy_sha256 IS NOT NULL"
CONTROL_UNDONE = "SELECT (SELECT count(*) FROM handed_in) - (SELECT count(DISTINCT key) FROM facts)"


@dataclass
class Verdict:
    """What the recount says. `lost` counts what was acknowledged and is not there in full, or was never checked."""

    submitted: int
    acknowledged: int
    missing: int
    unchecked: int
    doubled: int
    checked: int
    faults: dict[str, int] = field(default_factory=dict)

    @property
    def lost(self) -> int:
        """Acknowledged submissions that are missing or were never checked."""
        return self.missing + self.unchecked


@dataclass(frozen=True)
class Row:
    """A submission as the database has it."""

    who: tuple[int, int] | None
    key: str
    code: str
    is_whole: bool
    facts: int


def engine_of(url: str) -> Engine:
    """A connection to look with."""
    return create_engine(url)


def undone(engine: Engine, query: str) -> int:
    """How much of what should be done by now waits or runs."""
    with engine.connect() as connection:
        return int(connection.execute(text(query)).scalar_one())


def receipts(path: Path) -> list[dict[str, Any]]:
    """What the clients wrote down."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def of_winnow(engine: Engine, crowd: Sequence[Person], lines: Sequence[dict[str, Any]]) -> Verdict:
    """Judge Winnow's database."""
    words = {person.words(number): (person.number, number) for person in crowd for number in range(person.devices)}
    with engine.connect() as connection:
        facts = Counter(connection.execute(text("SELECT submission_id FROM check_facts")).scalars())
        rows = []
        for row in connection.execute(text(SUBMISSIONS)):
            answers = json.loads(row.answers) if isinstance(row.answers, str) else row.answers
            who = words.get(answers.get("reply", ""))
            is_own = who is not None and row.email_key == f"applicant{who[0]}@example.org"
            rows.append(Row(who, row.key, row.code, is_own, facts[row.id]))
        verdict = judge(crowd, lines, rows)
        counted = {name: connection.execute(text(query)).scalar_one() for name, query in FAULTS.items()}
        pages, copies = (connection.execute(text(query)).scalar_one() for query in (PAGES, COPIES))
    counted["links too few or too many"] = pages - sum(person.devices for person in crowd if person.has_link)
    counted["copies of files too few or too many"] = copies - sum(one.devices for one in crowd if one.has_file)
    verdict.faults = {name: number for name, number in counted.items() if number}
    return verdict


def of_control(engine: Engine, crowd: Sequence[Person], lines: Sequence[dict[str, Any]]) -> Verdict:
    """Judge the control's database."""
    words = {f"{person.number}-{number}": person.words(number) for person in crowd for number in range(person.devices)}
    with engine.connect() as connection:
        facts = Counter(connection.execute(text("SELECT key FROM facts")).scalars())
        found = connection.execute(text("SELECT key, name, words FROM handed_in"))
        rows = [
            Row(_who(row.name), row.key, row.key, words.get(row.name) == row.words, facts[row.key]) for row in found
        ]
    verdict = judge(crowd, lines, rows)
    several = sum(1 for number in facts.values() if number > 1)
    verdict.faults = {"checks that took effect several times": several} if several else {}
    return verdict


def _who(name: str) -> tuple[int, int]:
    person, _, device = name.partition("-")
    return int(person), int(device)


def judge(crowd: Sequence[Person], lines: Sequence[dict[str, Any]], rows: Sequence[Row]) -> Verdict:
    """Compare receipts with rows. Every device of everybody handed in once."""
    acknowledged = {(line["person"], line["device"]) for line in lines}
    by_code = {row.code: row for row in rows}
    missing, unchecked = set(), set()
    codes = defaultdict(set)
    for line in lines:
        who = (line["person"], line["device"])
        codes[who].add(line["code"])
        row = by_code.get(line["code"])
        if row is None or row.who != who or not row.is_whole or row.key != line["key"]:
            missing.add(who)
        elif row.facts == 0:
            unchecked.add(who)
    stored = Counter(row.who for row in rows)
    extra = sum(number - 1 for who, number in stored.items() if who is not None and number > 1)
    return Verdict(
        submitted=sum(person.devices for person in crowd),
        acknowledged=len(acknowledged),
        missing=len(missing),
        unchecked=len(unchecked),
        # A row that is nobody's, a second row of one form, or one form with two receipts.
        doubled=max(extra + stored[None], sum(len(found) - 1 for found in codes.values())),
        checked=sum(1 for row in rows if row.facts == 1),
    )
