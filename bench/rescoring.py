"""How quickly many applications are scored again, and what a fresh submission notices of it.

`python -m bench.rescoring --count 100000` fills a new database and prints one JSON object. `--database` names an empty
PostgreSQL database; without it SQLite is used, in a temporary folder. While a process of its own works through the
runs, fresh submissions are handed in and their checks done, as without it before.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from statistics import median

from flask import Flask

from app import clock, create_app, jobs, tokens, valkey
from app.extensions import db
from app.models import Attempt, Opening
from app.services import proposals, rescoring, roles, rubric_previews, submissions
from app.services.proposals import Weighing
from bench import crowd, product
from config import Config, queue_socket

BY = 1
# Fresh submissions without re-scoring, to compare with.
BEFORE = 60


def main() -> None:
    """Fill, measure and print."""
    parser = argparse.ArgumentParser(description="Measure scoring again.")
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--database", default="")
    parser.add_argument("--fresh", type=int, default=2_000, help="candidates who stand ready to hand in")
    parser.add_argument("--work", nargs=2, metavar=("HOME", "URL"), help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.work:
        print(json.dumps(_work(_app(asked.work[0], asked.work[1], asked.database))))
        return
    with tempfile.TemporaryDirectory(prefix="winnow-rescoring-") as folder:
        home = Path(folder)
        with valkey.running(home / "queue", queue_socket(home)) as url:
            print(json.dumps(_measure(home, url, asked), indent=2))


def _app(home: str, url: str, database: str) -> Flask:
    config = Config.from_environ({"WINNOW_HOME": home, "REDIS_URL": url})
    return create_app(replace(config, database_url=database) if database else config)


def _measure(home: Path, url: str, asked: argparse.Namespace) -> dict[str, float]:
    app = _app(str(home), url, asked.database)
    with app.app_context():
        opening = product.open_first(app)
        # Without a line no third review opens: handing those out is other work.
        opening.role.line_percent = None
        db.session.commit()
        opening_id, role_id = opening.id, opening.role_id
        seconds = {"fill": _timed(lambda: crowd.fill(opening, asked.count))}
        opening = db.session.get_one(Opening, opening_id)
        attempts = [product.start(opening, 10_000_000 + number).id for number in range(asked.fresh)]
        db.session.commit()
        _drain("quick")
        fresh = _handing_in(attempts)
        before = [next(fresh) for _ in range(BEFORE)]
        seconds["propose"] = _timed(lambda: _propose(opening_id))
        seconds["preview"] = _timed(lambda: _drain("slow"))
        seconds["put in force"] = _timed(lambda: _put_in_force(opening_id))
        worked, during = _beside(home, url, asked.database, fresh)
        seconds["scored again"] = worked["seconds"]
        progress = rescoring.progress(role_id)
        assert progress is not None and progress.is_finished and progress.done == asked.count, progress
        found = {f"{name}, s": round(value, 2) for name, value in seconds.items()}
        return found | {
            "applications per second": round(asked.count / worked["seconds"]),
            "processor time of the worker, s": round(worked["processor"], 1),
            "memory of the worker, MB": round(worked["megabytes"]),
            "fresh submissions meanwhile": len(during),
            **_spread("hand in, ms, before", [one[0] for one in before]),
            **_spread("hand in, ms, meanwhile", [one[0] for one in during]),
            **_spread("checked after, ms, before", [one[1] for one in before]),
            **_spread("checked after, ms, meanwhile", [one[1] for one in during]),
        }


def _timed(act: Callable[[], object]) -> float:
    began = time.perf_counter()
    act()
    return time.perf_counter() - began


def _drain(name: str) -> None:
    while jobs.drain_work(name):
        db.session.expunge_all()


def _propose(opening_id: int) -> None:
    role = db.session.get_one(Opening, opening_id).role
    key, weighed = next(iter(roles.rubric_in_force(role.id).weights.items()))
    heavier = {criterion: (weight * 3) % 8 + 1 for criterion, weight in weighed["criteria"].items()}
    proposals.propose(role, {int(key): Weighing(1, heavier)}, None, BY, clock.now())
    db.session.commit()


def _put_in_force(opening_id: int) -> None:
    role = db.session.get_one(Opening, opening_id).role
    proposal = proposals.by_number(role, 2)
    status = rubric_previews.status(proposal)
    assert status is not None and status.result is not None
    print(status.result, file=sys.stderr)
    proposals.put_in_force(role, proposal, BY, clock.now())
    db.session.commit()


def _handing_in(attempt_ids: list[int]) -> Iterator[tuple[float, float]]:
    """Milliseconds for handing in, and from there until the checks are done, one person after the other."""
    for attempt_id in attempt_ids:
        began = time.perf_counter()
        attempt = db.session.get_one(Attempt, attempt_id)
        submissions.submit(attempt, {"reply": product.REPLY}, tokens.fresh(), False, clock.now())
        db.session.commit()
        handed_in = time.perf_counter()
        _drain("quick")
        yield (handed_in - began) * 1000, (time.perf_counter() - handed_in) * 1000


def _beside(
    home: Path, url: str, database: str, fresh: Iterator[tuple[float, float]]
) -> tuple[dict[str, float], list[tuple[float, float]]]:
    """What the worker says at its end, and what those who handed in meanwhile waited."""
    command = [sys.executable, "-m", "bench.rescoring", "--work", str(home), url, "--database", database]
    worker = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    during = []
    with contextlib.suppress(StopIteration):
        while worker.poll() is None:
            during.append(next(fresh))
            time.sleep(0.05)
    output, _ = worker.communicate()
    worked: dict[str, float] = json.loads(output.splitlines()[-1])
    return worked, during


def _work(app: Flask) -> dict[str, float]:
    """What `flask worker slow` does, until nothing is due."""
    with app.app_context():
        seconds = _timed(lambda: _drain("slow"))
    used = resource.getrusage(resource.RUSAGE_SELF)
    return {"seconds": seconds, "processor": used.ru_utime + used.ru_stime, "megabytes": used.ru_maxrss / 1024}


def _spread(name: str, values: list[float]) -> dict[str, float]:
    ordered = sorted(values)
    return {
        f"{name}, median": round(median(ordered), 1),
        f"{name}, 99 of 100": round(ordered[int(len(ordered) * 0.99)], 1),
        f"{name}, most": round(ordered[-1], 1),
    }


if __name__ == "__main__":
    main()
