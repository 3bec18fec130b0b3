"""The workspace: reading the customer's message, writing the answer, saving it and handing it in."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import flash, jsonify, redirect, render_template, request, url_for
from flask_babel import format_datetime, pgettext
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app import arrivals, clock, file_types, locale, markdown, pages, people, preview, tokens
from app.candidate import asking, attachments
from app.candidate.fields import in_words
from app.candidate.forms import PREFIX, DraftForm, form_for
from app.candidate.views import bp, mine
from app.errors import UNAVAILABLE, database_error
from app.errors import words as words_of
from app.extensions import db
from app.models import Attempt
from app.refusals import DraftConflict, OtherContent, Refused
from app.services import progress, submissions
from app.services.progress import Progress, Step

Answer = str | Response | tuple[str, int] | tuple[Response, int]


@bp.get("/my/<slug>/answer")
def workspace(slug: str) -> Answer:
    """The message, the facts beside it, and the answer as it was saved last."""
    entry = _entry(slug)
    if entry.attempt is None:
        return redirect(url_for(".show_challenge", slug=slug))
    if entry.step is Step.FINAL and entry.standing is not None:
        return redirect(url_for(".show_receipt", code=entry.standing.code))
    if entry.step not in (Step.WRITING, Step.HANDED_IN):
        return redirect(url_for(".show_status"))
    form = form_for(entry.task)
    _show_saved(form, entry.attempt)
    return _page(entry, form)


def _entry(slug: str) -> Progress:
    return progress.of_invitation(mine(slug), locale.tag(), clock.now())


def _started(slug: str) -> tuple[Progress, Attempt]:
    entry = _entry(slug)
    if entry.attempt is None:
        raise Refused(_("Please start the challenge first."))
    return entry, entry.attempt


def _show_saved(form: DraftForm, attempt: Attempt) -> None:
    form.start_from(attempt.draft_revision)
    form.hand_in_draft.data = attempt.hand_in_draft
    for name, field in form.answer_fields.items():
        field.data = attempt.draft.get(name, "")


def _page(entry: Progress, form: DraftForm, other: dict[str, str] | None = None, trouble: str | None = None) -> str:
    """The workspace. Each page has a key of its own; `other` is what another window saved, `trouble` what happened."""
    attempt = entry.attempt
    assert attempt is not None
    form.key.data = tokens.fresh()
    if other is not None:
        # Both texts are on the page now: the next save is a choice, not an accident.
        form.start_from(attempt.draft_revision)
    return render_template(
        "candidate/workspace.html",
        entry=entry,
        task=entry.task,
        form=form,
        attempt=attempt,
        other=other,
        kept=attachments.kept(form, attempt),
        most_bytes=file_types.LARGEST,
        trouble=trouble,
        instructions=markdown.to_html(entry.task.instructions),
        seconds_left=_seconds_until(entry.ends_at),
    )


def _seconds_until(moment: datetime) -> int:
    """Whole seconds; 0 when it has passed."""
    return max(0, int((moment - clock.now()).total_seconds()))


def _time(ends_at: datetime) -> dict[str, int | str]:
    """What the countdown needs: the seconds that are left, and the end as the page writes it."""
    shown = pages.shown(ends_at)
    local = format_datetime(shown.local, pgettext("date pattern", "EEE d MMM y, HH:mm"), rebase=False)
    return {"seconds_left": _seconds_until(ends_at), "ends": f"{local} {shown.place} ({shown.offset})"}


@bp.get("/my/<slug>/clock")
def show_clock(slug: str) -> Response:
    """How much time the server sees: a sleeping phone loses count, and somebody may have granted more."""
    entry, attempt = _started(slug)
    return jsonify(revision=attempt.draft_revision, **_time(entry.ends_at))


@bp.post("/my/<slug>/draft")
def save_draft(slug: str) -> Answer:
    """Keep what was typed: from the script as JSON, from the button as a form."""
    if request.is_json:
        return _save_from_script(slug)
    trouble = _save_form(slug)
    if trouble is not None:
        return trouble
    flash(_("Saved. You can come back to it until the time ends."), "good")
    shown = request.form.get("show")
    parts = _entry(slug).task.challenge.parts
    anchor = f"preview-{shown}" if shown in {part.key for part in parts} else None
    return redirect(url_for(".workspace", slug=slug, _anchor=anchor), 303)


@bp.post("/my/<slug>/ask")
def ask_beside(slug: str) -> Answer:
    """A question without the script: it comes with the answer's fields, which are saved first, so nothing is lost."""
    trouble = _save_form(slug)
    if trouble is not None:
        return trouble
    status = asking.send()
    if status is not None:
        entry, attempt = _started(slug)
        form = form_for(entry.task)
        form.start_from(attempt.draft_revision)
        return _page(entry, form), status
    flash(_("Your answer is saved."), "good")
    flash(asking.is_sent_words(), "good")
    return redirect(url_for(".workspace", slug=slug), 303)


def _save_form(slug: str) -> Answer | None:
    """Save what the form sent; gives the page to show where that did not work."""
    if not people.has_candidate_session():
        return _kept(_signed_out())
    entry, attempt = _started(slug)
    form = form_for(entry.task)
    valid, refused = form.validate(), attachments.take(form, attempt)
    if not valid or refused:
        db.session.commit()  # the other files are kept
        return _page(entry, form), refused or 422
    try:
        submissions.save_draft(
            attempt, form.answers, form.started_from, arrivals.received_at(), form.hand_in_draft.data
        )
    except DraftConflict as conflict:
        db.session.commit()
        return _page(entry, form, other=_other(attempt, form), trouble=words_of(conflict)), 409
    except Refused as refusal:
        return _kept(words_of(refusal), refusal.status)
    db.session.commit()
    return None


def _save_from_script(slug: str) -> Answer:
    """JSON {answers, revision, hand_in_draft} in; {revision, saved_at} out, or 409 with both texts."""
    if not people.has_candidate_session():
        return jsonify(error=_signed_out()), 403
    entry, attempt = _started(slug)
    form = _form_of_json(entry, request.get_json())
    if form is None or not (form.validate() and attachments.are_known(form, attempt)):
        errors = {name: list(field.errors) for name, field in form.answer_fields.items()} if form else {}
        return jsonify(error=_("This could not be saved."), errors=errors), 422
    now = arrivals.received_at()
    try:
        revision = submissions.save_draft(attempt, form.answers, form.started_from, now, form.hand_in_draft.data)
    except DraftConflict as conflict:
        return jsonify(
            error=words_of(conflict), yours=form.answers, theirs=attempt.draft, revision=attempt.draft_revision
        ), 409
    except Refused as refusal:
        return jsonify(error=words_of(refusal)), refusal.status
    db.session.commit()
    saved_at = clock.shown(now, _zone(attempt), now).local.strftime("%H:%M:%S")
    return jsonify(revision=revision, saved_at=saved_at, **_time(attempt.cutoff_at))


@bp.get("/my/<slug>/preview/<part>")
def show_preview(slug: str, part: str) -> Response:
    """The page for the preview's frame: this part's HTML and CSS as they were saved last."""
    entry, attempt = _started(slug)
    html, css = entry.task.source(part, attempt.draft)
    return preview.answer(html, css, entry.task.locale)


def _signed_out() -> str:
    return str(_("This browser does not know you any more. Open your link again to go on."))


def _form_of_json(entry: Progress, sent: Any) -> DraftForm | None:
    """The script's JSON as the form that the button would send, or None where it has another shape."""
    answers = sent.get("answers") if isinstance(sent, dict) else None
    if not isinstance(answers, dict) or not all(isinstance(text, str) for text in answers.values()):
        return None
    data: dict[str, object] = {PREFIX + str(name): text for name, text in answers.items()}
    data["revision"] = str(sent.get("revision", ""))
    if sent.get("hand_in_draft", True):
        data["hand_in_draft"] = "y"
    return form_for(entry.task, data)


def _zone(attempt: Attempt) -> str:
    return attempt.invitation.application.candidate.zone


def _other(attempt: Attempt, form: DraftForm) -> dict[str, str]:
    """What another window saved where it differs from what this one holds, as it can be read."""
    fields = {
        name: field for name, field in form.answer_fields.items() if attempt.draft.get(name, "") != (field.data or "")
    }
    return {name: in_words(field, attempt.draft.get(name, "")) for name, field in fields.items()}


def _kept(reason: str, status: int = 409, receipt: str | None = None) -> tuple[str, int]:
    """A page that gives every typed word back when it cannot be taken; `receipt` is that of what stands instead."""
    db.session.rollback()
    return render_template("candidate/kept.html", reason=reason, words=_typed(), receipt=receipt), status


def _typed() -> list[str]:
    """Every text that the form holds: the fields of the answer, and a question beside them."""
    return [
        text
        for name, text in request.form.items()
        if (name.startswith(PREFIX) or name == asking.QUESTION) and text.strip()
    ]


def give_back(error: Exception) -> Any:
    """The database takes nothing now: the typed words stand on the page, with a button that sends the same form."""
    if not any(name.startswith(PREFIX) or name == asking.QUESTION for name in request.form):
        return database_error(error)
    return database_error(error, "candidate/not_saved.html", words=_typed(), fields=list(request.form.items()))


for _kind in UNAVAILABLE:
    bp.register_error_handler(_kind, give_back)


@bp.post("/my/<slug>/submit")
def submit(slug: str) -> Answer:
    """Hand in. Pressing twice hands in once; the receipt follows."""
    received_at = arrivals.received_at()
    if not people.has_candidate_session():
        return _kept(_signed_out())
    entry, attempt = _started(slug)
    form = form_for(entry.task)
    valid, refused = form.validate(), attachments.take(form, attempt)
    if not form.is_complete() or not valid or refused or not form.key.data:
        db.session.commit()  # the other files are kept
        return _page(entry, form), refused or 422
    try:
        submission = submissions.submit(
            attempt, form.answers, form.key.data, form.is_final.data, received_at, form.started_from
        )
    except DraftConflict as conflict:
        db.session.commit()
        return _page(entry, form, other=_other(attempt, form), trouble=words_of(conflict)), 409
    except OtherContent:
        db.session.commit()  # both hashes are in the audit trail
        trouble = _("This page was handed in before with other words. Press the button again to hand in these.")
        form.start_from(attempt.draft_revision)
        return _page(entry, form, trouble=trouble), 409
    except Refused as refusal:
        receipt = entry.standing.code if entry.standing else None
        return _kept(words_of(refusal), refusal.status, receipt)
    db.session.commit()
    return redirect(url_for(".show_receipt", code=submission.code), 303)
