"""Writing one file of a challenge line by line, so that a fault at a line leads back to the value that it came from."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

_WHOLE = re.compile(r"0|[1-9][0-9]{0,8}", re.ASCII)
# Line ends and marks that YAML folds or refuses; they stay what they were typed as.
_ESCAPED = re.compile("[\x80-\x9f\u2028\u2029\ufeff\ufffe\uffff]")


def quoted(text: str) -> str:
    """A text as YAML in double quotes, on one line. Control characters stay as they are: the loader refuses them."""
    safe = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\t", "\\t")
    return '"' + _ESCAPED.sub(lambda found: f"\\u{ord(found[0]):04x}", safe) + '"'


class Sheet:
    """The lines of one file. Each remembers the path of the value that stands in it.

    `fills` replaces what is wrong by something that can be shown: see `draft_faults.look`.
    """

    def __init__(self, fills: Mapping[str, str]) -> None:
        self.fills = fills
        self.lines: list[str] = []
        self.paths: list[str] = []

    def line(self, text: str, path: str) -> None:
        """One line as it stands."""
        self.lines.append(text)
        self.paths.append(path)

    def head(self, key: str, path: str, indent: int = 0) -> None:
        """The key of a table or a list that follows."""
        self.line(f"{'  ' * indent}{key}:", path)

    def text(self, key: str, value: str, path: str, indent: int = 0) -> None:
        """A text."""
        self.line(f"{'  ' * indent}{key}: {quoted(self.fills.get(path, value))}", path)

    def text_if_any(self, key: str, value: str, path: str, indent: int = 0) -> None:
        """A text that may be missing."""
        if value.strip():
            self.text(key, value, path, indent)

    def number(self, key: str, value: str, path: str, indent: int = 0) -> None:
        """A number as it was typed; what is none stands in quotes, and the loader says so."""
        typed = self.fills.get(path, value).strip()
        self.line(f"{'  ' * indent}{key}: {typed if _WHOLE.fullmatch(typed) else quoted(typed)}", path)

    def number_if_any(self, key: str, value: str, path: str, indent: int = 0) -> None:
        """A number that may be missing."""
        if value.strip():
            self.number(key, value, path, indent)

    def flag(self, key: str, value: bool, path: str, indent: int = 0) -> None:
        """A flag, left out where it is not set."""
        if value:
            self.line(f"{'  ' * indent}{key}: true", path)

    def words(self, key: str, values: Iterable[str], path: str, indent: int = 0) -> None:
        """A list of texts; an empty one is written too, and the loader says that it needs an entry."""
        found = list(values)
        self.line(f"{'  ' * indent}{key}:{'' if found else ' []'}", path)
        for value in found:
            self.line(f"{'  ' * indent}  - {quoted(value)}", path)

    def entry(self, key: str, value: str, path: str, indent: int = 1) -> None:
        """The first line of a table in a list."""
        self.line(f"{'  ' * indent}- {key}: {quoted(value)}", path)

    def table(self) -> bytes:
        """The file as YAML."""
        return ("\n".join(self.lines) + "\n").encode()

    def front_matter(self, body: str, path: str) -> tuple[bytes, list[str]]:
        """The file as Markdown below a table, and the paths of its lines. What is wrong at line 1 is the text below."""
        text = "\n".join(["---", *self.lines, "---", self.fills.get(path, body)])
        return (text + "\n").encode(), [path, *self.paths]
