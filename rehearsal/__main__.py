"""`make demo`: start Winnow in a temporary home on a free port, rehearse the main job, and count what held."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict
from pathlib import Path

import config
from rehearsal.browser import StepFailed
from rehearsal.story import Counts, Story

STOPS_WITHIN = 30.0


def main() -> int:
    """Run the rehearsal; the exit status is 0 only if every step held."""
    started = time.monotonic()

    def tell(line: str) -> None:
        sys.stdout.write(f"{time.monotonic() - started:6.1f} s  {line}\n")
        sys.stdout.flush()

    # Short, because the queue server's socket lies inside.
    with tempfile.TemporaryDirectory(prefix="winnow-") as home:
        server, base = _start(Path(home))
        counts, problem = Counts(), None
        try:
            story = Story(base, tell)
            counts = story.counts
            story.play()
        except StepFailed as error:
            problem = str(error)
        finally:
            _stop(server)
            troubles = _troubles(Path(home) / "log")
    sys.stdout.write(_table(counts) + "\n")
    if problem:
        sys.stdout.write(f"A step did not hold: {problem}\n{troubles}")
    sys.stdout.write(json.dumps(asdict(counts)) + "\n")
    return 1 if problem else 0


def _start(home: Path) -> tuple[subprocess.Popen[str], str]:
    port = _free_port()
    command = [sys.executable, "-m", "flask", "--app", "app", "run-all"]
    settings = config.child_environment(WINNOW_HOME=str(home), PORT=str(port), WINNOW_ENV="development")
    server = subprocess.Popen(command, env=settings, stdout=subprocess.PIPE, text=True, cwd=config.ROOT)
    assert server.stdout is not None
    for line in server.stdout:
        if "is running at" in line:
            return server, f"http://127.0.0.1:{port}"
    raise SystemExit(f"Winnow did not start (exit status {server.wait()}).")


def _stop(server: subprocess.Popen[str]) -> None:
    server.send_signal(signal.SIGINT)
    try:
        server.wait(STOPS_WITHIN)
    except subprocess.TimeoutExpired:
        server.kill()


def _troubles(logs: Path) -> str:
    """What the processes noted as going wrong, for whoever must find out why."""
    lines = [line for log in sorted(logs.glob("*.log")) for line in log.read_text(errors="replace").splitlines()]
    wrong = [line[:1500] for line in lines if '"level": "error"' in line or '"level": "warning"' in line]
    return "".join(f"{line}\n" for line in wrong[-20:])


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _table(counts: Counts) -> str:
    """What happened in each region, and in all."""
    names = ("applications", "submissions", "checked", "scored", "decided", "released")
    lines = ["", "region".ljust(8) + "".join(name.rjust(14) for name in names)]
    for code, numbers in counts.by_region.items():
        lines.append(code.ljust(8) + "".join(str(numbers.get(name, 0)).rjust(14) for name in names))
    lines.append("all".ljust(8) + "".join(str(getattr(counts, name)).rjust(14) for name in names))
    return "\n".join(lines)


if __name__ == "__main__":
    raise SystemExit(main())
