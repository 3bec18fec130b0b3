"""Plain functions that make records for tests, each with overrides. They use the services wherever there is one."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from app import clock
from app.extensions import db
from app.models import (
    Application,
    Assignment,
    Attempt,
    ChallengeVersion,
    Company,
    Duty,
    Invitation,
    Message,
    Opening,
    OpeningState,
    Region,
    Role,
    Submission,
    User,
)
from app.services import (
    applications,
    assignments,
    company,
    invitations,
    messages,
    openings,
    publishing,
    roles,
    staff,
    submissions,
)
from app.services.applications import Details
from app.services.audit import SYSTEM
from app.services.catalog_types import (
    AnswerLanguage,
    Brief,
    Challenge,
    CriterionText,
    CriterionWeight,
    Device,
    Guide,
    Label,
    Part,
    RubricText,
)
from app.services.openings import OpeningPlan
from app.services.questions import Question
from grading.checks import Check

_numbers = itertools.count(1)
GOOD_REPLY = (
    "Hi Ben,\n\nYour account is closed, and there is nothing more for you to do. You have paid until the 30th and will "
    "not be charged again. We keep your data for 30 days; until then you can have a copy, just answer this mail.\n\n"
    "Thank you for being with us. Should you want to come back, we will be glad.\n\nKind regards\nRobin"
)
# The same with some words replaced: a near-copy.
REWORDED_REPLY = GOOD_REPLY.replace("there is nothing more for you to do", "you need not do anything").replace(
    "Robin", "Sam"
)


def make_company(name: str = "Example Ltd", now: datetime | None = None) -> Company:
    """The company with its three regions."""
    return company.get() or company.found(name, now or clock.now())


def make_region(code: str = "EMEA") -> Region:
    """One of the company's first three regions."""
    make_company()
    region = company.region_by_code(code)
    assert region is not None
    return region


def make_user(*duties: Duty, region: Region | None = None, name: str = "Sam Colleague", email: str = "") -> User:
    """A member of staff with duties in one region or everywhere."""
    address = email or f"staff{next(_numbers)}@example.com"
    return staff.create(name, address, [(duty, region) for duty in duties], clock.now())


def make_challenge(*parts: Part, checks: Sequence[Check] = (), **changes: object) -> ChallengeVersion:
    """A published challenge with these parts, in English, with two criteria."""
    slug = f"made-{next(_numbers)}"
    labels = {name: Label(f"Label of {name}") for part in parts for name in part.label_keys}
    criteria = (CriterionWeight("care", 3), CriterionWeight("order", 1))
    texts = {one.key: CriterionText(one.key.title(), "What it means.", ("0", "1", "2", "3")) for one in criteria}
    values: dict[str, object] = {
        "slug": slug,
        "version": 1,
        "minutes": 10,
        "device": Device.ANY,
        "answer_language": AnswerLanguage.OPENING,
        "locales": ("en",),
        "parts": parts,
        "criteria": criteria,
        "facts": (),
        "follow_ups": ("why", "what_if"),
        "checks": tuple(checks),
        "briefs": {"en": Brief(f"Title of {slug}", "A summary.", (), {}, labels, "Do **this**.")},
        "rubrics": {"en": RubricText(texts, {"why": "Why?", "what_if": "What if?"})},
        "guides": {"en": Guide("Guide", "Read it twice.")},
        "examples": (),
    }
    version, _is_new = publishing.publish(Challenge(**(values | changes)), clock.now())  # type: ignore[arg-type]
    return version


def make_role(
    title: str = "Support agent",
    readers: int = 2,
    line_percent: int | None = 60,
    challenges: Sequence[ChallengeVersion] = (),
    **plan: object,
) -> Role:
    """A role with these challenges, or with Ben's."""
    if not challenges:
        bens = publishing.find("close-my-account", 1)
        assert bens is not None
        challenges = [bens]
    return roles.create(
        title,
        list(challenges),
        SYSTEM,
        clock.now(),
        readers=readers,
        line_percent=line_percent,
        **plan,  # type: ignore[arg-type]
    )


def make_opening(
    role: Role | None = None,
    region: Region | None = None,
    now: datetime | None = None,
    state: OpeningState = OpeningState.OPEN,
    questions: Sequence[Question] = (),
) -> Opening:
    """An opening that takes applications for a month."""
    now = now or clock.now()
    region = region or make_region()
    plan = OpeningPlan(
        title="Support agent",
        description="Help our customers in their own language.",
        place="Anywhere in the region",
        closes_local=(now + timedelta(days=30)).replace(tzinfo=None, microsecond=0),
        pay="€2,400 to €2,900 a month",
        questions=questions,
    )
    opening = openings.open_in(role or make_role(), region, plan, SYSTEM, now)
    if state is not OpeningState.DRAFT:
        openings.change_state(opening, OpeningState.OPEN, SYSTEM, now)
    if state not in (OpeningState.DRAFT, OpeningState.OPEN):
        openings.change_state(opening, state, SYSTEM, now)
    return opening


def make_details(**changes: object) -> Details:
    """What a candidate says of themselves."""
    number = next(_numbers)
    values: dict[str, object] = {
        "name": f"Candidate {number}",
        "email": f"candidate{number}@example.org",
        "country": "BR",
        "zone": "America/Sao_Paulo",
        "locale": "en",
    }
    return Details(**(values | changes))  # type: ignore[arg-type]


def make_application(opening: Opening | None = None, now: datetime | None = None, **changes: object) -> Application:
    """Somebody who has applied and has their first challenge."""
    now = now or clock.now()
    return applications.apply(opening or make_opening(now=now), make_details(**changes), now).application


def make_verified(application: Application | None = None) -> Application:
    """Somebody who has used their link, so that they can write and be written to."""
    application = application or make_application()
    invitations.open_session(application, clock.now(), by_link=True)
    db.session.flush()
    db.session.refresh(application)
    return application


def make_question(
    application: Application | None = None, text: str = "Is the pay monthly?", now: datetime | None = None
) -> Message:
    """A question that a candidate asked."""
    return messages.ask(application or make_verified(), text, f"key-{next(_numbers)}", now or clock.now())


def make_answer(question: Message, by: User, text: str = "Yes, it is.", now: datetime | None = None) -> Message:
    """The answer of a member of staff who has seen the question."""
    application = db.session.get_one(Application, question.application_id)
    return messages.answer(application, text, f"key-{next(_numbers)}", question.id, by.id, now or clock.now())


def make_invitation(application: Application | None = None, now: datetime | None = None) -> Invitation:
    """The invitation to the first challenge."""
    return invitations.of(application or make_application(now=now))[0]


def make_attempt(invitation: Invitation | None = None, now: datetime | None = None, locale: str = "en") -> Attempt:
    """A started challenge."""
    return submissions.start(invitation or make_invitation(now=now), locale, now or clock.now())


def make_submission(
    attempt: Attempt | None = None,
    answers: Mapping[str, str] | None = None,
    is_final: bool = True,
    now: datetime | None = None,
) -> Submission:
    """An answer that was handed in, final unless said otherwise."""
    now = now or clock.now()
    attempt = attempt or make_attempt(now=now)
    return submissions.submit(attempt, answers or {"reply": GOOD_REPLY}, f"key-{next(_numbers)}", is_final, now)


def make_assignment(grader: User, submission: Submission | None = None) -> Assignment:
    """An answer that was given to this grader to read."""
    submission = submission or make_submission()
    assignments.offer(submission.attempt_id, (grader.id,), clock.now())
    db.session.flush()
    return next(entry for entry in assignments.of_attempt(submission.attempt_id) if entry.grader_id == grader.id)
