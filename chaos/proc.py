"""Which processes run below a launcher, read from /proc (Linux)."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Process:
    """A living process: its number, its parent's, and its command line."""

    pid: int
    parent: int
    command: str


def everything() -> list[Process]:
    """Every living process that can be read."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            # "pid (name) state parent …"; the name may hold anything, even brackets and spaces.
            state, parent = (folder / "stat").read_text(errors="replace").rpartition(")")[2].split()[:2]
            if state not in "ZX":
                command = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
                found.append(Process(int(folder.name), int(parent), command))
    return found


def children(parents: set[int], said: str = "") -> list[Process]:
    """The children of these processes whose command line says this, in the order of their numbers."""
    return sorted(
        (one for one in everything() if one.parent in parents and said in one.command), key=lambda one: one.pid
    )
