"""Reading HTML for its faults and pictures: html5lib's grammar, without its tree and without its unbounded work.

html5lib builds a tree that nobody here needs, and some of its steps look through all open elements, all attributes of
a tag or all children of a node, so that its time can grow with the square of the text. Here the tree keeps parents
only, and the reading stops where nesting or a tag has grown past what any page needs.
"""

import re
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from html5lib._inputstream import invalid_unicode_re
from html5lib._tokenizer import HTMLTokenizer
from html5lib.constants import namespaces, tokenTypes
from html5lib.html5parser import HTMLParser
from html5lib.treebuilders import base

DEEPEST = 100
"""Elements inside each other. Browsers stop at 512; a page that people wrote by hand has 20."""

MOST_ATTRIBUTES = 100
"""Attributes of one tag."""

# A widget is a piece of a page, which needs no document type; a whole page is read as well.
_HARMLESS = "expected-doctype"
_UNCLOSED = "expected-closing-tag-but-got-eof"
_MAY_STAY_OPEN = frozenset({"dd", "dt", "li", "optgroup", "option", "p", "rp", "rt", "tbody", "td", "tfoot", "th",
                            "thead", "tr", "body", "html"})  # fmt: skip
# int() refuses more than 4,300 digits. No character has a number so long, so another impossible one takes its place.
_LONG_NUMBER = re.compile(r"(?<=&#)[0-9]{1000,}+")
_LONG_ENOUGH = 1_000
_NAMED = re.compile(r"&[0-9A-Za-z]{1,40};")


@dataclass(slots=True)
class Element:
    """An element as far as faults and pictures need it; `where` is the range of its start tag."""

    name: str
    namespace: str | None
    where: tuple[int, int]
    attributes: Mapping[Any, str] = field(default_factory=dict)
    parent: Any = None
    has_title: bool = False


@dataclass(slots=True)
class Source:
    """What was read: faults as (start, end, code) in the order of the text, and the elements that could be pictures."""

    faults: list[tuple[int, int, str]]
    pictures: list[Element]


def read(text: str) -> Source:
    """Read HTML, a whole page or a piece of one, as the HTML standard says.

    Codes are those of html5lib, and three of our own after which nothing more is read: `too-deep`,
    `too-many-attributes` and `unreadable`. Any text is accepted; work grows linearly with its length.
    """
    # Each replacement is as long as what it replaces, so that places stay.
    plain = text.replace("\r\n", " \n").replace("\r", "\n")
    plain = _LONG_NUMBER.sub(lambda found: "x".ljust(len(found.group()), "f"), plain)
    parser = _Parser(plain)
    try:
        parser.parse(plain)
    except _TooMuch as stop:
        parser.note(stop.code)
    except (AssertionError, AttributeError, IndexError, KeyError, TypeError, ValueError):
        # Some broken source breaks html5lib itself (an svg that is never closed in a cell that is never closed).
        parser.note("unreadable")
    faults = [*parser.faults, *((*bad.span(), "invalid-codepoint") for bad in invalid_unicode_re.finditer(plain))]
    return Source(sorted(faults), parser.tree.pictures)


class _TooMuch(Exception):
    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class _Full(str):
    """A name, comment or value so long that nothing need be added: html5lib would copy it whole for every piece."""

    __slots__ = ()

    def __add__(self, _more: str) -> "_Full":
        return self


def _is_long(word: object) -> bool:
    return type(word) is str and len(word) > _LONG_ENOUGH


class _Tokenizer(HTMLTokenizer):  # type: ignore[misc]
    """Knows where each piece began, reports what the standard reports, and stops before work explodes."""

    def __init__(self, text: str, parser: "_Parser") -> None:
        super().__init__(text, parser=parser)
        # One chunk, so that the offset in it is the place in the text; invalid characters are looked for apart.
        self.stream._defaultChunkSize = len(text) + 1
        self.stream.reportCharacterErrors = None
        self.start = 0
        self.temporaryBuffer = ""

    def __iter__(self) -> Iterator[Any]:
        self.tokenQueue: deque[Any] = deque()
        tree = self.parser.tree
        while self.state():
            self._shorten()
            while self.tokenQueue:
                if len(tree.openElements) > DEEPEST or len(tree.activeFormattingElements) > DEEPEST:
                    raise _TooMuch("too-deep")
                yield self.tokenQueue.popleft()

    def _shorten(self) -> None:
        token = self.currentToken or {}
        for key in ("name", "data", "publicId", "systemId"):
            token.update({key: _Full(token[key])} if _is_long(token.get(key)) else {})
        attributes = token.get("data")
        if isinstance(attributes, list) and attributes:
            if len(attributes) > MOST_ATTRIBUTES:
                raise _TooMuch("too-many-attributes")
            attributes[-1][:] = (_Full(word) if _is_long(word) else word for word in attributes[-1])
        if _is_long(self.temporaryBuffer):
            self.temporaryBuffer = _Full(self.temporaryBuffer)

    def dataState(self) -> Any:
        self.start = self.stream.chunkOffset
        return super().dataState()

    def consumeEntity(self, allowedChar: str | None = None, fromAttribute: bool = False) -> None:
        """Forgive `AT&T` and `?a=1&copy=2`, which were faults once and are none in today's standard."""
        before, start = len(self.tokenQueue), self.stream.chunkOffset - 1
        super().consumeEntity(allowedChar=allowedChar, fromAttribute=fromAttribute)
        added = [self.tokenQueue.pop() for _ in range(len(self.tokenQueue) - before)]
        text = self.stream.chunk
        for token in reversed(added):
            code = token["data"] if token["type"] == tokenTypes["ParseError"] else ""
            is_unknown_name = code == "expected-named-entity" and not _NAMED.match(text, start)
            in_address = code == "named-entity-without-semicolon" and fromAttribute and self._goes_on()
            if not is_unknown_name and not in_address:
                self.tokenQueue.append(token)

    def _goes_on(self) -> bool:
        following = self.stream.chunk[self.stream.chunkOffset : self.stream.chunkOffset + 1]
        return bool(following == "=" or following.isalnum())


class _Parser(HTMLParser):  # type: ignore[misc]
    """html5lib's parser over our tokenizer and tree."""

    def __init__(self, text: str) -> None:
        self.tokenizer = _Tokenizer(text, self)
        self.faults: list[tuple[int, int, str]] = []
        super().__init__(tree=lambda namespaced: _Tree(namespaced, self.tokenizer), namespaceHTMLElements=True)

    def _parse(self, stream: str, innerHTML: bool = False, container: str | None = "div", **_: Any) -> None:
        self.innerHTMLMode = innerHTML
        self.container = container
        self.scripting = False
        self.reset()
        self.mainLoop()

    def parseError(self, errorcode: str = "unknown", datavars: object = None) -> None:
        """Keep where it was; an element that was never closed is noted where it was opened."""
        if errorcode == _UNCLOSED:
            opened = (one for one in reversed(self.tree.openElements) if one.name not in _MAY_STAY_OPEN)
            self.faults.extend((*one.where, errorcode) for one in list(opened)[:1])
        elif not errorcode.startswith(_HARMLESS):
            self.note(errorcode)

    def note(self, code: str) -> None:
        self.faults.append((self.tokenizer.start, self.tokenizer.stream.chunkOffset, code))


class _Node(Element):
    """What html5lib asks of a node. Children are not kept: faults depend on the open elements only."""

    __slots__ = ()

    @property
    def nameTuple(self) -> tuple[str | None, str]:
        return self.namespace, self.name

    def __eq__(self, other: object) -> bool:
        return self is other

    __hash__ = object.__hash__

    def appendChild(self, node: "_Node") -> None:
        node.parent = self

    def insertBefore(self, node: "_Node", _reference: object) -> None:
        node.parent = self

    def removeChild(self, node: "_Node") -> None:
        node.parent = None

    def reparentChildren(self, _parent: object) -> None:
        pass

    def insertText(self, data: str, _before: object = None) -> None:
        if self.name == "title" and self.parent is not None and data.strip():
            self.parent.has_title = True

    def cloneNode(self) -> "_Node":
        return _Node(self.name, self.namespace, self.where, dict(self.attributes))

    def hasContent(self) -> bool:
        return True


class _Tree(base.TreeBuilder):  # type: ignore[misc]
    """Makes nodes, and remembers those that could be pictures."""

    def __init__(self, is_namespaced: bool, tokenizer: _Tokenizer) -> None:
        self.tokenizer = tokenizer
        self.pictures: list[Element] = []
        super().__init__(is_namespaced)

    def documentClass(self) -> _Node:
        return _Node("", None, (0, 0))

    fragmentClass = documentClass

    def doctypeClass(self, *_: object) -> _Node:
        return _Node("!doctype", None, (0, 0))

    def commentClass(self, _data: object) -> _Node:
        return _Node("!--", None, (0, 0))

    def elementClass(self, name: str, namespace: str | None = None) -> _Node:
        return _Node(name, namespace, (self.tokenizer.start, self.tokenizer.stream.chunkOffset))

    def insertElementNormal(self, token: Mapping[str, Any]) -> _Node:
        return self._remembered(super().insertElementNormal(token))

    def createElement(self, token: Mapping[str, Any]) -> _Node:
        return self._remembered(super().createElement(token))

    def _remembered(self, node: _Node) -> _Node:
        is_html = node.namespace == namespaces["html"]
        if node.name == "svg" or (is_html and node.name in ("img", "input", "area")) or node.attributes.get("role"):
            self.pictures.append(node)
        return node
