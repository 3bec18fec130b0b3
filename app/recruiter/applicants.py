"""One applicant as the recruiters of their region know them: who they are, what they said, how they came."""

from __future__ import annotations

from flask import render_template

from app import afterwards, clock, words
from app.recruiter.views import bp, is_reader, region_of, shows_names
from app.refusals import NotFound
from app.services import applications, questions, touches


@bp.get("/desk/<code>/applicants/<applicant>")
def show_applicant(code: str, applicant: str) -> str:
    """Everything that one person said of themselves. Whoever sees the name here is noted as having seen it."""
    region = region_of(code)
    application = applications.by_code(applicant)
    if application is None or application.opening.region_id != region.id:
        raise NotFound
    has_names = shows_names(region)
    if has_names:
        afterwards.note_identities([application.id])
    person = application.candidate
    return render_template(
        "recruiter/applicant.html",
        region=region,
        application=application,
        who=person if has_names else None,
        is_reader=is_reader(region),
        is_verified=applications.is_verified(application),
        country=words.country(person.country),
        stage=words.STAGES[application.stage],
        there=clock.shown(clock.now(), person.zone, clock.now()),
        replies=questions.replies(application.replies),
        came=touches.of(application),
    )
