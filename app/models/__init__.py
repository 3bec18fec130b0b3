"""Rows and constraints. No rules, and no queries for pages."""

from app.models.accounts import Duty, Membership, OneTimeLink, StaffRole, StaffSession, User
from app.models.afterwards import (
    Appeal,
    AppealState,
    Erasure,
    Leaving,
    OutcomeComment,
    Reason,
    ReplySpeed,
    Survey,
    SurveyMoment,
)
from app.models.audit import AuditEvent, AuditSeal
from app.models.challenges import (
    ChallengeDraft,
    ChallengeVersion,
    LibraryFault,
    Role,
    RoleChallenge,
    RubricVersion,
)
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
    "Appeal",
    "AppealState",
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
    "Erasure",
    "FrozenPage",
    "IdentitySeen",
    "Invitation",
    "Leaving",
    "LibraryFault",
    "LinkState",
    "Mail",
    "Membership",
    "Moderation",
    "OneTimeLink",
    "Opening",
    "OpeningState",
    "Outcome",
    "OutcomeComment",
    "Preview",
    "PreviewPart",
    "Rating",
    "Reason",
    "Region",
    "ReplySpeed",
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
    "Survey",
    "SurveyMoment",
    "User",
    "Work",
    "WorkState",
    "WorkTally",
]
