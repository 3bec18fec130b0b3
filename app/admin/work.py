"""Background work: what waits, what failed and why, and the buttons to try it again or to dismiss it."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response

from app import clock, people, queue, words
from app.admin.forms import DismissForm, ReasonForm
from app.admin.room import bp
from app.extensions import db
from app.refusals import NotFound
from app.services import dismissals, operations
from app.services.audit import Actor
from app.services.dismissals import Why


@bp.get("/work")
def show_work() -> str:
    """The work in numbers, with what failed and which workers are there."""
    now = clock.now()
    kinds = operations.kinds(now)
    failures = operations.failures()
    return render_template(
        "admin/work.html",
        kinds=kinds,
        overdue=[kind for kind, _waited in operations.overdue(now)],
        waiting=sum(kind.waiting for kind in kinds),
        failed=sum(kind.failed for kind in kinds),
        oldest_at=min((kind.oldest_at for kind in kinds if kind.oldest_at), default=None),
        per_minute=sum(kind.per_minute_5 for kind in kinds),
        failures=failures,
        dismissable=dismissals.dismissable([(one.work_id, one.kind, one.subject_id) for one in failures]),
        dismissing=DismissForm(formdata=None),
        hindrances=operations.hindrances(),
        workers=queue.workers_seen(),
        advice=words.advice,
    )


@bp.post("/work/<int:work_id>/retry")
def retry_work(work_id: int) -> Response:
    """Let one failed piece be tried again."""
    if work_id >= 2**63:
        raise NotFound
    return _answer(int(operations.try_again(work_id, Actor.user(people.me().id), clock.now())))


@bp.post("/work/<int:work_id>/dismiss")
def dismiss_work(work_id: int) -> Response:
    """Give one failed piece up for good."""
    form = DismissForm()
    if work_id >= 2**63 or not form.validate():
        raise NotFound
    if dismissals.dismiss(work_id, Why(form.why.data), Actor.user(people.me().id), clock.now()):
        flash(_("It is dismissed and will not be tried again."), "good")
    else:
        flash(_("Nothing was changed: it is being tried again already, or it is done."), "info")
    db.session.commit()
    return redirect(url_for("admin.show_work"), 303)


@bp.post("/work/retry")
def retry_all_work() -> Response:
    """Let everything be tried again that failed for the same reason."""
    form = ReasonForm()
    if not form.validate():
        raise NotFound
    by = Actor.user(people.me().id)
    return _answer(operations.try_all_again(form.kind.data or "", form.reason.data or "", by, clock.now()))


def _answer(number: int) -> Response:
    db.session.commit()
    if number:
        flash(ngettext("It is being tried again.", "%(num)d pieces are being tried again.", number), "good")
    else:
        flash(_("Nothing was changed: it is being tried again already, or it is done."), "info")
    return redirect(url_for("admin.show_work"), 303)
