"""A browser in front of Winnow, and one in front of the control: each has one form open and can send it again."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence

from chaos.crowd import Device
from chaos.people import SLUG
from chaos.plan import Person
from chaos.wire import Answer, Broken, ask, request

WORKSPACE = f"/my/{SLUG}/answer"
SUBMIT = f"/my/{SLUG}/submit"
DRAFT = f"/my/{SLUG}/draft"
CODE = "/your-code"
ANSWER = "answer-reply"


# The newest code in a person's mailbox, by their number; None while it is on its way.
Mailbox = Callable[[int], str | None]


class Browser:
    """A candidate's browser: it came by the private link, has the workspace open and the words typed in.

    `read_code` gives the code that was mailed to this person, for a browser that comes when there is a draft already.
    """

    def __init__(self, port: int, link: str, words: str, read_code: Callable[[], str | None] | None = None) -> None:
        self.port, self._cookie = port, ""
        page = self._open(request("GET", link))
        pressed = self._send(link, page)
        if pressed.place == CODE and read_code:
            self._enter_code(read_code)
        self._fields = {ANSWER: words, "hand_in_draft": "y"}
        self.reopen(self._open(request("GET", WORKSPACE, self._cookie)))

    def save(self) -> None:
        """Press Save, and go on with the page that comes back."""
        self._open(request("POST", DRAFT, self._cookie, dict(self._fields)), 303)
        self.reopen(self._open(request("GET", WORKSPACE, self._cookie)))

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
        return request("POST", SUBMIT, self._cookie, dict(self._fields))

    def _open(self, sent: bytes, status: int = 200) -> Answer:
        answer = ask(self.port, sent)
        if answer.status != status:
            raise Broken(str(answer.status))
        # The session's cookie comes last; that of the browser is not kept, so each of ours is a new one.
        self._cookie = answer.headers.get("set-cookie", self._cookie).partition(";")[0]
        return answer


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

    def open_one(person: Person, number: int) -> Device:
        browser = Browser(port, links[person.number], person.words(number), lambda: mailbox(person.number))
        if person.has_second and number == 0:
            browser.save()
        return browser

    return open_one


def of_control(port: int) -> Callable[[Person, int], Device]:
    """How people open the control on a device."""
    return lambda person, number: BareForm(port, f"{person.number}-{number}", person.words(number))
