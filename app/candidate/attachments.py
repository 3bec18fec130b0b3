"""Files in the candidate's room: sent at once by the script, or with the form; kept with the draft by their code."""

from __future__ import annotations

from flask import jsonify, request
from flask_babel import gettext as _
from werkzeug.datastructures import FileStorage
from werkzeug.wrappers import Response

from app import arrivals, clock, file_types, files, locale, people
from app.candidate.forms import DraftForm
from app.candidate.views import bp, mine
from app.errors import words as words_of
from app.extensions import db
from app.file_types import BadFile
from app.models import Attempt, StoredFile
from app.refusals import NotFound, Refused
from app.services import progress, submissions, uploads
from app.services.catalog_types import PartKind

FILE, DROP = "file-", "drop-"


@bp.post("/my/<slug>/files/<field>")
def keep_file(slug: str, field: str) -> tuple[Response, int]:
    """Keep one file, from the script: {code, name} out; the draft names it by its code."""
    if not people.has_candidate_session():
        return jsonify(error=_("This browser does not know you any more. Open your link again to go on.")), 403
    entry = progress.of_invitation(mine(slug), locale.tag(), clock.now())
    if entry.attempt is None:
        raise NotFound
    sent = request.files.get("file")
    now = arrivals.received_at()
    try:
        submissions.require_writable(entry.attempt, now)
        stored = uploads.keep(entry.attempt, field, _name_of(sent), _read(sent), now)
    except NotFound:
        raise
    except Refused as refusal:
        db.session.rollback()
        return jsonify(error=words_of(refusal)), refusal.status
    db.session.commit()
    return jsonify(code=stored.code, name=stored.original_name), 201


@bp.get("/my/files/<code>")
def show_file(code: str) -> Response:
    """One's own file as it was sent, as a download."""
    stored = uploads.by_code(code)
    if stored is None or stored.attempt.invitation.application_id != people.my_application().id:
        raise NotFound
    return files.answer(uploads.original(stored), stored.type, stored.original_name)


def _name_of(sent: FileStorage | None) -> str:
    return (sent.filename or "") if sent else ""


def _read(sent: FileStorage | None) -> bytes:
    """One byte more than allowed is enough to see that a file is too large."""
    return sent.stream.read(file_types.LARGEST + 1) if sent else b""


def take(form: DraftForm, attempt: Attempt) -> int | None:
    """Put the files that came with a validated form into it; what cannot be kept is noted at its field.

    Gives the status of what was refused, or None. Only this attempt's own files may be named.
    """
    status = None
    for part in form.parts:
        if part.kind is not PartKind.FILE:
            continue
        field = form.answer_fields[part.key]
        if request.form.get(DROP + part.key):
            field.data = ""
        sent = request.files.get(FILE + part.key)
        if sent is not None and sent.filename:
            try:
                field.data = uploads.keep(attempt, part.key, sent.filename, _read(sent), clock.now()).code
            except BadFile as refusal:
                status = refusal.status
                field.errors = [*field.errors, words_of(refusal)]
    return status if are_known(form, attempt) else status or 422


def are_known(form: DraftForm, attempt: Attempt) -> bool:
    """Whether every file that the form names is this attempt's, for that field; notes at the fields which are not."""
    own = kept(form, attempt)
    known = True
    for part in form.parts:
        field = form.answer_fields[part.key] if part.kind is PartKind.FILE else None
        if field is None or not field.data:
            continue
        stored = own.get(field.data)
        if stored is None or stored.field != part.key:
            known = False
            field.data = ""
            field.errors = [*field.errors, _("We do not have this file. Please choose it again.")]
    return known


def kept(form: DraftForm, attempt: Attempt) -> dict[str, StoredFile]:
    """The files that the form names, by code."""
    codes = [form.answer_fields[part.key].data or "" for part in form.parts if part.kind is PartKind.FILE]
    return uploads.named(attempt, codes)
