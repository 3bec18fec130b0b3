"""The privacy notices of the regions: what is in force, and writing a new version."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app import clock, people
from app.admin.forms import NoticeForm
from app.admin.room import bp
from app.errors import words as words_of
from app.extensions import db
from app.models import Region
from app.refusals import NotFound
from app.services import company, notices
from app.services.audit import Actor
from app.services.notices import BadNotice, NoticeMoved


@bp.get("/notices")
def list_notices() -> str:
    """What people agree to in each region."""
    return render_template("admin/notices.html", notices=notices.in_force_everywhere(company.regions()))


@bp.route("/notices/<code>", methods=["GET", "POST"])
def write_notice(code: str) -> str | Response | tuple[str, int]:
    """Write the next version of a region's notice, starting from the one in force."""
    region = company.region_by_code(code)
    if region is None:
        raise NotFound
    before = notices.in_force(region)
    form = NoticeForm(data={"seen": before.number} | {NoticeForm.name(tag): text for tag, text in before.texts.items()})
    if form.validate_on_submit() and _write(region, form):
        db.session.commit()
        flash(_("Saved. Whoever applies from now on agrees to this version."), "good")
        return redirect(url_for("admin.list_notices"), 303)
    page = render_template("admin/notice.html", form=form, region=region, notice=notices.in_force(region))
    return (page, 422) if form.is_submitted() else page


def _write(region: Region, form: NoticeForm) -> bool:
    """Write it; False with the reason in the form."""
    try:
        notices.write(region, form.texts, form.seen.data or 0, Actor.user(people.me().id), clock.now())
    except NoticeMoved as refusal:
        db.session.rollback()
        form.start_from(notices.in_force(region).number)
        form.fields_of_texts[0].errors = [words_of(refusal)]
        return False
    except BadNotice as refusal:
        db.session.rollback()
        form.fields_of_texts[0].errors = [words_of(refusal)]
        return False
    return True
