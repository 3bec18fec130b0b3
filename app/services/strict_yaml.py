"""YAML without its surprises: every value is read as the kind that was asked for, every fault has a file and a line.

Refused: aliases, anchors, tags, duplicate keys, unquoted `NO`, `1.10`, `12:30`, `010` where text is wanted, unknown
keys, deep nesting, large files. Faults are collected, so that an author sees all of them at once.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeVar

import yaml

E = TypeVar("E", bound=StrEnum)

MAX_BYTES = 64 * 1024
MAX_DEPTH = 20
MAX_NODES = 10_000
_TEXT = "tag:yaml.org,2002:str"
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
_WHOLE = re.compile(r"0|[1-9][0-9]{0,8}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong, and where: `line` counts from 1."""

    file: str
    line: int
    message: str

    def __str__(self) -> str:
        """Return the form that editors jump to: `file:line: message`."""
        return f"{self.file}:{self.line}: {self.message}"


class _Refusal(Exception):
    """Well-formed YAML that a challenge may not use."""

    def __init__(self, message: str, line: int) -> None:
        super().__init__(message)
        self.line = line


# With libyaml, which PyYAML's wheels bring, a challenge is read eight times as fast.
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def _compose(text: str) -> yaml.Node | None:
    """Build nodes only, and none that could stand for something else: what may not be is refused before it is built."""
    depth = nodes = 0
    for event in yaml.parse(text, Loader=_LOADER):
        line = event.start_mark.line if event.start_mark else 0
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise _Refusal("anchors and aliases (& and *) are refused: write it out", line)
        if getattr(event, "tag", None):
            raise _Refusal("tags (!) are refused", line)
        nodes += isinstance(event, yaml.NodeEvent)
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > MAX_DEPTH or nodes > MAX_NODES:
            raise _Refusal("nested too deeply, or too many values", line)
    root: yaml.Node | None = yaml.compose(text, Loader=_LOADER)
    return root


@dataclass
class Sheet:
    """One file while it is read: where its faults go and how its lines count."""

    file: str
    faults: list[Fault]
    lines_before: int = 0

    def fault(self, node: yaml.Node | None, message: str) -> None:
        """Note a fault at the node's line, or at the first line."""
        line = 1 if node is None else node.start_mark.line + 1 + self.lines_before
        self.faults.append(Fault(self.file, line, message))


def decode(file: str, data: bytes, faults: list[Fault]) -> str | None:
    """Return the file's text with plain line ends; None (and a fault) when it is too large or not UTF-8."""
    if len(data) > MAX_BYTES:
        faults.append(Fault(file, 1, f"larger than {MAX_BYTES // 1024} kB"))
        return None
    try:
        text = data.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        faults.append(Fault(file, data.count(b"\n", 0, error.start) + 1, "not UTF-8 text"))
        return None
    control = _CONTROL.search(text)
    if control:
        faults.append(
            Fault(file, text.count("\n", 0, control.start()) + 1, "a control character that no page can show")
        )
        return None
    return text


def read_table(sheet: Sheet, text: str) -> "Table | None":
    """Parse one YAML document that is a table; None (and a fault) when it is not."""
    faults_before = len(sheet.faults)
    try:
        root = _compose(text)
    except yaml.reader.ReaderError as error:
        # libyaml counts bytes, the other loader characters.
        before = text[: error.position].encode() if _LOADER is yaml.SafeLoader else text.encode()[: error.position]
        line = before.count(b"\n") + 1 + sheet.lines_before
        sheet.faults.append(Fault(sheet.file, line, "a character that YAML does not allow"))
        return None
    except _Refusal as refusal:
        sheet.faults.append(Fault(sheet.file, refusal.line + 1 + sheet.lines_before, str(refusal)))
        return None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = (mark.line + 1 if mark else 1) + sheet.lines_before
        sheet.faults.append(Fault(sheet.file, line, error.problem or error.context or "not YAML"))
        return None
    if not isinstance(root, yaml.MappingNode):
        sheet.fault(root, "expected a table of keys and values")
        return None
    _check_keys(sheet, root)
    return Table(sheet, root) if len(sheet.faults) == faults_before else None


def _check_keys(sheet: Sheet, node: yaml.Node) -> None:
    if isinstance(node, yaml.SequenceNode):
        for item in node.value:
            _check_keys(sheet, item)
    elif isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        for key, value in node.value:
            if not isinstance(key, yaml.ScalarNode) or not key.value:
                sheet.fault(key, "a key must be a plain word")
                continue
            if not key.style and key.tag != _TEXT and not _WHOLE.fullmatch(key.value):
                sheet.fault(key, f"YAML would not read the key {key.value} as text: put it in quotes")
            if key.value in seen:
                sheet.fault(key, f"the key {key.value!r} stands twice")
            seen.add(key.value)
            _check_keys(sheet, value)


@dataclass
class Table:
    """A mapping that is asked for its values by name and kind. A wrong or missing value is a fault and a default."""

    sheet: Sheet
    node: yaml.MappingNode
    _asked: set[str] = field(default_factory=set)

    def _value(self, key: str, required: bool) -> yaml.Node | None:
        self._asked.add(key)
        for name, value in self.node.value:
            if name.value == key:
                found: yaml.Node = value
                return found
        if required:
            self.sheet.fault(self.node, f"missing key {key!r}")
        return None

    def _text(self, node: yaml.Node, key: str) -> str:
        if not isinstance(node, yaml.ScalarNode):
            self.sheet.fault(node, f"{key!r} must be text")
            return ""
        if not node.style and node.tag != _TEXT:
            wrong = "has no value" if not node.value else f"YAML would not read {node.value} as text: put it in quotes"
            self.sheet.fault(node, f"{key!r}: {wrong}" if node.value else f"{key!r} {wrong}")
            return ""
        if not node.value.strip():
            self.sheet.fault(node, f"{key!r} is empty")
        return str(node.value).strip()

    def has(self, key: str) -> bool:
        """Whether the key is there, whatever its value."""
        return any(name.value == key for name, _ in self.node.value)

    def keys(self) -> list[str]:
        """All keys in the order of the file."""
        return [str(name.value) for name, _ in self.node.value]

    def line_fault(self, key: str, message: str) -> None:
        """Note a fault at the line of a key (or of the table, when the key is not there)."""
        names = {name.value: name for name, _ in self.node.value}
        self.sheet.fault(names.get(key, self.node), message)

    def text(self, key: str, required: bool = True) -> str:
        """Text without surrounding white space; empty when it is missing."""
        node = self._value(key, required)
        return "" if node is None else self._text(node, key)

    def whole(self, key: str, low: int, high: int, required: bool = True) -> int | None:
        """A whole number from low to high, written plainly."""
        node = self._value(key, required)
        if node is None:
            return None
        if isinstance(node, yaml.ScalarNode) and not node.style and _WHOLE.fullmatch(node.value):
            number = int(node.value)
            if low <= number <= high:
                return number
        self.sheet.fault(node, f"{key!r} must be a whole number from {low} to {high}")
        return None

    def flag(self, key: str, default: bool) -> bool:
        """`true` or `false`; other words for yes and no are refused."""
        node = self._value(key, required=False)
        if node is None:
            return default
        if isinstance(node, yaml.ScalarNode) and not node.style and node.value in ("true", "false"):
            return bool(node.value == "true")
        self.sheet.fault(node, f"{key!r} must be true or false")
        return default

    def choice(self, key: str, kinds: type[E], default: E | None = None) -> E | None:
        """One word of an enum; a missing one is a fault unless there is a default."""
        node = self._value(key, required=default is None)
        if node is None:
            return default
        word = node.value if isinstance(node, yaml.ScalarNode) else None
        for kind in kinds:
            if kind.value == word:
                return kind
        self.sheet.fault(node, f"{key!r} must be one of: {', '.join(kind.value for kind in kinds)}")
        return default

    def words(self, key: str, required: bool = True) -> tuple[str, ...]:
        """A list of texts, each of them once."""
        node = self._value(key, required)
        if node is None:
            return ()
        if not isinstance(node, yaml.SequenceNode) or not node.value:
            self.sheet.fault(node, f"{key!r} must be a list with at least one entry")
            return ()
        found = [self._text(item, key) for item in node.value]
        for position, item in enumerate(node.value):
            if found[position] and found[position] in found[:position]:
                self.sheet.fault(item, f"{found[position]!r} stands twice in {key!r}")
        return tuple(found)

    def table(self, key: str, required: bool = True) -> "Table | None":
        """A table inside this one."""
        node = self._value(key, required)
        if node is None:
            return None
        if not isinstance(node, yaml.MappingNode):
            self.sheet.fault(node, f"{key!r} must be a table of keys and values")
            return None
        return Table(self.sheet, node)

    def tables(self, key: str, required: bool = True) -> Iterator["Table"]:
        """A list of tables."""
        node = self._value(key, required)
        if node is None:
            return
        if not isinstance(node, yaml.SequenceNode) or not node.value:
            self.sheet.fault(node, f"{key!r} must be a list with at least one entry")
            return
        for item in node.value:
            if isinstance(item, yaml.MappingNode):
                yield Table(self.sheet, item)
            else:
                self.sheet.fault(item, f"each entry of {key!r} must be a table of keys and values")

    def texts(self, keys: Iterable[str]) -> dict[str, str]:
        """Exactly these keys, each with a text; this closes the table."""
        found = {key: self.text(key) for key in keys}
        self.close()
        return found

    def close(self) -> None:
        """Note a fault for every key that nobody asked for."""
        for name, _ in self.node.value:
            if name.value not in self._asked:
                self.sheet.fault(name, f"unknown key {name.value!r}")
