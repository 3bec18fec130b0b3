"""The candidate's room: where one stands and what was handed in. Getting in is `link.py`, writing `workspace.py`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import partial

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app import afterwards, clock, locale, people
from app.candidate.forms import StartForm, WithdrawForm
from app.extensions import db
from app.models import Appeal, Application, CandidateSession, Invitation, Reason
from app.refusals import NotFound
from app.services import (
    accommodations,
    appeals,
    applications,
    comments,
    invitations,
    pace,
    progress,
    reuse,
    submissions,
    surveys,
    tasks,
)
from app.services.progress import Happened, Progress, Step

bp = Blueprint("candidate", __name__)


# Pages for whoever holds a link or a receipt, or looks for a link.
OPEN_TO_ALL = frozenset(
    f"candidate.{name}"
    for name in ("show_link", "use_link", "ask_for_link", "show_code", "enter_code", "mail_code", "verify_receipt")
)
# What writes an answer, and the page on which it is written.
WRITING = frozenset(f"candidate.{name}" for name in ("start", "save_draft", "submit", "keep_file", "ask_beside"))
ASKING = "candidate.ask"
WORKSPACE = "candidate.workspace"
LEAVING = "candidate.leave"


@bp.before_request
def ask_for_link_first() -> Response | None:
    """Whoever has no session here, or one that has ended, is told how to get in.

    A session that was quiet for twelve hours only reads, and one after the window writes no answer. A post that
    carries words answers for itself, as to a browser without a session, and gives them back.
    """
    if request.endpoint in OPEN_TO_ALL:
        return None
    mine, now = people.my_session(), clock.now()
    if mine is None:
        return None if request.method == "POST" else redirect(url_for("candidate.ask_for_link"))
    if request.endpoint in WRITING:
        if not (_is_meant(mine) and invitations.may_write(mine, now)):
            people.be_nobody()
    elif request.endpoint == ASKING:
        if not (_is_meant(mine) and invitations.is_awake(mine, now)):
            people.be_nobody()
    elif _acts() and not invitations.is_awake(mine, now):
        return redirect(url_for("candidate.ask_for_link"), 303)
    if invitations.is_to_note(mine, now):
        afterwards.later(partial(invitations.note_seen, mine.id, now))
    return None


def _acts() -> bool:
    """Whether this request does or prepares something. Leaving is always allowed."""
    return request.endpoint == WORKSPACE or (request.method == "POST" and request.endpoint != LEAVING)


def _is_meant(mine: CandidateSession) -> bool:
    """Whether what is sent belongs to the application of this session.

    Somebody with two applications may have an old window of the other one open, with a task of the same name.
    """
    return request.args.get("for", mine.application.code) == mine.application.code


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
        asked=accommodations.of(application),
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
    return render_template(
        "candidate/challenge.html",
        entry=entry,
        task=entry.task,
        role=application.opening.role,
        offer=reuse.offer_for(entry.invitation, clock.now()),
        form=StartForm(formdata=None),
        asked=accommodations.of(application),
    )


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
    submissions.start(invitation, words, clock.now(), StartForm().wants_draft_handed_in)
    db.session.commit()
    return redirect(url_for(".workspace", slug=slug), 303)


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
    people.forget_candidate()
    db.session.commit()
    flash(_("This browser has forgotten you. Your link brings you back."), "good")
    return redirect(url_for("openings.list_openings"), 303)
