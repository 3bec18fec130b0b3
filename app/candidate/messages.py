"""The candidate's conversation with the team."""

from __future__ import annotations

import re

from flask import flash, g, jsonify, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app import afterwards, clock, people, tokens
from app.candidate import asking
from app.candidate.views import bp
from app.models import Sender
from app.pages import mark
from app.services import messages
from app.services.messages import Page

bp.context_processor(asking.of_page)

# Where the box may send one back to: pages of this room.
OURS = re.compile(r"/my(?:/[A-Za-z0-9-]+)*")


@bp.get("/my/messages")
def show_messages() -> str:
    """What was said so far, and by whom. The answers shown here count as read."""
    page = messages.page_of(people.my_application().id, mark("before"))
    if any(message.sender is Sender.STAFF and message.read_at is None for message in page.messages):
        application_id, newest, now = people.my_application().id, page.newest_id, clock.now()
        afterwards.later(lambda: messages.note_read_by_candidate(application_id, newest, now))
    return _page(page)


def _page(page: Page) -> str:
    return render_template("candidate/messages.html", page=page, first_name=messages.first_name)


@bp.post("/my/messages")
def ask() -> Response | tuple[str, int] | tuple[Response, int]:
    """Send a question: from the script as JSON, from the button as a form; then back to where one was."""
    if not people.has_candidate_session():
        return _stranger()
    if request.is_json:
        status = asking.send(request.get_json())
        if status is not None:
            return jsonify(error=" ".join(g.ask_errors)), status
        return jsonify(said=asking.is_sent_words(), key=tokens.fresh())
    status = asking.send()
    if status is not None:
        return _page(messages.page_of(people.my_application().id)), status
    flash(asking.is_sent_words(), "good")
    back = request.form.get("back", "")
    return redirect(back if OURS.fullmatch(back) else url_for(".show_messages"), 303)


def _stranger() -> tuple[str, int] | tuple[Response, int]:
    reason = _("This browser does not know you any more. Open your link again to go on.")
    if request.is_json:
        return jsonify(error=reason), 403
    words = [text for text in [request.form.get(asking.QUESTION, "")] if text.strip()]
    return render_template("candidate/kept.html", reason=reason, words=words), 409
