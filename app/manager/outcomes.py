"""Comments to candidates, deciding after a second review, and whether a role allows them."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app import clock, people, permissions
from app.errors import words as words_of
from app.extensions import db
from app.manager.forms import AllowForm, CommentForm, SettleForm
from app.manager.views import application_of, role_of
from app.models import Stage
from app.refusals import Refused
from app.services import appeals, comments, openings

bp = Blueprint("outcomes", __name__)
bp.before_request(people.ask_to_sign_in)


@bp.post("/applications/<code>/comment")
def comment(code: str) -> Response:
    """Add a comment that the candidate reads with the outcome; empty takes it away."""
    application, form = application_of(code), CommentForm()
    if form.validate_on_submit():
        said = dict(form.data)
        comments.write(application, said["slug"] or "", said["text"] or "", people.me().id, clock.now())
        db.session.commit()
        flash(_("Kept. The applicant reads it with the outcome, not before."), "good")
    else:
        flash(_("A comment has at most 2,000 characters."), "bad")
    return _back(code)


@bp.post("/applications/<code>/second-review")
def settle(code: str) -> Response:
    """Decide after a second review. The candidate is told either way."""
    application, form = application_of(code), SettleForm(prefix="settle-")
    if not form.validate_on_submit():
        flash(_("Please choose one of the two and give the reason."), "bad")
        return _back(code)
    said = dict(form.data)
    try:
        appeals.settle(application, Stage[said["stage"]], said["reason"], people.me().id, clock.now())
    except Refused as refusal:
        db.session.rollback()
        flash(words_of(refusal), "bad")
        return _back(code)
    db.session.commit()
    flash(_("Decided anew. The applicant is told by mail."), "good")
    return _back(code)


def _back(code: str) -> Response:
    return redirect(url_for("manager.show_application", code=code), 303)


@bp.post("/roles/<slug>/second-reviews")
def allow(slug: str) -> Response:
    """Allow second reviews near the line, or stop allowing them. Those asked for already go on."""
    role, form = role_of(slug), AllowForm()
    permissions.require(permissions.can_weigh(people.me(), openings.of_role(role)))
    try:
        if not form.validate_on_submit():
            raise Refused("Points are a number from 1 to 50, or empty for none; days from 1 to 60.")
        said = dict(form.data)
        appeals.allow(role, said["points"], said["days"], people.me().id, clock.now())
    except Refused as refusal:
        db.session.rollback()
        flash(words_of(refusal), "bad")
        return redirect(url_for("manager.show_role", slug=slug), 303)
    db.session.commit()
    flash(_("Saved. It holds for whoever is told from now on, and for those whose days still run."), "good")
    return redirect(url_for("manager.show_role", slug=slug), 303)
