"""Applications: one person at one opening, from the first form to where they stand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from email_validator import EmailNotValidError, validate_email
from sqlalchemy import select, tuple_, update
from sqlalchemy.orm import joinedload

from app import clock, sql, tokens
from app.extensions import db
from app.models import Application, Candidate, Notice, Opening, Reason, Stage
from app.refusals import IllegalMove, NotOpen, Refused
from app.services import audit, counters, invitations, mails, notices, openings, questions, surveys, touches
from app.services.audit import Actor
from app.services.questions import Reply
from app.services.touches import Came

# Links mailed at once to somebody who has applied to many jobs: those of the newest applications.
MOST_LINKS = 5
# Where a person may be moved from each stage. Withdrawal is the candidate's own act.
LEGAL: dict[Stage, frozenset[Stage]] = {
    Stage.APPLIED: frozenset({Stage.IN_ASSESSMENT, Stage.NOT_SELECTED, Stage.WITHDRAWN}),
    Stage.IN_ASSESSMENT: frozenset({Stage.SHORTLISTED, Stage.NOT_SELECTED, Stage.WITHDRAWN}),
    Stage.SHORTLISTED: frozenset({Stage.IN_ASSESSMENT, Stage.INTERVIEW, Stage.NOT_SELECTED, Stage.WITHDRAWN}),
    Stage.INTERVIEW: frozenset({Stage.OFFER, Stage.NOT_SELECTED, Stage.WITHDRAWN}),
    Stage.OFFER: frozenset({Stage.HIRED, Stage.OFFER_DECLINED, Stage.WITHDRAWN}),
    Stage.HIRED: frozenset(),
    Stage.NOT_SELECTED: frozenset({Stage.IN_ASSESSMENT, Stage.SHORTLISTED, Stage.WITHDRAWN}),
    Stage.OFFER_DECLINED: frozenset({Stage.OFFER}),
    Stage.WITHDRAWN: frozenset(),
}
# From here on the people who decide see who somebody is; before, only the recruiters of the region do.
NAMED = frozenset({Stage.SHORTLISTED, Stage.INTERVIEW, Stage.OFFER, Stage.OFFER_DECLINED, Stage.HIRED})
# Moves that only a recorded decision makes.
BY_DECISION = frozenset({Stage.SHORTLISTED, Stage.NOT_SELECTED})


@dataclass(frozen=True)
class Details:
    """What a person says of themselves when they apply."""

    name: str
    email: str
    country: str
    zone: str
    locale: str
    phone: str | None = None
    hours: Mapping[str, Sequence[str]] = field(default_factory=dict)
    shifts: Sequence[str] = ()
    languages: Sequence[str] = ()


@dataclass(frozen=True)
class Applied:
    """The result of applying. `is_new` False: this address has applied here before, and is told so by mail only.

    `is_new_person`: nobody with this address was known at all. Only then may the form itself open the candidate's
    pages; else whoever knows an address could act for its owner.
    """

    application: Application
    is_new: bool
    is_new_person: bool


def email_key(email: str) -> str:
    """The address as it is compared: lower case, its domain in ASCII; refused if it cannot be one."""
    try:
        checked = validate_email(email, check_deliverability=False)
    except EmailNotValidError as error:
        raise Refused("This mail address cannot be right. Please check it.") from error
    return f"{checked.local_part}@{checked.ascii_domain}".lower()


def apply(
    opening: Opening,
    details: Details,
    now: datetime,
    is_demo: bool = False,
    replies: Sequence[Reply | None] | None = None,
    came: Came | None = None,
) -> Applied:
    """Apply to an opening: the person, the application, the challenges and the mail with the link.

    A repeated address changes nothing but the mail: it gets its link again, and the caller shows the same page.
    `replies` has one entry for each question of the opening; None: nobody was asked (a colleague writes it down).
    The notice that is agreed to is the one in force.
    """
    if not openings.takes_applications(opening, now):
        raise NotOpen("This job does not take applications any more.")
    clock.zone(details.zone)
    kept = [] if replies is None else questions.freeze(questions.read(opening.questions), replies)
    notice = notices.agreed_to(opening.region, now)
    candidate, is_new_person = _candidate(details, now, is_demo)
    known = _known(candidate, opening)
    if known is not None:
        invitations.mail_link(known, now)
        return Applied(known, is_new=False, is_new_person=False)
    application = _write(opening, candidate, notice, kept, now)
    if came is not None:
        touches.keep(application, came)
    # All at once, each with the whole window: people answer them in the order that suits them.
    issued = [invitations.invite(application, entry.challenge_version, now) for entry in opening.role.challenges]
    invitation = issued[0]
    application.reply_by = openings.reply_by(opening, invitation.closes_at)
    mails.post("link", candidate, now, application=application.id, invitation=invitation.id)
    return Applied(application, is_new=True, is_new_person=is_new_person)


def _write(
    opening: Opening, candidate: Candidate, notice: Notice, replies: list[dict[str, Any]], now: datetime
) -> Application:
    """The row of a new application, with its counter and its audit row."""
    application = Application(
        code=tokens.code(),
        candidate=candidate,
        opening=opening,
        stage=Stage.APPLIED,
        stage_since=now,
        reply_by=now,
        notice_version=notices.version(notice).name,
        notice=notice,
        consented_at=now,
        replies=replies,
        created_at=now,
    )
    db.session.add(application)
    db.session.flush()
    counters.add(opening.id, Stage.APPLIED.name)
    actor = Actor.candidate(candidate.id)
    audit.record(actor, "application.apply", "application", application.id, now)
    return application


def is_verified(application: Application) -> bool:
    """Whether the link of this application was used: its mail address is real, and whoever acts reads that mailbox.

    Until then the person may answer their task and nothing else: no answer is taken over from or to it, no message
    is exchanged, nothing is exported.
    """
    return application.verified_at is not None


def _candidate(details: Details, now: datetime, is_demo: bool) -> tuple[Candidate, bool]:
    """The person with this address, and whether they are new; who is known already keeps what they said before."""
    key = email_key(details.email)
    values = {
        "name": details.name.strip(),
        "email": details.email.strip(),
        "phone": (details.phone or "").strip() or None,
        "country": details.country,
        "zone": details.zone,
        "locale": details.locale,
        "hours": {day: list(span) for day, span in details.hours.items()},
        "shifts": list(details.shifts),
        "languages": list(details.languages),
        "is_demo": is_demo,
        "created_at": now,
    }
    is_new = sql.insert_if_absent(Candidate, email_key=key, **values)
    # Locked, so that the same form sent twice at once makes one application and not an error.
    return db.session.scalars(select(Candidate).where(Candidate.email_key == key).with_for_update()).one(), is_new


def _known(candidate: Candidate, opening: Opening) -> Application | None:
    return db.session.scalar(
        select(Application).where(Application.candidate_id == candidate.id, Application.opening_id == opening.id)
    )


def offered_moves(application: Application) -> list[Stage]:
    """Where the board lets a member of staff move this application.

    Not offered: decisions and taking one back (both are made where the reason is kept), and withdrawing, which is the
    applicant's own act.
    """
    kept_back = BY_DECISION | {Stage.WITHDRAWN}
    if application.stage in BY_DECISION and application.released_at is None:
        kept_back |= {Stage.IN_ASSESSMENT}
    legal = LEGAL[application.stage] - kept_back
    return [stage for stage in Stage if stage in legal]


def move(application: Application, to: Stage, by: Actor, now: datetime, seen: Stage | None = None) -> None:
    """Move an application to another stage; refused with the reason where the stages do not allow it.

    `seen` is the stage that the page showed: if it is another by now, somebody else was first. Shortlisting and
    turning down are decisions and are made in `decisions.decide`.
    """
    if seen is not None and seen is not application.stage:
        raise IllegalMove("Somebody else has moved this applicant in the meantime. Please look again.")
    if by.kind == "user" and to is not application.stage and to in LEGAL[application.stage]:
        _check_offered(application, to)
    change_stage(application, to, by, now)


def _check_offered(application: Application, to: Stage) -> None:
    if to in offered_moves(application):
        return
    if to is Stage.WITHDRAWN:
        raise IllegalMove("Only the applicant can withdraw; their own page has a button for it.")
    if to in BY_DECISION:
        raise IllegalMove("This is a decision: make it on the applicant's page, with a reason.")
    raise IllegalMove("A decision stands for this applicant. Take it back where it was made.")


def change_stage(application: Application, to: Stage, by: Actor, now: datetime) -> None:
    """The one place that changes a stage, with its counters and its audit row."""
    before = application.stage
    if to is before or to not in LEGAL[before]:
        raise IllegalMove(
            "An applicant who is “%(before)s” cannot be moved to “%(after)s”.", before=before.value, after=to.value
        )
    moved = sql.changed(
        update(Application)
        .where(Application.id == application.id, Application.stage == before)
        .values(stage=to, stage_since=now)
    )
    if not moved:
        raise IllegalMove("Somebody else has just moved this applicant. Please look again.")
    application.stage, application.stage_since = to, now
    counters.add(application.opening_id, before.name, -1)
    counters.add(application.opening_id, to.name)
    audit.record(by, "application.move", "application", application.id, now, before=before.name, after=to.name)


def withdraw(application: Application, now: datetime, reason: Reason | None = None) -> None:
    """The candidate leaves, with a reason if they tapped on one; their draft is not handed in. Twice is once.

    A decision that has not been released must not show: until then one can always withdraw.
    """
    if application.stage is Stage.WITHDRAWN:
        return
    is_told = application.released_at is not None and application.stage is Stage.NOT_SELECTED
    if is_told or Stage.WITHDRAWN not in LEGAL[application.stage]:
        raise IllegalMove("This application has ended already. There is nothing to withdraw from.")
    change_stage(application, Stage.WITHDRAWN, Actor.candidate(application.candidate_id), now)
    if reason is not None:
        surveys.leave(application, reason, now)


def send_links(email: str, now: datetime) -> None:
    """Mail the links of an address to its owner. Says nothing about whether the address is known."""
    candidate = db.session.scalar(select(Candidate).where(Candidate.email_key == email_key(email)))
    if candidate is None:
        return
    mine = select(Application).where(Application.candidate_id == candidate.id)
    for application in db.session.scalars(mine.order_by(Application.id.desc()).limit(MOST_LINKS)):
        invitations.mail_link(application, now)


def by_code(code: str) -> Application | None:
    """The application with this code, with its person and opening."""
    return db.session.scalar(
        select(Application)
        .where(Application.code == code)
        .options(joinedload(Application.candidate), joinedload(Application.opening))
    )


def by_codes(opening_id: int, codes: Sequence[str]) -> list[Application]:
    """The applications of one opening among these codes, in the order of the codes; unknown ones are left out."""
    found = db.session.scalars(
        select(Application)
        .where(Application.opening_id == opening_id, Application.code.in_(codes))
        .options(joinedload(Application.candidate), joinedload(Application.opening))
    )
    by_code = {application.code: application for application in found}
    return [by_code[code] for code in dict.fromkeys(codes) if code in by_code]


def codes_of(application_ids: Sequence[int]) -> dict[int, str]:
    """The codes of these applications; those that were deleted are missing."""
    rows = db.session.execute(select(Application.id, Application.code).where(Application.id.in_(application_ids)))
    return {row.id: row.code for row in rows}


def in_stage(
    opening_ids: Sequence[int], stage: Stage, after: tuple[datetime, int] | None = None, limit: int = 20
) -> list[Application]:
    """One page of a column of the board: those who have waited longest first."""
    query = (
        select(Application)
        .where(Application.opening_id.in_(opening_ids), Application.stage == stage)
        .options(joinedload(Application.candidate), joinedload(Application.opening))
        .order_by(Application.stage_since, Application.id)
        .limit(limit)
    )
    if after is not None:
        query = query.where(tuple_(Application.stage_since, Application.id) > tuple_(*after))
    return list(db.session.scalars(query))
