"""The blind review desk. Nothing here can reach who the candidate is: pages get the values of `services.desk` only."""

from __future__ import annotations

from flask import Blueprint, flash, jsonify, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app import clock, files, locale, people, permissions, preview
from app.extensions import db
from app.grader.forms import EmptyForm, RatingForm, SkipForm, rating_form
from app.markdown import to_html
from app.models import Assignment, AssignmentState
from app.refusals import LeaseLost
from app.services import assignments, desk, ratings
from app.services.desk import Sheet

bp = Blueprint("grader", __name__)


@bp.before_request
def readers_only() -> Response | None:
    """The whole room is for reviewers; to everybody else it does not exist."""
    answer = people.ask_to_sign_in()
    if answer is None:
        permissions.require(permissions.can_grade(people.me()))
    return answer


def _mine(code: str) -> Assignment:
    assignment = assignments.by_code(code, people.me().id)
    permissions.require(permissions.can_rate(people.me(), assignment))
    return assignment


@bp.get("/review")
def show_desk() -> str:
    """What waits for me, and how long it takes at my own pace."""
    mine = desk.overview(people.me().id, locale.tag())
    return render_template("grader/desk.html", desk=mine, form=EmptyForm())


@bp.post("/review/next")
def take_next() -> Response:
    """Hold my next answer and open it."""
    return _open_next()


def _open_next() -> Response:
    found = assignments.take_next(people.me().id, clock.now())
    db.session.commit()
    if found is None:
        flash(_("Nothing waits for you now. Thank you."), "good")
        return redirect(url_for("grader.show_desk"), 303)
    return redirect(url_for("grader.show_answer", code=found.code), 303)


@bp.get("/review/<code>")
def show_answer(code: str) -> str:
    """One answer with its rubric; after I have saved my levels, to read only."""
    assignment = _mine(code)
    sheet = desk.sheet(assignment, locale.tag())
    if assignment.state is AssignmentState.RATED:
        return render_template(
            "grader/rated.html",
            sheet=sheet,
            guide=to_html(sheet.guide.value.text),
            task=to_html(sheet.task),
            form=EmptyForm(),
        )
    return _page(sheet, rating_form(sheet.criteria))


@bp.get("/review/<code>/preview/<part>")
def show_preview(code: str, part: str) -> Response:
    """The page for the frame in which a part's HTML and CSS are looked at; only for whom the answer is given to."""
    source = desk.source(_mine(code), part)
    return preview.answer(source.html, source.css, source.locale)


@bp.get("/review/<code>/frozen/<field>")
def show_frozen(code: str, field: str) -> Response:
    """What the link in an answer showed when it was handed in, for a frame; only for whom the answer is given to."""
    source = desk.frozen(_mine(code), field)
    return preview.answer(source.html, source.css, source.locale)


@bp.get("/review/<code>/files/<field>")
def show_file(code: str, field: str) -> Response:
    """A file of an answer, as a copy without what says who made it; only for whom the answer is given to."""
    found = desk.file(_mine(code), field)
    return files.answer(found.data, found.type, found.name)


def _page(sheet: Sheet, form: RatingForm, skipping: SkipForm | None = None) -> str:
    return render_template(
        "grader/answer.html",
        sheet=sheet,
        form=form,
        skipping=skipping or SkipForm(formdata=None),
        guide=to_html(sheet.guide.value.text),
        task=to_html(sheet.task),
        zone=people.me().zone,
        is_held=sheet.lease_until is not None and sheet.lease_until > clock.now(),
    )


@bp.post("/review/<code>")
def rate(code: str) -> Response | tuple[str, int]:
    """Save my levels and open the next answer. What was typed is on the page again whenever it cannot be saved."""
    assignment = _mine(code)
    criteria = desk.criteria(assignment, locale.tag())
    form = rating_form(criteria)
    if assignment.state not in assignments.WAITING:
        return _too_late(assignment, form)
    if not form.validate_on_submit():
        return _page(desk.sheet(assignment, locale.tag()), form), 422
    try:
        ratings.record(assignment, people.me().id, form.levels(criteria), form.comments(criteria), clock.now())
    except LeaseLost:
        db.session.rollback()
        return _too_late(_mine(code), form)
    return _open_next()


def _too_late(assignment: Assignment, form: RatingForm) -> tuple[str, int]:
    """The reading is not mine to save any more: say why, and show what was typed so that it can be copied."""
    return render_template(
        "grader/kept.html",
        is_rated=assignment.state is AssignmentState.RATED,
        code=assignment.code,
        criteria=desk.criteria(assignment, locale.tag()),
        form=form,
    ), 409


@bp.post("/review/<code>/skip")
def skip(code: str) -> Response | tuple[str, int]:
    """Put an answer aside, or hand it to somebody else, with the reason; then open the next."""
    assignment = _mine(code)
    form = SkipForm()
    if not form.validate_on_submit():
        sheet = desk.sheet(assignment, locale.tag())
        return _page(sheet, rating_form(sheet.criteria), form), 422
    put_aside = assignments.hand_on if form.hands_on else assignments.skip
    put_aside(assignment, people.me().id, form.reason.data, clock.now())
    return _open_next()


@bp.post("/review/<code>/hold")
def hold(code: str) -> Response:
    """The page is in use: reserve the answer for another while."""
    assignment = _mine(code)
    assignments.claim(assignment, people.me().id, clock.now())
    db.session.commit()
    assert assignment.lease_until is not None
    return jsonify(until=assignment.lease_until.isoformat())
