"""The demo company's data."""

from __future__ import annotations

from datetime import datetime


def build(now: datetime) -> None:
    """Write the demo company."""
