"""The people: they open their link, write, press the button, and try again with the same form until it is acknowledged.

Each acknowledgement is written to receipts.jsonl as it arrives.
"""

from __future__ import annotations

import contextlib
import json
import queue
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol, TypeVar

from app import clock
from chaos.plan import Person
from chaos.wire import Answer, Broken, ask, break_off

T = TypeVar("T")
# Browsers that are busy at the same time.
AT_ONCE = 12
# Seconds between two tries, and after which nobody believes any more that an answer will come.
PAUSE, LONGEST_PAUSE = 0.1, 1.0
GIVES_UP_AFTER = 300.0
# A slow network sends a form in so many pieces, with seconds between them.
PIECES, BETWEEN_PIECES = 5, 0.05


class GaveUp(Exception):
    """Somebody got an answer that makes no sense, or none for minutes."""


class Device(Protocol):
    """A browser with an open form, and the port that it speaks to."""

    port: int

    def request(self) -> bytes:
        """What the button sends; the same form with the same key however often."""

    @property
    def key(self) -> str:
        """The form's key."""

    def reopen(self, answer: Answer) -> None:
        """Go on with the form of a page that asks for a choice between two texts."""


Open = Callable[[Person, int], Device]


@dataclass
class Tally:
    """What the people saw. Guarded by `lock`; `acknowledged` counts forms, not answers."""

    receipts: Path
    lock: threading.Condition = field(default_factory=threading.Condition)
    acknowledged: set[tuple[int, int]] = field(default_factory=set)
    statuses: Counter[str] = field(default_factory=Counter)
    # Seconds from the first press to the acknowledgement.
    waits: list[float] = field(default_factory=list)
    # Set when one of them gave up: the others go home.
    stopped: threading.Event = field(default_factory=threading.Event)

    def note(self, what: str) -> None:
        """Count an answer that was no acknowledgement."""
        with self.lock:
            self.statuses[what] += 1

    def acknowledge(self, line: Mapping[str, str | int], waited: float) -> None:
        """Write a receipt."""
        with self.lock:
            with self.receipts.open("a", encoding="utf-8") as file:
                file.write(json.dumps(line) + "\n")
            self.acknowledged.add((int(line["person"]), int(line["device"])))
            self.waits.append(waited)
            self.lock.notify_all()


def hand_in_all(people: Sequence[Person], open_device: Open, tally: Tally, at_once: int = AT_ONCE) -> None:
    """Let everybody hand in; returns when all are acknowledged. Raises GaveUp."""
    waiting: queue.SimpleQueue[Person] = queue.SimpleQueue()
    for person in people:
        waiting.put(person)
    with ThreadPoolExecutor(at_once) as browsers, ThreadPoolExecutor(at_once) as second_clicks:

        def serve() -> None:
            with contextlib.suppress(queue.Empty):
                while not tally.stopped.is_set():
                    _hand_in(waiting.get_nowait(), open_device, tally, second_clicks)

        try:
            for work in as_completed([browsers.submit(serve) for _ in range(at_once)]):
                work.result()
        except BaseException:
            tally.stopped.set()
            raise


def _hand_in(person: Person, open_device: Open, tally: Tally, pool: ThreadPoolExecutor) -> None:
    """One person: all their devices are open before the first button is pressed, and all are pressed at once."""
    devices = [_keep_trying(lambda n=n: open_device(person, n), tally) for n in range(person.devices)]  # type: ignore[misc]
    presses = [(devices[0], 0, 0)]
    presses += [(devices[0], 0, 1)] if person.is_double else []
    presses += [(devices[1], 1, 0)] if person.has_second else []
    more = [pool.submit(_press, person, *press, tally) for press in presses[1:]]
    _press(person, *presses[0], tally)
    for press in more:
        press.result()


def _press(person: Person, device: Device, number: int, click: int, tally: Tally) -> None:
    """Press the button until the receipt is there."""
    began = time.monotonic()

    pieces = PIECES if person.is_slow else 1

    def once() -> Answer:
        answer = ask(device.port, device.request(), pieces=pieces, pause=BETWEEN_PIECES)
        if answer.status == 409:
            tally.note("409")
            device.reopen(answer)
            answer = ask(device.port, device.request())
        return answer

    if person.torn_after is not None and click == 0:
        tally.note("torn connection")
        _tear(device, person.torn_after)
    answer = _keep_trying(lambda: _acceptable(once()), tally)
    line: dict[str, str | int] = {
        "at": clock.now().isoformat(),
        "person": person.number,
        "device": number,
        "click": click,
        "key": device.key,
        "code": answer.place.rpartition("/")[2],
    }
    tally.acknowledge(line, time.monotonic() - began)


def _tear(device: Device, share: float) -> None:
    sent = device.request()
    with contextlib.suppress(OSError):
        break_off(device.port, sent, int(share * len(sent)))


def _acceptable(answer: Answer) -> Answer:
    if answer.status == 303 and "/receipts/" in answer.place:
        return answer
    if answer.status >= 500:
        raise Broken(str(answer.status))
    raise GaveUp(f"answered {answer.status} {answer.place}: {answer.body[:1500]}")


def _keep_trying(act: Callable[[], T], tally: Tally) -> T:
    """Until it works: a broken connection and a 5xx are tried again with growing pauses."""
    pause, ends = PAUSE, time.monotonic() + GIVES_UP_AFTER
    while True:
        try:
            return act()
        except Broken as broken:
            tally.note(str(broken))
            if tally.stopped.is_set() or time.monotonic() > ends:
                raise GaveUp(f"no acknowledgement for {GIVES_UP_AFTER:.0f} s; the last answer: {broken}") from broken
            tally.stopped.wait(pause)
            pause = min(LONGEST_PAUSE, pause * 2)
