"""Other weights for a role: the form, what they would change, and putting them in force."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app import clock, locale, people, permissions, words
from app.errors import words as words_of
from app.extensions import db
from app.manager import weighing
from app.manager.forms import EmptyForm, WeightsForm
from app.manager.views import role_of
from app.models import Role, RubricVersion
from app.refusals import NotFound, Refused
from app.services import openings, proposals, roles, rubric_previews

bp = Blueprint("weights", __name__)
bp.before_request(people.ask_to_sign_in)
bp.context_processor(lambda: {"stages": words.STAGES, "states": words.STATES})


def _weighable(slug: str) -> Role:
    """A role whose every region this person hires for: other weights change all of its rankings."""
    role = role_of(slug)
    permissions.require(permissions.can_weigh(people.me(), openings.of_role(role)))
    return role


def _proposal(slug: str, number: int) -> tuple[Role, RubricVersion]:
    role = _weighable(slug)
    return role, proposals.by_number(role, number)


@bp.get("/roles/<slug>/weights")
def edit(slug: str) -> str:
    """The weights in force, ready to be changed."""
    role = _weighable(slug)
    in_force = roles.rubric_in_force(role.id)
    return _form_page(role, weighing.form_for(role, in_force, locale.tag()))


def _form_page(role: Role, form: WeightsForm, refusal: str = "") -> str:
    return render_template("manager/weights.html", role=role, form=form, refusal=refusal)


@bp.post("/roles/<slug>/weights")
def propose(slug: str) -> Response | tuple[str, int]:
    """Propose these weights; nothing is scored by them yet."""
    role = _weighable(slug)
    form = weighing.form_for(role, roles.rubric_in_force(role.id), locale.tag())
    if not form.validate_on_submit():
        return _form_page(role, form), 422
    try:
        proposal = proposals.propose(role, form.weighing(), form.line_percent.data, people.me().id, clock.now())
    except proposals.Unfit as refusal:
        db.session.rollback()
        return _form_page(role, form, words_of(refusal)), 422
    number = proposal.number
    db.session.commit()
    return redirect(url_for("weights.show", slug=slug, number=number), 303)


@bp.get("/roles/<slug>/weights/<int:number>")
def show(slug: str, number: int) -> str:
    """A rubric version beside the one in force; for a proposal, what it would change."""
    role, version = _proposal(slug, number)
    view = weighing.look(role, version, locale.tag())
    # A part of the page asks for itself again until the preview is there.
    page = "manager/_preview.html" if request.headers.get("HX-Request") else "manager/proposal.html"
    return render_template(page, role=role, view=view, button=EmptyForm(formdata=None))


@bp.post("/roles/<slug>/weights/<int:number>/again")
def again(slug: str, number: int) -> Response:
    """Work the preview out again, with the ratings and the weights as they are now."""
    role, proposal = _proposal(slug, number)
    if proposal.in_force_at is not None or proposal.discarded_at is not None:
        raise NotFound
    rubric_previews.begin(proposal, roles.rubric_in_force(role.id), clock.now())
    db.session.commit()
    return redirect(url_for("weights.show", slug=slug, number=number), 303)


@bp.post("/roles/<slug>/weights/<int:number>/in-force")
def put_in_force(slug: str, number: int) -> Response:
    """Score by these weights from here on, everybody who has a score as well."""
    role, proposal = _proposal(slug, number)
    try:
        proposals.put_in_force(role, proposal, people.me().id, clock.now())
    except Refused as refusal:
        db.session.rollback()
        flash(words_of(refusal), "bad")
        return redirect(url_for("weights.show", slug=slug, number=number), 303)
    db.session.commit()
    flash(_("The new weights are in force. Everybody who has a score is scored again now."), "good")
    return redirect(url_for("manager.show_role", slug=slug), 303)


@bp.post("/roles/<slug>/weights/<int:number>/discard")
def discard(slug: str, number: int) -> Response:
    """Put a proposal away; nothing changes."""
    _role, proposal = _proposal(slug, number)
    proposals.discard(proposal, people.me().id, clock.now())
    db.session.commit()
    flash(_("The proposal is put away. Nothing has changed."), "message")
    return redirect(url_for("manager.show_role", slug=slug), 303)
