"""Start processes, notice when they die, start them again, and stop them all. Knows nothing of Winnow's own parts."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Self

import click

TETHER = Path(__file__).with_name("tethered.py")
STOP_SIGNALS = frozenset({signal.SIGINT, signal.SIGTERM, signal.SIGHUP})
# Seconds. A process that lived shorter than this died young; several young deaths in a row make the pauses grow.
YOUNG = 5.0
LONGEST_PAUSE = 30.0
# Seconds that a process gets between the polite signal and the other one.
PATIENCE = 10.0
# Seconds for killed processes to be gone.
GONE_WITHIN = 2.0
# Seconds in which a second request to stop is the same one: make passes SIGTERM on to what it runs.
SAME_REQUEST = 0.5
# Bytes of log that stay in the current file when a process starts; a longer file moves aside once.
LONGEST_LOG = 1_000_000


class CannotStart(Exception):
    """Winnow cannot run here and now. The text is one line that says what to do."""


class StopAsked(KeyboardInterrupt):
    """Somebody pressed Ctrl-C, closed the terminal or sent SIGTERM."""


def tell(line: str) -> None:
    """Say one line on the console; a console that went away is no reason to stop."""
    with contextlib.suppress(OSError):
        click.echo(line)


@dataclass
class Child:
    """One process that should be running: how to start it, and how it has fared so far."""

    name: str
    argv: Sequence[str]
    env: Mapping[str, str] = field(default_factory=dict)
    cwd: Path | None = None
    # The queue server: others need it until they have ended.
    stops_last: bool = False
    # It ends by itself with status 0 now and then, to be replaced at once: no death, and nothing to tell anybody.
    is_replaced: bool = False
    restarts: int = 0
    young_deaths: int = 0
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    # The monotonic second of the next start; None while it runs or is not wanted.
    due: float | None = None


def pause_before_restart(young_deaths: int) -> float:
    """Seconds to wait after so many young deaths in a row: 0, 0, 1, 2, 4 … 30."""
    return 0.0 if young_deaths < 2 else min(LONGEST_PAUSE, 2.0 ** min(young_deaths - 2, 10))


def spawn(child: Child, log: Path) -> subprocess.Popen[bytes]:
    """Start `child` in a session of its own, its output appended to `log`; on Linux it ends when this process does."""
    if log.exists() and log.stat().st_size > LONGEST_LOG:
        log.replace(log.with_name(log.name + ".1"))
    tether = [sys.executable, "-I", "-S", str(TETHER), str(os.getpid())] if sys.platform == "linux" else []
    with log.open("ab") as output:
        return subprocess.Popen(
            [*tether, *child.argv],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            # Handed down, not read: the settings themselves come from config.py alone.
            env={**os.environ, **child.env},
            cwd=child.cwd,
            start_new_session=True,
        )


def kill_session(leader: int) -> None:
    """Kill whatever still runs in the session that `leader` began, dead or alive, its orphans included.

    The group alone is not enough: RQ puts each job into a group of its own. Where the machine does not tell sessions
    (anything but Linux) the group has to do.
    """
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(leader, signal.SIGKILL)
    deadline = time.monotonic() + GONE_WITHIN
    # Again until none is left: one may have been born while the others died.
    while (members := session_members(leader)) and time.monotonic() < deadline:
        for pid in members:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        time.sleep(0.005)


def session_members(leader: int) -> list[int]:
    """The living processes of a session, from /proc; empty where there is no /proc."""
    members = []
    for entry in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            # "pid (name) state parent group session …"; the name may hold anything, even brackets and spaces.
            state, _parent, _group, session = entry.read_text(errors="replace").rpartition(")")[2].split()[:4]
            if int(session) == leader and state not in "ZX":
                members.append(int(entry.parent.name))
    return members


def cause_of_death(status: int, log: Path) -> str:
    """Why a process ended, for one line on the console: the signal, or the exit status with the log's last line."""
    if status < 0:
        return f"signal {-status}: {signal.strsignal(-status)}"
    words = last_line(log) if status else ""
    return f"exit status {status}: {words}" if words else f"exit status {status}"


def last_line(log: Path) -> str:
    """The last line of a log that says something, at most 200 characters; empty when there is none."""
    try:
        with log.open("rb") as file:
            file.seek(max(0, log.stat().st_size - 4096))
            lines = [line.strip() for line in file.read().decode(errors="replace").splitlines()]
    except OSError:
        return ""
    return next((line for line in reversed(lines) if line), "")[:200]


class Signals:
    """Sleep until a signal arrives. Works wherever Python does, in the main thread, and costs nothing while asleep."""

    def __enter__(self) -> Self:
        """Take over the signals of this process."""
        self._interrupting = False
        self._read, self._write = socket.socketpair()
        self._read.setblocking(False)
        self._write.setblocking(False)
        self._old_fd = signal.set_wakeup_fd(self._write.fileno(), warn_on_full_buffer=False)
        wanted = {signal.SIGCHLD, *STOP_SIGNALS}
        if signal.getsignal(signal.SIGHUP) == signal.SIG_IGN:  # Started with nohup.
            wanted.discard(signal.SIGHUP)
        self._old_handlers = {number: signal.signal(number, self._note) for number in wanted}
        return self

    def __exit__(self, kind: type[BaseException] | None, *exc: object) -> None:
        """Give them back; but a process that ends because it was told to no longer listens to more of the same."""
        is_ending = kind is not None and issubclass(kind, StopAsked)
        for number, handler in self._old_handlers.items():
            signal.signal(number, signal.SIG_IGN if is_ending and number in STOP_SIGNALS else handler)
        signal.set_wakeup_fd(self._old_fd)
        self._read.close()
        self._write.close()

    def wait(self, seconds: float | None = None) -> None:
        """Return when a child may have ended or `seconds` have passed; raise StopAsked when told to stop."""
        ready, _, _ = select.select([self._read], [], [], seconds)
        if ready and STOP_SIGNALS & set(self._read.recv(4096)):
            raise StopAsked

    @contextlib.contextmanager
    def interrupting(self) -> Iterator[None]:
        """Within this block a stop signal raises StopAsked at once, as Ctrl-C does in any program."""
        self._interrupting = True
        try:
            yield
        finally:
            self._interrupting = False

    def _note(self, number: int, frame: FrameType | None) -> None:
        # The byte that wakes `wait` was written before this runs. Raising anywhere could lose a child just started.
        if self._interrupting and number in STOP_SIGNALS:
            self._read.recv(4096)  # Or the byte would count as a second request.
            raise StopAsked


class Supervisor:
    """Keeps children running. Leaving the block stops them all, those that stop last after the others."""

    def __init__(self, logs: Path) -> None:
        self.signals = Signals()
        self._logs = logs
        self._children: list[Child] = []
        self._awaited: Child | None = None

    def __enter__(self) -> Self:
        """Begin to listen for signals."""
        self.signals.__enter__()
        return self

    def __exit__(self, kind: type[BaseException] | None, *exc: object) -> None:
        """Stop every child."""
        try:
            self._stop([child for child in self._children if not child.stops_last])
            self._stop([child for child in self._children if child.stops_last])
        finally:
            self.signals.__exit__(kind, *exc)

    def log_of(self, child: Child) -> Path:
        """The file that takes the output of `child`."""
        return self._logs / f"{child.name}.log"

    def start(self, child: Child) -> None:
        """Start `child` and keep it running from now on."""
        self._children.append(child)
        self._launch(child)

    def wait_until(self, child: Child, is_ready: Callable[[], bool], seconds: float) -> None:
        """Return when `child` is ready for the first time.

        Raises CannotStart when it ends by itself before or takes too long, StopAsked when told to stop.
        """
        deadline = time.monotonic() + seconds
        self._awaited = child
        while not is_ready():
            if time.monotonic() > deadline:
                raise self._cannot_start(child, f"no answer within {seconds:.0f} s")
            self.watch(0.05)
        self._awaited = None

    def watch(self, seconds: float | None = None) -> None:
        """Sleep until something happens, for `seconds` at most, and start again what died; raise StopAsked if told."""
        now = time.monotonic()
        pauses = [max(0.0, child.due - now) for child in self._children if child.due is not None]
        self.signals.wait(min(pauses + ([] if seconds is None else [seconds]), default=None))
        for child in self._children:
            if child.process and (status := child.process.poll()) is not None:
                self._bury(child, status)
            if child.due is not None and child.due <= time.monotonic():
                self._launch(child)

    def run(self) -> None:
        """Keep everything running until told to stop, then raise StopAsked."""
        while True:
            self.watch()

    def _launch(self, child: Child) -> None:
        child.started_at = time.monotonic()
        try:
            child.process = spawn(child, self.log_of(child))
            child.due = None
        except OSError as error:  # No memory, no process table, no disk: all may pass.
            self._plan_restart(child, f"cannot be started: {error.strerror}")

    def _bury(self, child: Child, status: int) -> None:
        if child.process:  # An orphan would work on, and hold the port, beside its successor.
            kill_session(child.process.pid)
        child.process = None
        if child.is_replaced and status == 0:
            child.due = time.monotonic()
            return
        cause = cause_of_death(status, self.log_of(child))
        if child is self._awaited and status >= 0:
            raise self._cannot_start(child, cause)
        self._plan_restart(child, f"stopped ({cause})")

    def _plan_restart(self, child: Child, what: str) -> None:
        now = time.monotonic()
        child.young_deaths = child.young_deaths + 1 if now - child.started_at < YOUNG else 0
        child.restarts += 1
        pause = pause_before_restart(child.young_deaths)
        child.due = now + pause
        when = f"in {pause:.0f} s" if pause else "at once"
        tell(f"{child.name} {what}; it starts again {when}. Log: {self.log_of(child)}")

    def _cannot_start(self, child: Child, reason: str) -> CannotStart:
        return CannotStart(f"Winnow's {child.name} process does not start ({reason}). Read {self.log_of(child)}")

    def _stop(self, children: Sequence[Child]) -> None:
        """Ask politely, wait, then insist. Another stop signal meanwhile ends the waiting."""
        running = [child.process for child in children if child.process]
        for child in children:
            child.due = None
        for process in running:
            process.terminate()
        began = time.monotonic()
        while any(process.poll() is None for process in running) and (left := began + PATIENCE - time.monotonic()) > 0:
            try:
                self.signals.wait(left)
            except StopAsked:
                if time.monotonic() - began > SAME_REQUEST:
                    break
        for process in running:
            kill_session(process.pid)
            process.wait()
