"""The site under test: one launcher with all its processes, in a data folder and on a port of its own."""

from __future__ import annotations

import contextlib
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import config

PRODUCT = ("-m", "flask", "--app", "app", "run-all")
CONTROL = ("-m", "chaos.control")
# Seconds.
STARTS_WITHIN = 120.0
STOPS_WITHIN = 40.0


class DidNotStart(SystemExit):
    """The site did not come up: one line that says why, and exit status 1."""


@dataclass(frozen=True)
class Site:
    """A running site."""

    home: Path
    port: int
    launcher: int


def settings(home: Path, port: int, database_url: str | None = None) -> dict[str, str]:
    """The settings of a trial in this folder."""
    named = {"DATABASE_URL": database_url} if database_url else {}
    return {"WINNOW_HOME": str(home), "PORT": str(port), "WINNOW_ENV": "development", **named}


def free_port() -> int:
    """A port on which nothing listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextlib.contextmanager
def running(command: Sequence[str], given: Mapping[str, str]) -> Iterator[Site]:
    """Run `python command…` with these settings for as long as the block lasts."""
    home = Path(given["WINNOW_HOME"])
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    console = home / "console.log"
    with console.open("ab") as output:
        launcher = subprocess.Popen(
            [sys.executable, *command],
            env=config.child_environment(**given),
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd=config.ROOT,
        )
    try:
        _wait(launcher, console)
        yield Site(home, int(given["PORT"]), launcher.pid)
    finally:
        _stop(launcher)


def _wait(launcher: subprocess.Popen[bytes], console: Path) -> None:
    ends = time.monotonic() + STARTS_WITHIN
    while "is running at" not in (said := console.read_text(errors="replace")):
        if launcher.poll() is not None or time.monotonic() > ends:
            raise DidNotStart(f"The site did not start. {said[-500:]}")
        time.sleep(0.05)


def _stop(launcher: subprocess.Popen[bytes]) -> None:
    launcher.send_signal(signal.SIGINT)
    try:
        launcher.wait(STOPS_WITHIN)
    except subprocess.TimeoutExpired:
        launcher.kill()
        launcher.wait()
