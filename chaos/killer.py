"""Kill what the plan says, when it says so, and write each kill down."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import redis

from app import clock
from chaos import proc
from chaos.plan import Strike, Victim
from chaos.postgres import Cluster
from chaos.site import Site
from config import queue_socket

# Seconds in which a victim that is just being restarted gets the chance to come back and be killed.
COMES_BACK_WITHIN = 60.0
HORSE_APPEARS_WITHIN = 15.0
# The queue server renames itself once it runs: "valkey-server unixsocket:…".
SAID_BY = {Victim.QUEUE: "unixsocket", Victim.WEB: "gunicorn", Victim.WORKER: " worker ", Victim.TICK: " tick"}


@dataclass
class Killer:
    """Knows the site's processes; `last` is the monotonic second of the last kill."""

    site: Site
    log: Path
    cluster: Cluster | None = None
    # What this site has none of: another child falls instead.
    absent: frozenset[Victim] = frozenset()
    last: float | None = None
    done: Counter[str] = field(default_factory=Counter)

    def strike(self, strike: Strike, acknowledged: int) -> None:
        """Kill one victim. Where it does not exist (no work-horse appears for a while) the next of kin falls."""
        time.sleep(strike.wait)
        victim, pid = strike.victim, None
        if victim is Victim.FLUSH:
            self._flush()
        elif victim is Victim.DATABASE:
            self._crash_database()
        else:
            victim, pid = self._kill(victim, strike.choice)
        self.last = time.monotonic()
        self.done[victim.value] += 1
        line = {"at": clock.now().isoformat(), "after": acknowledged, "planned": strike.victim.value}
        with self.log.open("a", encoding="utf-8") as file:
            file.write(json.dumps(line | {"killed": victim.value, "pid": pid}) + "\n")

    def _kill(self, victim: Victim, choice: float) -> tuple[Victim, int | None]:
        if victim in self.absent:
            return self._kill(Victim.CHILD, choice)
        patience = HORSE_APPEARS_WITHIN if victim is Victim.HORSE else COMES_BACK_WITHIN
        ends = time.monotonic() + patience
        while True:
            there = self._find(victim)
            if there:
                pid = there[int(choice * len(there))].pid
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
                    return victim, pid
            if time.monotonic() > ends and victim is Victim.HORSE:
                return self._kill(Victim.WORKER, choice)
            if time.monotonic() > ends:
                raise LookupError(f"there was none for {patience:.0f} s")
            time.sleep(0.01)

    def _find(self, victim: Victim) -> list[proc.Process]:
        ours = {self.site.launcher}
        match victim:
            case Victim.CHILD:
                return proc.children(ours)
            case Victim.WEB_WORKER:
                return proc.children({one.pid for one in proc.children(ours, SAID_BY[Victim.WEB])})
            case Victim.HORSE:
                return proc.children({one.pid for one in proc.children(ours, SAID_BY[Victim.WORKER])})
            case _:
                return proc.children(ours, SAID_BY[victim])

    def _flush(self) -> None:
        server = redis.Redis(unix_socket_path=str(queue_socket(self.site.home)), socket_timeout=5)
        ends = time.monotonic() + COMES_BACK_WITHIN
        with contextlib.closing(server):
            while True:
                try:
                    server.flushall()
                    return
                except redis.RedisError:
                    if time.monotonic() > ends:
                        raise
                    time.sleep(0.05)

    def _crash_database(self) -> None:
        assert self.cluster is not None
        self.cluster.crash()
        self.cluster.start()
