"""Requests for extra time and other adjustments: the recruiters of the region answer them, reviewers never see them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app import afterwards, clock, people, permissions
from app.errors import words as words_of
from app.extensions import db
from app.models import Accommodation, AccommodationState
from app.recruiter.forms import AdjustmentForm
from app.recruiter.views import bp, is_reader, region_of, shows_names
from app.refusals import NotFound, Refused
from app.services import accommodations
from app.services.audit import Actor

PAGE = 30


@dataclass(frozen=True)
class Asked:
    """One request with its form, if it is not answered yet. `ends` are the ends of the person's time now."""

    row: Accommodation
    has_timer: bool
    ends: list[clock.ShownTime]
    form: AdjustmentForm | None


@bp.get("/desk/<code>/adjustments")
def list_adjustments(code: str) -> str:
    """What applicants of this region ask for: unanswered first, then what was answered, page by page."""
    return _page(code)


def _page(code: str, refused: AdjustmentForm | None = None, asked_code: str = "", trouble: str | None = None) -> str:
    region = region_of(code)
    has_names, is_past = shows_names(region), request.args.get("answered") == "yes"
    after = request.args.get("after", type=int)
    look = accommodations.answered if is_past else accommodations.unanswered
    # What somebody asks for says who they are: whoever also reads here sees it only with the names.
    rows = look(region, after, PAGE + 1) if has_names else []
    page = rows[:PAGE]
    afterwards.note_identities([row.application_id for row in page])
    answered, names = request.args.get("answered"), request.args.get("names")
    next_url = None
    if len(rows) > PAGE:
        next_url = url_for(".list_adjustments", code=code, after=page[-1].id, answered=answered, names=names)
    return render_template(
        "recruiter/adjustments.html",
        region=region,
        is_reader=is_reader(region),
        has_names=has_names,
        is_past=is_past,
        waiting=accommodations.waiting([region.id])[region.id],
        asked=_asked(page, {asked_code: refused} if refused else {}),
        trouble=trouble,
        next_url=next_url,
    )


def _asked(rows: Sequence[Accommodation], refused: Mapping[str, AdjustmentForm]) -> list[Asked]:
    """The rows for the page; a form that was refused keeps what was typed."""
    now, ends = clock.now(), accommodations.ends([row.application_id for row in rows])
    found = []
    for row in rows:
        form = None
        if row.state is AccommodationState.ASKED:
            given = {"more_percent": row.wished_percent or 0}
            form = refused.get(row.code) or AdjustmentForm(formdata=None, data=given, prefix=row.code)
        zone = row.application.candidate.zone
        shown = [clock.shown(moment, zone, now) for moment in ends[row.application_id]]
        found.append(Asked(row, row.application.opening.role.timer_minutes is not None, shown, form))
    return found


@bp.post("/desk/<code>/adjustments/<asked>")
def answer_adjustment(code: str, asked: str) -> Response | tuple[str, int]:
    """Grant or decline, in words that the applicant reads."""
    region, row = region_of(code), accommodations.by_code(asked)
    if row is None or row.region_id != region.id:
        raise NotFound
    permissions.require(permissions.can_recruit(people.me(), region))
    form, by = AdjustmentForm(prefix=asked), Actor.user(people.me().id)
    if not form.validate():
        return _page(code, form, asked), 422
    given = dict(form.data)
    try:
        if given["does"] == "grant":
            minutes = given["extra_hours"] * 60
            accommodations.grant(row, given["more_percent"], minutes, given["answer"], by, clock.now())
        else:
            accommodations.decline(row, given["answer"], by, clock.now())
    except Refused as refusal:
        db.session.rollback()
        return _page(code, form, asked, words_of(refusal)), refusal.status
    db.session.commit()
    flash(_("Answered. The applicant is told by mail."), "good")
    return redirect(url_for(".list_adjustments", code=code, names=request.args.get("names")), 303)
