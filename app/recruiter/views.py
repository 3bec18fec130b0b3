"""The regional desk: openings and applicants of one region."""

from __future__ import annotations

from flask import Blueprint

bp = Blueprint("recruiter", __name__)
