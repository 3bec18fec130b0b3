"""The regional desk: openings and applicants of one region."""

from __future__ import annotations

from collections.abc import Callable
from datetime import time, timedelta

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app import afterwards, clock, links, people, permissions, words
from app.errors import words as words_of
from app.extensions import db
from app.models import Duty, Opening, OpeningState, Region, Role
from app.recruiter import board
from app.recruiter.forms import MoveForm, OpeningForm, StateForm, as_data
from app.refusals import IllegalMove, NotFound
from app.services import accommodations, applications, company, counters, invitations, openings, questions, roles
from app.services.audit import Actor
from app.services.openings import ClosesInPast, OpeningPlan

bp = Blueprint("recruiter", __name__)
bp.before_request(people.ask_to_sign_in)

PAGE = 50
# A month is the usual time to advertise; the recruiter changes it freely.
ADVERTISED = timedelta(days=28)
LAST_MINUTE = time(23, 59)
# What the button to a state says, by where the opening stands.
ACTS = {
    (OpeningState.DRAFT, OpeningState.OPEN): "publish",
    (OpeningState.OPEN, OpeningState.PAUSED): "pause",
    (OpeningState.PAUSED, OpeningState.OPEN): "resume",
    (OpeningState.OPEN, OpeningState.CLOSED): "close",
    (OpeningState.PAUSED, OpeningState.CLOSED): "close",
}


@bp.get("/desk")
def list_regions() -> str | Response:
    """The regions that this person works for; where it is one, its board."""
    permissions.require(permissions.recruits(people.me()))
    regions = [region for region in company.regions() if permissions.can_recruit(people.me(), region)]
    if len(regions) == 1:
        return redirect(url_for("recruiter.show_board", code=regions[0].code))
    return render_template("recruiter/regions.html", desks=board.desks(regions, clock.now()))


@bp.get("/desk/<code>")
def show_board(code: str) -> str:
    """A region's applicants by stage. Whoever sees a name here is noted as having seen it."""
    region, now = region_of(code), clock.now()
    has_names = shows_names(region)
    columns = board.columns(region, has_names, now)
    if has_names:
        afterwards.note_identities([card.id for column in columns for card in column.cards])
    return render_template(
        "recruiter/board.html",
        region=region,
        there=clock.shown(now, region.zone, now),
        is_at_work=company.is_at_work(region, now),
        columns=columns[: len(board.ON_THE_WAY)],
        rest=columns[len(board.ON_THE_WAY) :],
        openings=[(opening, *words.STATES[opening.state]) for opening in openings.in_regions([region.id])],
        waiting=board.waiting(region),
        has_names=has_names,
        is_reader=is_reader(region),
        asked=accommodations.waiting([region.id])[region.id],
    )


@bp.get("/desk/<code>/<stage>")
def list_stage(code: str, stage: str) -> str:
    """One column of the board, page by page, those who have waited longest first."""
    region, wanted, now = region_of(code), board.stage_of(stage), clock.now()
    start = board.after(request.args.get("after"))
    has_names = shows_names(region)
    found = applications.in_stage(openings.ids_in(region), wanted, start, PAGE + 1)
    page = found[:PAGE]
    if has_names:
        afterwards.note_identities([application.id for application in page])
    names = request.args.get("names")
    next_url = None
    if len(found) > PAGE:
        after = board.mark(page[-1])
        next_url = url_for("recruiter.list_stage", code=region.code, stage=stage, after=after, names=names)
    return render_template(
        "recruiter/stage.html",
        region=region,
        stage=stage,
        label=words.STAGES[wanted],
        number=counters.of_regions([region.id])[region.id].get(wanted.name, 0),
        cards=board.cards(page, has_names, now),
        has_names=has_names,
        is_reader=is_reader(region),
        next_url=next_url,
    )


@bp.post("/applications/<code>/move")
def move(code: str) -> Response:
    """Move an applicant to another stage. If somebody else was first, the board says so and shows how it is now."""
    application = applications.by_code(code)
    if application is None:
        raise NotFound
    region = application.opening.region
    permissions.require(permissions.can_recruit(people.me(), region))
    form = MoveForm()
    if not form.validate_on_submit():
        raise IllegalMove(_("Choose one of the stages in the list."))
    to, seen = board.stage_of(form.to.data), board.stage_of(form.seen.data)
    try:
        applications.move(application, to, Actor.user(people.me().id), clock.now(), seen=seen)
        db.session.commit()
        flash(_("%(code)s is now in “%(stage)s”.", code=application.code, stage=words.STAGES[to]), "good")
    except IllegalMove as error:
        db.session.rollback()
        flash(words_of(error), "warn")
    names = request.args.get("names")
    if request.args.get("from") == "stage":
        return redirect(url_for("recruiter.list_stage", code=region.code, stage=words.slug(seen), names=names), 303)
    return redirect(url_for("recruiter.show_board", code=region.code, names=names, _anchor=words.slug(seen)), 303)


@bp.post("/applications/<code>/new-link")
def replace_link(code: str) -> Response:
    """Mail an applicant a new link, because the old one was lost or came into other hands. It shows nothing of it."""
    application = applications.by_code(code)
    if application is None:
        raise NotFound
    region = application.opening.region
    permissions.require(permissions.can_recruit(people.me(), region))
    if invitations.replace_link(application, Actor.user(people.me().id), clock.now()):
        flash(_("%(code)s gets a new link by mail; the old one has stopped working.", code=application.code), "good")
    else:
        flash(_("%(code)s was mailed a new link a few minutes ago.", code=application.code), "message")
    db.session.commit()
    if request.args.get("from") == "application":
        return redirect(url_for("manager.show_application", code=code), 303)
    stage, names = words.slug(application.stage), request.args.get("names")
    if request.args.get("from") == "applicant":
        return redirect(url_for("recruiter.show_applicant", code=region.code, applicant=code, names=names), 303)
    return redirect(url_for("recruiter.list_stage", code=region.code, stage=stage, names=names), 303)


@bp.route("/desk/<code>/open", methods=["GET", "POST"])
def open_role(code: str) -> str | Response | tuple[str, int]:
    """Draft a role in this region; without a role, choose one."""
    region = region_of(code)
    if "role" not in request.args:
        return render_template("recruiter/choose_role.html", region=region, roles=_open_roles(region))
    role = roles.by_slug(request.args["role"])
    if role is None:
        raise NotFound
    found = openings.in_region(role, region)
    if found is not None:
        return redirect(url_for("recruiter.show_opening", code=region.code, slug=found.slug), 303)
    last_day = (clock.now().astimezone(clock.zone(region.zone)) + ADVERTISED).date()
    form = OpeningForm(data={"title": role.title, "headcount": 1, "closes_on": last_day, "closes_time": LAST_MINUTE})
    if form.validate_on_submit() and (opening := _drafted(form, lambda plan: _draft(role, region, plan))):
        db.session.commit()
        flash(_("Saved as a draft. Nobody outside can see it until you publish it."), "good")
        return redirect(_back_to(opening), 303)
    return _opening_form(form, role, region)


def _draft(role: Role, region: Region, plan: OpeningPlan) -> Opening:
    return openings.open_in(role, region, plan, Actor.user(people.me().id), clock.now())


@bp.route("/desk/<code>/openings/<slug>/edit", methods=["GET", "POST"])
def edit_opening(code: str, slug: str) -> str | Response | tuple[str, int]:
    """Change what a draft says. Once published it stays: people have applied to those words."""
    opening = _opening(code, slug)
    if opening.state is not OpeningState.DRAFT:
        return redirect(_back_to(opening), 303)
    form = OpeningForm(data=as_data(opening))
    if form.validate_on_submit() and _drafted(form, lambda plan: _rewrite(opening, plan)):
        db.session.commit()
        flash(_("The draft is saved."), "good")
        return redirect(_back_to(opening), 303)
    return _opening_form(form, opening.role, opening.region, opening)


def _rewrite(opening: Opening, plan: OpeningPlan) -> Opening:
    openings.rewrite(opening, plan, Actor.user(people.me().id), clock.now())
    return opening


def _opening_form(
    form: OpeningForm, role: Role, region: Region, opening: Opening | None = None
) -> str | tuple[str, int]:
    page = render_template(
        "recruiter/open_role.html",
        region=region,
        role=role,
        opening=opening,
        form=form,
        place=region.zone.rpartition("/")[2],
    )
    return (page, 422) if form.is_submitted() else page


def _drafted(form: OpeningForm, write: Callable[[OpeningPlan], Opening]) -> Opening | None:
    """The draft, or None with the reason at the field: words typed here are too dear for an error page."""
    plan = OpeningPlan(
        title=form.title.data or "",
        description=form.description.data or "",
        place=form.place.data or "",
        closes_local=form.closes_local(),
        pay=form.pay.data or None,
        headcount=form.headcount.data or 1,
        questions=form.questions(),
    )
    try:
        return write(plan)
    except clock.WallTimeSkipped as skipped:
        form.offer(skipped.next_valid)
        form.closes_time.errors = [
            _("The clocks are put forward over this time. The next one that exists stands here now; save to take it.")
        ]
    except ClosesInPast:
        form.closes_on.errors = [_("This moment has passed in the region. Please choose a later one.")]
    except clock.TimeRefused:
        form.closes_on.errors = [_("Please choose a date that is nearer.")]
    return None


@bp.get("/desk/<code>/openings/<slug>")
def show_opening(code: str, slug: str) -> str:
    """An opening: its state, its address, its numbers, and the page as a candidate sees it on a phone."""
    opening = _opening(code, slug)
    numbers = counters.of([opening.id])[opening.id]
    label, tone = words.STATES[opening.state]
    return render_template(
        "recruiter/opening.html",
        opening=opening,
        region=opening.region,
        label=label,
        tone=tone,
        takes_applications=openings.takes_applications(opening, clock.now()),
        closes=clock.shown(opening.closes_at, opening.closes_zone, clock.now()),
        questions=[(words.question(one), one.is_required) for one in questions.read(opening.questions)],
        address=links.absolute("openings.show_opening", slug=opening.slug),
        preview_url=url_for("openings.preview", slug=opening.slug),
        stages=[(words.STAGES[stage], numbers.get(stage.name, 0)) for stage in words.STAGES],
        acts=[(act, words.slug(to)) for (before, to), act in ACTS.items() if before is opening.state],
    )


@bp.post("/desk/<code>/openings/<slug>/state")
def change_state(code: str, slug: str) -> Response:
    """Publish, pause, resume or close."""
    opening = _opening(code, slug)
    form = StateForm()
    if not form.validate_on_submit():
        raise IllegalMove(_("Choose one of the buttons on the opening's page."))
    to = next(state for state in OpeningState if words.slug(state) == form.state.data)
    openings.change_state(opening, to, Actor.user(people.me().id), clock.now())
    db.session.commit()
    flash(_("“%(title)s” is now: %(state)s.", title=opening.title, state=words.STATES[to][0]), "good")
    return redirect(_back_to(opening), 303)


def _back_to(opening: Opening) -> str:
    """The opening's page, or the step of the set-up that led here."""
    if request.args.get("from") == "set-up":
        return url_for("admin.set_up_opening", role=opening.role.slug, region=opening.region.code)
    return url_for("recruiter.show_opening", code=opening.region.code, slug=opening.slug)


def region_of(code: str) -> Region:
    """The region, if this person works for it."""
    region = company.region_by_code(code)
    if region is None:
        raise NotFound
    permissions.require(permissions.can_recruit(people.me(), region))
    return region


def _opening(code: str, slug: str) -> Opening:
    """The opening, if it belongs to this region."""
    region, opening = region_of(code), openings.by_slug(slug)
    if opening is None or opening.region_id != region.id:
        raise NotFound
    return opening


def _open_roles(region: Region) -> list[Role]:
    """The roles that have no opening in this region yet."""
    taken = {opening.role_id for opening in openings.in_regions([region.id])}
    return [role for role in roles.all_roles() if role.id not in taken]


def is_reader(region: Region) -> bool:
    """Whether this person also reads answers of the region: for them, a name seen is an answer that they lose."""
    return permissions.holds(people.me(), Duty.GRADER, region=region)


def shows_names(region: Region) -> bool:
    """Recruiters see names, unless they also read answers here and have not asked for names."""
    asked = request.args.get("names")
    return asked == "yes" if asked in ("yes", "no") else not is_reader(region)
