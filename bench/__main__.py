"""`python -m bench`: measure Winnow against its yardsticks and print ratios. `make bench` runs it.

Exit status 0: every goal holds, or the machine was too busy to judge. 1: a ratio is below its goal, or something did
not start or answered wrongly. The last line is one JSON object.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median

from app.processes import CannotStart
from bench import scenarios, slots
from bench.client import WrongAnswer
from bench.slots import Result


def main() -> int:
    """Run, print the table, judge."""
    parser = argparse.ArgumentParser(prog="python -m bench", description="Winnow against its yardsticks, as ratios.")
    parser.add_argument("--quick", action="store_true", help="two short rounds, to see that it works; never judged")
    options = parser.parse_args()
    size = scenarios.QUICK if options.quick else scenarios.FULL
    try:
        with tempfile.TemporaryDirectory(prefix="wb-") as home, scenarios.running(Path(home), size) as running:
            # A round that nobody looks at fills caches: compiled statements, templates, the first pages of the files.
            slots.interleave(running, 1, lambda _: _progress("warming up"))
            before = slots.ticks()
            measured = slots.interleave(
                running, size.rounds, lambda number: _progress(f"round {number} of {size.rounds}")
            )
            after = slots.ticks()
    except (CannotStart, WrongAnswer) as problem:
        print(problem, file=sys.stderr)
        return 1
    share = slots.ext(before, after) if before and after else None
    results = [slots.compare(goal, measured) for goal in scenarios.GOALS]
    status, sentence = slots.verdict(results, share)
    if options.quick:
        status, sentence = 0, "Not judged: two short rounds only show that it works."
    _print_table(results, share, sentence)
    print(json.dumps(summary(results, measured, share)))
    return status


def _progress(words: str) -> None:
    print(f"bench: {words}", file=sys.stderr, flush=True)


def _print_table(results: Sequence[Result], share: float | None, sentence: str) -> None:
    print(f"{'':28}{'ratio':>8}{'hold':>8}{'lowest':>9}{'highest':>9}{'rounds':>8}")
    for result in results:
        low, high = min(result.ratios), max(result.ratios)
        figures = f"{result.ratio:8.2f}{result.goal.hold:8.2f}{low:9.2f}{high:9.2f}{len(result.ratios):8}"
        print(f"{result.goal.name:28}{figures}  {result.goal.source}, ÷ {result.goal.yardstick}")
    print(f"ext {'unknown' if share is None else f'{share:.2f}'} on {os.cpu_count()} cores. {sentence}")


def summary(
    results: Sequence[Result], measured: Sequence[Mapping[str, float]], share: float | None
) -> dict[str, object]:
    """The run as one JSON object. `per_second` only helps to understand a ratio: it is no measure by itself."""
    return {
        "ratios": {result.goal.name: round(result.ratio, 3) for result in results},
        "ext": None if share is None else round(share, 3),
        "rounds": len(measured),
        "per_second": {name: round(median(one[name] for one in measured), 1) for name in measured[0]},
    }


if __name__ == "__main__":
    sys.exit(main())
