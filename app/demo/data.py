"""The demo company's data: dated from today backwards, lived-in, written by the same services as everything else."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from flask_security.utils import hash_password
from sqlalchemy import delete, select, update

from app import clock, tokens
from app.demo.people import (
    APPLICANTS,
    COMPANY,
    HIRING_MANAGER,
    LEADS,
    QUESTIONS,
    RECRUITERS,
    STAFF,
    Applicant,
    Colleague,
    Question,
)
from app.extensions import Base, db
from app.models import (
    Application,
    Assignment,
    Attempt,
    Candidate,
    Opening,
    OpeningState,
    Region,
    Role,
    Stage,
    User,
    Work,
)
from app.refusals import Refused
from app.services import (
    applications,
    assignments,
    company,
    decisions,
    invitations,
    messages,
    openings,
    publishing,
    questions,
    ratings,
    roles,
    staff,
    submissions,
    touches,
)
from app.services.applications import Details
from app.services.audit import Actor
from app.services.catalog_types import Example
from app.services.openings import OpeningPlan
from app.services.questions import Kind, Preset, Reply
from app.services.touches import Came

# What stays when the demo goes: the duties and the published challenges are no invention.
KEPT = frozenset({"staff_role", "challenge_version"})
SINCE = timedelta(days=26)
PAY = {
    ("Support agent", "AMER"): "US$1,900 to US$2,300 a month",
    ("Support agent", "EMEA"): "€2,100 to €2,600 a month",
    ("Support agent", "APAC"): None,
    ("Support team lead", "EMEA"): "€3,200 to €3,800 a month",
}
AGENT = """\
You answer customers by mail and chat: people who build dashboards for their teams and sometimes get stuck.

- A team of six, spread over the working day, with a hand-over at its end.
- Paid training in your first month, and a colleague who reads along.
- Work from home; we pay for a good chair and the internet.
"""
LEAD = """\
You lead the six people who answer our customers in Europe and Africa.

- You plan the day, read along with new colleagues, and take the cases that nobody else can.
- You agree the hand-overs with the leads in the Americas and in Asia.
- Work from home; the leads meet twice a year.
"""
DESCRIPTIONS = {"Support agent": AGENT, "Support team lead": LEAD}
ASKED = (questions.preset(Preset.WORK_PERMISSION, True), questions.preset(Preset.NOTICE, False))
ASKED_AS = ("May you work in the country where you live without a new permit?", "How soon could you begin?")
# How they came, taking turns; the last came directly.
WAYS: tuple[dict[str, str], ...] = (
    {"src": "empregos-facebook"},
    {"utm_source": "newsletter", "utm_medium": "mail"},
    {"src": "fair-porto"},
    {},
)
# The way that people are moved to each stage, after the decision.
PATH = {
    Stage.SHORTLISTED: (),
    Stage.INTERVIEW: (Stage.INTERVIEW,),
    Stage.OFFER: (Stage.INTERVIEW, Stage.OFFER),
    Stage.HIRED: (Stage.INTERVIEW, Stage.OFFER, Stage.HIRED),
    Stage.OFFER_DECLINED: (Stage.INTERVIEW, Stage.OFFER, Stage.OFFER_DECLINED),
}


def build(now: datetime) -> None:
    """Write the demo company in this transaction; its checks, scores and mails are left to the workers."""
    company.found(COMPANY, now - SINCE, is_demo=True)
    # Nobody knows it: on the demo one becomes a person by pressing a button.
    password = hash_password(tokens.fresh())
    people = {person.address: _add(person, password, now) for person in STAFF}
    manager = people[HIRING_MANAGER.address]
    by_region = {recruiter.region: people[recruiter.address] for recruiter in RECRUITERS}
    agent = _role("Support agent", ("close-my-account",), manager, now)
    advertised = {region.code: _open(agent, region, by_region[region.code], now) for region in company.regions()}
    for applicant in APPLICANTS:
        _live(applicant, advertised[applicant.region], manager, now)
    for question in QUESTIONS:
        _talk(question, by_region, now)
    lead = _role("Support team lead", ("triage-the-queue", "coach-an-agent"), manager, now)
    emea = _open(lead, advertised["EMEA"].region, by_region["EMEA"], now)
    for applicant in LEADS:
        _live(applicant, emea, manager, now)
    # Their past is invented, but nobody has been waiting for the workers until now.
    db.session.execute(update(Work).where(Work.next_at < now).values(next_at=now))


def _add(person: Colleague, password: str, now: datetime) -> User:
    region = company.region_by_code(person.region) if person.region else None
    duties = [(duty, region) for duty in person.duties]
    address = f"{person.address}@tidewater.example"
    user = staff.create(person.name, address, duties, now - SINCE, zone=person.zone, is_demo=True)
    user.password = password
    return user


def _role(title: str, slugs: tuple[str, ...], manager: User, now: datetime) -> Role:
    versions = [publishing.find(slug, 1) for slug in slugs]
    return roles.create(title, [one for one in versions if one], Actor.user(manager.id), now - SINCE)


def _open(role: Role, region: Region, recruiter: User, now: datetime) -> Opening:
    begun = now - SINCE + timedelta(hours=3)
    closes = (now + timedelta(days=21)).replace(hour=23, minute=59, second=59, microsecond=0, tzinfo=None)
    plan = OpeningPlan(
        title=role.title,
        description=DESCRIPTIONS[role.title],
        place=f"Remote, {region.name}",
        closes_local=closes,
        pay=PAY[role.title, region.code],
        questions=ASKED,
        headcount=2 if role.title == "Support agent" else 1,
    )
    opening = openings.open_in(role, region, plan, Actor.user(recruiter.id), begun)
    openings.change_state(opening, OpeningState.OPEN, Actor.user(recruiter.id), begun)
    return opening


def _live(person: Applicant, opening: Opening, manager: User, now: datetime) -> None:
    """Let one invented person apply, answer, be read and be decided about, at the times that their story says."""
    applied_at = now - person.age
    application = _apply(person, opening, applied_at)
    if person.started:
        # They came back by the link in their mail.
        invitations.open_session(application, applied_at + timedelta(minutes=2), by_link=True)
    if person.stage is Stage.WITHDRAWN:
        applications.withdraw(application, applied_at + timedelta(days=1))
        return
    if not person.started:
        return
    started_at = applied_at + timedelta(minutes=4)
    for invitation, name in zip(invitations.of(application), (person.example, person.second), strict=False):
        attempt = submissions.start(invitation, person.locale, started_at)
        if name is None:
            field = publishing.challenge_of(invitation.challenge_version).fields[0]
            submissions.save_draft(attempt, {field: "Hello,\n\n"}, 0, started_at + timedelta(minutes=5))
            return
        _answer(person, attempt, name, started_at + timedelta(minutes=27))
        started_at += timedelta(hours=1)
    if person.stage in (*PATH, Stage.NOT_SELECTED):
        _decide(person, application, manager, applied_at + timedelta(days=2, minutes=31))


def _talk(question: Question, recruiters: Mapping[str | None, User], now: datetime) -> None:
    """Let somebody who has used their link ask, and be answered if their story says so."""
    application = db.session.scalars(
        select(Application).join(Candidate).where(Candidate.name == question.of, Candidate.is_demo)
    ).one()
    asked_at = now - timedelta(hours=question.hours_ago)
    application.verified_at = asked_at
    asked = messages.ask(application, question.words, tokens.fresh(), asked_at)
    if question.after_hours is not None:
        recruiter = recruiters[application.opening.region.code]
        at = asked_at + timedelta(hours=question.after_hours)
        messages.note_opened(application.id, asked.id, recruiter.id, at)
        messages.answer(application, question.answer, tokens.fresh(), asked.id, recruiter.id, at)


def _answer(person: Applicant, attempt: Attempt, name: str, at: datetime) -> None:
    """Hand in a shipped example, perhaps in slightly other words, and let it be read."""
    challenge = publishing.challenge_of(attempt.invitation.challenge_version)
    example = next(entry for entry in challenge.examples if entry.name == name)
    submissions.submit(attempt, _reworded(person, example.answers), tokens.fresh(), True, at)
    _read(person, attempt, example, at)


def _reworded(person: Applicant, answers: Mapping[str, str]) -> dict[str, str]:
    written = dict(answers)
    for theirs, own in person.reworded:
        written = {field: text.replace(theirs, own) for field, text in written.items()}
    return written


def _apply(person: Applicant, opening: Opening, at: datetime) -> Application:
    details = Details(
        name=person.name,
        email=f"{tokens.code(6).lower()}@candidate.example",
        country=person.country,
        zone=person.zone,
        locale=person.locale,
        hours=dict.fromkeys(("mon", "tue", "wed", "thu", "fri"), ("09:00", "17:00")),
        languages=(person.locale,),
    )
    way = touches.landing("/jobs", WAYS[len(person.name) % len(WAYS)], None, at - timedelta(minutes=9))
    said = [Reply(Kind.YES_NO, ASKED_AS[0], "yes"), Reply(Kind.TEXT, ASKED_AS[1], "4 weeks")]
    came = Came(way, way) if way.says_where_from else None
    return applications.apply(opening, details, at, is_demo=True, replies=said, came=came).application


def _read(person: Applicant, attempt: Attempt, example: Example, handed_in_at: datetime) -> None:
    chosen = assignments.choose(attempt.id)
    assignments.offer(attempt.id, chosen, handed_in_at)
    waiting = assignments.of_attempt(attempt.id)
    for place, assignment in enumerate(waiting[: person.read]):
        levels = _levels(example.levels, place, person.differs)
        comment = example.why if place == 0 and example.locale == "en" else ""
        _rate(assignment, levels, comment, handed_in_at + timedelta(hours=20 + 5 * place))


def _levels(levels: Mapping[str, int], place: int, differs: bool) -> dict[str, int]:
    """The first reader is the careful person of the example; the second is a little stricter somewhere."""
    given = dict(levels)
    if place == 1:
        criterion = "no_hoops" if differs else "language"
        given[criterion] = given[criterion] - 2 if differs else max(0, given[criterion] - 1)
        given[criterion] = given[criterion] if given[criterion] >= 0 else levels[criterion] + 2
    return given


def _rate(assignment: Assignment, levels: Mapping[str, int], comment: str, at: datetime) -> None:
    comments = {next(iter(levels)): comment}
    assignments.claim(assignment, assignment.grader_id, at - timedelta(minutes=3))
    ratings.record(assignment, assignment.grader_id, levels, comments, at)


def _decide(person: Applicant, application: Application, manager: User, at: datetime) -> None:
    outcome = Stage.NOT_SELECTED if person.stage is Stage.NOT_SELECTED else Stage.SHORTLISTED
    reason = "Below the line." if outcome is Stage.NOT_SELECTED else "Clear, complete and kind."
    decisions.decide(application, outcome, reason, manager.id, at)
    if person.told:
        decisions.release(application, manager.id, at + timedelta(hours=1))
    for step, stage in enumerate(PATH.get(person.stage, ()), start=1):
        applications.move(application, stage, Actor.user(manager.id), at + timedelta(days=step))


def remove() -> None:
    """Empty every table but the published challenges and the duties; refused unless the company is the demo."""
    found = company.get()
    if found is None or not found.is_demo:
        raise Refused("There is no demo to remove.")
    for table in reversed(Base.metadata.sorted_tables):
        if table.name not in KEPT:
            db.session.execute(delete(table))
    db.session.expunge_all()


def reset() -> None:
    """Remove the demo, whatever was done in it, and write it anew."""
    remove()
    build(clock.now())
