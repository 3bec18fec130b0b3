"""The room of the administrators: its blueprint, its guard and its tabs."""

from __future__ import annotations

from flask import Blueprint, request, url_for
from flask_babel import gettext as _

from app import people, permissions
from app.pages import NavItem

bp = Blueprint("admin", __name__)
bp.before_request(people.ask_to_sign_in)


@bp.before_request
def let_administrators_in() -> None:
    """For everybody else nothing here exists."""
    permissions.require(permissions.can_administer(people.me()))


@bp.context_processor
def tabs() -> dict[str, list[NavItem]]:
    """The pages of this room."""
    here = request.endpoint or ""
    pages = (
        (_("People"), "admin.list_people", ("admin.list_people", "admin.add_person")),
        (_("Privacy notices"), "admin.list_notices", ("admin.list_notices", "admin.write_notice")),
        (_("Mail"), "admin.list_mail", ("admin.list_mail", "admin.show_mail")),
        (_("Work"), "admin.show_work", ("admin.show_work",)),
        (_("Audit trail"), "admin.list_events", ("admin.list_events",)),
        (_("Library"), "admin.list_library_faults", ("admin.list_library_faults",)),
    )
    items = [NavItem(label, url_for(endpoint), here in own) for label, endpoint, own in pages]
    return {"tabs": [*items, NavItem(_("Set-up"), url_for("admin.set_up"), here.startswith("admin.set_up"))]}
