"""The library of challenges: all that are published, one to look at, and drafts to begin."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app import clock, locale, people, permissions, words
from app.extensions import db
from app.manager import shelf
from app.manager.editor_forms import Section
from app.manager.forms import EmptyForm, TitleForm
from app.markdown import to_html
from app.models import ChallengeVersion
from app.refusals import NotFound
from app.services import authoring, catalog, publishing

bp = Blueprint("library", __name__)
bp.before_request(people.ask_to_sign_in)


@bp.before_request
def let_writers_in() -> None:
    """For everybody else nothing here exists."""
    permissions.require(permissions.can_write_challenges(people.me()))


@bp.context_processor
def names() -> dict[str, object]:
    """What kinds of parts and checks are called."""
    return {"part_kinds": words.PART_KINDS, "check_kinds": words.CHECK_KINDS, "word_lists": words.WORD_LISTS}


def version_of(slug: str, number: int) -> ChallengeVersion:
    """A published version, or NotFound."""
    found = publishing.find(slug, number)
    if found is None:
        raise NotFound
    return found


@bp.get("/challenges")
def list_challenges() -> str:
    """All challenges, shipped and own, and what is being written."""
    return render_template(
        "manager/library.html",
        challenges=[shelf.volume(version, locale.tag()) for version in publishing.newest()],
        drafts=[shelf.manuscript(draft) for draft in authoring.drafts()],
        button=EmptyForm(formdata=None),
    )


@bp.get("/challenges/<slug>/v<int:version>")
def show_challenge(slug: str, version: int) -> str:
    """One challenge in one of its languages: brief, rubric with anchors, guide, examples and checks."""
    found = version_of(slug, version)
    challenge = publishing.challenge_of(found)
    shown = request.args.get("in", locale.tag())
    tag = shown if shown in challenge.locales else catalog.text_for(challenge, shown).locale
    brief, guide = catalog.text_for(challenge, tag), catalog.guide_for(challenge, tag)
    return render_template(
        "manager/challenge.html",
        volume=shelf.volume(found, tag),
        challenge=challenge,
        tag=tag,
        brief=brief,
        task=to_html(brief.value.task),
        guide=guide,
        guide_text=to_html(guide.value.text),
        criteria=catalog.criteria_for(challenge, tag),
        follow_ups=catalog.follow_ups_for(challenge, tag),
        examples=shelf.examples(challenge, tag),
        button=EmptyForm(formdata=None),
    )


@bp.post("/challenges/<slug>/v<int:version>/copy")
def copy_challenge(slug: str, version: int) -> Response:
    """Make one's own from a published challenge."""
    draft = authoring.copy(version_of(slug, version), people.me().id, clock.now())
    db.session.commit()
    flash(_("Your copy is ready. Change what you like; nobody sees it until you publish."), "good")
    return redirect(first_page(draft.slug, draft.version), 303)


@bp.route("/challenges/new", methods=["GET", "POST"])
def new_challenge() -> Response | str | tuple[str, int]:
    """Begin a challenge with its title."""
    form = TitleForm()
    if not form.validate_on_submit():
        page = render_template("manager/new_challenge.html", form=form)
        return (page, 422) if form.is_submitted() else page
    draft = authoring.create(form.title.data or "", people.me().id, clock.now())
    db.session.commit()
    return redirect(first_page(draft.slug, draft.version), 303)


def first_page(slug: str, version: int) -> str:
    """Where writing begins."""
    return url_for("library.edit_draft", slug=slug, version=version, section=Section.SITUATION.value)
