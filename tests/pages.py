"""Reading pages in tests."""

from __future__ import annotations

import re


def without_token(page: str) -> str:
    """A page without its CSRF tokens and the question box's key, which differ from answer to answer."""
    page = re.sub(r'(name="(?:csrf_token|question_key)"[^>]*value=")[^"]*', r"\1", page)
    return re.sub(r'("X-CSRFToken": ")[^"]*', r"\1", page)
