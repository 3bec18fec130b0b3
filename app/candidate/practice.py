"""A practice answer: the editor with a harmless message. Nothing of it is ever stored, here or with the real answer."""

from __future__ import annotations

from flask import render_template, request
from flask_babel import gettext as _

from app import clock, file_types, locale, markdown
from app.candidate.attachments import FILE
from app.candidate.forms import DraftForm, form_for
from app.candidate.views import bp, mine
from app.errors import words as words_of
from app.file_types import BadFile
from app.services import practice, progress
from app.services.catalog_types import PartKind


@bp.route("/my/<slug>/practice", methods=["GET", "POST"])
def practise(slug: str) -> str | tuple[str, int]:
    """Try the same kinds of fields. Handing in shows what one would see, and forgets it."""
    entry = progress.of_invitation(mine(slug), locale.tag(), clock.now())
    task = practice.of(entry.task, _words(), locale.tag())
    form = form_for(task)
    is_tried = request.method == "POST"
    is_valid = is_tried and form.validate()
    files = _look_at_files(form) if is_tried else {}
    is_good = is_valid and form.is_complete() and not form.errors
    form.start_from(0)
    page = render_template(
        "candidate/practice.html",
        real=entry,
        task=task,
        form=form,
        files=files,
        is_good=is_good,
        other=None,
        kept={},
        most_bytes=file_types.LARGEST,
        is_preview=True,
        is_practice=True,
        instructions=markdown.to_html(task.instructions),
    )
    return (page, 422) if is_tried and not is_good else page


def _look_at_files(form: DraftForm) -> dict[str, str]:
    """The names of the files that came and would be taken; they are looked at and let go."""
    names = {}
    for part in form.parts:
        sent = request.files.get(FILE + part.key)
        if part.kind is not PartKind.FILE or sent is None or not sent.filename:
            continue
        field = form.answer_fields[part.key]
        try:
            file_types.type_of(sent.filename, sent.stream.read(file_types.LARGEST + 1), part.types)
            field.data, names[part.key] = "practice", file_types.clean_name(sent.filename)
        except BadFile as refusal:
            field.errors = [*field.errors, words_of(refusal)]
    return names


def _words() -> dict[str, str]:
    """What the practice says, by the names that `services.practice` asks for."""
    return {
        "title": _("A practice answer"),
        "summary": _("Try how writing and handing in work here."),
        "task": _("A guest asks about breakfast. Write back to her, or write anything at all: nobody reads it."),
        "sender": "Ada",
        "subject": _("Breakfast"),
        "message": _("Hello, at what time is breakfast tomorrow, and is there tea? Thank you, Ada"),
        "original": _("breakfast 7 to 10 tea yes"),
        "reply": _("Your reply to Ada"),
        "rewrite": _("The note in friendly words"),
        "texts": _("Two short lines"),
        "ordering": _("Put these in an order that you like"),
        "url": _("The address of any page"),
        "source": _("A little HTML"),
        "file": _("Any file of these types"),
        "first": _("Tea"),
        "second": _("Bread"),
        "third": _("Fruit"),
        "html": "HTML",
        "css": "CSS",
    }
