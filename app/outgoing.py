"""Every request that leaves the server, through one guard: judged, sent to the address that was judged, and bounded.

No proxy, cookie, credential or setting of the environment takes part, and nothing here can be configured to let more
through. `connect` and `trust` exist for tests; test_architecture.py sees to it that nothing else passes them.
"""

from __future__ import annotations

import contextlib
import enum
import functools
import hashlib
import http.client
import logging
import queue
import re
import socket
import ssl
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import structlog
import urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection

from app.destinations import Allowed, Denied, Reason, Resolve, joined, judge
from app.networks import Address
from app.wires import Allowance, OutOfBytes, SecureWire, Wire

__all__ = ["Allowed", "Denied", "Failed", "Fault", "Fetched", "Hop", "Limits", "Reason", "fetch", "judge"]

log = structlog.get_logger()
logging.getLogger("urllib3").setLevel(logging.CRITICAL)  # Its warnings would write paths and queries into the log.

MOST_REDIRECTS = 3
REDIRECTS = frozenset({301, 302, 303, 307, 308})
# What may come from the wire besides the body: heads of up to four responses and the frames of chunks.
OVERHEAD_BYTES = 131_072
ENCODINGS = frozenset({"", "identity", "gzip", "x-gzip", "deflate"})
MEDIA_TYPE = re.compile(r"[\w.+-]+/[\w.+-]+", re.A)
HEADERS = {"User-Agent": "Winnow", "Accept": "*/*", "Accept-Encoding": "identity", "Connection": "close"}

Connect = Callable[[str, int, float], socket.socket]


class Fault(enum.Enum):
    """Why an allowed request brought nothing."""

    UNREACHABLE = enum.auto()
    TLS = enum.auto()
    TIMEOUT = enum.auto()
    TOO_LARGE = enum.auto()
    BAD_RESPONSE = enum.auto()
    DOWNGRADE = enum.auto()
    TOO_MANY_REDIRECTS = enum.auto()


@dataclass(frozen=True)
class Limits:
    """The most that one fetch may take: seconds to connect to one address, seconds in all, bytes of decoded body."""

    connect_s: float = 3.0
    total_s: float = 8.0
    body_bytes: int = 65_536


@dataclass(frozen=True)
class Hop:
    """One request that was answered: where, by which address, with which status."""

    url: str
    address: str
    status: int


@dataclass(frozen=True)
class Fetched:
    """The last answer, whatever its status. `content_type` is the media type alone, or empty; `sha256` is of `body`."""

    url: str
    status: int
    content_type: str
    body: bytes
    sha256: str
    hops: tuple[Hop, ...]


@dataclass(frozen=True)
class Failed:
    """Nothing to show: an address was refused (Reason) or the request failed (Fault), at `host` if it was read."""

    reason: Reason | Fault
    host: str
    hops: tuple[Hop, ...]


class _Stop(Exception):
    def __init__(self, fault: Fault) -> None:
        super().__init__(fault)
        self.fault = fault


class _Pinned:
    """A connection that goes where `reach` goes; Host, SNI and the certificate's check keep the name of the URL."""

    reach: Callable[[], socket.socket]

    def _new_conn(self) -> socket.socket:
        return self.reach()


class _Plain(_Pinned, HTTPConnection):
    pass


class _Secure(_Pinned, HTTPSConnection):
    pass


@dataclass
class _Fetch:
    """One fetch under way."""

    limits: Limits
    resolve: Resolve
    connect: Connect
    trust: ssl.SSLContext | None
    allowance: Allowance
    hops: list[Hop] = field(default_factory=list)
    host: str = ""

    def run(self, url: str) -> Fetched | Failed:
        """Ask, and follow at most three redirects, each judged from scratch."""
        was_secure = False
        try:
            for _ in range(MOST_REDIRECTS + 1):
                verdict = self._judged(url)
                self.host = verdict.host
                if isinstance(verdict, Denied):
                    return self._failed(verdict.reason)
                if was_secure and verdict.scheme == "http":
                    return self._failed(Fault.DOWNGRADE)
                was_secure = verdict.scheme == "https"
                outcome = self._ask(verdict)
                if isinstance(outcome, Fetched):
                    return outcome
                url = outcome
        except Exception as error:
            return self._failed(_fault(error))
        return self._failed(Fault.TOO_MANY_REDIRECTS)

    def _failed(self, reason: Reason | Fault) -> Failed:
        return Failed(reason, self.host, tuple(self.hops))

    def _judged(self, url: str) -> Allowed | Denied:
        self.allowance.seconds()
        return judge(url, self._resolved)

    def _resolved(self, host: str) -> Sequence[str]:
        """Ask the resolver, which knows no deadline, in a thread that may be left behind."""
        box: queue.SimpleQueue[list[str]] = queue.SimpleQueue()

        def ask() -> None:
            answers: list[str] = []
            with contextlib.suppress(Exception):
                answers = list(self.resolve(host))
            box.put(answers)

        threading.Thread(target=ask, daemon=True).start()
        return box.get(timeout=self.allowance.seconds())

    def _ask(self, allowed: Allowed) -> Fetched | str:
        """The answer, or the URL to which it sends on."""
        with contextlib.closing(_connection(allowed, self.trust)) as connection:
            connection.timeout = self.allowance.seconds()
            wire, address = self._reached(allowed)
            connection.reach = lambda: wire
            try:
                connection.connect()
            except ssl.SSLError:
                raise _Stop(Fault.TLS) from None
            if isinstance(connection.sock, SecureWire):
                connection.sock.allowance = self.allowance
            target = allowed.url.split("/", 3)[3]
            connection.request("GET", "/" + target, headers=HEADERS, preload_content=False)
            with contextlib.closing(connection.getresponse()) as response:
                self.hops.append(Hop(allowed.url, str(address), response.status))
                location = _location(response)
                if location and response.status in REDIRECTS:
                    return joined(allowed.url, location)
                return self._fetched(allowed.url, response)

    def _reached(self, allowed: Allowed) -> tuple[Wire, Address]:
        """A connection to the first judged address that takes one."""
        for address in allowed.addresses:
            timeout = min(self.limits.connect_s, self.allowance.seconds())
            with contextlib.suppress(OSError):
                return Wire.around(self.connect(str(address), allowed.port, timeout), self.allowance), address
        self.allowance.seconds()
        raise _Stop(Fault.UNREACHABLE)

    def _fetched(self, url: str, response: urllib3.BaseHTTPResponse) -> Fetched:
        """The last answer, its body decoded: compression was not asked for, but some files are stored that way."""
        encoding = response.headers.get("Content-Encoding", "").strip().lower()
        if encoding not in ENCODINGS or response.status < 200:
            raise _Stop(Fault.BAD_RESPONSE)
        body = bytearray()
        while piece := response.read(self.limits.body_bytes + 1 - len(body), decode_content=True):
            body += piece
            if len(body) > self.limits.body_bytes:
                raise _Stop(Fault.TOO_LARGE)
        media = MEDIA_TYPE.match(response.headers.get("Content-Type", ""))
        kind, digest = media[0].lower() if media else "", hashlib.sha256(body).hexdigest()
        return Fetched(url, response.status, kind, bytes(body), digest, tuple(self.hops))


def fetch(
    url: str,
    *,
    resolve: Resolve | None = None,
    limits: Limits | None = None,
    connect: Connect | None = None,
    trust: ssl.SSLContext | None = None,
) -> Fetched | Failed:
    """GET a URL that anyone may have written, and never raise for what a server or resolver does.

    Each hop is resolved once and connects to an address that was judged. A body beyond the limit is refused, not
    cut; meta refresh is not followed. A failure is logged with its host alone.
    """
    limits = limits or Limits()
    under_way = _Fetch(
        limits,
        resolve or system_resolve,
        connect or _tcp,
        trust,
        Allowance(limits.total_s, limits.body_bytes + OVERHEAD_BYTES),
    )
    outcome = under_way.run(url)
    if isinstance(outcome, Failed):
        log.info("outgoing_failed", host=outcome.host, reason=outcome.reason.name.lower())
    return outcome


def system_resolve(host: str) -> Sequence[str]:
    """The addresses of a name. The full stop keeps the machine's search list (`svc.cluster.local`) out of it."""
    found = socket.getaddrinfo(host + ".", None, type=socket.SOCK_STREAM, flags=socket.AI_ADDRCONFIG)
    return [str(entry[4][0]) for entry in found]


def _tcp(address: str, port: int, timeout: float) -> socket.socket:
    return socket.create_connection((address, port), timeout)


def _connection(allowed: Allowed, trust: ssl.SSLContext | None) -> _Plain | _Secure:
    if allowed.scheme == "http":
        return _Plain(allowed.host, allowed.port)
    context = trust or _trusted()
    context.sslsocket_class = SecureWire
    return _Secure(allowed.host, allowed.port, ssl_context=context)


@functools.cache
def _trusted() -> ssl.SSLContext:
    """The authorities that the machine trusts; read once, as reading takes longer than a request."""
    return ssl.create_default_context()


def _location(response: urllib3.BaseHTTPResponse) -> str:
    """Where a redirect leads, or nothing. Headers are read as Latin-1; what is UTF-8 inside is read again as such."""
    raw: str = response.headers.get("Location", "")
    with contextlib.suppress(UnicodeError):
        return raw.encode("latin-1").decode("utf-8")
    return raw


def _fault(error: Exception) -> Fault:
    """What a failed exchange is called; an error that no server can cause is a mistake of ours and goes on."""
    match error:
        case _Stop():
            return error.fault
        case TimeoutError() | urllib3.exceptions.TimeoutError():
            return Fault.TIMEOUT
        case OutOfBytes():
            return Fault.TOO_LARGE
        case OSError() | http.client.HTTPException() | urllib3.exceptions.HTTPError() | ValueError():
            return Fault.BAD_RESPONSE
    raise error
