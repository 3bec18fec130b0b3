"""The inbox of a region, and the conversation with one applicant."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app import afterwards, clock, locales, pages, people, permissions, tokens
from app.clock import ShownTime
from app.errors import words as words_of
from app.extensions import db
from app.models import Application, Sender, Thread
from app.recruiter import board
from app.recruiter.forms import AnswerForm, SeenForm
from app.recruiter.views import bp, is_reader, region_of, shows_names
from app.refusals import IllegalMove, NotFound, Refused
from app.services import applications, inbox, messages

PAGE = 50
EXCERPT = 160
# After that nobody is still writing.
RECENTLY = timedelta(minutes=30)


@dataclass(frozen=True)
class Line:
    """One thread in the inbox. Name and words are None while names are hidden: words can say who somebody is."""

    code: str
    name: str | None
    excerpt: str | None
    opening: str
    is_ours: bool
    said_at: ShownTime
    waiting_since: ShownTime | None
    opened_by: str | None


@bp.get("/desk/<code>/messages")
def list_messages(code: str) -> str:
    """What waits for an answer, the oldest question first; or everything that was said, newest first."""
    region = region_of(code)
    has_names, shows_all = shows_names(region), request.args.get("show") == "all"
    if shows_all:
        found = inbox.latest_page(region.id, pages.mark("before"), PAGE + 1)
    else:
        found = inbox.waiting_page(region.id, board.after(request.args.get("after")), PAGE + 1)
    page = found[:PAGE]
    if has_names:
        afterwards.note_identities([thread.application_id for thread in page])
    return render_template(
        "recruiter/messages.html",
        region=region,
        lines=[_line(thread, has_names) for thread in page],
        number=board.waiting(region),
        shows_all=shows_all,
        has_names=has_names,
        is_reader=is_reader(region),
        next_url=_next_url(code, page[-1], shows_all) if len(found) > PAGE else None,
    )


def _line(thread: Thread, has_names: bool) -> Line:
    application, newest = thread.application, thread.last_message
    words = " ".join(newest.body.split())
    return Line(
        code=application.code,
        name=application.candidate.name if has_names else None,
        excerpt=(words if len(words) <= EXCERPT else f"{words[:EXCERPT].rstrip()}…") if has_names else None,
        opening=application.opening.title,
        is_ours=newest.sender is Sender.STAFF,
        said_at=pages.shown(newest.sent_at),
        waiting_since=pages.shown(thread.waiting_since) if thread.waiting_since else None,
        opened_by=_opened_by(thread),
    )


def _next_url(code: str, last: Thread, shows_all: bool) -> str:
    names = request.args.get("names")
    if shows_all:
        return url_for("recruiter.list_messages", code=code, show="all", before=last.last_message_id, names=names)
    assert last.waiting_since is not None, "the page is of threads that wait"
    after = f"{last.waiting_since.isoformat()}~{last.application_id}"
    return url_for("recruiter.list_messages", code=code, after=after, names=names)


def _opened_by(thread: Thread) -> str | None:
    """The colleague who had a waiting thread open a moment ago, if it was not the reader of this page."""
    if thread.waiting_since is None or thread.opened_by is None or thread.opened_at is None:
        return None
    is_recent = clock.now() - thread.opened_at < RECENTLY
    return thread.opened_by.name if is_recent and thread.opened_by_id != people.me().id else None


@bp.get("/applications/<code>/messages")
def show_messages(code: str) -> str:
    """The conversation with one applicant. Whoever reads it has seen who it is."""
    application = _application(code)
    form = AnswerForm(formdata=None)
    form.key.data = tokens.fresh()
    return _page(application, form)


def _page(application: Application, form: AnswerForm, trouble: str | None = None) -> str:
    region, is_named = application.opening.region, application.stage in applications.NAMED
    can_answer = permissions.can_recruit(people.me(), region)
    if can_answer and not shows_names(region):
        return render_template("recruiter/thread_hidden.html", application=application, region=region)
    page, thread = messages.page_of(application.id, pages.mark("before")), messages.thread_of(application.id)
    afterwards.note_identities([application.id])
    if can_answer and thread is not None:
        ids, newest, now = (application.id, people.me().id), page.newest_id, clock.now()
        afterwards.later(lambda: messages.note_opened(ids[0], newest, ids[1], now))
    form.show(thread.last_message_id if thread else 0)
    return render_template(
        "recruiter/thread.html",
        application=application,
        region=region,
        candidate=application.candidate,
        language=locales.own_name(application.candidate.locale),
        there=clock.shown(clock.now(), application.candidate.zone, clock.now()),
        page=page,
        form=form,
        trouble=trouble,
        can_answer=can_answer,
        can_judge=is_named and permissions.can_manage(people.me(), application.opening),
        is_waiting=thread is not None and thread.waiting_since is not None,
        opened_by=_opened_by(thread) if thread else None,
    )


@bp.post("/applications/<code>/messages")
def answer(code: str) -> Response | tuple[str, int]:
    """Write to an applicant. If something was said meanwhile, the page shows it beside what was typed here."""
    application = _application(code)
    permissions.require(permissions.can_recruit(people.me(), application.opening.region))
    form, me = AnswerForm(), people.me().id
    if not form.validate_on_submit():
        return _page(application, form), 422
    sent = dict(form.data)
    try:
        messages.answer(application, sent["body"], sent["key"], sent["seen"], me, clock.now())
    except Refused as refusal:
        db.session.rollback()
        return _page(_application(code), form, words_of(refusal)), refusal.status
    db.session.commit()
    flash(_("Your message to %(code)s is sent.", code=code), "good")
    return redirect(_back(application), 303)


@bp.post("/applications/<code>/messages/set-aside")
def set_aside(code: str) -> Response:
    """What waits needs no answer."""
    application = _application(code)
    permissions.require(permissions.can_recruit(people.me(), application.opening.region))
    form = SeenForm()
    if not form.validate_on_submit():
        raise IllegalMove(_("Choose one of the buttons on the page."))
    try:
        messages.set_aside(application, form.seen.data or 0, people.me().id, clock.now())
        db.session.commit()
    except Refused as refusal:
        db.session.rollback()
        flash(words_of(refusal), "warn")
        return redirect(url_for("recruiter.show_messages", code=code, names=request.args.get("names")), 303)
    flash(_("%(code)s waits for no answer now.", code=code), "good")
    return redirect(_back(application), 303)


def _back(application: Application) -> str:
    region = application.opening.region
    return url_for("recruiter.list_messages", code=region.code, names=request.args.get("names"))


def _application(code: str) -> Application:
    """The application, if this person may read what was said with the applicant."""
    application = applications.by_code(code)
    if application is None:
        raise NotFound
    is_named = application.stage in applications.NAMED
    permissions.require(permissions.can_read_thread(people.me(), application, is_named))
    return application
