"""Receipts: one's own with a readable copy, and the public page on which anybody can check one."""

from __future__ import annotations

import hmac
import json

from flask import current_app, render_template
from werkzeug.wrappers import Response

from app import clock, locale, people
from app.candidate.forms import VerifyForm
from app.candidate.views import bp
from app.errors import words as words_of
from app.models import Submission
from app.refusals import NotFound
from app.services import progress, receipts, reuse, submissions, uploads


def _mine(code: str) -> Submission:
    submission = submissions.by_code(code)
    if submission is None or submission.attempt.invitation.application_id != people.my_application().id:
        raise NotFound
    return submission


@bp.get("/my/receipts/<code>")
def show_receipt(code: str) -> str:
    """What was handed in and when: a readable copy, and signed lines that prove it."""
    submission = _mine(code)
    entry = progress.of_invitation(submission.attempt.invitation, locale.tag(), clock.now())
    files = uploads.in_submission(submission)
    return render_template(
        "candidate/receipt.html",
        submission=submission,
        entry=entry,
        task=entry.task,
        files=files,
        first=(first := reuse.first_of(submission)),
        first_job=reuse.job_of(first) if first else None,
        signed=receipts.text(receipts.of(submission, files), current_app.config["SECRET_KEY"]),
    )


@bp.get("/my/receipts/<code>/answers.json")
def download_answers(code: str) -> Response:
    """The bytes whose SHA-256 the receipt names."""
    answer = Response(submissions.canonical(_mine(code).answers), mimetype="application/json")
    answer.headers["Content-Disposition"] = "attachment; filename=answers.json"
    return answer


@bp.route("/receipts/verify", methods=["GET", "POST"])
def verify_receipt() -> str | tuple[str, int]:
    """Whether a receipt is genuine: for everybody. Nothing that is typed here is kept, and no person is named."""
    form = VerifyForm()
    if not form.is_submitted():
        return render_template("candidate/verify.html", form=form)
    if not form.validate():
        return render_template("candidate/verify.html", form=form), 422
    config = current_app.config
    try:
        receipt, genuine = receipts.is_genuine(
            form.receipt.data or "", [config["SECRET_KEY"], *config["SECRET_KEY_FALLBACKS"]]
        )
    except receipts.Unreadable as refusal:
        form.receipt.errors = [words_of(refusal)]
        return render_template("candidate/verify.html", form=form), refusal.status
    same = _are_the_answers(form.answers.data, receipt.answers) if form.answers.data else None
    return render_template("candidate/verify.html", form=form, receipt=receipt, is_genuine=genuine, same=same)


def _are_the_answers(written: str, digest: str) -> bool:
    """Whether these are the answers with this SHA-256; white space around and between them does not matter."""
    try:
        answers = json.loads(written)
    except (ValueError, RecursionError):
        return False
    is_answers = isinstance(answers, dict) and all(isinstance(text, str) for text in answers.values())
    return is_answers and hmac.compare_digest(submissions.content_hash(answers), digest)
