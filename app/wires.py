"""Sockets that end in time: every read is bounded by what one request to the outside may still take."""

from __future__ import annotations

import socket
import ssl
import time
from typing import Any


class OutOfTime(TimeoutError):
    """The deadline has passed."""


class OutOfBytes(Exception):
    """More has come from the wire than may."""


class Allowance:
    """What is left of one request: seconds until its deadline, bytes from the wire."""

    def __init__(self, seconds: float, wire_bytes: int) -> None:
        self._ends = time.monotonic() + seconds
        self._bytes = wire_bytes

    def seconds(self) -> float:
        """Seconds left, more than none; raises OutOfTime."""
        left = self._ends - time.monotonic()
        if left <= 0:
            raise OutOfTime
        return left

    def spend(self, count: int) -> None:
        """Count bytes that have come; raises OutOfBytes."""
        self._bytes -= count
        if self._bytes < 0:
            raise OutOfBytes


class Wire(socket.socket):
    """A socket on which no read waits past the deadline: a time-out for each read would let a slow drip go on."""

    allowance: Allowance

    @classmethod
    def around(cls, plain: socket.socket, allowance: Allowance) -> Wire:
        """Take over a connected socket; raises OutOfTime, the socket closed."""
        wire = cls(fileno=plain.detach())
        wire.allowance = allowance
        try:
            wire.settimeout(allowance.seconds())
        except OutOfTime:
            wire.close()
            raise
        return wire

    def recv_into(self, *args: Any, **kwargs: Any) -> int:
        """Read, at the allowance's expense."""
        self.settimeout(self.allowance.seconds())
        count = super().recv_into(*args, **kwargs)
        self.allowance.spend(count)
        return count


class SecureWire(Wire, ssl.SSLSocket):
    """The same inside TLS, made by an SSLContext whose `sslsocket_class` it is; give it its allowance after that."""
