"""The load: a few connections, each asking again as soon as it has its answer, over a Unix socket.

Every request opens a connection of its own, as nginx would, and says that it is the last. The Unix socket leaves no
port to wait for and nothing in TIME_WAIT.
"""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlencode

# Seconds for one answer; only a stuck server needs more.
PATIENCE = 30.0
COMMON = "Host: 127.0.0.1\r\nAccept-Language: en\r\nConnection: close\r\n"


class WrongAnswer(Exception):
    """A server answered something else than asked: a rate of errors would say nothing."""


def get(path: str, cookie: str = "") -> bytes:
    """A GET as it travels."""
    return f"GET {path} HTTP/1.1\r\n{COMMON}{_cookie(cookie)}\r\n".encode()


def post(path: str, fields: Mapping[str, str], cookie: str = "") -> bytes:
    """A form as it travels."""
    body = urlencode(fields)
    about = f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n"
    return f"POST {path} HTTP/1.1\r\n{COMMON}{_cookie(cookie)}{about}\r\n{body}".encode()


def _cookie(cookie: str) -> str:
    return f"Cookie: {cookie}\r\n" if cookie else ""


def ask(place: Path, request: bytes) -> bytes:
    """Send one request to the server on this socket; everything that it answers."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.settimeout(PATIENCE)
        connection.connect(str(place))
        connection.sendall(request)
        pieces = []
        while piece := connection.recv(65536):
            pieces.append(piece)
    return b"".join(pieces)


def drive(
    place: Path, requests: Sequence[Iterator[bytes]], seconds: float, is_right: Callable[[bytes], bool]
) -> tuple[int, float]:
    """Ask for `seconds`, one connection per iterator of requests; how many answers came, and in how many seconds.

    Raises WrongAnswer at the first answer that is not right.
    """

    def keep_asking(mine: Iterator[bytes]) -> int:
        answers = 0
        while time.perf_counter() < ends:
            answer = ask(place, next(mine))
            if not is_right(answer):
                raise WrongAnswer(answer[:2000].decode(errors="replace"))
            answers += 1
        return answers

    with ThreadPoolExecutor(len(requests)) as connections:
        began = time.perf_counter()
        ends = began + seconds
        answers = sum(connections.map(keep_asking, requests))
        return answers, time.perf_counter() - began
