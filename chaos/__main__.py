"""`make chaos`: kill everything while people hand in, and count. `make chaos-control`: the same for RQ alone.

Exit status of the first: 0 only if every bar holds. Of the second: 0 only if a loss was seen.
"""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
import time
from pathlib import Path

import config
from chaos import plan, recount, run, subjects
from chaos.plan import BadPlan, Plan
from chaos.run import Outcome


def main(words: list[str]) -> int:
    """Run what is asked for: nothing (Winnow), `control`, or `recount` of a kept folder."""
    chosen = Plan.from_settings(config.environment("CHAOS_"))
    if words == ["recount"]:
        return count_again(chosen)
    if words not in ([], ["control"]):
        raise BadPlan("python -m chaos [control | recount]")
    home = chosen.home or Path(tempfile.mkdtemp(prefix="winnow-chaos-"))
    started = time.monotonic()

    def tell(line: str) -> None:
        print(f"{time.monotonic() - started:7.1f} s  {line}", flush=True)

    is_control = words == ["control"]
    if is_control:  # What it has not done by the bar it never does.
        outcome = run.play(subjects.CONTROL, chosen, home, tell, recount.DONE_WITHIN)
    else:
        outcome = run.play(subjects.WINNOW, chosen, home, tell)
    print(table(outcome))
    is_good = outcome.verdict.lost > 0 if is_control else outcome.holds
    if chosen.home is None and is_good:
        shutil.rmtree(home)
    else:
        print(f"Kept: {home}")
    print(json.dumps(summary(outcome, chosen)))
    return 0 if is_good else 1


def table(outcome: Outcome) -> str:
    """What happened, for people."""
    verdict, waits = outcome.verdict, outcome.waits
    kills = ", ".join(f"{name} {number}" for name, number in sorted(outcome.kills.items()))
    after = outcome.seconds_after_last_kill
    lines = [
        ("kills", kills or "none"),
        ("handed in", f"in {outcome.seconds:.0f} s, {verdict.submitted / outcome.seconds:.1f} a second"),
        ("tried again after", ", ".join(f"{name} {n}" for name, n in outcome.statuses.most_common()) or "nothing"),
        ("acknowledged after", f"{_share(waits, 0.5):.2f} s (half), {_share(waits, 0.99):.2f} s (99 of 100)"),
        ("missing", verdict.missing),
        ("never checked", verdict.unchecked),
        ("all done", "never" if after is None else f"{after:.1f} s after the last kill"),
        *[("fault", f"{number} {name}") for name, number in verdict.faults.items()],
    ]
    lines += [("problem", outcome.problem)] if outcome.problem else []
    return "\n".join(f"{name:<24}{value}" for name, value in lines)


def summary(outcome: Outcome, chosen: Plan) -> dict[str, object]:
    """The last line of output."""
    verdict, after = outcome.verdict, outcome.seconds_after_last_kill
    return {
        "submitted": verdict.submitted,
        "acknowledged": verdict.acknowledged,
        "lost": verdict.lost,
        "doubled": verdict.doubled,
        "checked": verdict.checked,
        "seconds_after_last_kill": None if after is None else round(after, 1),
        "kills": outcome.kills.total(),
        "database": chosen.database.value,
    }


def count_again(chosen: Plan) -> int:
    """Count a kept folder once more; the settings must be those of its run."""
    if chosen.home is None:
        raise BadPlan("Set CHAOS_HOME to the folder of a run.")
    with run.opened(chosen, chosen.home) as engine:
        lines = recount.receipts(chosen.home / "receipts.jsonl")
        verdict = recount.of_winnow(engine, plan.crowd(chosen), lines)
    print(json.dumps(vars(verdict) | {"lost": verdict.lost}))
    return 1 if verdict.lost or verdict.doubled or verdict.faults else 0


def _share(waits: list[float], share: float) -> float:
    return waits[min(len(waits) - 1, int(share * len(waits)))] if waits else 0.0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
