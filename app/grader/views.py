"""The blind review desk. Nothing here can reach who the candidate is."""

from __future__ import annotations

from flask import Blueprint

bp = Blueprint("grader", __name__)
