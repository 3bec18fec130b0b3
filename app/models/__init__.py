"""Rows and constraints. No rules, and no queries for pages."""

from app.models.accounts import Duty, Membership, OneTimeLink, StaffRole, StaffSession, User
from app.models.audit import AuditEvent, AuditSeal
from app.models.challenges import ChallengeVersion, Role, RoleChallenge, RubricVersion
from app.models.grading import Assignment, AssignmentState, Moderation, Rating, Score, Standing
from app.models.openings import (
    Application,
    Candidate,
    Counter,
    Decision,
    IdentitySeen,
    Opening,
    OpeningState,
    Stage,
)
from app.models.regions import Company, Region
from app.models.submissions import Attempt, CandidateSession, CheckFacts, Invitation, Submission
from app.models.work import Mail, Work, WorkState

__all__ = [
    "Application",
    "Assignment",
    "AssignmentState",
    "Attempt",
    "AuditEvent",
    "AuditSeal",
    "Candidate",
    "CandidateSession",
    "ChallengeVersion",
    "CheckFacts",
    "Company",
    "Counter",
    "Decision",
    "Duty",
    "IdentitySeen",
    "Invitation",
    "Mail",
    "Membership",
    "Moderation",
    "OneTimeLink",
    "Opening",
    "OpeningState",
    "Rating",
    "Region",
    "Role",
    "RoleChallenge",
    "RubricVersion",
    "Score",
    "StaffRole",
    "StaffSession",
    "Stage",
    "Standing",
    "Submission",
    "User",
    "Work",
    "WorkState",
]
