"""One run: prepare, start, let people hand in while the killer strikes, wait until all is done, count."""

from __future__ import annotations

import contextlib
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError

from chaos import crowd, devices, people, plan, recount, site
from chaos.killer import Killer
from chaos.plan import BadPlan, Database, Person, Plan
from chaos.postgres import Cluster
from chaos.recount import Verdict
from chaos.subjects import Subject, Tell

# Seconds: longer than the bar, so that a missed bar is measured and not only missed.
WAITS_FOR_DONE = 180.0
LOOKS_EVERY = 0.25


@dataclass
class Outcome:
    """What happened in one run."""

    verdict: Verdict
    kills: Counter[str]
    # None: not everything was done while we waited.
    seconds_after_last_kill: float | None
    seconds: float
    statuses: Counter[str]
    waits: list[float] = field(default_factory=list)
    problem: str | None = None

    @property
    def holds(self) -> bool:
        """Whether every bar holds."""
        verdict = self.verdict
        is_complete = verdict.submitted == verdict.acknowledged == verdict.checked
        is_clean = not (verdict.lost or verdict.doubled or verdict.faults or self.problem)
        after = self.seconds_after_last_kill
        return is_complete and is_clean and after is not None and after <= recount.DONE_WITHIN


def play(subject: Subject, chosen: Plan, home: Path, tell: Tell, patience: float = WAITS_FOR_DONE) -> Outcome:
    """Run it in `home`, which must be empty; receipts.jsonl, kills.jsonl and the database stay there."""
    if home.exists() and any(home.iterdir()):
        raise BadPlan(f"{home} is not empty. Set CHAOS_HOME to a new folder.")
    # Open to pass through: the database server runs as another user.
    home.mkdir(parents=True, exist_ok=True)
    home.chmod(0o711)
    (home / "receipts.jsonl").touch()
    (home / "kills.jsonl").touch()
    persons = plan.crowd(chosen)
    with _database(chosen, home) as cluster:
        given = site.settings(home / "winnow", site.free_port(), cluster.url if cluster else None)
        links = subject.prepare(given, len(persons), tell, chosen.rated)
        with site.running(subject.command, given) as here:
            tell(f"the site runs on port {here.port}")
            killer = Killer(here, home / "kills.jsonl", cluster, subject.absent)
            tally = crowd.Tally(home / "receipts.jsonl")
            run = _Run(subject, chosen, given, killer, tally, tell)
            outcome = run.play(persons, partial(subject.open, here.port, links), database_url(home, chosen), patience)
    return outcome


def database_url(home: Path, chosen: Plan) -> str:
    """The database of a run, to look into."""
    if chosen.database is Database.POSTGRESQL:
        return Cluster(home / "postgresql").url
    return f"sqlite:///{home / 'winnow' / 'winnow.sqlite'}"


@contextlib.contextmanager
def opened(chosen: Plan, home: Path) -> Iterator[Engine]:
    """The database of a run that is over."""
    with _database(chosen, home):
        engine = recount.engine_of(database_url(home, chosen))
        try:
            yield engine
        finally:
            engine.dispose()


@contextlib.contextmanager
def _database(chosen: Plan, home: Path) -> Iterator[Cluster | None]:
    if chosen.database is Database.SQLITE:
        yield None
        return
    with Cluster(home / "postgresql") as cluster:
        yield cluster


@dataclass
class _Run:
    subject: Subject
    chosen: Plan
    settings: dict[str, str]
    killer: Killer
    tally: crowd.Tally
    tell: Tell
    is_over: bool = False
    trouble: str | None = None

    def play(
        self, persons: Sequence[Person], opening: Callable[[devices.Mailbox], crowd.Open], url: str, patience: float
    ) -> Outcome:
        """Let people and killer at it; count at the end."""
        began = time.monotonic()
        engine = recount.engine_of(url)
        open_device = opening(partial(people.newest_code, engine))
        beside = [threading.Thread(target=act, daemon=True) for act in (self._strike, self._begin_midway)]
        for thread in beside:
            thread.start()
        try:
            crowd.hand_in_all(persons, open_device, self.tally)
        except crowd.GaveUp as error:
            self.trouble = str(error)
        handed_in = time.monotonic()
        with self.tally.lock:
            self.is_over = True
            self.tally.lock.notify_all()
        for thread in beside:
            thread.join()
        self.tell(f"everybody has handed in, {self.chosen.submissions / (handed_in - began):.1f} a second")
        try:
            done_at = self._wait_until_done(engine, patience)
            lines = recount.receipts(self.tally.receipts)
            verdict = self.subject.judge(engine, persons, lines)
            if self.subject.faults:
                verdict.faults |= self.subject.faults(self.settings)
        finally:
            engine.dispose()
        last = self.killer.last or handed_in
        return Outcome(
            verdict,
            self.killer.done,
            None if done_at is None else max(0.0, done_at - last),
            handed_in - began,
            self.tally.statuses,
            sorted(self.tally.waits),
            self.trouble,
        )

    def _strike(self) -> None:
        for strike in plan.strikes(self.chosen):
            acknowledged = self._wait_for(strike.after)
            if self.trouble:
                return
            try:
                self.killer.strike(strike, acknowledged)
            except Exception as error:
                self.trouble = f"the {strike.victim.value} could not be killed: {type(error).__name__}: {error}"
                return
            self.tell(f"{acknowledged} acknowledged; killed: {strike.victim.value}")

    def _wait_for(self, number: int) -> int:
        """Until so many are acknowledged, or everybody has gone home; how many there are then."""
        with self.tally.lock:
            self.tally.lock.wait_for(lambda: self.is_over or len(self.tally.acknowledged) >= number)
            return len(self.tally.acknowledged)

    def _begin_midway(self) -> None:
        self._wait_for(self.chosen.submissions // 2)
        if self.subject.midway and not self.trouble:
            try:
                self.subject.midway(self.settings, self.tally.receipts.with_name("rescore.log"), self.tell)
            except Exception as error:
                self.trouble = f"scoring everybody again broke off: {type(error).__name__}: {error}"

    def _wait_until_done(self, engine: Engine, patience: float) -> float | None:
        """The moment when nothing was left to do, or None."""
        ends = time.monotonic() + patience
        while time.monotonic() < ends:
            with contextlib.suppress(DBAPIError):
                if recount.undone(engine, self.subject.undone) == 0:
                    return time.monotonic()
            time.sleep(LOOKS_EVERY)
        return None
