"""HTTP over plain sockets: cheap, and it can send half a request or break off, as networks do.

Every request opens a connection of its own and says that it is the last.
"""

from __future__ import annotations

import html
import re
import socket
import struct
import time
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit

# Seconds for one answer; longer than gunicorn lets a worker think.
PATIENCE = 40.0


class Broken(Exception):
    """No answer, or half of one: whoever asked cannot know whether it was done."""


@dataclass(frozen=True)
class Answer:
    """A whole answer."""

    status: int
    headers: Mapping[str, str]
    body: str

    @property
    def place(self) -> str:
        """The path that a redirect leads to."""
        return urlsplit(self.headers.get("location", "")).path

    def field(self, name: str) -> str:
        """The value of an input of the page's form."""
        found = re.search(rf'<input[^>]*\bname="{re.escape(name)}"[^>]*>', self.body)
        value = re.search(r'\bvalue="([^"]*)"', found.group()) if found else None
        if value is None:
            raise Broken(f"a page with status {self.status} has no field {name}")
        return html.unescape(value.group(1))


def request(method: str, path: str, cookie: str = "", fields: Mapping[str, str] | None = None) -> bytes:
    """A request as it travels."""
    if fields is None:
        return _request(method, path, cookie)
    return _request(method, path, cookie, "application/x-www-form-urlencoded", urlencode(fields).encode())


def upload(path: str, cookie: str, fields: Mapping[str, str], data: bytes) -> bytes:
    """A form with one file, called "file", as it travels."""
    edge = "edge-of-a-part"
    begin = f"--{edge}\r\nContent-Disposition: form-data; name="
    parts = [f'{begin}"{name}"\r\n\r\n{text}\r\n' for name, text in fields.items()]
    head = "".join(parts) + f'{begin}"file"; filename="picture.png"\r\n\r\n'
    body = head.encode() + data + f"\r\n--{edge}--\r\n".encode()
    return _request("POST", path, cookie, f"multipart/form-data; boundary={edge}", body)


def _request(method: str, path: str, cookie: str, kind: str = "", body: bytes = b"") -> bytes:
    lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", "Accept-Language: en", "Connection: close"]
    lines += [f"Cookie: {cookie}"] if cookie else []
    lines += [f"Content-Type: {kind}", f"Content-Length: {len(body)}"] if kind else []
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def ask(port: int, sent: bytes, *, pieces: int = 1, pause: float = 0.0) -> Answer:
    """Send a request in so many pieces with a pause between them, and read the answer. Raises Broken."""
    try:
        with socket.create_connection(("127.0.0.1", port), PATIENCE) as connection:
            size = -(-len(sent) // pieces)
            for start in range(0, len(sent), size):
                if start:
                    time.sleep(pause)
                connection.sendall(sent[start : start + size])
            received = bytearray()
            while piece := connection.recv(65536):
                received += piece
    except OSError as error:
        raise Broken(type(error).__name__) from error
    return _read(bytes(received))


def break_off(port: int, sent: bytes, after: int) -> None:
    """Send the first `after` bytes of a request and reset the connection."""
    with socket.create_connection(("127.0.0.1", port), PATIENCE) as connection:
        connection.sendall(sent[:after])
        # Lingering for 0 seconds makes closing a reset.
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def _read(received: bytes) -> Answer:
    head, found, body = received.partition(b"\r\n\r\n")
    lines = head.decode("latin-1").split("\r\n")
    status = lines[0].split(" ")[1:2]
    headers = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:])}
    if not found or not status or len(body) != int(headers.get("content-length", len(body))):
        raise Broken("half an answer")
    return Answer(int(status[0]), headers, body.decode("utf-8", "replace"))
