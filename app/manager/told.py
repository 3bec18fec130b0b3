"""As finished values: what a candidate is told beyond the decision, and what candidates say of a role."""

from __future__ import annotations

from dataclasses import dataclass

from flask_babel import LazyString
from flask_babel import gettext as _

from app import people, permissions, words
from app.manager.forms import AllowForm, CommentForm, SettleForm
from app.models import Application, Opening, Role
from app.services import appeals, comments, invitations, openings, surveys, tasks
from app.services.appeals import Course
from app.services.surveys import Summary


@dataclass(frozen=True)
class Afterwards:
    """For an application's page: the second review with its form, and a form for each comment, or what was told."""

    course: Course | None
    settle: SettleForm
    comments: tuple[tuple[str, CommentForm], ...]
    is_told: bool


def of_application(application: Application, locale: str) -> Afterwards:
    """Everything that the page shows of what comes after a decision."""
    written, role = comments.of(application.id), application.opening.role
    titles = {comments.WHOLE: _("On the application as a whole")}
    issued = invitations.of(application)
    # Of one challenge, the whole and its only part are the same.
    for entry in issued if len(issued) > 1 else ():
        titles[entry.challenge_version.slug] = tasks.task(entry.challenge_version, role, locale).brief.title
    return Afterwards(
        course=appeals.course(application),
        settle=SettleForm(formdata=None, prefix="settle-"),
        comments=tuple((title, CommentForm.of(slug, written.get(slug, ""))) for slug, title in titles.items()),
        is_told=application.released_at is not None,
    )


@dataclass(frozen=True)
class Said:
    """For a role's page: whether second reviews are allowed, what candidates said, and why people left."""

    form: AllowForm
    can_change: bool
    summary: Summary
    reasons: tuple[tuple[LazyString, int], ...]


def of_role(role: Role, mine: list[Opening]) -> Said:
    """Over the openings that this person hires for."""
    ids = [opening.id for opening in mine]
    form = AllowForm(formdata=None, data={"points": role.appeal_points, "days": role.appeal_days})
    return Said(
        form=form,
        can_change=permissions.can_weigh(people.me(), openings.of_role(role)),
        summary=surveys.summary(ids),
        reasons=tuple((words.REASONS[reason], number) for reason, number in surveys.reasons(ids).items()),
    )
