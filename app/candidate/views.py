"""The candidate's room: what is asked, how much time is left, what happens next."""

from __future__ import annotations

from flask import Blueprint

bp = Blueprint("candidate", __name__)
