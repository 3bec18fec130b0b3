"""Start what is measured in processes of its own, and stop it again."""

from __future__ import annotations

import contextlib
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

from app.processes import CannotStart, Child, last_line, spawn
from bench import client
from config import ROOT

READY_WITHIN = 60.0
GONE_WITHIN = 10.0


@contextlib.contextmanager
def serving(
    name: str,
    factory: str,
    folder: Path,
    workers: int = 1,
    worker_class: str = "sync",
    settings: Mapping[str, str] | None = None,
) -> Iterator[Path]:
    """Gunicorn with one sync worker for `factory` (such as "bench.yardsticks:page_app('x')"); gives its socket.

    `settings` are added to the environment.
    """
    place, log = folder / f"{name}.sock", folder / f"{name}.log"
    options = ["--bind", f"unix:{place}", "--workers", str(workers), "--worker-class", worker_class]
    options += ["--chdir", str(ROOT), "--log-level", "warning"]
    argv = [sys.executable, "-m", "gunicorn", *options, "--no-control-socket", factory]
    process = spawn(Child(name, argv, dict(settings or {}), cwd=ROOT), log)
    try:
        deadline = time.monotonic() + READY_WITHIN
        while not _answers(place):
            if process.poll() is not None or time.monotonic() > deadline:
                raise CannotStart(f"The server {name} does not start: {last_line(log)}")
            time.sleep(0.05)
        yield place
    finally:
        process.terminate()
        try:
            process.wait(GONE_WITHIN)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _answers(place: Path) -> bool:
    try:
        return client.ask(place, client.get("/healthz")).startswith(b"HTTP/1.1 ")
    except OSError:
        return False


def last_number(module: str, arguments: list[str], folder: Path) -> float:
    """Run `python -m module arguments` to its end; the number on the last line that it wrote."""
    log = folder / f"{module}.log"
    process = spawn(Child(module, [sys.executable, "-m", module, *arguments], cwd=ROOT), log)
    try:
        status = process.wait()
    finally:
        process.kill()
        process.wait()
    if status:
        raise CannotStart(f"{module} ended with status {status}: {last_line(log)}")
    return float(last_line(log))
