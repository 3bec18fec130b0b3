"""The public room: jobs to read about and to apply for."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import Blueprint, Response, current_app, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from app import clock, locale, markdown, people, permissions
from app.extensions import db
from app.models import Opening, OpeningState
from app.openings import landings
from app.openings.forms import form_for
from app.refusals import NotFound
from app.services import applications, company, invitations, notices, openings, tasks
from app.services.notices import Version
from app.services.openings import takes_applications

bp = Blueprint("openings", __name__)
bp.after_request(landings.remember)
PAGE = 20
LOGO_SECONDS = 24 * 60 * 60


@bp.get("/")
def home() -> AnyResponse:
    """The start page of a demo, else the jobs."""
    founded = company.get()
    if founded is not None and founded.is_demo and "demo.start" in current_app.view_functions:
        return redirect(url_for("demo.start"))
    return redirect(url_for("openings.list_openings"))


@bp.get("/jobs")
def list_openings() -> str:
    """What can be applied for now, the newest first."""
    code = request.args.get("region")
    region = company.region_by_code(code) if code else None
    if code and region is None:
        raise NotFound
    found = openings.listed(clock.now(), _cursor(request.args.get("before")), PAGE + 1, region)
    jobs = found[:PAGE]
    here = region.code if region else None
    more = url_for(".list_openings", before=_mark(jobs[-1]), region=here) if len(found) > PAGE else None
    back = url_for(".list_openings", region=here) if "before" in request.args else None
    return render_template(
        "openings/list.html", jobs=jobs, regions=company.regions(), region=region, next_url=more, prev_url=back
    )


def _mark(opening: Opening) -> str:
    assert opening.published_at is not None
    return f"{opening.published_at.isoformat()}_{opening.id}"


def _cursor(mark: str | None) -> tuple[datetime, int] | None:
    """The place in the list where a page begins; a mark that is not ours is no page."""
    if mark is None:
        return None
    moment, _, number = mark.partition("_")
    try:
        before = datetime.fromisoformat(moment), int(number)
    except ValueError as error:
        raise NotFound from error
    if before[0].tzinfo is None or not 0 < before[1] < 2**62:
        raise NotFound
    return before


@bp.get("/jobs/<slug>")
def show_opening(slug: str) -> str | tuple[str, int]:
    """Everything one needs to know before giving an address."""
    opening = _public(slug)
    if not takes_applications(opening, clock.now()):
        return _closed(opening)
    return render_template("openings/show.html", **_told(opening), is_preview=False)


def _public(slug: str) -> Opening:
    """An opening that the public may know of: open, or closed after it was open."""
    opening = openings.by_slug(slug)
    if opening is None or opening.state not in (OpeningState.OPEN, OpeningState.CLOSED):
        raise NotFound
    return opening


def _closed(opening: Opening) -> tuple[str, int]:
    return render_template("openings/closed.html", opening=opening), 410


def _told(opening: Opening) -> dict[str, Any]:
    asked = tasks.of_opening(opening, locale.tag())
    return {
        "opening": opening,
        "description": markdown.to_html(opening.description),
        "tasks": asked,
        "minutes": sum(task.minutes for task in asked),
        "needs_computer": any(task.needs_computer for task in asked),
        "reply_by": _reply_by(opening),
    }


def _reply_by(opening: Opening) -> datetime:
    """By when somebody of the region who applied now would hear back."""
    ends = invitations.window_end(opening.role, opening.region.zone, clock.now())
    return openings.reply_by(opening, ends)


def _notice(version: Version) -> dict[str, Any]:
    tag, text = version.text(locale.tag())
    return {"notice": version, "notice_text": markdown.to_html(text), "notice_tag": tag}


@bp.route("/jobs/<slug>/apply", methods=["GET", "POST"])
def apply(slug: str) -> AnyResponse | str | tuple[str, int]:
    """Apply. A new and a known address get the same answer; only the mail says the truth.

    Who is new to us can start at once. For an address that we know, this browser acts only if it did before;
    otherwise whoever knows an address could answer in its owner's name.
    """
    opening, now = _public(slug), clock.now()
    if not takes_applications(opening, now):
        return _closed(opening)
    form = form_for(opening, now)
    if not form.is_submitted() or not form.validate():
        told = _told(opening) | _notice(notices.in_force(opening.region))
        page = render_template("openings/apply.html", form=form, hours_open=form.has_hours, **told)
        return (page, 422) if form.is_submitted() else page
    mine = people.my_application() if people.has_candidate_session() else None
    applied = applications.apply(
        opening, form.details(locale.tag()), now, is_demo=_is_demo(), replies=form.replies(), came=landings.came()
    )
    if applied.is_new_person or (mine is not None and mine.candidate_id == applied.application.candidate_id):
        people.begin_candidate_session(applied.application, by_link=False)
    else:
        people.blank_candidate_session()
    db.session.commit()
    return redirect(url_for(".applied", slug=opening.slug), 303)


def _is_demo() -> bool:
    founded = company.get()
    return founded is not None and founded.is_demo


@bp.get("/jobs/<slug>/applied")
def applied(slug: str) -> str:
    """What comes now; the same page for everyone."""
    opening = _public(slug)
    first = opening.role.challenges[0].challenge_version.slug
    return render_template("openings/applied.html", opening=opening, first_slug=first)


@bp.get("/jobs/<slug>/preview")
def preview(slug: str) -> AnyResponse | str:
    """The opening as a candidate will see it, for the staff of its region; also before it is published."""
    stranger = people.ask_to_sign_in()
    if stranger is not None:
        return stranger
    opening = openings.by_slug(slug)
    if opening is None:
        raise NotFound
    user = people.me()
    permissions.require(permissions.can_manage(user, opening) or permissions.can_recruit(user, opening.region))
    return render_template("openings/show.html", **_told(opening), is_preview=True, nav=[], person=None)


@bp.get("/privacy/<code>")
@bp.get("/privacy/<code>/<int:number>")
def show_notice(code: str, number: int | None = None) -> str:
    """The privacy notice of a region, in force or an old version: to be read before and after one has agreed."""
    region = company.region_by_code(code)
    if region is None or (number is not None and number >= 2**31):
        raise NotFound
    version = notices.in_force(region) if number is None else notices.by_number(region, number)
    if version is None:
        raise NotFound
    return render_template("openings/notice.html", versions=notices.all_of(region), **_notice(version))


@bp.get("/logo")
def logo() -> Response:
    """The company's logo."""
    founded = company.get()
    if founded is None or founded.logo is None:
        raise NotFound
    response = make_response(founded.logo)
    response.content_type = founded.logo_type or "application/octet-stream"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = f"private, max-age={LOGO_SECONDS}"
    return response
