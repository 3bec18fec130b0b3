"""What is measured: six things that take turns, and the goals that compare them."""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from app import launcher, valkey
from bench import client, product, servers, yardsticks
from bench.slots import Goal, Slot
from config import queue_socket

GOALS = (
    Goal("submit", "submit", "bare insert", 0.50, "G1"),
    # G3 wants 6 times the speed of CTFd's page, and the bare page was 16.4 times as quick as that: 6 ÷ 16.4.
    Goal("workspace page", "page", "bare page", 0.37, "G3"),
    Goal("check runs, to bare RQ", "checks", "bare SimpleWorker", 0.50, "G4a"),
    Goal("check runs, to forking RQ", "checks", "bare fork Worker", 10.0, "G4b"),
)
# Two, so that the server has the next request when it has answered one.
CONNECTIONS = 2
READERS = 40


@dataclass(frozen=True)
class Size:
    """How long a run is. Jobs are counted, not timed: so many take about one slot."""

    rounds: int
    seconds: float
    candidates: int
    checks: int
    forks: int


FULL = Size(rounds=7, seconds=1.5, candidates=640, checks=300, forks=80)
QUICK = Size(rounds=2, seconds=0.4, candidates=120, checks=40, forks=15)


@contextlib.contextmanager
def running(home: Path, size: Size) -> Iterator[dict[str, Slot]]:
    """Everything up and filled for as long as the block lasts; gives the slots by name."""
    web_home, work_home = home / "web", home / "work"
    with contextlib.ExitStack() as stack:
        url = stack.enter_context(valkey.running(home / "queue", queue_socket(home)))
        visitors = product.with_candidates(web_home, url, size.candidates)
        product.with_submissions(work_home, url, size.checks)
        for name in ("insert", "page"):
            yardsticks.prepare(home / f"{name}.sqlite")

        def serve(name: str, factory: str, worker_class: str = "sync") -> Path:
            return stack.enter_context(servers.serving(name, factory, home, worker_class=worker_class))

        web = serve("winnow", f"bench.product:create('{web_home}', '{url}')", launcher.WORKER_CLASS)
        bare_insert = serve("insert", f"bench.yardsticks:insert_app('{home / 'insert.sqlite'}')")
        bare_page = serve("page", f"bench.yardsticks:page_app('{home / 'page.sqlite'}')")
        readers, writers = visitors[:READERS], visitors[READERS:]
        submitting = [_turns(writers[n::CONNECTIONS], product.Visitor.hands_in) for n in range(CONNECTIONS)]
        reading = [_turns(readers[n::CONNECTIONS], product.Visitor.reads) for n in range(CONNECTIONS)]
        inserting = [itertools.repeat(client.post("/", {"body": product.REPLY}))] * CONNECTIONS
        opening = [itertools.repeat(client.get("/"))] * CONNECTIONS
        yield {
            "submit": _asking(web, submitting, size.seconds, _is_receipt),
            "bare insert": _asking(bare_insert, inserting, size.seconds, _is_created),
            "page": _asking(web, reading, size.seconds, _is_workspace),
            "bare page": _asking(bare_page, opening, size.seconds, _is_page),
            "checks": _working("bench.product_worker", [str(work_home), url, str(size.checks)], home),
            "bare SimpleWorker": _working("bench.bare_worker", [url, "simple", str(size.checks)], home),
            "bare fork Worker": _working("bench.bare_worker", [url, "fork", str(size.forks)], home),
        }


def _turns(visitors: list[product.Visitor], act: Callable[[product.Visitor], bytes]) -> Iterator[bytes]:
    """One visitor after the other, round and round."""
    return (act(visitor) for visitor in itertools.cycle(visitors))


def _asking(
    place: Path, requests: Sequence[Iterator[bytes]], seconds: float, is_right: Callable[[bytes], bool]
) -> Slot:
    def slot() -> float:
        answers, took = client.drive(place, requests, seconds, is_right)
        return answers / took

    return slot


def _working(module: str, arguments: list[str], folder: Path) -> Slot:
    return lambda: servers.last_number(module, arguments, folder)


def _is_receipt(answer: bytes) -> bool:
    return answer.startswith(b"HTTP/1.1 303") and b"/my/receipts/" in answer


def _is_created(answer: bytes) -> bool:
    return answer.startswith(b"HTTP/1.1 201")


def _is_workspace(answer: bytes) -> bool:
    return answer.startswith(b"HTTP/1.1 200") and b"data-autosave" in answer and answer.rstrip().endswith(b"</html>")


def _is_page(answer: bytes) -> bool:
    return answer.startswith(b"HTTP/1.1 200") and answer.rstrip().endswith(b"</html>")
