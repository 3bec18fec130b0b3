"""The public room: jobs to read about and to apply for."""

from __future__ import annotations

from flask import Blueprint

bp = Blueprint("openings", __name__)
