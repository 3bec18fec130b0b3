"""The hiring manager's room: roles, ranking, decisions."""

from __future__ import annotations

from flask import Blueprint

bp = Blueprint("manager", __name__)
