"""Rows and constraints. No rules, and no queries for pages."""

from app.models.accounts import Duty, Membership, OneTimeLink, StaffRole, StaffSession, User
from app.models.audit import AuditEvent, AuditSeal
from app.models.challenges import (
    ChallengeDraft,
    ChallengeVersion,
    LibraryFault,
    Role,
    RoleChallenge,
    RubricVersion,
)
from app.models.deadlines import Accommodation, AccommodationState, Adjustment, Heartbeat, Outage, OutageCredit
from app.models.files import StoredFile
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
from app.models.rescoring import Preview, PreviewPart, Rescoring
from app.models.submissions import Attempt, CandidateSession, CheckFacts, FrozenPage, Invitation, LinkState, Submission
from app.models.work import Mail, Outcome, Work, WorkState, WorkTally

__all__ = [
    "Accommodation",
    "AccommodationState",
    "Adjustment",
    "Application",
    "Assignment",
    "AssignmentState",
    "Attempt",
    "AuditEvent",
    "AuditSeal",
    "Candidate",
    "CandidateSession",
    "ChallengeDraft",
    "ChallengeVersion",
    "CheckFacts",
    "Company",
    "Counter",
    "Decision",
    "Duty",
    "FrozenPage",
    "Heartbeat",
    "IdentitySeen",
    "Invitation",
    "LibraryFault",
    "LinkState",
    "Mail",
    "Membership",
    "Moderation",
    "OneTimeLink",
    "Opening",
    "OpeningState",
    "Outage",
    "OutageCredit",
    "Outcome",
    "Preview",
    "PreviewPart",
    "Rating",
    "Region",
    "Rescoring",
    "Role",
    "RoleChallenge",
    "RubricVersion",
    "Score",
    "StaffRole",
    "StaffSession",
    "Stage",
    "Standing",
    "StoredFile",
    "Submission",
    "User",
    "Work",
    "WorkState",
    "WorkTally",
]
