"""Run a program that does not outlive the process that started it: ``python tethered.py PARENT program arguments…``.

Linux sends the chosen signal when the parent dies, however it dies. The request must come from the child itself, and
code between fork and exec is fragile, so this small file runs first and then becomes the program. It is started by
its path with ``-I -S`` and imports nothing of Winnow: that costs about 16 ms on one core, where a module would load
the whole application.
"""

from __future__ import annotations

import os
import signal
import sys

try:
    import ctypes
except ImportError:  # A Python built without libffi: the programs run, only untethered.
    ctypes = None  # type: ignore[assignment]

PR_SET_PDEATHSIG = 1


def become(parent: int, argv: list[str]) -> None:
    """Replace this process by `argv`, to be asked to stop (SIGTERM) when `parent` dies; exit 127 if it cannot start."""
    if ctypes is not None:
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:  # The parent died before the request was made.
        sys.exit(1)
    try:
        os.execvp(argv[0], argv)
    except OSError as error:
        sys.exit(f"{argv[0]} cannot be started: {error.strerror}")


if __name__ == "__main__":
    become(int(sys.argv[1]), sys.argv[2:])
