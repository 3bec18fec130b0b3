"""What is put to the test: Winnow, or the control."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from chaos import crowd, devices, faults, people, rated, recount, site
from chaos.plan import Victim
from chaos.recount import Verdict

Tell = Callable[[str], None]


@dataclass(frozen=True)
class Subject:
    """How it is started, prepared, opened, and judged."""

    command: Sequence[str]
    prepare: Callable[[dict[str, str], int, Tell, int], list[str]]
    open: Callable[[int, Sequence[str], devices.Mailbox], crowd.Open]
    undone: str
    judge: Callable[..., Verdict]
    # What begins when half of it is acknowledged, and what finds more faults at the end.
    midway: Callable[[dict[str, str], Path, Tell], None] | None = None
    faults: Callable[[dict[str, str]], dict[str, int]] | None = None
    absent: frozenset[Victim] = frozenset()


WINNOW = Subject(
    site.PRODUCT,
    people.prepare,
    devices.of_winnow,
    recount.UNDONE,
    recount.of_winnow,
    rated.score_again,
    faults.broken_invariants,
)
CONTROL = Subject(
    site.CONTROL,
    lambda _settings, _count, _tell, _rated: [],
    lambda port, _links, _mailbox: devices.of_control(port),
    recount.CONTROL_UNDONE,
    recount.of_control,
    absent=frozenset({Victim.TICK}),
)
