"""Work as a number that is the same on every machine: how many lines of Python a call runs."""

import sys
from collections.abc import Callable


def lines_run(call: Callable[[], object]) -> int:
    """Count the lines that run in the call, those of libraries included. Loops inside C are not seen."""
    count = 0

    def note(_frame, event, _argument):
        nonlocal count
        count += event == "line"
        return note

    before = sys.gettrace()
    sys.settrace(note)
    try:
        call()
    finally:
        sys.settrace(before)
    return count
