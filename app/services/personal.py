"""What is personal in the database: one declaration for every column, from which data is exported and deleted.

A test compares it with the models, so that a new column fails until somebody has said what it is.
"""

from __future__ import annotations

from sqlalchemy import exists

from app.models import (
    Accommodation,
    Appeal,
    Application,
    Assignment,
    Attempt,
    Candidate,
    CandidateDevice,
    CandidateSession,
    CheckFacts,
    Decision,
    EntryCode,
    FirstAnswer,
    FrozenPage,
    Invitation,
    Leaving,
    Likeness,
    Mail,
    Message,
    OutageCredit,
    OutcomeComment,
    Rating,
    Score,
    Shingle,
    StoredFile,
    Submission,
    Survey,
    Thread,
    Touch,
)
from app.services.owners import Owner, Table, gone
from app.services.submissions import content_hash

ERASED_NAME = "(erased)"
"""Stands where a name stood, so that every page shows it."""

# What a second review brings is told when it is settled.
_APPEAL_IS_OPEN = exists().where(Appeal.application_id == Application.id, Appeal.settled_at.is_(None))

TABLES = (
    Table(
        Candidate,
        Owner.CANDIDATE,
        Candidate.id,
        # "ZZ" is nowhere. `email_key` must differ from person to person: services/erasure.py writes it.
        {
            **{"name": ERASED_NAME, "email": "", "email_key": None, "phone": None, "country": "ZZ", "zone": "UTC"},
            **{"locale": "en", "hours": {}, "shifts": [], "languages": []},
        },
        plain="id is_demo created_at erased_at",
        told="name email phone country zone locale hours shifts languages created_at",
    ),
    Table(
        Application,
        Owner.CANDIDATE,
        Application.candidate_id,
        {"replies": []},
        plain="id code candidate_id opening_id stage stage_since reply_by notice_version notice_id consented_at "
        "verified_at ratings_revision released_at created_at",
        told="created_at notice_version consented_at verified_at reply_by released_at replies",
        # Before the release the stage would tell a decision that can still change.
        told_later="stage stage_since",
    ),
    Table(
        Invitation,
        Owner.APPLICATION,
        Invitation.application_id,
        gone("token_hash"),
        plain="id application_id challenge_version_id link_number link_issued_at opens_at closes_at closes_local "
        "closes_zone closes_tzdata extra_minutes more_percent lost_seconds revoked_at created_at",
        told="opens_at closes_at extra_minutes more_percent lost_seconds",
    ),
    Table(
        Attempt,
        Owner.INVITATION,
        Attempt.invitation_id,
        {"draft": {}},
        plain="id invitation_id locale started_at cutoff_at draft_revision draft_saved_at hand_in_draft "
        "submission_count lost_seconds final_at",
        told="locale started_at cutoff_at draft draft_saved_at hand_in_draft final_at",
    ),
    Table(
        Submission,
        Owner.ATTEMPT,
        Submission.attempt_id,
        # A hash of the words could prove a guess at them.
        {"answers": {}, "content_hash": content_hash({}), "counted_because": None},
        plain="id code attempt_id number key received_at is_in_grace is_late is_by_timeout reused_from_id "
        "counted_at counted_by_id",
        told="code number answers content_hash received_at is_in_grace is_late is_by_timeout counted_at",
    ),
    Table(
        StoredFile,
        Owner.ATTEMPT,
        StoredFile.attempt_id,
        gone(
            *("id", "code", "attempt_id", "field", "original_name", "type", "size", "sha256", "copy_sha256"),
            *("bleached_at", "stored_at"),
        ),
        told="field original_name type size sha256 stored_at",
        goes=True,
    ),
    Table(
        FrozenPage,
        Owner.SUBMISSION,
        FrozenPage.submission_id,
        gone(
            *("submission_id", "field", "state", "reason", "url", "content_type", "body", "size", "sha256"),
            "fetched_at",
        ),
        told="field state reason url content_type size sha256 fetched_at",
        goes=True,
    ),
    Table(
        CheckFacts,
        Owner.SUBMISSION,
        CheckFacts.submission_id,
        {"facts": []},
        plain="submission_id challenge_version_id checked_at",
        told="facts checked_at",
    ),
    Table(Shingle, Owner.SUBMISSION, Shingle.submission_id, gone("hash", "submission_id"), goes=True),
    # A pair is both people's: it goes with either of them, and each is told of it without the other.
    *(
        Table(
            Likeness,
            Owner.SUBMISSION,
            mine,
            gone("earlier_id", "later_id", "field", "numerator", "denominator", "found_at"),
            told_later="field numerator denominator found_at",
            goes=True,
        )
        for mine in (Likeness.earlier_id, Likeness.later_id)
    ),
    Table(
        Assignment,
        Owner.ATTEMPT,
        Assignment.attempt_id,
        gone("skip_reason"),
        plain="id code attempt_id grader_id is_third is_appeal state reply_by_on position lease_until skipped_at "
        "version rated_at created_at",
    ),
    Table(
        Rating,
        Owner.ASSIGNMENT,
        Rating.assignment_id,
        gone("comment"),
        plain="id assignment_id version criterion level rated_at",
        # What readers wrote about somebody is that person's data (Nowak, C-434/16); who wrote it is not.
        told_later="criterion level comment",
        only=(Rating.version == Assignment.version) & ~(Assignment.is_appeal & _APPEAL_IS_OPEN),
    ),
    Table(
        Score,
        Owner.APPLICATION,
        Score.application_id,
        {},
        plain="id application_id rubric_version_id ratings_revision numerator denominator detail scored_at",
        told_later="numerator denominator scored_at",
        only=~(exists().where(Appeal.application_id == Score.application_id, Appeal.settled_at.is_(None))),
    ),
    Table(
        Decision,
        Owner.APPLICATION,
        Decision.application_id,
        {"reason": ""},
        plain="id application_id stage decided_by_id decided_at undone_at",
        told_later="stage decided_at",
        only=Decision.undone_at.is_(None),
    ),
    Table(
        OutcomeComment,
        Owner.APPLICATION,
        OutcomeComment.application_id,
        gone("application_id", "slug", "text", "written_at"),
        told_later="slug text written_at",
        goes=True,
    ),
    Table(
        Appeal,
        Owner.APPLICATION,
        Appeal.application_id,
        {},
        plain="application_id opening_id state asked_at reply_by score_id read_at settled_at",
        told="asked_at reply_by settled_at",
    ),
    Table(
        Survey,
        Owner.APPLICATION,
        Survey.application_id,
        gone("words"),
        plain="application_id opening_id moment fair minutes answered_at",
        told="fair minutes words answered_at",
    ),
    Table(
        Leaving,
        Owner.APPLICATION,
        Leaving.application_id,
        {},
        plain="application_id reason said_at",
        told="reason said_at",
    ),
    Table(
        Touch,
        Owner.APPLICATION,
        Touch.application_id,
        gone(
            *("application_id", "is_first", "token", "utm_source", "utm_medium", "utm_campaign", "path", "referrer"),
            "landed_at",
        ),
        told="path referrer utm_source utm_medium utm_campaign landed_at",
        goes=True,
    ),
    # Before the messages, of which it names the last.
    Table(
        Thread,
        Owner.APPLICATION,
        Thread.application_id,
        gone("application_id", "region_id", "last_message_id", "waiting_since", "opened_by_id", "opened_at"),
        goes=True,
    ),
    Table(
        Message,
        Owner.APPLICATION,
        Message.application_id,
        gone("id", "application_id", "sender", "user_id", "body", "key", "sent_at", "read_at"),
        told="sender body sent_at read_at",
        goes=True,
    ),
    # Two moments stay, of nobody.
    Table(
        FirstAnswer,
        Owner.APPLICATION,
        FirstAnswer.application_id,
        gone("application_id"),
        plain="id region_id asked_at answered_at",
    ),
    Table(
        Accommodation,
        Owner.APPLICATION,
        Accommodation.application_id,
        {"words": "", "answer": ""},
        plain="id code application_id region_id kind wished_percent state asked_at more_percent extra_minutes "
        "answered_by_id answered_at",
        told="kind wished_percent words state asked_at more_percent extra_minutes answer answered_at",
    ),
    Table(
        OutageCredit,
        Owner.INVITATION,
        OutageCredit.invitation_id,
        {},
        plain="invitation_id outage_id seconds credited_at",
        told="seconds credited_at",
    ),
    Table(
        Mail,
        Owner.CANDIDATE,
        Mail.candidate_id,
        gone("address", "subject", "body"),
        plain="id message candidate_id user_id about created_at sent_at",
        told="message created_at sent_at address subject body",
    ),
    Table(
        CandidateSession,
        Owner.APPLICATION,
        CandidateSession.application_id,
        gone("id", "token_hash", "application_id", "created_at", "seen_at", "ends_at"),
        told="created_at seen_at ends_at",
        goes=True,
    ),
    Table(
        CandidateDevice,
        Owner.APPLICATION,
        CandidateDevice.application_id,
        gone("id", "token_hash", "application_id", "created_at"),
        told="created_at",
        goes=True,
    ),
    Table(
        EntryCode,
        Owner.APPLICATION,
        EntryCode.application_id,
        gone("application_id", "number", "asked_at", "code_hash", "expires_at", "tries", "locked_until"),
        goes=True,
    ),
)

OF_NOBODY = {
    "answer_speed": "region_id answers median_seconds counted_at",
    "audit_event": "id at actor_kind actor_id action subject_kind subject_id detail",
    "audit_seal": "event_id chain",
    "challenge_draft": "id slug version content locales author_id revision created_at updated_at published_at",
    "challenge_version": "id slug version fingerprint content published_at",
    "company": "id name logo logo_type product_name product_address is_demo created_at",
    "counter": "opening_id name value",
    "erasure": "candidate_id asked_at mail_id done_at",
    "heartbeat": "id beat_at",
    "identity_seen": "application_id user_id seen_at",
    "library_fault": "id file line message seen_at",
    "membership": "id user_id staff_role_id region_id",
    "moderation": "attempt_id criteria straddles_line opened_at settled_at settled",
    "notice": "id region_id number texts written_by_id created_at",
    "one_time_link": "id token_hash user_id created_at ends_at used_at",
    "opening": "id role_id region_id slug title description place pay headcount questions state closes_at "
    "closes_local closes_zone closes_tzdata created_by_id created_at published_at",
    "outage": "id began_at ended_at after settled_at",
    "preview": "rubric_version_id against_id run after looked_at readings_seen scores_seen started_at finished_at "
    "result",
    "preview_part": "rubric_version_id run after rows",
    "region": "id code name parent_id zone works_from works_until reply_days colour",
    "reply_speed": "region_id told days counted_at",
    "rescoring": "rubric_version_id after asked done started_at asked_at",
    "role": "id slug title readers line_percent timer_minutes window_days appeal_points appeal_days created_at",
    "role_challenge": "id role_id challenge_version_id position",
    "rubric_version": "id role_id number weights fingerprint line_percent proposed_by_id created_at in_force_at "
    "discarded_at",
    "staff_role": "id name description",
    "staff_session": "id token_hash user_id created_at ends_at",
    "standing": "application_id opening_id score_id order_key readers has_open_third",
    "user": "id email name password active fs_uniquifier locale zone is_demo created_at",
    "work": "id kind subject_id key state attempt deaths lease_until fence next_at reason created_at finished_at",
    "work_tally": "minute kind outcome slot number",
}
"""Tables that say nothing about a candidate: of colleagues and the company, or ids, numbers and codes alone."""
