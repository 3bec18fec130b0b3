"""The editor: a challenge written page by page. Whatever was typed is kept, right or not; publishing needs it right."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response

from app import clock, locales, people
from app.errors import words as words_of
from app.extensions import db
from app.manager import editor_pages
from app.manager.editor_forms import Reader, Section, apply_button, read_section
from app.manager.editor_words import label_of, language_of, said, section_of
from app.manager.forms import EmptyForm, SignForm
from app.manager.library import bp
from app.models import ChallengeDraft
from app.refusals import DraftConflict, NotFound, Refused
from app.services import authoring
from app.services.audit import Actor
from app.services.draft_content import Content
from app.services.draft_faults import DraftFault

Answer = str | Response | tuple[str, int]
MOST_REVISIONS = 2**31


def _section(name: str) -> Section:
    try:
        return Section(name)
    except ValueError as error:
        raise NotFound from error


def _me() -> Actor:
    return Actor.user(people.me().id)


def _revision() -> int:
    """The revision that the page started from; what is none was never shown by us."""
    sent = request.form.get("revision", "")
    return int(sent) if sent.isascii() and sent.isdigit() and len(sent) < 10 else 0


@bp.route("/challenges/drafts/<slug>/v<int:version>/<section>", methods=["GET", "POST"])
def edit_draft(slug: str, version: int, section: str) -> Answer:
    """One page of the editor. Every button of it saves first."""
    draft, page = authoring.get(slug, version), _section(section)
    if draft.published_at is not None:
        return redirect(url_for("library.show_challenge", slug=slug, version=draft.version))
    content = authoring.content_of(draft)
    # Every other page is written in English.
    tag = _language(content) if page is Section.LANGUAGES else None
    if request.method == "GET":
        return _page(draft, page, content, tag)
    reader = Reader(request.form)
    typed = read_section(page, reader, content, tag or locales.DEFAULT)
    pressed = request.form.get("do", "")
    changed = apply_button(reader, typed, pressed)
    if reader.errors:
        return _page(draft, page, typed, tag, reader), 422
    try:
        authoring.save(draft, changed, _revision(), clock.now())
    except DraftConflict as conflict:
        db.session.rollback()
        return _kept(authoring.get(slug, version), words_of(conflict)), 409
    db.session.commit()
    return redirect(_after(draft, page, pressed), 303)


def _language(content: Content) -> str | None:
    """The language that the page of languages is about; None while there is English alone."""
    others = [tag for tag in content.locales if tag != locales.DEFAULT]
    asked = request.args.get("in")
    return asked if asked in others else next(iter(others), None)


def _after(draft: ChallengeDraft, page: Section, pressed: str) -> str:
    """Where a button leads: on to the next page, back to the row that it was about, or to the page as saved."""
    if pressed == "next":
        order = list(Section)
        page = order[min(order.index(page) + 1, len(order) - 1)]
        return url_for("library.edit_draft", slug=draft.slug, version=draft.version, section=page.value)
    act, _colon, rest = pressed.partition(":")
    anchor = rest.partition(":")[0] if act in ("add", "remove", "up", "down") else None
    if not anchor:
        flash(_("Saved."), "good")
    args: dict[str, Any] = {"in": asked} if page is Section.LANGUAGES and (asked := request.args.get("in")) else {}
    return url_for(
        "library.edit_draft", slug=draft.slug, version=draft.version, section=page.value, _anchor=anchor, **args
    )


@dataclass(frozen=True)
class Missing:
    """One thing to do before publishing: where, what it is called, and what is wrong."""

    path: str
    section: Section
    label: str
    words: str
    url: str


def missing(draft: ChallengeDraft) -> list[Missing]:
    """All faults of a draft in the order of the editor's pages."""
    found = [_missing(draft, fault) for fault in authoring.look(draft).faults]
    return sorted(found, key=lambda one: list(Section).index(one.section))


def _missing(draft: ChallengeDraft, fault: DraftFault) -> Missing:
    path, section = fault.path, section_of(fault.path)
    args: dict[str, Any] = {"in": language_of(path)} if section is Section.LANGUAGES else {}
    url = url_for(
        "library.edit_draft",
        slug=draft.slug,
        version=draft.version,
        section=section.value,
        all=1,
        _anchor=path,
        **args,
    )
    return Missing(path, section, label_of(path), said(fault.message, path), url)


def _page(draft: ChallengeDraft, page: Section, content: Content, tag: str | None, reader: Reader | None = None) -> str:
    todo = missing(draft)
    show_all = page.value in content.seen or "all" in request.args or reader is not None
    errors = {one.path: one.words for one in todo} if show_all else {}
    own: dict[str, Any] = editor_pages.values(page, content, tag)
    if page is Section.PUBLISH:
        own |= _preview(draft, content)
    return render_template(
        f"manager/draft_{page.value}.html",
        draft=draft,
        content=content,
        section=page,
        steps=_steps(draft, page, content, todo),
        errors=errors | (reader.errors if reader else {}),
        is_refused=reader is not None,
        typed=request.form if reader else {},
        todo=todo,
        tag=tag,
        languages_of=authoring.languages(content),
        button=EmptyForm(formdata=None),
        signing=SignForm(formdata=None),
        **own,
    )


def _steps(draft: ChallengeDraft, page: Section, content: Content, todo: list[Missing]) -> list[dict[str, Any]]:
    """The pages of the editor as steps, each with the number of things that are missing there."""
    steps = []
    for section, label in editor_pages.titles().items():
        count = sum(one.section is section for one in todo)
        is_done = not count and section.value in content.seen
        hint = ngettext("one thing missing", "%(num)d things missing", count) if count else ""
        steps.append(
            {
                "label": label,
                "state": "current" if section is page else "done" if is_done else "ahead",
                "url": url_for("library.edit_draft", slug=draft.slug, version=draft.version, section=section.value),
                "hint": hint if section.value in content.seen else "",
            }
        )
    return steps


def _preview(draft: ChallengeDraft, content: Content) -> dict[str, Any]:
    """Which preview is shown: as whom, how wide, in which language."""
    asked = request.args.get("in")
    shown = asked if asked in content.locales else locales.DEFAULT
    as_whom = "reviewer" if request.args.get("as") == "reviewer" else "candidate"
    room = "grader_preview.show" if as_whom == "reviewer" else "candidate_preview.show"
    language: dict[str, Any] = {"in": shown}
    return {
        "frame": url_for(room, slug=draft.slug, version=draft.version, **language),
        "as_whom": as_whom,
        "width": "wide" if request.args.get("width") == "wide" else "phone",
        "shown": shown,
        "notes": editor_pages.notes(authoring.look(draft).challenge),
    }


def _kept(draft: ChallengeDraft, reason: str) -> str:
    """Somebody saved in between: everything that was typed here and stands otherwise there, to copy."""
    stored = editor_pages.texts(authoring.content_of(draft))
    typed = [
        (label_of(path), text, stored.get(path, ""))
        for path, text in request.form.items()
        if path in stored and text.replace("\r\n", "\n").strip() != stored[path].strip()
    ]
    new = [
        (label_of(path), text, "")
        for path, text in request.form.items()
        if path not in stored and "." in path and text.strip()
    ]
    return render_template("manager/draft_kept.html", draft=draft, reason=reason, typed=[*typed, *new])


@bp.post("/challenges/drafts/<slug>/v<int:version>/sign/<tag>")
def sign_draft(slug: str, version: int, tag: str) -> Answer:
    """A native speaker puts their name to a translation."""
    draft, form = authoring.get(slug, version), SignForm()
    content = authoring.content_of(draft)
    if tag not in content.locales:
        raise NotFound
    language: dict[str, Any] = {"in": tag}
    back = url_for("library.edit_draft", slug=slug, version=version, section=Section.LANGUAGES.value, **language)
    if not form.validate_on_submit():
        flash(_("Please write your name, and tick that you have read it."), "bad")
        return redirect(back, 303)
    authoring.sign(draft, tag, form.name.data or "", _me(), _revision(), clock.now())
    db.session.commit()
    flash(_("Signed. The mark is gone for this language."), "good")
    return redirect(back, 303)


@bp.post("/challenges/drafts/<slug>/v<int:version>/publish")
def publish_draft(slug: str, version: int) -> Answer:
    """Freeze the draft: roles can use it from now on."""
    draft = authoring.get(slug, version)
    try:
        published = authoring.publish(draft, _me(), _revision(), clock.now())
    except Refused as refusal:
        db.session.rollback()
        flash(words_of(refusal), "bad")
        return redirect(url_for("library.edit_draft", slug=slug, version=version, section=Section.PUBLISH.value), 303)
    db.session.commit()
    flash(_("Published. Choose it for a role whenever you like."), "good")
    return redirect(url_for("library.show_challenge", slug=published.slug, version=published.version), 303)


@bp.route("/challenges/drafts/<slug>/v<int:version>/discard", methods=["GET", "POST"])
def discard_draft(slug: str, version: int) -> Answer:
    """Throw a draft away: asked once."""
    draft = authoring.get(slug, version)
    if request.method == "GET":
        title = editor_pages.title_of(authoring.content_of(draft))
        return render_template("manager/discard.html", draft=draft, title=title, form=EmptyForm())
    authoring.discard(draft, _me(), clock.now())
    db.session.commit()
    flash(_("The draft is gone."), "good")
    return redirect(url_for("library.list_challenges"), 303)
