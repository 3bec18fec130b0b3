"""After the answer: asking for a second review, and the two questions."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app import clock, people
from app.candidate.forms import SurveyForm
from app.candidate.views import bp
from app.extensions import db
from app.services import appeals, surveys


@bp.post("/my/second-review")
def ask_again() -> Response:
    """Ask for a second review. Pressing twice asks once."""
    appeals.ask(people.my_application(), clock.now())
    db.session.commit()
    flash(_("You have asked for a second review. We tell you what comes of it."), "good")
    return redirect(url_for(".show_status"), 303)


@bp.route("/my/survey", methods=["GET", "POST"])
def survey() -> Response | str | tuple[str, int]:
    """The two questions, once."""
    application, form = people.my_application(), SurveyForm()
    if not surveys.is_open_to(application):
        return redirect(url_for(".show_status"), 303)
    if not form.is_submitted():
        return render_template("candidate/survey.html", form=form, application=application)
    if not form.validate():
        return render_template("candidate/survey.html", form=form, application=application), 422
    said = dict(form.data)
    surveys.answer(application, int(said["fair"]), said["minutes"], said["words"] or "", clock.now())
    db.session.commit()
    flash(_("Thank you. That helps the people who come after you."), "good")
    return redirect(url_for(".show_status"), 303)
