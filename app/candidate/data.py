"""My data: a copy of it, and deleting it."""

from __future__ import annotations

from flask import Response as FlaskResponse
from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app import clock, data_words, people
from app.candidate.forms import EraseForm
from app.candidate.views import bp
from app.extensions import db
from app.services import erasure, export
from app.services.audit import Actor

FILE_NAME = "my-data.json"


@bp.get("/my/data")
def show_data() -> str:
    """What one can have and what one can have deleted."""
    application = people.my_application()
    return render_template("candidate/data.html", application=application)


@bp.post("/my/data/copy")
def copy_data() -> Response | str:
    """Everything that is stored about this person, as JSON or as a page. A post, so that no scanner fetches it."""
    data = export.of_person(people.my_application(), clock.now())
    db.session.commit()
    if request.form.get("as") == "page":
        return render_template(
            "candidate/data_copy.html", data=data, records=data_words.RECORDS, fields=data_words.FIELDS
        )
    answer = FlaskResponse(export.as_json(data), content_type="application/json; charset=utf-8")
    answer.headers.set("Content-Disposition", "attachment", filename=FILE_NAME)
    return answer


@bp.route("/my/data/delete", methods=["GET", "POST"])
def delete_data() -> Response | str | tuple[str, int]:
    """Delete everything, in all applications of this person. Asked once, with what it does."""
    application, form = people.my_application(), EraseForm()
    export.require_verified(application)
    if not form.is_submitted():
        return render_template("candidate/delete.html", application=application, form=form)
    if not form.validate():
        return render_template("candidate/delete.html", application=application, form=form), 422
    candidate = application.candidate
    erasure.erase(candidate, Actor.candidate(candidate.id), clock.now())
    people.forget_candidate()
    db.session.commit()
    flash(_("Your data is deleted, and your links are dead. One last mail confirms it."), "good")
    return redirect(url_for("openings.list_openings"), 303)
