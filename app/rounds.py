"""The tick's rounds through the invariants: a slice now and then, so small that nobody notices."""

from __future__ import annotations

import time

import structlog

from app.extensions import reading
from app.services.invariant_rules import ALL
from app.services.invariants import Finding, Rounds

log = structlog.get_logger()

# Seconds. A small company's whole round is over in about three minutes.
PAUSE = 6.0
# At most this share of the time goes into looking: after a slice of 0.1 s comes a pause of 10 s.
SHARE = 0.01


class Watch:
    """Looks at one slice of one invariant when the time has come, and logs what is broken."""

    def __init__(self) -> None:
        self._rounds = Rounds(ALL)
        self._next = 0.0

    def look(self) -> Finding | None:
        """Look at the next slice, unless the last look was a moment ago (then None)."""
        begun = time.monotonic()
        if begun < self._next:
            return None
        try:
            with reading():
                finding = self._rounds.step()
        finally:
            ended = time.monotonic()
            self._next = ended + max(PAUSE, (ended - begun) / SHARE)
        if finding.violations:
            log.error(
                "invariant_broken",
                invariant=finding.invariant.name,
                number=finding.violations,
                table=finding.invariant.table,
                ids=finding.examples,
            )
        return finding
