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
from app.models.copies import Likeness, Shingle
from app.models.deadlines import Accommodation, AccommodationState, Adjustment, Heartbeat, Outage, OutageCredit
from app.models.devices import CandidateDevice, CandidateSession, EntryCode
from app.models.files import StoredFile
from app.models.grading import Assignment, AssignmentState, Moderation, Rating, Score, Standing
from app.models.messages import AnswerSpeed, FirstAnswer, Message, Sender, Thread
from app.models.openings import (
    Application,
    Candidate,
    Counter,
    Decision,
    IdentitySeen,
    Opening,
    OpeningState,
    Stage,
    Touch,
)
from app.models.regions import Company, Notice, Region
from app.models.rescoring import Preview, PreviewPart, Rescoring
from app.models.submissions import Attempt, CheckFacts, FrozenPage, Invitation, LinkState, Submission
from app.models.work import Mail, Outcome, Work, WorkState, WorkTally

__all__ = [
    "Accommodation",
    "AccommodationState",
    "Adjustment",
    "AnswerSpeed",
    "Appeal",
    "AppealState",
    "Application",
    "Assignment",
    "AssignmentState",
    "Attempt",
    "AuditEvent",
    "AuditSeal",
    "Candidate",
    "CandidateDevice",
    "CandidateSession",
    "ChallengeDraft",
    "ChallengeVersion",
    "CheckFacts",
    "Company",
    "Counter",
    "Decision",
    "Duty",
    "EntryCode",
    "Erasure",
    "FirstAnswer",
    "FrozenPage",
    "Heartbeat",
    "IdentitySeen",
    "Invitation",
    "Leaving",
    "LibraryFault",
    "Likeness",
    "LinkState",
    "Mail",
    "Membership",
    "Message",
    "Moderation",
    "Notice",
    "OneTimeLink",
    "Opening",
    "OpeningState",
    "Outage",
    "OutageCredit",
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
    "Sender",
    "Shingle",
    "StaffRole",
    "StaffSession",
    "Stage",
    "Standing",
    "StoredFile",
    "Submission",
    "Survey",
    "SurveyMoment",
    "Thread",
    "Touch",
    "User",
    "Work",
    "WorkState",
    "WorkTally",
]
