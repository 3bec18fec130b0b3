"""What codes are called on pages: stages, states, duties, mails. One place, so that every room says the same."""

from __future__ import annotations

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

from app.models import Duty, OpeningState, Stage

STAGES: dict[Stage, LazyString] = {
    Stage.APPLIED: _l("Applied"),
    Stage.IN_ASSESSMENT: _l("In assessment"),
    Stage.SHORTLISTED: _l("Shortlisted"),
    Stage.INTERVIEW: _l("Interview"),
    Stage.OFFER: _l("Offer"),
    Stage.HIRED: _l("Hired"),
    Stage.NOT_SELECTED: _l("Not selected"),
    Stage.OFFER_DECLINED: _l("Offer declined"),
    Stage.WITHDRAWN: _l("Withdrawn"),
}

# The tone is one of ui.tag's.
STATES: dict[OpeningState, tuple[LazyString, str]] = {
    OpeningState.DRAFT: (_l("Draft"), "neutral"),
    OpeningState.OPEN: (_l("Published"), "good"),
    OpeningState.PAUSED: (_l("Paused"), "warn"),
    OpeningState.CLOSED: (_l("Closed"), "neutral"),
}

DUTIES: dict[Duty, LazyString] = {
    Duty.ADMINISTRATOR: _l("Administrator"),
    Duty.LEAD: _l("Regional lead"),
    Duty.MANAGER: _l("Hiring manager"),
    Duty.RECRUITER: _l("Recruiter"),
    Duty.AGENCY: _l("Agency"),
    Duty.GRADER: _l("Reviewer"),
    Duty.AUDITOR: _l("Auditor"),
}


def slug(code: Stage | OpeningState) -> str:
    """A code as it stands in addresses and forms: IN_ASSESSMENT is in-assessment."""
    return code.name.lower().replace("_", "-")
