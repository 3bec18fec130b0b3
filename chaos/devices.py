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

# Pixels each way: enough that the process which copies it lives long enough to be met.
PICTURE = 1_200
CODE = "/your-code"
ANSWER = "answer-reply"


# The newest code in a person's mailbox, by their number; None while it is on its way.
Mailbox = Callable[[int], str | None]


class Browser:
    """A candidate's browser: it came by the private link, has the workspace open and the words typed in.

    `read_code` gives the code that was mailed to this person, for a browser that comes when there is a draft already.
    """

    def __init__(
        self, port: int, link: str, words: str, read_code: Callable[[], str | None] | None = None, slug: str = SLUG
    ) -> None:
        self.port, self._cookie, self._place = port, "", f"/my/{slug}"
        page = self._open(request("GET", link))
        pressed = self._send(link, page)
        if pressed.place == CODE and read_code:
            self._enter_code(read_code)
        self._fields = {ANSWER: words, "hand_in_draft": "y"}
        self._open_workspace()

    def save(self) -> None:
        """Press Save, and go on with the page that comes back."""
        self._open(request("POST", f"{self._place}/draft", self._cookie, dict(self._fields)), 303)
        self._open_workspace()

    def _open_workspace(self) -> None:
        self.reopen(self._open(request("GET", f"{self._place}/answer", self._cookie)))

    def _enter_code(self, read_code: Callable[[], str | None]) -> None:
        page = self._open(request("GET", CODE, self._cookie))
        # Asks for nothing where a code went a moment ago; needed where the last one was spent and the answer lost.
        self._send(f"{CODE}/mail", page)
        code = read_code()
        if code is None:
            raise Broken("code on its way")
        self._send(CODE, page, code=code)

    def _send(self, path: str, page: Answer, **fields: str) -> Answer:
        """Send the page's form, which answers with a redirect."""
        sent = {"csrf_token": page.field("csrf_token"), **fields}
        return self._open(request("POST", path, self._cookie, sent), 303)

    @property
    def key(self) -> str:
        """The key that came with the form."""
        return self._fields["key"]

    def reopen(self, answer: Answer) -> None:
        """Take the hidden fields of a page; the words stay as typed."""
        self._fields |= {name: answer.field(name) for name in ("csrf_token", "key", "revision")}

    def request(self) -> bytes:
        """The form as it travels."""
        return request("POST", f"{self._place}/submit", self._cookie, dict(self._fields))

    def write_link(self, url: str) -> None:
        """Type a link as well."""
        self._fields[f"answer-{LINK}"] = url

    def add_picture(self, data: bytes) -> None:
        """Send a file, as the page's script does; the answer names it by its code."""
        fields = {"csrf_token": self._fields["csrf_token"]}
        answer = self._open(upload(f"{self._place}/files/{FILE}", self._cookie, fields, data), 201)
        self._fields[f"answer-{FILE}"] = str(json.loads(answer.body)["code"])

    def _open(self, sent: bytes, status: int = 200) -> Answer:
        answer = ask(self.port, sent)
        if answer.status != status:
            raise Broken(str(answer.status))
        # The session's cookie comes last; that of the browser is not kept, so each of ours is a new one.
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


def of_winnow(port: int, links: Sequence[str], mailbox: Mailbox) -> Callable[[Person, int], Device]:
    """How people open Winnow on a device. Who has two saves a draft on the first, and the second asks for a code."""

    def open_device(person: Person, number: int) -> Browser:
        browser = Browser(port, links[person.number], person.words(number), lambda: mailbox(person.number))
        if person.has_second and number == 0:
            browser.save()
        if person.has_link:
            browser.write_link(person.link(number))
        if person.has_file:
            browser.add_picture(picture(f"{person.number}-{number}"))
        return browser

    return open_device


def of_control(port: int) -> Callable[[Person, int], Device]:
    """How people open the control on a device."""
    return lambda person, number: BareForm(port, f"{person.number}-{number}", person.words(number))
