"""A small browser: pages, links and forms over HTTP, with cookies. It knows only what a page says."""

from __future__ import annotations

import http.cookiejar
import re
import urllib.error
import urllib.parse
import urllib.request
from dataclasses import dataclass, field
from html.parser import HTMLParser

TIMEOUT = 30


class StepFailed(Exception):
    """A page did not say what it should, or a form was not there."""


@dataclass
class Form:
    """A form as it stands on the page: where it goes, its fields with their values, and what can be chosen."""

    action: str = ""
    method: str = "get"
    fields: list[tuple[str, str]] = field(default_factory=list)
    # Name → the values on offer, for selects, radios and check boxes.
    choices: dict[str, list[str]] = field(default_factory=dict)
    buttons: list[tuple[str, str, str]] = field(default_factory=list)

    @property
    def names(self) -> set[str]:
        """Every field that can be filled in."""
        return {name for name, _ in self.fields} | set(self.choices)


class _Reader(HTMLParser):
    """Collects the text, the links and the forms of a page."""

    VOID = frozenset({"script", "style", "head", "template"})

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.text: list[str] = []
        self.links: list[tuple[str, str]] = []
        self.forms: list[Form] = []
        self._form: Form | None = None
        self._by_id: dict[str, Form] = {}
        self._select: str | None = None
        self._option: tuple[str, bool] | None = None
        self._textarea: tuple[Form, str, list[str]] | None = None
        self._button: tuple[Form, str, str, list[str]] | None = None
        self._link: tuple[str, list[str]] | None = None
        self._hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Notice what opens."""
        values = {name: value or "" for name, value in attrs}
        if tag in self.VOID:
            self._hidden += 1
        elif tag == "a" and "href" in values:
            self._link = (values["href"], [])
        elif tag == "form":
            # A control may name a form that comes later on the page.
            self._form = self._by_id.setdefault(values["id"], Form()) if "id" in values else Form()
            self._form.action, self._form.method = values.get("action", ""), values.get("method", "get").lower()
            self.forms.append(self._form)
        elif tag in ("input", "select", "textarea", "button", "option"):
            self._control(tag, values, {name for name, _ in attrs})

    def _control(self, tag: str, values: dict[str, str], flags: set[str]) -> None:
        form = self._by_id.setdefault(values["form"], Form()) if "form" in values else self._form
        name = values.get("name", "")
        if tag == "option":
            if self._select and form:
                value = values.get("value", "")
                form.choices[self._select].append(value)
                if "selected" in flags:
                    form.fields.append((self._select, value))
            return
        if form is None or "disabled" in flags:
            return
        if tag == "select":
            self._select = name
            form.choices.setdefault(name, [])
        elif tag == "textarea":
            self._textarea = (form, name, [])
        elif tag == "button":
            self._button = (form, name, values.get("value", ""), [])
        else:
            self._input(form, name, values, flags)

    def _input(self, form: Form, name: str, values: dict[str, str], flags: set[str]) -> None:
        kind, value = values.get("type", "text"), values.get("value", "")
        if kind in ("radio", "checkbox"):
            form.choices.setdefault(name, []).append(value or "on")
            if "checked" in flags:
                form.fields.append((name, value or "on"))
        elif kind == "submit":
            form.buttons.append((name, value, value))
        elif name and kind != "file":
            form.fields.append((name, value))

    def handle_data(self, data: str) -> None:
        """Collect the words."""
        if self._hidden:
            return
        self.text.append(data)
        for open_piece in (self._textarea and self._textarea[2], self._button and self._button[3]):
            if open_piece is not None:
                open_piece.append(data)
        if self._link:
            self._link[1].append(data)

    def handle_endtag(self, tag: str) -> None:
        """Notice what closes."""
        if tag in self.VOID:
            self._hidden = max(0, self._hidden - 1)
        elif tag == "form":
            self._form = None
        elif tag == "select":
            self._select = None
        elif tag == "a" and self._link:
            self.links.append((self._link[0], squeeze("".join(self._link[1]))))
            self._link = None
        elif tag == "textarea" and self._textarea:
            form, name, pieces = self._textarea
            form.fields.append((name, "".join(pieces).removeprefix("\n")))
            self._textarea = None
        elif tag == "button" and self._button:
            form, name, value, pieces = self._button
            form.buttons.append((name, value, squeeze("".join(pieces))))
            self._button = None


def squeeze(text: str) -> str:
    """One space wherever there is white space."""
    return re.sub(r"\s+", " ", text).strip()


class Page:
    """An answer: its address, status, words, links and forms."""

    def __init__(self, url: str, status: int, body: str) -> None:
        self.url, self.status, self.body = url, status, body
        reader = _Reader()
        reader.feed(body)
        self.text = squeeze(" ".join(reader.text))
        self.links = reader.links
        self.forms = reader.forms

    def must_say(self, *words: str) -> Page:
        """The page itself, if it says all of this; StepFailed with what it says instead."""
        for word in words:
            if squeeze(word) not in self.text:
                raise StepFailed(f"{self.url} ({self.status}) does not say “{word}”. It says: {self.text[:600]}")
        return self

    def form(self, *, with_field: str | None = None, to: str | None = None, button: str | None = None) -> Form:
        """The first form that has this field, goes to an address ending in this, or has a button with these words."""
        for form in self.forms:
            path = urllib.parse.urlsplit(urllib.parse.urljoin(self.url, form.action)).path
            if with_field is not None and with_field not in form.names:
                continue
            if to is not None and not path.endswith(to):
                continue
            if button is not None and all(button not in words for _, _, words in form.buttons):
                continue
            return form
        raise StepFailed(f"{self.url} has no form with {with_field or to or button!r}. It says: {self.text[:400]}")

    def link(self, words: str) -> str:
        """The address behind the first link whose words contain this."""
        for href, text in self.links:
            if words in text:
                return href
        raise StepFailed(f"{self.url} has no link “{words}”. It says: {self.text[:400]}")


class Browser:
    """One person's browser: it keeps cookies and remembers the page it is on."""

    def __init__(self, base: str, language: str = "en") -> None:
        self.base = base
        self.cookies = http.cookiejar.CookieJar()
        self._opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self.cookies))
        self._opener.addheaders = [("Accept-Language", language), ("User-Agent", "Winnow rehearsal")]
        self.page: Page | None = None

    def open(self, address: str) -> Page:
        """Go to an address (relative to the page one is on)."""
        return self._fetch(self._absolute(address), None)

    def follow(self, words: str) -> Page:
        """Press a link by its words."""
        return self.open(self._here().link(words))

    def send(self, form: Form, values: dict[str, str | list[str]] | None = None, button: str | None = None) -> Page:
        """Fill in a form and send it; fields not named keep what the page had. `button` chooses by its words."""
        given = values or {}
        unknown = set(given) - form.names
        if unknown:
            raise StepFailed(
                f"{self._here().url}: the form has no field {sorted(unknown)}; it has {sorted(form.names)}"
            )
        pairs = [(name, value) for name, value in form.fields if name not in given]
        for name, value in given.items():
            pairs += [(name, one) for one in ([value] if isinstance(value, str) else value)]
        if button is not None:
            name, value, _ = next((entry for entry in form.buttons if button in entry[2]), ("", "", ""))
            pairs += [(name, value)] if name else []
        target = self._absolute(form.action or self._here().url)
        data = urllib.parse.urlencode(pairs)
        if form.method == "get":
            return self._fetch(f"{target.split('?')[0]}?{data}", None)
        return self._fetch(target, data.encode())

    def _here(self) -> Page:
        if self.page is None:
            raise StepFailed("no page is open")
        return self.page

    def _absolute(self, address: str) -> str:
        return urllib.parse.urljoin(self.page.url if self.page else self.base, address)

    def _fetch(self, url: str, data: bytes | None) -> Page:
        request = urllib.request.Request(url, data=data)
        try:
            with self._opener.open(request, timeout=TIMEOUT) as answer:
                status, final, body = answer.status, answer.url, answer.read()
        except urllib.error.HTTPError as error:
            status, final, body = error.code, url, error.read()
        except OSError as error:
            raise StepFailed(f"{url} does not answer: {error}") from error
        self.page = Page(final, status, body.decode("utf-8", "replace"))
        if status >= 400:
            raise StepFailed(f"{url} answered {status}: {self.page.text[:600]}")
        return self.page
