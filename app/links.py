"""Full addresses for mails and tracked links, which are written outside any request."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import current_app


def absolute(endpoint: str, **values: str | int) -> str:
    """The address of a page as a person outside would open it."""
    config = current_app.config["WINNOW"]
    base = urlsplit(config.public_url or f"http://127.0.0.1:{config.port}")
    adapter = current_app.url_map.bind(base.netloc, script_name=base.path or "/", url_scheme=base.scheme)
    return adapter.build(endpoint, values, force_external=True)
