"""One command runs everything: the queue server, the web server, the workers and the tick, and restarts what dies."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import http.client
import os
import shutil
import socket
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TextIO

import click

from app import valkey
from app.processes import PATIENCE, CannotStart, Child, Supervisor, tell
from config import ROOT, Config, queue_socket

__all__ = ["CannotStart", "alone", "children", "main", "supervise"]

# Bytes. SQLite, its write-ahead log and the queue's file need room to grow.
NEEDED_SPACE = 20_000_000
# Seconds for the web server to answer its first request.
WEB_READY_WITHIN = 60.0
WORKER_CLASS = "app.web.BufferingWorker"


def main(config: Config, prepare: Callable[[], None], family: Sequence[Child] | None = None) -> int:
    """Run Winnow in the foreground until Ctrl-C or SIGTERM; return the exit status.

    `prepare` brings the database up to date once the queue answers, and raises CannotStart when it cannot.
    `family` replaces the processes of :func:`children`; one of them is called web. Status 0: stopped on request.
    Status 1: Winnow could not start, and one line on standard error has said why.
    """
    try:
        with _only_run(config) as ended_abruptly:
            _check_space(config.home)
            _check_port(config.port, PATIENCE if ended_abruptly else 0)
            supervise(children(config) if family is None else family, config, prepare)
    except CannotStart as problem:
        with contextlib.suppress(OSError):
            click.echo(str(problem), err=True)
        return 1
    except KeyboardInterrupt:
        tell("Winnow has stopped.")
    return 0


def children(config: Config) -> list[Child]:
    """The processes that answer people and do the work: web, each worker, tick. Each reads its settings itself."""
    flask = [sys.executable, "-m", "flask", "--app", "app"]
    workers = [
        _child(config, f"worker-{name}-{number}", [*flask, "worker", name], is_replaced=True)
        for name, count in config.workers.items()
        for number in range(1, count + 1)
    ]
    return [_child(config, "web", _web_command(config)), *workers, _child(config, "tick", [*flask, "tick"])]


def supervise(family: Sequence[Child], config: Config, prepare: Callable[[], None]) -> None:
    """Start the queue server, prepare, start `family`, say the address, and keep all of it running.

    Raises StopAsked when told to stop and CannotStart when something does not come up. Either way no process stays.
    """
    with Supervisor(_folder(config.home / "log")) as supervisor:
        if config.embedded_queue:
            _start_queue(supervisor, config)
        with supervisor.signals.interrupting():
            if not config.embedded_queue:
                valkey.check_reachable(config.redis_url)
            prepare()
        # The page first: a person waits for it, and the others would take its processor time.
        web = next(child for child in family if child.name == "web")
        supervisor.start(web)
        supervisor.wait_until(web, lambda: _is_healthy(config.port), WEB_READY_WITHIN)
        for child in family:
            if child is not web:
                supervisor.start(child)
        tell(f"Winnow is running at {address(config)} (Ctrl-C stops it)")
        supervisor.run()


def _start_queue(supervisor: Supervisor, config: Config) -> None:
    place, folder = queue_socket(config.home), _folder(config.home / "queue")
    valkey.prepare(place, folder)
    queue = Child("queue", valkey.command(place, folder), stops_last=True)
    supervisor.start(queue)
    try:
        supervisor.wait_until(queue, lambda: valkey.is_answering(place), valkey.READY_WITHIN)
    except CannotStart as problem:
        hint = f"If its file is damaged, remove the folder {folder}: the work itself is kept in the database."
        raise CannotStart(f"{problem}. {hint}") from problem


def address(config: Config) -> str:
    """Where a browser on this machine finds Winnow."""
    return f"http://127.0.0.1:{config.port}"


def _child(config: Config, name: str, argv: list[str], is_replaced: bool = False) -> Child:
    settings = {"WINNOW_HOME": str(config.home), "PORT": str(config.port), "PYTHONUNBUFFERED": "1"}
    return Child(name, argv, settings, cwd=ROOT, is_replaced=is_replaced)


def _web_command(config: Config) -> list[str]:
    """Gunicorn without an access log and without its control socket, which all of a user's servers would share."""
    options = {
        "--bind": f"127.0.0.1:{config.port}",
        "--workers": str(config.web_workers),
        "--worker-class": WORKER_CLASS,
        "--chdir": str(ROOT),
        # Less than a process gets before it is killed, so that requests under way end well.
        "--graceful-timeout": f"{PATIENCE - 2:.0f}",
    }
    words = [word for option in options.items() for word in option]
    # Loaded once and forked: half the work at the start, and the memory is shared.
    return [sys.executable, "-m", "gunicorn", *words, "--preload", "--no-control-socket", "app:create_app()"]


@contextlib.contextmanager
def alone(config: Config, doing: str) -> Iterator[None]:
    """Keep Winnow from being started on this data folder meanwhile; who tries is told the sentence `doing`.

    Raises CannotStart when it runs already.
    """
    with _only_run(config, doing):
        yield


@contextlib.contextmanager
def _only_run(config: Config, doing: str | None = None) -> Iterator[bool]:
    """Hold the data folder's lock; give whether the last run ended without letting go of it (killed, power lost).

    The lock is the kernel's: it ends with this process, however that ends. The file is empty after a clean end.
    """
    with _open_lock(_folder(config.home) / "run.lock") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            _pid, _, said = file.read().strip().partition("\n")
            if " " in said:
                raise CannotStart(said) from error
            raise CannotStart(f"Winnow is already running at {said or address(config)}") from error
        ended_abruptly = bool(file.read())
        _rewrite(file, f"{os.getpid()}\n{doing or address(config)}\n")
        try:
            yield ended_abruptly
        finally:
            _rewrite(file, "")


def _open_lock(path: Path) -> TextIO:
    try:
        return os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, 0o600), "r+")
    except OSError as error:
        raise _not_writable(path.parent, error) from error


def _rewrite(file: TextIO, text: str) -> None:
    try:
        file.seek(0)
        file.truncate()
        file.write(text)
        file.flush()
    except OSError as error:
        raise _not_writable(Path(file.name), error) from error


def _folder(path: Path) -> Path:
    """`path` as a folder that can be written; made when it is missing, for its owner only: it holds people's data."""
    try:
        path.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise _not_writable(path, error) from error
    if not os.access(path, os.W_OK | os.X_OK):
        raise _not_writable(path, PermissionError(errno.EACCES, os.strerror(errno.EACCES)))
    return path


def _not_writable(path: Path, error: OSError) -> CannotStart:
    return CannotStart(
        f"The data folder {path} cannot be written ({error.strerror}). Set WINNOW_HOME to a folder of yours."
    )


def _check_space(home: Path) -> None:
    free = shutil.disk_usage(home).free
    if free < NEEDED_SPACE:
        raise CannotStart(
            f"Only {free / 1e6:.0f} MB are free on the disk of {home}; Winnow needs {NEEDED_SPACE / 1e6:.0f} MB. "
            "Make room, or set WINNOW_HOME to a folder on another disk."
        )


def _check_port(port: int, patience: float) -> None:
    """Raise CannotStart unless the port is free, within `patience` seconds: what a killed run left behind is ending."""
    deadline = time.monotonic() + patience
    while (problem := _port_problem(port)) == errno.EADDRINUSE and time.monotonic() < deadline:
        time.sleep(0.05)
    other = port + 1 if 1024 <= port < 65535 else 8001
    if problem == errno.EADDRINUSE:
        raise CannotStart(f"Port {port} is used by another program. Choose another one: PORT={other} make run")
    if problem:
        raise CannotStart(
            f"Port {port} cannot be used ({os.strerror(problem)}). Choose another one: PORT={other} make run"
        )


def _port_problem(port: int) -> int:
    """The error number of taking the port as the web server will, or 0."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # Connections of a run that just ended may linger.
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            return error.errno or errno.EINVAL
    return 0


def _is_healthy(port: int) -> bool:
    with contextlib.closing(http.client.HTTPConnection("127.0.0.1", port, timeout=2)) as connection:
        try:
            connection.request("GET", "/healthz")
            return connection.getresponse().status == http.HTTPStatus.OK
        except (OSError, http.client.HTTPException):
            return False
