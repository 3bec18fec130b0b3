"""Getting in: the private link and its button, the mailed code for a further device, a link again, a new link."""

from __future__ import annotations

from functools import partial

import structlog
from flask import flash, redirect, render_template, session, url_for
from flask_babel import gettext as _
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response

from app import afterwards, clock, locale, people
from app.candidate.forms import CodeForm, LinkForm
from app.candidate.views import bp
from app.extensions import csrf, db
from app.models import Application, Invitation
from app.refusals import LinkUsed
from app.services import applications, devices, invitations, progress, tasks
from app.services.audit import Actor
from app.services.devices import Tried
from app.services.progress import Step

log = structlog.get_logger()
# Whose code this browser is asked for: the hash of the link whose button it pressed.
ENTERING = "entering"
Answer = Response | str | tuple[str, int]


@bp.get("/your-link/<token>")
def show_link(token: str) -> Answer:
    """What the link is for and whose it is. Opening it changes nothing: mail scanners open links too."""
    now = clock.now()
    try:
        invitation = invitations.by_token(token, now)
    except LinkUsed:
        return _dead_link()
    application = invitation.application
    if _is_in(application):
        return redirect(url_for(".show_status"))
    entries = progress.of_application(application, locale.tag(), now)
    return render_template(
        "candidate/link.html",
        opening=application.opening,
        task=tasks.task(invitation.challenge_version, application.opening.role, locale.tag()),
        address=masked(application.candidate.email),
        is_over=all(entry.step in (Step.FINAL, Step.ENDED) for entry in entries),
        receipts=[entry.standing for entry in entries if entry.standing],
        needs_code=devices.needs_code(application, people.my_device()),
        # Nobody else's name stands on this page, and no form that would be sent without saying where it came from.
        nav=[],
        person=None,
    )


@bp.post("/your-link/<token>")
def use_link(token: str) -> Answer:
    """The button behind the link: this browser acts for the candidate from now on, or is asked for a mailed code.

    A press that did not come from our page in the same browser (a scanner that sends forms) is no reason to mail
    anything. It is looked at here and not before, because this page sends no Referer.
    """
    now = clock.now()
    try:
        invitation = invitations.by_token(token, now)
    except LinkUsed:
        return _dead_link()
    application = invitation.application
    if not FlaskForm().validate():
        log.warning("link_pressed_elsewhere", application_id=application.id)
    elif devices.needs_code(application, people.my_device()):
        devices.mail_code(application, now)
    else:
        return _let_in(application)
    session[ENTERING] = invitation.token_hash
    db.session.commit()
    return redirect(url_for(".show_code"), 303)


csrf.exempt(use_link)


def _dead_link() -> tuple[str, int]:
    """The same page for a link that was replaced, has ended, or never was."""
    return render_template("candidate/dead_link.html", nav=[], person=None), LinkUsed.status


def _is_in(application: Application) -> bool:
    """Whether this browser acts for this application already."""
    mine = people.my_session()
    return mine is not None and mine.application_id == application.id and invitations.is_awake(mine, clock.now())


def _let_in(application: Application) -> Response:
    people.begin_candidate_session(application, by_link=True)
    session.pop(ENTERING, None)
    session.setdefault(locale.CHOICE, application.candidate.locale)
    db.session.commit()
    return redirect(url_for(".show_status"), 303)


def masked(address: str) -> str:
    """A mail address that its owner knows again and nobody else learns: m…@example.org."""
    name, _at, domain = address.rpartition("@")
    return f"{name[:1]}…@{domain}"


@bp.get("/your-code")
def show_code() -> Answer:
    """Where a further device enters the code that was mailed."""
    invitation = _entering()
    if invitation is None:
        return redirect(url_for(".ask_for_link"))
    return _code_page(invitation.application, CodeForm())


@bp.post("/your-code")
def enter_code() -> Answer:
    """The right code lets this browser in. Every try counts, so it is committed whatever comes of it."""
    invitation, form = _entering(), CodeForm()
    if invitation is None:
        return redirect(url_for(".ask_for_link"), 303)
    if not form.validate():
        return _code_page(invitation.application, form), 422
    came_of_it = devices.try_code(invitation.application, form.code.data or "", clock.now())
    if came_of_it is Tried.RIGHT:
        return _let_in(invitation.application)
    db.session.commit()
    if came_of_it is Tried.WRONG:
        form.code.errors = [_("This is not the code in our newest mail. Please look again.")]
    elif came_of_it is Tried.ENDED:
        form.code.errors = [_("This code has ended or was used. Ask for a new one below.")]
    return _code_page(invitation.application, form), 422


@bp.post("/your-code/mail")
def mail_code() -> Response:
    """Mail a new code; the older one stops. What the page says next is the same whether one was due or not."""
    invitation = _entering()
    if invitation is None:
        return redirect(url_for(".ask_for_link"), 303)
    devices.mail_code(invitation.application, clock.now())
    db.session.commit()
    return redirect(url_for(".show_code"), 303)


def _entering() -> Invitation | None:
    """The link whose button this browser pressed, while it holds."""
    try:
        return invitations.by_hash(session.get(ENTERING, ""), clock.now())
    except LinkUsed:
        return None


def _code_page(application: Application, form: CodeForm) -> str:
    return render_template(
        "candidate/code.html",
        form=form,
        opening=application.opening,
        address=masked(application.candidate.email),
        asked=devices.asked(application, clock.now()),
        minutes=devices.CODE_HOLDS.seconds // 60,
    )


@bp.route("/send-link", methods=["GET", "POST"])
def ask_for_link() -> Answer:
    """Mail the link again. The answer is the same, and takes as long, whether the address is known or not."""
    form = LinkForm()
    # Somebody who was here before and is sent here now has lost their session, and fears for their words.
    has_ended = people.CANDIDATE_TOKEN in session
    page = partial(render_template, "candidate/ask_for_link.html", form=form, has_ended=has_ended)
    if not form.is_submitted():
        return page(is_sent=False)
    if not form.validate():
        return page(is_sent=False), 422
    key = applications.email_key(form.email.data or "")
    # Looked up when the answer has left.
    afterwards.later(partial(applications.send_links, key, clock.now()))
    return page(is_sent=True)


@bp.route("/my/new-link", methods=["GET", "POST"])
def replace_link() -> Answer:
    """Somebody else may have the link: a new one comes by mail, and every other browser is out."""
    application = people.my_application()
    if not FlaskForm().validate_on_submit():
        return render_template("candidate/new_link.html", address=application.candidate.email)
    by = Actor.candidate(application.candidate_id)
    here = session.get(people.CANDIDATE_TOKEN)
    if invitations.replace_link(application, by, clock.now(), session=here, device=people.my_device()):
        flash(_("Your new link is on its way by mail. Everywhere else you are signed out."), "good")
    else:
        flash(_("We have sent it a moment ago. It can take a few minutes; look among unwanted mail, too."), "message")
    db.session.commit()
    return redirect(url_for(".show_status"), 303)
