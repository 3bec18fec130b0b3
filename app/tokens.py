"""Unguessable names: fresh ones, ones derived from the secret key, and what is stored of them."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets

# No vowels and no look-alikes: codes are read aloud, and must not spell words.
CODE_LETTERS = "23456789BCDFGHJKMNPQRTVWXYZ"


def fresh() -> str:
    """A new random token of 256 bits, safe in an address."""
    return secrets.token_urlsafe(32)


def derived(secret_key: str, *parts: str | int) -> str:
    """A 256-bit token that only the holder of the secret key can make again (HMAC-SHA256 of the parts)."""
    return base64.urlsafe_b64encode(_digest(secret_key, *parts)).decode().rstrip("=")


def derived_code(secret_key: str, *parts: str | int, length: int = 8) -> str:
    """As `derived`, as a code to be typed by people."""
    number, letters = int.from_bytes(_digest(secret_key, *parts), "big"), ""
    for _ in range(length):
        number, place = divmod(number, len(CODE_LETTERS))
        letters += CODE_LETTERS[place]
    return letters


def _digest(secret_key: str, *parts: str | int) -> bytes:
    message = "\x1f".join(str(part) for part in parts)
    return hmac.new(secret_key.encode(), message.encode(), hashlib.sha256).digest()


def hash_of(token: str) -> str:
    """What the database keeps of a token: its SHA-256 as 64 hexadecimal digits."""
    return hashlib.sha256(token.encode()).hexdigest()


def code(length: int = 8) -> str:
    """A random code to be read by people, such as `K7QM2XPD`; 8 letters carry 38 bits."""
    return "".join(secrets.choice(CODE_LETTERS) for _ in range(length))
