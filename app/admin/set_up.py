"""The set-up of a company in four steps, each a page of its own that can be opened again later."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import time
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app import clock, people, words
from app.admin.forms import CompanyForm, RegionForm, RoleForm
from app.admin.room import bp
from app.errors import words as words_of
from app.extensions import db
from app.forms import zone_choices
from app.models import ChallengeVersion, Company, Opening, OpeningState, Region, Role
from app.refusals import NotFound
from app.services import company, openings, publishing, roles
from app.services.audit import Actor
from app.services.company import BadLogo, CodeTaken, HalfNamed, NoHours, RegionPlan

Page = str | Response | tuple[str, int]
BEN = "close-my-account"
# Colours 1 to 3 belong to the first three regions; new ones take turns with the others.
SPARE_COLOURS = (4, 5, 6)


@dataclass(frozen=True)
class Place:
    """A region with its opening of the role that is being set up."""

    region: Region
    opening: Opening | None
    label: Any
    tone: str


@bp.get("/set-up")
def set_up() -> Response:
    """The first step that is not done."""
    if company.get() is None:
        return redirect(url_for("admin.set_up_company"))
    found = roles.all_roles()
    if not found:
        return redirect(url_for("admin.set_up_regions"))
    if not any(opening.state is not OpeningState.DRAFT for opening in openings.of_role(found[0])):
        return redirect(url_for("admin.set_up_opening"))
    return redirect(url_for("admin.set_up_company"))


@bp.route("/set-up/company", methods=["GET", "POST"])
def set_up_company() -> Page:
    """Step 1: name and logo. Saving it for the first time makes the company with its three regions."""
    found = company.get()
    form = CompanyForm(data={name: getattr(found, name, None) for name in ("name", "product_name", "product_address")})
    if form.validate_on_submit() and _save_company(found, form):
        db.session.commit()
        return redirect(url_for("admin.set_up_regions"), 303)
    page = render_template("admin/set_up_company.html", form=form, founded=found, steps=_steps(1))
    return (page, 422) if form.is_submitted() else page


def _save_company(found: Company | None, form: CompanyForm) -> bool:
    """Save name, logo and product; False with the reason at the field."""
    name, now = form.name.data or "", clock.now()
    founded = found or company.found(name, now)
    if name != founded.name:
        company.rename(founded, name, _me(), now)
    content = form.logo.data.read() if form.logo.data else b""
    try:
        if content:
            company.set_logo(founded, content)
        company.name_product(founded, form.product_name.data or "", form.product_address.data or "", _me(), now)
    except (BadLogo, HalfNamed) as error:
        db.session.rollback()
        field = form.logo if isinstance(error, BadLogo) else form.product_address
        field.errors = [words_of(error)]
        return False
    return True


@bp.route("/set-up/regions", methods=["GET", "POST"])
def set_up_regions() -> Page:
    """Step 2: keep the regions, change one (`?change=EMEA`), or add one (`?add=yes`)."""
    if company.get() is None:
        return redirect(url_for("admin.set_up_company"), 303)
    region = _region_to_change()
    is_adding = region is None and "add" in request.args
    form = _region_form(region) if region or is_adding else None
    if form is not None and form.validate_on_submit() and _save_region(region, form):
        db.session.commit()
        flash(_("%(name)s is saved.", name=form.name.data), "good")
        return redirect(url_for("admin.set_up_regions"), 303)
    page = render_template(
        "admin/set_up_regions.html",
        form=form,
        region=region,
        regions=[(entry, clock.shown(clock.now(), entry.zone, clock.now())) for entry in company.regions()],
        steps=_steps(2),
    )
    return (page, 422) if request.method == "POST" else page


def _region_to_change() -> Region | None:
    code = request.args.get("change")
    region = company.region_by_code(code) if code else None
    if code and region is None:
        raise NotFound
    return region


def _region_form(region: Region | None) -> RegionForm:
    """The form with the region's values, or with usual ones for a new region."""
    if region is None:
        form = RegionForm(data={"works_from": time(9), "works_until": time(17), "reply_days": 7, "zone": "UTC"})
    else:
        form = RegionForm(obj=region)
        # The code is part of addresses that people have kept.
        form.code.data, form.code.validators = region.code, ()
    form.zone.choices = zone_choices(clock.now(), kept=region.zone if region else None)
    return form


def _save_region(region: Region | None, form: RegionForm) -> bool:
    """Save or add a region; False with the reason at the field."""
    count = len(company.regions())
    plan = RegionPlan(
        code=form.code.data or "",
        name=form.name.data or "",
        zone=form.zone.data,
        colour=SPARE_COLOURS[count % len(SPARE_COLOURS)],
        works_from=form.works_from.data or time(9),
        works_until=form.works_until.data or time(17),
        reply_days=form.reply_days.data or 7,
    )
    try:
        if region is None:
            company.open_region(plan, _me(), clock.now())
        else:
            company.change_region(region, plan, _me(), clock.now())
    except CodeTaken as error:
        form.code.errors = [words_of(error)]
        return False
    except NoHours as error:
        form.works_until.errors = [words_of(error)]
        return False
    return True


@bp.post("/set-up/regions/<code>/remove")
def set_up_remove_region(code: str) -> Response:
    """Remove a region that nothing hangs on."""
    region = company.region_by_code(code)
    if region is None:
        raise NotFound
    company.remove_region(region, _me(), clock.now())
    db.session.commit()
    flash(_("%(name)s is removed.", name=region.name), "good")
    return redirect(url_for("admin.set_up_regions"), 303)


@bp.route("/set-up/role", methods=["GET", "POST"])
def set_up_role() -> Page:
    """Step 3: the first role, with Ben's challenge."""
    if company.get() is None:
        return redirect(url_for("admin.set_up_company"), 303)
    form = RoleForm(data={"title": _("Customer support agent"), "readers": 2, "line_percent": 60})
    challenge = _bens_challenge()
    if challenge is not None and form.validate_on_submit():
        role = roles.create(
            form.title.data or "",
            [challenge],
            _me(),
            clock.now(),
            readers=form.readers.data or 2,
            line_percent=form.line_percent.data,
        )
        db.session.commit()
        return redirect(url_for("admin.set_up_opening", role=role.slug), 303)
    page = render_template(
        "admin/set_up_role.html", form=form, challenge=challenge, roles=roles.all_roles(), steps=_steps(3)
    )
    return (page, 422) if request.method == "POST" else page


def _bens_challenge() -> ChallengeVersion | None:
    return next((version for version in publishing.newest() if version.slug == BEN), None)


@bp.get("/set-up/opening")
def set_up_opening() -> Response | str:
    """Step 4: open the role in regions, look at it as a candidate does on a phone, publish."""
    role = _role()
    if role is None:
        return redirect(url_for("admin.set_up_role"), 303)
    places = _places(role)
    wanted = request.args.get("region", "").upper()
    opened = [place for place in places if place.opening]
    shown = next((place for place in opened if place.region.code == wanted), opened[0] if opened else None)
    return render_template("admin/set_up_opening.html", role=role, places=places, shown=shown, steps=_steps(4))


def _role() -> Role | None:
    """The role that is being set up: the one named in the address, or the newest."""
    slug = request.args.get("role")
    if slug is None:
        return next(iter(roles.all_roles()), None)
    role = roles.by_slug(slug)
    if role is None:
        raise NotFound
    return role


def _places(role: Role) -> list[Place]:
    by_region = {opening.region_id: opening for opening in openings.of_role(role)}
    places = []
    for region in company.regions():
        opening = by_region.get(region.id)
        label, tone = words.STATES[opening.state] if opening else (None, "neutral")
        places.append(Place(region, opening, label, tone))
    return places


def _steps(current: int) -> Sequence[dict[str, Any]]:
    """The four steps for `ui.steps`. Later ones can be opened once the company exists."""
    is_founded = company.get() is not None
    has_role = is_founded and bool(roles.all_roles())
    has_opening = has_role and bool(openings.in_regions([region.id for region in company.regions()]))
    pages = (
        (_("Company"), "admin.set_up_company", is_founded, True),
        (_("Regions"), "admin.set_up_regions", is_founded, is_founded),
        (_("First role"), "admin.set_up_role", has_role, is_founded),
        (_("Open and publish"), "admin.set_up_opening", has_opening, has_role),
    )
    return [
        {
            "label": label,
            "state": "current" if number == current else "done" if is_done else "ahead",
            "url": url_for(endpoint) if is_open and number != current else None,
        }
        for number, (label, endpoint, is_done, is_open) in enumerate(pages, start=1)
    ]


def _me() -> Actor:
    return Actor.user(people.me().id)
