"""May the server go to this address? One reading of the URL, by rules narrower than any parser's; nothing is sent."""

from __future__ import annotations

import enum
import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address
from urllib.parse import quote, urljoin

import idna

from app.networks import Address, is_public, unwrapped

Resolve = Callable[[str], Sequence[str]]

LONGEST_URL = 2_048
LONGEST_NAME, LONGEST_LABEL = 253, 63
PORTS = {"http": 80, "https": 443}

# ASCII only: without it, `s` would also match the long s of old German print.
PARTS = re.compile(
    r"(?P<scheme>https?)://(?P<authority>[^/?#]*)(?P<path>/[^?#]*)?(?:\?(?P<query>[^#]*))?(?:#.*)?", re.I | re.A | re.S
)
HOST_AND_PORT = re.compile(r"(?P<host>\[[^\[\]@%]*\]|[^:\[\]@%]+)(?::(?P<port>.*))?", re.S)
LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?")
# Some resolver reads a name that ends so as an IPv4 address: 2130706433, 0x7f.1, 0177.0.0.1.
NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")
# White space, control characters and backslashes, which some parsers drop or turn; lone surrogates, which no parser
# can send; and characters that show nothing or turn the direction, so that a person reads another address.
FORBIDDEN = re.compile("[\\s\\\\\x00-\x20\x7f-\x9f\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff\ud800-\udfff]")
# Joiners have a place in Persian and Indic names, which IDNA checks; every other unseen character is refused in names.
JOINERS = "\u200c\u200d"

# Names that only mean something inside a network: RFC 6761 and 6762, the private names of ICANN, and habits. `.test`
# and `.example` are not among them: who owns such a name is asked of the resolver, like all others.
INTERNAL = re.compile(
    "alt|arpa|cluster|consul|corp|docker|domain|home|host|internal|intranet|invalid|k8s|lan|local|localdomain|localhost"
    "|mail|onion|priv|private|svc|workgroup"
)


class Reason(enum.Enum):
    """Why an address is refused."""

    TOO_LONG = enum.auto()
    CHARACTER = enum.auto()
    SCHEME = enum.auto()
    USERINFO = enum.auto()
    HOST = enum.auto()
    PORT = enum.auto()
    ADDRESS_FORM = enum.auto()
    SINGLE_LABEL = enum.auto()
    INTERNAL_NAME = enum.auto()
    UNRESOLVED = enum.auto()
    NOT_PUBLIC = enum.auto()


@dataclass(frozen=True)
class Denied:
    """The server must not go there. `host` is empty unless it was read safely: it may be logged, the URL may not."""

    reason: Reason
    host: str = ""


@dataclass(frozen=True)
class Allowed:
    """The server may go there, to these addresses and no others. `url` is ASCII and has no fragment."""

    url: str
    scheme: str
    host: str
    port: int
    addresses: tuple[Address, ...]


class _Refusal(Exception):
    def __init__(self, reason: Reason, host: str = "") -> None:
        super().__init__(reason)
        self.denied = Denied(reason, host)


def judge(url: str, resolve: Resolve) -> Allowed | Denied:
    """Judge where a URL leads: http on port 80 or https on 443, a public name or address, every answer public.

    `resolve` gives the addresses of a name as text; it is asked at most once, and an error or no answer denies.
    Nothing is decoded, trimmed or guessed: what two parsers could read differently is refused.
    """
    try:
        return _judge(url, resolve)
    except _Refusal as refusal:
        return refusal.denied


def joined(base: str, location: str) -> str:
    """The URL that a redirect from `base` (an allowed URL) to `location` means, to be judged from scratch.

    A location that cannot be read is given back as it is, which `judge` then refuses.
    """
    if len(location) > LONGEST_URL or FORBIDDEN.search(location):  # `urljoin` silently drops tabs and new lines.
        return location
    try:
        return urljoin(base, location)
    except ValueError:
        return location


def _judge(url: str, resolve: Resolve) -> Allowed:
    if len(url) > LONGEST_URL:
        raise _Refusal(Reason.TOO_LONG)
    if FORBIDDEN.search(url):
        raise _Refusal(Reason.CHARACTER)
    parts = PARTS.fullmatch(url)
    if parts is None:
        raise _Refusal(Reason.SCHEME)
    # In `http://a#@b/` and `http://a?@b/` parsers disagree whether the host is a or b.
    if "@" in url.split("/", 3)[2]:
        raise _Refusal(Reason.USERINFO)
    scheme = parts["scheme"].lower()
    host = _host(parts["authority"], scheme)
    addresses = (host,) if not isinstance(host, str) else _addresses(host, resolve)
    if not all(is_public(address) for address in addresses):
        raise _Refusal(Reason.NOT_PUBLIC, str(host))
    place = f"[{host}]" if isinstance(host, IPv6Address) else str(host)
    query = "" if parts["query"] is None else "?" + _encoded(parts["query"], "/?")
    clean = f"{scheme}://{place}{_encoded(parts['path'] or '/', '/')}{query}"
    if len(clean) > LONGEST_URL:
        raise _Refusal(Reason.TOO_LONG, str(host))
    return Allowed(clean, scheme, str(host), PORTS[scheme], addresses)


def _host(authority: str, scheme: str) -> str | Address:
    """The host of an authority, its port having been found to be the scheme's own."""
    found = HOST_AND_PORT.fullmatch(authority)
    if found is None:
        raise _Refusal(Reason.HOST)
    if found["port"] not in (None, str(PORTS[scheme])):
        raise _Refusal(Reason.PORT)
    host = found["host"]
    if not host.startswith("["):
        return _name(host)
    try:
        return unwrapped(IPv6Address(host[1:-1]))
    except ValueError:
        raise _Refusal(Reason.ADDRESS_FORM) from None


def _name(text: str) -> str | Address:
    """A public-looking name in ASCII, or the IPv4 address that the text is, digit for digit.

    The name is first mapped as a browser maps it (UTS 46) and judged afterwards: full-width digits, circled letters
    and ideographic full stops are then what they would become.
    """
    if len(text) > LONGEST_NAME or any(unicodedata.category(c) == "Cf" and c not in JOINERS for c in text):
        raise _Refusal(Reason.HOST)
    try:
        labels = [_label(label) for label in idna.uts46_remap(text).split(".")]
    except idna.IDNAError:
        raise _Refusal(Reason.HOST) from None
    name = ".".join(labels)
    if len(name) > LONGEST_NAME:
        raise _Refusal(Reason.HOST)
    if NUMBER.fullmatch(labels[-1]):
        return _dotted(text)
    if len(labels) == 1:
        raise _Refusal(Reason.SINGLE_LABEL, name)
    if INTERNAL.fullmatch(labels[-1]):
        raise _Refusal(Reason.INTERNAL_NAME, name)
    return name


def _label(label: str) -> str:
    """One label in ASCII. IDNA refuses hyphens in third and fourth place, which plain names do have."""
    if not label.isascii() or label.startswith("xn--"):
        label = idna.alabel(label).decode("ascii")
    if not LABEL.fullmatch(label) or len(label) > LONGEST_LABEL:
        raise _Refusal(Reason.HOST)
    return label


def _dotted(text: str) -> IPv4Address:
    """Four decimal numbers without leading zeros, as typed; every other form of an IPv4 address is refused."""
    try:
        return IPv4Address(text)
    except ValueError:
        raise _Refusal(Reason.ADDRESS_FORM) from None


def _addresses(host: str, resolve: Resolve) -> tuple[Address, ...]:
    """Every address of a name, unwrapped, in the resolver's order."""
    try:
        found = [ip_address(answer) for answer in resolve(host)]
    except Exception:  # Whatever a resolver does, the answer is no.
        found = []
    if not found:
        raise _Refusal(Reason.UNRESOLVED, host)
    return tuple(dict.fromkeys(unwrapped(address) for address in found))


def _encoded(text: str, also: str) -> str:
    """A path or query as it is sent (RFC 3986): what is encoded already stays, all else that needs it is encoded."""
    return quote(re.sub(r"%(?![0-9A-Fa-f]{2})", "%25", text), safe="%!$&'()*+,;=:@" + also)
