"""What will happen, all by seed: who hands in, who presses twice or uses a second device, and what is killed when."""

from __future__ import annotations

import enum
import random
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

DOUBLE_CLICKS = 0.20
SECOND_DEVICES = 0.05
# People whose answer trickles in, and people whose connection is reset in the middle of it.
SLOW_NETWORKS = 0.02
TORN_CONNECTIONS = 0.02
# Submissions with a link that has to be opened, and with a file that has to be copied for reviewers; one at least.
LINKS, FILES = 0.03, 0.03
# Applicants who have been read and scored before and are scored again in the middle of the run: at most so many.
MOST_RATED = 500
# The kills lie between these shares of the acknowledged submissions; the last one comes at the end.
FIRST, LAST = 0.02, 0.995
# Seconds that a kill waits after its moment, so that it does not always fall right after an acknowledgement.
LONGEST_WAIT = 0.25


class Database(enum.Enum):
    """Which database holds the truth."""

    SQLITE = "sqlite"
    POSTGRESQL = "postgresql"


class Victim(enum.Enum):
    """What is killed (SIGKILL), or emptied."""

    QUEUE = "queue server"
    FLUSH = "flush"
    WEB = "web master"
    WEB_WORKER = "web worker"
    WORKER = "worker"
    HORSE = "work-horse"
    TICK = "tick"
    CHILD = "any child"
    DATABASE = "database"


class BadPlan(SystemExit):
    """A setting that makes no sense: one line that says what to do, and exit status 1."""


@dataclass(frozen=True)
class Plan:
    """The settings of one run."""

    submissions: int = 10_000
    kills: int = 30
    seed: int = 1
    database: Database = Database.SQLITE
    # Where database, receipts and kills are kept; None: a temporary folder, kept only if a bar is missed.
    home: Path | None = None
    # Only these are killed; empty: everything that there is.
    only: tuple[Victim, ...] = ()

    @classmethod
    def from_settings(cls, settings: Mapping[str, str]) -> Plan:
        """Read SUBMISSIONS, KILLS, SEED, DATABASE and HOME (in the environment with CHAOS_ before each)."""
        database = settings.get("DATABASE") or Database.SQLITE.value
        if database not in [entry.value for entry in Database]:
            raise BadPlan(f"CHAOS_DATABASE is {database!r}; it may be sqlite or postgresql.")
        return cls(
            submissions=_number(settings, "SUBMISSIONS", cls.submissions, least=20),
            kills=_number(settings, "KILLS", cls.kills, least=0),
            seed=_number(settings, "SEED", cls.seed, least=0),
            database=Database(database),
            home=Path(settings["HOME"]).expanduser().resolve() if settings.get("HOME") else None,
        )

    @property
    def rated(self) -> int:
        """How many applicants are scored again in the middle."""
        return min(MOST_RATED, self.submissions // 3)

    @property
    def victims(self) -> tuple[Victim, ...]:
        """What can be killed on this database."""
        there = tuple(one for one in Victim if one is not Victim.DATABASE or self.database is Database.POSTGRESQL)
        return self.only or there


@dataclass(frozen=True)
class Person:
    """One applicant: whether they press twice or answer from a second device as well, and what their network does."""

    number: int
    is_double: bool = False
    has_second: bool = False
    is_slow: bool = False
    # The share of their first request that arrives before the connection is reset; None: all of it.
    torn_after: float | None = None
    has_link: bool = False
    has_file: bool = False

    @property
    def devices(self) -> int:
        """From how many devices they hand in; each hands in once."""
        return 2 if self.has_second else 1

    def link(self, device: int) -> str:
        """A link that the guard for outgoing requests refuses, so that nothing outside is asked."""
        return f"http://127.0.0.1/{self.number}-{device}"

    def words(self, device: int) -> str:
        """The reply that they hand in from this device: different for everybody, so that a mix-up shows."""
        return (
            f"Hi Ben,\n\nYour account is closed, and there is nothing more for you to do. This is reply {self.number} "
            f"from device {device}. You have paid until the 30th and will not be charged again.\n\n"
            "Should you want to come back, we will be glad.\n\nKind regards\nRobin"
        )


@dataclass(frozen=True)
class Strike:
    """One kill: after how many acknowledged submissions, how many seconds later, of what, and which of several."""

    after: int
    wait: float
    victim: Victim
    choice: float


def crowd(plan: Plan) -> list[Person]:
    """Everybody, in the order in which they come. All their devices together hand in `plan.submissions` times."""
    rng = random.Random(f"{plan.seed}:crowd")
    seconds = round(plan.submissions * SECOND_DEVICES)
    doubles = round(plan.submissions * DOUBLE_CLICKS)
    alone = plan.submissions - 2 * seconds - doubles
    habits = [(False, True)] * seconds + [(True, False)] * doubles + [(False, False)] * alone
    rng.shuffle(habits)
    with_link, with_file = _some(len(habits), LINKS, rng), _some(len(habits), FILES, rng)
    people = [_person(number, *habit, rng) for number, habit in enumerate(habits)]
    return [replace(one, has_link=one.number in with_link, has_file=one.number in with_file) for one in people]


def _some(count: int, share: float, rng: random.Random) -> set[int]:
    return set(rng.sample(range(count), max(1, round(count * share))))


def _person(number: int, is_double: bool, has_second: bool, rng: random.Random) -> Person:
    luck, torn_after = rng.random(), rng.random()
    is_slow, is_torn = luck < SLOW_NETWORKS, luck > 1 - TORN_CONNECTIONS
    return Person(number, is_double, has_second, is_slow, torn_after if is_torn else None)


def strikes(plan: Plan) -> list[Strike]:
    """The kills in order: spread over the run, every victim as often as the others."""
    rng = random.Random(f"{plan.seed}:strikes")
    found, bag = [], list[Victim]()
    for number in range(plan.kills):
        if not bag:
            bag = list(plan.victims)
            rng.shuffle(bag)
        place = 1.0 if number == plan.kills - 1 else (number + rng.random()) / plan.kills
        share = FIRST + (LAST - FIRST) * place
        found.append(Strike(int(share * plan.submissions), rng.uniform(0, LONGEST_WAIT), bag.pop(), rng.random()))
    return found


def _number(settings: Mapping[str, str], name: str, default: int, least: int) -> int:
    text = settings.get(name) or str(default)
    if not (text.isascii() and text.isdigit() and int(text) >= least):
        raise BadPlan(f"CHAOS_{name} is {text!r}; it must be a whole number, {least} or more.")
    return int(text)
