"""The demo company: a start page to try everything. Never in production."""

from __future__ import annotations

from flask import Blueprint

bp = Blueprint("demo", __name__)
