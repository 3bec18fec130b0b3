"""The candidate's room: the link, where one stands, and what was handed in. The workspace is in `workspace.py`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint, flash, redirect, render_template, request, session, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app import clock, locale, people
from app.candidate.forms import LinkForm, WithdrawForm
from app.extensions import db
from app.models import Appeal, Application, Invitation, Reason
from app.refusals import NotFound
from app.services import (
    appeals,
    applications,
    comments,
    invitations,
    pace,
    progress,
    submissions,
    surveys,
    tasks,
    uploads,
)
from app.services.progress import Happened, Progress, Step

bp = Blueprint("candidate", __name__)


@bp.before_request
def ask_for_link_first() -> Response | None:
    """Whoever has no session here, or one that has ended, is told how to get in. A post answers for itself."""
    is_open = request.endpoint in OPEN_TO_ALL or request.method == "POST"
    if is_open or people.has_candidate_session():
        return None
    return redirect(url_for("candidate.ask_for_link"))


OPEN_TO_ALL = frozenset({"candidate.show_link", "candidate.use_link", "candidate.ask_for_link"})


@bp.get("/your-link/<token>")
def show_link(token: str) -> str:
    """What the link is for. Opening it changes nothing: mail scanners open links too."""
    invitation = invitations.by_token(token)
    task = tasks.task(invitation.challenge_version, invitation.application.opening.role, locale.tag())
    return render_template("candidate/link.html", opening=invitation.application.opening, task=task)


@bp.post("/your-link/<token>")
def use_link(token: str) -> Response:
    """The button behind the link: this browser acts for the candidate from now on, in their language."""
    application = invitations.by_token(token).application
    people.begin_candidate_session(application, by_link=True)
    session.setdefault(locale.CHOICE, application.candidate.locale)
    db.session.commit()
    return redirect(url_for(".show_status"), 303)


@bp.route("/send-link", methods=["GET", "POST"])
def ask_for_link() -> Response | str | tuple[str, int]:
    """Mail the link again. The answer is the same whether the address is known or not."""
    form = LinkForm()
    if not form.is_submitted():
        return render_template("candidate/ask_for_link.html", form=form, is_sent=False)
    if not form.validate():
        return render_template("candidate/ask_for_link.html", form=form, is_sent=False), 422
    applications.send_links(form.email.data or "", clock.now())
    db.session.commit()
    return render_template("candidate/ask_for_link.html", form=form, is_sent=True)


@bp.get("/my")
def show_status() -> str:
    """What is asked, how much time is left, what happens next; after the release, the outcome."""
    application, now = people.my_application(), clock.now()
    entries = progress.of_application(application, locale.tag(), now)
    return render_template(
        "candidate/status.html",
        application=application,
        entries=entries,
        step=_furthest_behind(entries),
        decision=progress.outcome(application),
        feedback=progress.feedback(application, locale.tag(), now),
        since=_since(application, entries, now),
    )


@dataclass(frozen=True)
class Since:
    """What has happened so far, and what can still be done about it."""

    history: list[Happened]
    # Of the team, on the application as a whole.
    comment: str
    days: int | None
    appeal: Appeal | None
    appeal_until: datetime | None
    has_survey: bool


def _since(application: Application, entries: list[Progress], now: datetime) -> Since:
    is_told = progress.outcome(application) is not None
    return Since(
        history=progress.history(application, entries),
        comment=comments.of(application.id).get(comments.WHOLE, "") if is_told else "",
        days=pace.most_hear_within(application.opening.region_id),
        appeal=appeals.of(application),
        appeal_until=appeals.offered_until(application, now),
        has_survey=surveys.is_open_to(application),
    )


def _furthest_behind(entries: list[Progress]) -> Step:
    """Where the person stands over all challenges: at the one that has come least far."""
    order = list(Step)
    return min((entry.step for entry in entries), key=order.index, default=Step.ENDED)


def mine(slug: str) -> Invitation:
    """This candidate's invitation to the challenge with this slug, or NotFound."""
    invitation = invitations.challenge_of(invitations.of(people.my_application()), slug)
    if invitation is None:
        raise NotFound
    return invitation


@bp.get("/my/<slug>")
def show_challenge(slug: str) -> Response | str:
    """Everything to know before the start. Reading it starts nothing."""
    entry = progress.of_invitation(mine(slug), locale.tag(), clock.now())
    if entry.attempt is not None and entry.step in (Step.WRITING, Step.HANDED_IN):
        return redirect(url_for(".workspace", slug=slug))
    if entry.step is not Step.TO_START:
        return redirect(url_for(".show_status"))
    application = entry.invitation.application
    return render_template("candidate/challenge.html", entry=entry, task=entry.task, role=application.opening.role)


@bp.post("/my/<slug>/mail")
def mail_for_computer(slug: str) -> Response:
    """Mail the candidate their own link, for a task that a phone will not do. Not again within minutes."""
    if invitations.mail_for_computer(mine(slug), clock.now()):
        flash(_("The link is on its way to your mailbox."), "good")
    else:
        flash(_("We have sent it a moment ago. It can take a few minutes; look among unwanted mail, too."), "message")
    db.session.commit()
    return redirect(url_for(".show_challenge", slug=slug), 303)


@bp.post("/my/<slug>/start")
def start(slug: str) -> Response:
    """Start. From here the time counts, where the job sets one."""
    invitation = mine(slug)
    role = invitation.application.opening.role
    words = tasks.task(invitation.challenge_version, role, locale.tag()).locale
    submissions.start(invitation, words, clock.now())
    db.session.commit()
    return redirect(url_for(".workspace", slug=slug), 303)


@bp.get("/my/receipts/<code>")
def show_receipt(code: str) -> str:
    """What was handed in and when: a readable copy, and the hash that proves it."""
    submission = submissions.by_code(code)
    if submission is None or submission.attempt.invitation.application_id != people.my_application().id:
        raise NotFound
    entry = progress.of_invitation(submission.attempt.invitation, locale.tag(), clock.now())
    return render_template(
        "candidate/receipt.html",
        submission=submission,
        entry=entry,
        task=entry.task,
        files=uploads.in_submission(submission),
    )


@bp.route("/my/withdraw", methods=["GET", "POST"])
def withdraw() -> Response | str:
    """Leave the application: asked once, with one tap on why for those who like."""
    application, form = people.my_application(), WithdrawForm()
    if request.method != "POST":
        return render_template("candidate/withdraw.html", application=application, form=form)
    # What is no reason that we know is none; it must not keep anybody from leaving.
    said = form.reason.data if form.validate() else None
    applications.withdraw(application, clock.now(), Reason[said] if said else None)
    db.session.commit()
    flash(_("You have withdrawn. Thank you for telling us."), "good")
    return redirect(url_for(".show_status"), 303)


@bp.post("/my/leave")
def leave() -> Response:
    """Forget the candidate in this browser; their link brings them back."""
    people.end_candidate_session()
    db.session.commit()
    flash(_("This browser has forgotten you. Your link brings you back."), "good")
    return redirect(url_for("openings.list_openings"), 303)
