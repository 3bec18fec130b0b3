"""Interleaved slots, ratios, and whether the machine was quiet enough to say anything.

The same program can run at half its speed a minute later, so seconds are no measure. Two things that take turns in
short slots share the same weather: the ratio of one round is honest, and the median of the rounds is kept.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

PROC = Path("/proc")
# Share of the machine's CPU that others may use while we measure; above it, nothing is judged.
MOST_EXT = 0.10

# Does one slot and returns how much was done per second.
Slot = Callable[[], float]


@dataclass(frozen=True)
class Goal:
    """`product` ÷ `yardstick` must not fall below `hold`. `source` says where the number comes from."""

    name: str
    product: str
    yardstick: str
    hold: float
    source: str


@dataclass(frozen=True)
class Result:
    """What the rounds gave for one goal: the ratio of each round."""

    goal: Goal
    ratios: tuple[float, ...]

    @property
    def ratio(self) -> float:
        """The median over the rounds."""
        return median(self.ratios)

    @property
    def holds(self) -> bool:
        """Whether the ratio reaches its goal, as it is: rounding is for the table."""
        return self.ratio >= self.goal.hold


def interleave(slots: Mapping[str, Slot], rounds: int, tell: Callable[[int], None]) -> list[dict[str, float]]:
    """Let everything take its turn, `rounds` times over; per round what each did per second. `tell` hears the round."""
    measured = []
    for number in range(1, rounds + 1):
        tell(number)
        measured.append({name: slot() for name, slot in slots.items()})
    return measured


def compare(goal: Goal, rounds: Sequence[Mapping[str, float]]) -> Result:
    """Ratios are taken within a round, never across rounds."""
    return Result(goal, tuple(one[goal.product] / one[goal.yardstick] for one in rounds))


@dataclass(frozen=True)
class Ticks:
    """The kernel's counters at one moment, in clock ticks: of all cores together, busy ones, and our own."""

    total: int
    busy: int
    ours: int


def ext(before: Ticks, after: Ticks) -> float:
    """The share of the machine's CPU (0 to 1) that others used between two moments; 0 when no time has passed.

    What a hypervisor gave to others ("steal") counts as theirs.
    """
    total = after.total - before.total
    if total <= 0:
        return 0.0
    others = (after.busy - before.busy) - (after.ours - before.ours)
    return max(0.0, others / total)


def ticks(pid: int | None = None, proc: Path = PROC) -> Ticks | None:
    """Read the counters; `ours` is the process `pid` (default: this one) with all its descendants, dead ones included.

    None where the machine does not tell (anything but Linux).
    """
    try:
        first_line = (proc / "stat").read_text().partition("\n")[0]
    except OSError:
        return None
    # cpu user nice system idle iowait irq softirq steal; the guest columns after them are part of user and nice.
    columns = [int(number) for number in first_line.split()[1:9]]
    idle = columns[3] + columns[4]
    return Ticks(sum(columns), sum(columns) - idle, _of_family(pid or os.getpid(), proc))


def _of_family(pid: int, proc: Path) -> int:
    parents: dict[int, int] = {}
    used: dict[int, int] = {}
    for entry in proc.glob("[0-9]*/stat"):
        # A process may end while we look; its time is then in its parent's.
        with contextlib.suppress(OSError):
            fields = entry.read_text(errors="replace").rpartition(")")[2].split()
            member = int(entry.parent.name)
            parents[member] = int(fields[1])
            # utime and stime, and those of children that have ended (proc(5): fields 14 to 17).
            used[member] = sum(int(number) for number in fields[11:15])
    family = {pid}
    while grown := {child for child, parent in parents.items() if parent in family} - family:
        family |= grown
    return sum(used.get(member, 0) for member in family)


def verdict(results: Sequence[Result], share: float | None) -> tuple[int, str]:
    """The exit status and the sentence that explains it. A disturbed or unknown machine is not judged: status 0."""
    if share is None:
        return 0, "Not judged: this machine does not say what else it was doing."
    if share > MOST_EXT:
        return 0, f"Not judged: others used {share:.0%} of the machine (at most {MOST_EXT:.0%}). Run it again."
    missed = [result.goal.name for result in results if not result.holds]
    if missed:
        return 1, f"Below the goal: {', '.join(missed)}."
    return 0, "Every goal holds."
