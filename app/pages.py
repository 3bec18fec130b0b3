"""What every page needs: the company, the reader, the way around, and moments shown in the reader's zone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from babel import Locale
from flask import Flask, g, has_request_context, request, session, url_for
from flask_babel import gettext as _
from flask_login import AnonymousUserMixin

from app import clock, locale, locales, people, permissions, words
from app.extensions import start_reading, stop_reading
from app.models import User
from app.refusals import NotFound
from app.services import company as companies

READING_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


@dataclass(frozen=True)
class NavItem:
    """One entry of the main navigation."""

    label: str
    url: str
    current: bool


@dataclass(frozen=True)
class Brand:
    """The company as the page's header shows it."""

    name: str
    logo_url: str | None
    is_demo: bool


def init_app(app: Flask) -> None:
    """Register the hooks."""
    app.before_request(_choose_engine)
    app.before_request(locale.remember_choice)
    app.teardown_request(lambda _error: stop_reading())
    app.context_processor(context)
    app.add_template_filter(shown, "shown")
    app.add_template_filter(datetime.fromisoformat, "moment")
    app.add_template_filter(words.work, "work_name")
    app.add_template_filter(words.question, "question")
    app.add_template_filter(words.answer, "reply")


def _choose_engine() -> None:
    """GET and HEAD read through the read-only engine: a page that writes fails at once."""
    stop_reading()
    if request.method in READING_METHODS:
        start_reading()


def shown(instant: datetime, zone: str | None = None) -> clock.ShownTime:
    """A moment with everything that a page says about it, in the reader's zone unless another is named."""
    return clock.shown(instant, zone or reader_zone(), clock.now())


def reader_zone() -> str:
    """The zone of whoever reads this page; UTC for a stranger."""
    if "zone" not in g:
        user = people.staff_or_none()
        g.zone = user.zone if user else _candidate_zone()
    zone: str = g.zone
    return zone


def _candidate_zone() -> str:
    if people.CANDIDATE_TOKEN not in session:
        return "UTC"
    try:
        return people.my_application().candidate.zone
    except NotFound:
        return "UTC"


def context() -> dict[str, Any]:
    """Values for base.html; a mail, which is rendered outside any request, has no use for them."""
    if not has_request_context():
        return {}
    tag = locale.tag()
    user = people.staff_or_none()
    return {
        "company": brand(),
        "locale_tag": tag,
        "text_direction": Locale.parse(locales.babel_name(tag)).text_direction,
        "languages": [(name, locales.own_name(name)) for name in locales.LOCALES],
        "nav": navigation(user) if user else [],
        "person": user.name if user else None,
        "sign_out_url": url_for("security.logout"),
    }


def forget_the_database() -> None:
    """Let the rest of this request do without: the error page must not ask what does not answer."""
    g.brand, g.zone, g.candidate_session = None, "UTC", None
    g._login_user = AnonymousUserMixin()  # where Flask-Login looks first


def brand() -> Brand | None:
    """The company, or None before it is set up."""
    if "brand" not in g:
        company = companies.get()
        logo = url_for("openings.logo") if company and company.logo_type else None
        g.brand = Brand(company.name, logo, company.is_demo) if company else None
    found: Brand | None = g.brand
    return found


def navigation(user: User) -> list[NavItem]:
    """The rooms that are open to this person."""
    rooms = []
    if permissions.can_grade(user):
        rooms.append((_("Review"), "grader.show_desk"))
    if permissions.can_hire(user):
        rooms.append((_("Roles"), "manager.list_roles"))
    if permissions.can_write_challenges(user):
        rooms.append((_("Challenges"), "library.list_challenges"))
    if permissions.recruits(user):
        rooms.append((_("Regions"), "recruiter.list_regions"))
    if permissions.can_administer(user):
        rooms.append((_("Administration"), "admin.list_people"))
    here = request.blueprint
    return [NavItem(label, url_for(endpoint), endpoint.split(".")[0] == here) for label, endpoint in rooms]


def mark(name: str) -> int | None:
    """Where a page of a list begins; NotFound for a mark that we did not write."""
    text = request.args.get(name)
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        raise NotFound
    return int(text)
