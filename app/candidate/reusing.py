"""Taking an answer over from another job: offered before the start, done by one button."""

from __future__ import annotations

from flask import redirect, url_for
from werkzeug.wrappers import Response

from app import clock
from app.candidate.forms import ReuseForm
from app.candidate.views import bp, mine
from app.extensions import db
from app.services import reuse
from app.services.reuse import NothingToReuse


@bp.post("/my/<slug>/reuse")
def use_again(slug: str) -> Response:
    """Hand in the answer that was given to the same task for another job. Pressing twice hands in once."""
    invitation, form = mine(slug), ReuseForm()
    if not form.validate_on_submit():
        raise NothingToReuse("This answer cannot be used here now. You can answer the task anew.")
    submission = reuse.take(invitation, form.code.data or "", clock.now())
    db.session.commit()
    return redirect(url_for(".show_receipt", code=submission.code), 303)
