"""Static files carry a fingerprint in their address, so that browsers may keep them for a year."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path
from typing import Any

from flask import Flask

YEAR = 31_536_000


def init_app(app: Flask) -> None:
    """Add `?v=` to every address of a static file, and let browsers keep what has it."""
    app.config["SEND_FILE_MAX_AGE_DEFAULT"] = YEAR
    folder = Path(app.static_folder or "")

    @app.url_defaults
    def add_version(endpoint: str, values: dict[str, Any]) -> None:
        if endpoint == "static" and (version := _version(folder / values["filename"])):
            values.setdefault("v", version)


@cache
def _version(path: Path) -> str | None:
    """The first digits of the file's SHA-256; None for a file that is not there."""
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()[:10]
    except OSError:
        return None
