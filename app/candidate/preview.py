"""A challenge as candidates will see it, for those who write challenges: the workspace without a candidate.

It is shown in a frame of the editor. Nothing in it can be sent.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import Blueprint, make_response, render_template, request
from flask_babel import force_locale
from werkzeug.wrappers import Response

from app import clock, file_types, headers, locales, markdown, people, permissions
from app.candidate.forms import form_for
from app.services import previews
from app.services.progress import Step

bp = Blueprint("candidate_preview", __name__)
bp.before_request(people.ask_to_sign_in)
WINDOW = timedelta(days=7)


@dataclass(frozen=True)
class NoApplication:
    """Stands where the workspace names the application."""

    code: str = previews.CODE


@dataclass(frozen=True)
class NoInvitation:
    """Stands where the workspace names the invitation."""

    application: NoApplication = NoApplication()


@dataclass(frozen=True)
class NoAttempt:
    """Nothing has been saved."""

    draft_saved_at: datetime | None = None


@dataclass(frozen=True)
class Entry:
    """Where a candidate would stand who has just started."""

    ends_at: datetime
    step: Step = Step.WRITING
    standing: None = None
    invitation: NoInvitation = NoInvitation()


@bp.get("/challenges/drafts/<slug>/v<int:version>/as-candidate")
def show(slug: str, version: int) -> Response:
    """The workspace of a draft, in one of its languages; its gaps are marked."""
    permissions.require(permissions.can_write_challenges(people.me()))
    challenge = previews.challenge_of(slug, version)
    if challenge is None:
        return make_response(render_template("no_preview.html", nav=[], person=None, persona=None))
    asked = request.args.get("in", locales.DEFAULT)
    task = previews.task(challenge, asked if asked in challenge.locales else locales.DEFAULT)
    with force_locale(locales.babel_name(task.locale)):
        page = render_template(
            "candidate/preview.html",
            entry=Entry(clock.now() + WINDOW),
            task=task,
            form=form_for(task),
            attempt=NoAttempt(),
            other=None,
            kept={},
            most_bytes=file_types.LARGEST,
            trouble=None,
            is_preview=True,
            instructions=markdown.to_html(task.instructions),
            seconds_left=int(WINDOW.total_seconds()),
            locale_tag=task.locale,
            nav=[],
            person=None,
            persona=None,
            languages=[],
        )
    return headers.without_forms(make_response(page))
