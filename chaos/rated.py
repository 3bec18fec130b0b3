"""Applicants who were read and scored before, and who are scored again under other weights while processes die."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.exc import DBAPIError

import config
from app import clock, create_app, jobs
from app.extensions import db
from app.models import Assignment, AssignmentState, Duty, Opening, Role, User
from app.services import applications, assignments, company, invitations, proposals, ratings, roles, staff, submissions
from app.services.applications import Details
from app.services.proposals import Overtaken, Weighing
from chaos.plan import Person
from config import Config

TITLE, REGION = "Senior agent", "AMER"
SLUG = "senior-agent"
READERS = 2
AT_ONCE = 100
# Seconds between two tries while the database is away.
PAUSE = 0.5
GIVES_UP_AFTER = 600.0
PROPOSAL = 2


def make(opening: Opening, count: int) -> None:
    """Applicants whose answers two people have read, with their scores, and other weights that wait. Commits."""
    now = clock.now()
    region = company.region_by_code(REGION)
    for number in range(READERS):
        staff.create(f"Reader {number}", f"reader{number}@example.com", [(Duty.GRADER, region)], now)
    manager = staff.create("Manager", "manager@example.com", [(Duty.MANAGER, None)], now)
    opening_id, manager_id, chance = opening.id, manager.id, random.Random(count)
    db.session.commit()
    for start in range(0, count, AT_ONCE):
        for number in range(start, min(start + AT_ONCE, count)):
            _hand_in(db.session.get_one(Opening, opening_id), number)
        _drain("quick")
        _read_all(chance)
        _drain("quick")
        db.session.expunge_all()
    _propose(db.session.get_one(Opening, opening_id).role, manager_id)
    _drain("slow")


def _drain(work_class: str) -> None:
    db.session.commit()
    while jobs.drain_work(work_class):
        db.session.expunge_all()


def _hand_in(opening: Opening, number: int) -> None:
    details = Details(name=f"Rated {number}", email=f"rated{number}@example.org", country="BR", zone="UTC", locale="en")
    application = applications.apply(opening, details, clock.now()).application
    attempt = submissions.start(invitations.of(application)[0], "en", clock.now())
    submissions.submit(attempt, {"reply": Person(-1 - number).words(0)}, f"rated-{number}", True, clock.now())


def _read_all(chance: random.Random) -> None:
    """Everything that was given to readers."""
    offered = select(Assignment).where(Assignment.state == AssignmentState.OFFERED)
    for assignment in db.session.scalars(offered).all():
        assignments.claim(assignment, assignment.grader_id, clock.now())
        levels = {criterion: chance.choice((1, 2)) for criterion in ratings.criteria_of(assignment)}
        ratings.record(assignment, assignment.grader_id, levels, {}, clock.now())


def _propose(role: Role, by: int) -> None:
    key, weighed = next(iter(roles.rubric_in_force(role.id).weights.items()))
    other = {criterion: weight % 5 + 1 for criterion, weight in weighed["criteria"].items()}
    proposals.propose(role, {int(key): Weighing(1, other)}, None, by, clock.now())


def score_again(settings: dict[str, str], log: Path, tell: Callable[[str], None]) -> None:
    """Put the other weights in force, and run `flask rescore` until it says that everybody is scored again."""
    app = create_app(Config.from_environ(settings))
    with app.app_context():
        while not _put_in_force():
            time.sleep(PAUSE)
        for engine in db.engines.values():
            engine.dispose()
    tell("other weights are in force; everybody who has a score is scored again")
    tries, ends = 1, time.monotonic() + GIVES_UP_AFTER
    while not _rescore(settings, log):
        if time.monotonic() > ends:
            raise TimeoutError(f"not done within {GIVES_UP_AFTER:.0f} s; read {log}")
        tries += 1
        time.sleep(PAUSE)
    tell(f"everybody is scored again; flask rescore was started {tries} times")


def _rescore(settings: dict[str, str], log: Path) -> bool:
    """Run the command; whether it said that everybody is scored."""
    command = [sys.executable, "-m", "flask", "--app", "app", "rescore", SLUG]
    environment = config.child_environment(**settings)
    with log.open("ab") as output:
        done = subprocess.run(command, env=environment, stdout=output, stderr=output, cwd=config.ROOT, check=False)
    return done.returncode == 0


def _put_in_force() -> bool:
    """Whether it is done; the database may be away."""
    try:
        role = roles.by_slug(SLUG)
        manager_id = db.session.scalar(select(User.id).where(User.email == "manager@example.com"))
        assert role is not None and manager_id is not None
        proposals.put_in_force(role, proposals.by_number(role, PROPOSAL), manager_id, clock.now())
        db.session.commit()
    except Overtaken:
        db.session.rollback()  # Done, although the answer to the first try was lost.
    except DBAPIError:
        db.session.remove()
        return False
    return True
