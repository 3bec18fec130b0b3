"""The start page of the demo company, and being one of its people. Only on this computer, only with the demo."""

from __future__ import annotations

import ipaddress
from typing import Any

from flask import Blueprint, current_app, has_request_context, redirect, render_template, request, session, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app import clock, locale, people
from app.demo import data
from app.demo.people import ADMINISTRATOR, HIRING_MANAGER, RECRUITERS, REVIEWERS
from app.extensions import db
from app.models import User
from app.pages import brand
from app.permissions import require
from app.services import catalog, company, openings, publishing, staff

bp = Blueprint("demo", __name__, url_prefix="/start")


@bp.before_request
def only_here() -> None:
    """Answer only to this computer, and only while the company is the demo."""
    require(is_loopback(request.remote_addr) and has_demo())


def is_loopback(address: str | None) -> bool:
    """Whether a request comes from this computer itself."""
    return address is not None and ipaddress.ip_address(address).is_loopback


def has_demo() -> bool:
    """Whether the company is the demo."""
    found = brand()
    return found is not None and found.is_demo


@bp.app_context_processor
def persona_bar() -> dict[str, Any]:
    """For every page of the demo: who one is, and whom one could be."""
    if not has_request_context() or not has_demo() or not is_loopback(request.remote_addr):
        return {}
    user = people.staff_or_none()
    me = user.name if user else (_("a candidate") if people.CANDIDATE_TOKEN in session else None)
    return {"persona": {"me": me, "choices": choices()}}


def choices() -> list[tuple[str, str, str]]:
    """The people one can be: (address, name, what they do)."""
    return [
        (HIRING_MANAGER.address, HIRING_MANAGER.name, _("hiring manager")),
        *((person.address, person.name, _("reviewer")) for person in REVIEWERS),
        *((person.address, person.name, _("recruiter, %(region)s", region=person.region)) for person in RECRUITERS),
        (ADMINISTRATOR.address, ADMINISTRATOR.name, _("administrator")),
    ]


@bp.get("/")
def start() -> str:
    """Ben's message, three replies, three doors."""
    version = publishing.find("close-my-account", 1)
    challenge = publishing.challenge_of(version) if version else None
    require(challenge is not None)
    assert challenge is not None
    tag = locale.tag()
    now = clock.now()
    return render_template(
        "demo/start.html",
        message=catalog.text_for(challenge, tag).value.messages[0],
        criteria=catalog.criteria_for(challenge, tag),
        replies=[
            (example, round(100 * catalog.share(challenge, example))) for example in catalog.showcase(challenge, tag)
        ],
        clocks=[(region, clock.shown(now, region.zone, now)) for region in company.regions()],
        people=choices(),
        jobs=openings.listed(now, limit=3),
        home=current_app.config["WINNOW"].home,
    )


@bp.post("/be/<address>")
def become(address: str) -> Response:
    """Be one of the invented colleagues."""
    user = db.session.query(User).filter_by(email=f"{address}@tidewater.example", is_demo=True).one_or_none()
    require(user is not None)
    assert user is not None
    people.sign_in(user)
    return redirect(url_for("admin.list_mail" if request.form.get("to") == "mail" else "auth.home"), 303)


@bp.post("/leave")
def leave() -> Response:
    """Be nobody again."""
    people.sign_out()
    return redirect(url_for("demo.start"), 303)


@bp.post("/reset")
def reset() -> Response:
    """Write the demo anew."""
    people.sign_out()
    data.reset()
    db.session.commit()
    return redirect(url_for("demo.start"), 303)


@bp.get("/own-company")
def ask_to_leave() -> str:
    """What “Start with my company” will do."""
    return render_template("demo/leave.html")


@bp.post("/own-company")
def start_own_company() -> Response:
    """Remove the demo for good; the next page makes its reader the administrator."""
    people.sign_out()
    data.remove()
    token = staff.first_link(clock.now())
    db.session.commit()
    return redirect(url_for("auth.show_one_time_link", token=token), 303)
