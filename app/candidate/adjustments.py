"""Asking for extra time or another adjustment, before the start or while writing."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app import clock, people
from app.candidate.forms import AdjustmentForm
from app.candidate.views import bp
from app.errors import words as words_of
from app.extensions import db
from app.models import Adjustment
from app.refusals import Refused
from app.services import accommodations


@bp.route("/my/adjustments", methods=["GET", "POST"])
def ask_for_adjustment() -> Response | str | tuple[str, int]:
    """Say which adjustment would help, never which condition; below it, what was asked and answered before."""
    application, form = people.my_application(), AdjustmentForm()
    trouble = None
    if form.validate_on_submit():
        kind = Adjustment[form.kind.data]
        try:
            accommodations.ask(application, kind, form.wished_percent, form.words.data or "", clock.now())
            db.session.commit()
            flash(_("We have your request. The answer comes here and by mail."), "good")
            return redirect(url_for(".ask_for_adjustment"), 303)
        except Refused as refusal:
            db.session.rollback()
            trouble = words_of(refusal)
    page = render_template(
        "candidate/adjustments.html",
        application=people.my_application(),
        form=form,
        asked=accommodations.of(application),
        trouble=trouble,
    )
    return (page, 422 if form.errors else 409) if form.is_submitted() else page
