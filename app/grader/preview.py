"""A challenge as reviewers will see it, for those who write challenges: the desk with an example as the answer.

It is shown in a frame of the editor. Nothing in it can be sent.
"""

from __future__ import annotations

from flask import Blueprint, make_response, render_template, request
from werkzeug.wrappers import Response

from app import headers, locale, locales, people, permissions
from app.grader.forms import SkipForm, rating_form
from app.markdown import to_html
from app.services import previews

bp = Blueprint("grader_preview", __name__)
bp.before_request(people.ask_to_sign_in)


@bp.get("/challenges/drafts/<slug>/v<int:version>/as-reviewer")
def show(slug: str, version: int) -> Response:
    """The desk with a draft's first example in a language; its gaps are marked."""
    permissions.require(permissions.can_write_challenges(people.me()))
    challenge = previews.challenge_of(slug, version)
    if challenge is None:
        return make_response(render_template("no_preview.html", nav=[], person=None, persona=None))
    example = previews.example_for(challenge, request.args.get("in", locales.DEFAULT))
    sheet = previews.sheet(challenge, example, locale.tag())
    page = render_template(
        "grader/preview.html",
        sheet=sheet,
        form=rating_form(sheet.criteria),
        skipping=SkipForm(formdata=None),
        guide=to_html(sheet.guide.value.text),
        task=to_html(sheet.task),
        zone=people.me().zone,
        is_held=False,
        nav=[],
        person=None,
        persona=None,
    )
    return headers.without_forms(make_response(page))
