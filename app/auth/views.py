"""Signing in: the one-time link of a new person, and the way to their own first page. The rest is Flask-Security's."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, url_for
from flask_security.utils import hash_password
from werkzeug.wrappers import Response

from app import clock, people, permissions
from app.auth.forms import FirstPersonForm, PasswordForm
from app.extensions import db
from app.models import Duty, User
from app.pages import navigation
from app.services import audit, company, staff
from app.services.audit import Actor

bp = Blueprint("auth", __name__)


@bp.get("/home")
def home() -> Response:
    """Each person's first room."""
    answer = people.ask_to_sign_in()
    if answer is not None:
        return answer
    if company.get() is None and permissions.can_administer(people.me()):
        return redirect(url_for("admin.set_up_company"))
    rooms = navigation(people.me())
    return redirect(rooms[0].url if rooms else url_for("openings.list_openings"))


@bp.get("/welcome/<token>")
def show_one_time_link(token: str) -> str:
    """What the link is for. Opening it changes nothing: mail scanners open links too."""
    link = staff.find_link(token, clock.now())
    form = PasswordForm() if link.user_id else FirstPersonForm()
    return render_template("auth/welcome.html", form=form, user=db.session.get(User, link.user_id or 0))


@bp.post("/welcome/<token>")
def use_one_time_link(token: str) -> Response | tuple[str, int]:
    """Set the password, spend the link and sign in."""
    now = clock.now()
    link = staff.find_link(token, now)
    user = db.session.get(User, link.user_id) if link.user_id else None
    form = PasswordForm() if user else FirstPersonForm()
    if not form.validate_on_submit():
        return render_template("auth/welcome.html", form=form, user=user), 422
    password = form.password.data or ""
    staff.check_password(password)
    staff.use_link(link, now)
    if user is None:
        everywhere = [(Duty.ADMINISTRATOR, None), (Duty.MANAGER, None), (Duty.RECRUITER, None)]
        user = staff.create(form.name.data, form.email.data, everywhere, now)
    user.password = hash_password(password)
    audit.record(Actor.user(user.id), "staff.set_password", "user", user.id, now)
    db.session.commit()
    people.sign_in(user)
    return redirect(url_for("auth.home"), 303)
