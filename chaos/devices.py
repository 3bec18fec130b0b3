"""A browser in front of Winnow, and one in front of the control: each has one form open and can send it again."""

from __future__ import annotations

import json
import secrets
import struct
import zlib
from collections.abc import Callable, Sequence

from chaos.crowd import Device
from chaos.people import FILE, LINK, SLUG
from chaos.plan import Person
from chaos.wire import Answer, Broken, ask, request, upload

WORKSPACE = f"/my/{SLUG}/answer"
SUBMIT = f"/my/{SLUG}/submit"
UPLOAD = f"/my/{SLUG}/files/{FILE}"
# Pixels each way: enough that the process which copies it lives long enough to be met.
PICTURE = 1_200


class Browser:
    """A candidate's browser: it came by the private link, has the workspace open and the words typed in."""

    def __init__(self, port: int, link: str, person: Person, number: int) -> None:
        self.port, self._cookie = port, ""
        page = self._open(request("GET", link))
        self._open(request("POST", link, self._cookie, {"csrf_token": page.field("csrf_token")}), 303)
        self._fields = {"answer-reply": person.words(number), "hand_in_draft": "y"}
        if person.has_link:
            self._fields[f"answer-{LINK}"] = person.link(number)
        self.reopen(self._open(request("GET", WORKSPACE, self._cookie)))
        if person.has_file:
            self._fields[f"answer-{FILE}"] = self._keep(picture(f"{person.number}-{number}"))

    @property
    def key(self) -> str:
        """The key that came with the form."""
        return self._fields["key"]

    def reopen(self, answer: Answer) -> None:
        """Take the hidden fields of a page; the words stay as typed."""
        self._fields |= {name: answer.field(name) for name in ("csrf_token", "key", "revision")}

    def request(self) -> bytes:
        """The form as it travels."""
        return request("POST", SUBMIT, self._cookie, dict(self._fields))

    def _keep(self, data: bytes) -> str:
        """Send a file, as the page's script does; its code."""
        fields = {"csrf_token": self._fields["csrf_token"]}
        return str(json.loads(self._open(upload(UPLOAD, self._cookie, fields, data), 201).body)["code"])

    def _open(self, sent: bytes, status: int = 200) -> Answer:
        answer = ask(self.port, sent)
        if answer.status != status:
            raise Broken(str(answer.status))
        self._cookie = answer.headers.get("set-cookie", self._cookie).partition(";")[0]
        return answer


def picture(note: str) -> bytes:
    """A black picture as PNG with a note inside, so that no two people hand in the same bytes."""
    size = struct.pack(">IIBBBBB", PICTURE, PICTURE, 8, 0, 0, 0, 0)
    pixels = zlib.compress(bytes((PICTURE + 1) * PICTURE))
    chunks = [(b"IHDR", size), (b"tEXt", b"Comment\0" + note.encode()), (b"IDAT", pixels), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body)) for name, body in chunks
    )


class BareForm:
    """The control's client: it makes its key itself."""

    def __init__(self, port: int, name: str, words: str) -> None:
        self.port = port
        self._fields = {"key": secrets.token_urlsafe(16), "name": name, "words": words}

    @property
    def key(self) -> str:
        """The key of this form."""
        return self._fields["key"]

    def reopen(self, answer: Answer) -> None:
        """The control never asks."""
        raise Broken(str(answer.status))

    def request(self) -> bytes:
        """The form as it travels."""
        return request("POST", "/submit", fields=self._fields)


def of_winnow(port: int, links: Sequence[str]) -> Callable[[Person, int], Device]:
    """How people open Winnow on a device."""
    return lambda person, number: Browser(port, links[person.number], person, number)


def of_control(port: int) -> Callable[[Person, int], Device]:
    """How people open the control on a device."""
    return lambda person, number: BareForm(port, f"{person.number}-{number}", person.words(number))
