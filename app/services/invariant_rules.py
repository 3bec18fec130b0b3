"""The invariants of work, answers, readings, scores and the audit trail. How they are asked: `invariants.py`."""

from __future__ import annotations

import hashlib
from typing import Any

from sqlalchemy import Row

from app.models import AuditEvent, Submission
from app.services import audit, submissions
from app.services.dismissals import NOBODY_WAITS
from app.services.invariant_afterwards import AFTERWARDS
from app.services.invariant_copies import COPIES
from app.services.invariant_counts import COUNTS
from app.services.invariant_messages import MESSAGES
from app.services.invariant_times import TIMES
from app.services.invariants import Invariant

WORK = (
    Invariant(
        "running_work_has_a_lease",
        "Work that runs is held under a lease, and no other work is.",
        "work",
        "SELECT id FROM work WHERE id BETWEEN :low AND :high AND (state = 'RUNNING') <> (lease_until IS NOT NULL)",
    ),
    Invariant(
        "finished_work_has_a_moment",
        "Work that succeeded, failed or was called off says when, and no other work does.",
        "work",
        "SELECT id FROM work WHERE id BETWEEN :low AND :high "
        "AND (state IN ('SUCCEEDED', 'FAILED', 'CANCELLED')) <> (finished_at IS NOT NULL)",
    ),
    Invariant(
        "failed_work_has_a_reason",
        "Work that failed says why.",
        "work",
        "SELECT id FROM work WHERE id BETWEEN :low AND :high AND state = 'FAILED' AND COALESCE(reason, '') = ''",
    ),
    Invariant(
        "mail_has_its_work",
        "Every mail has the work that sends it.",
        "mail",
        "SELECT m.id FROM mail m WHERE m.id BETWEEN :low AND :high "
        "AND NOT EXISTS (SELECT 1 FROM work w WHERE w.key = 'mail:' || m.id)",
    ),
    Invariant(
        "mail_is_sent_by_its_work",
        "A mail is noted as sent if and only if its work succeeded.",
        "mail",
        "SELECT m.id FROM mail m JOIN work w ON w.key = 'mail:' || m.id WHERE m.id BETWEEN :low AND :high "
        "AND (w.state = 'SUCCEEDED') <> (m.sent_at IS NOT NULL)",
    ),
    NOBODY_WAITS,
)


def _is_other_page(row: Row[Any]) -> bool:
    if row.body is None:
        return row.sha256 is not None or row.size is not None
    body = bytes(row.body)
    return bool(row.sha256 != hashlib.sha256(body).hexdigest() or row.size != len(body))


def _is_other_answer(row: Row[Any]) -> bool:
    return bool(row.content_hash != submissions.content_hash(row.answers))


ANSWERS = (
    Invariant(
        "attempt_has_its_close",
        "Every challenge that was started has the work that closes it when its time ends.",
        "attempt",
        "SELECT a.id FROM attempt a WHERE a.id BETWEEN :low AND :high "
        "AND NOT EXISTS (SELECT 1 FROM work w WHERE w.key = 'close:' || a.id)",
    ),
    Invariant(
        "submissions_are_numbered",
        "What was handed in is numbered from 1 without a gap, and the attempt knows how many there are.",
        "attempt",
        "SELECT a.id FROM attempt a LEFT JOIN submission s ON s.attempt_id = a.id WHERE a.id BETWEEN :low AND :high "
        "GROUP BY a.id, a.submission_count "
        "HAVING count(s.id) <> a.submission_count OR COALESCE(max(s.number), 0) <> a.submission_count",
    ),
    Invariant(
        "final_attempt_has_an_answer",
        "An answer that is final was handed in, in time or let count by a person.",
        "attempt",
        "SELECT a.id FROM attempt a WHERE a.id BETWEEN :low AND :high AND a.final_at IS NOT NULL "
        "AND NOT EXISTS (SELECT 1 FROM submission s WHERE s.attempt_id = a.id "
        "AND (NOT s.is_late OR s.counted_at IS NOT NULL))",
    ),
    Invariant(
        "final_attempt_has_its_assign",
        "Every final answer has the work that gives it to reviewers.",
        "attempt",
        "SELECT a.id FROM attempt a WHERE a.id BETWEEN :low AND :high AND a.final_at IS NOT NULL "
        "AND NOT EXISTS (SELECT 1 FROM work w WHERE w.key = 'assign:' || a.id)",
    ),
    Invariant(
        "submission_has_its_check",
        "Every submission has its check run, or its links are still to be opened before.",
        "submission",
        "SELECT s.id FROM submission s JOIN attempt a ON a.id = s.attempt_id "
        "JOIN invitation i ON i.id = a.invitation_id WHERE s.id BETWEEN :low AND :high "
        "AND NOT EXISTS (SELECT 1 FROM work w WHERE w.key = 'check:' || s.id || ':' || i.challenge_version_id) "
        "AND NOT EXISTS (SELECT 1 FROM work w WHERE w.key = 'freeze:' || s.id "
        "AND w.state NOT IN ('SUCCEEDED', 'CANCELLED'))",
    ),
    Invariant(
        "submission_is_as_handed_in",
        "The words of every submission have the SHA-256 that its receipt shows.",
        "submission",
        "SELECT id, answers, content_hash FROM submission WHERE id BETWEEN :low AND :high ORDER BY id",
        breaks=_is_other_answer,
        types={"answers": Submission.answers.type},
    ),
    Invariant(
        "facts_have_their_check",
        "Facts about a submission were stored by a check run that succeeded.",
        "check_facts",
        "SELECT f.submission_id AS id FROM check_facts f WHERE f.submission_id BETWEEN :low AND :high "
        "AND NOT EXISTS (SELECT 1 FROM work w WHERE w.state = 'SUCCEEDED' "
        "AND w.key = 'check:' || f.submission_id || ':' || f.challenge_version_id)",
        key="submission_id",
    ),
    Invariant(
        "check_has_its_facts",
        "A check run that succeeded has stored its facts.",
        "work",
        "SELECT w.id FROM work w JOIN submission s ON s.id = w.subject_id WHERE w.id BETWEEN :low AND :high "
        "AND w.kind = 'check' AND w.state = 'SUCCEEDED' AND NOT EXISTS (SELECT 1 FROM check_facts f "
        "WHERE f.submission_id = s.id AND w.key = 'check:' || f.submission_id || ':' || f.challenge_version_id)",
    ),
    Invariant(
        "frozen_page_is_whole",
        "A page that was kept from a link has the length and the SHA-256 noted with it.",
        "frozen_page",
        "SELECT submission_id AS id, body, size, sha256 FROM frozen_page WHERE submission_id BETWEEN :low AND :high "
        "ORDER BY submission_id",
        breaks=_is_other_page,
        key="submission_id",
    ),
)

# The last number of a key such as score:12:3:4, on either database.
_REVISION = "CAST(NULLIF(substr(w.key, length(rtrim(w.key, '0123456789')) + 1), '') AS BIGINT)"

GRADING = (
    Invariant(
        "rated_reading_has_levels",
        "A reading that is done has its levels.",
        "assignment",
        "SELECT a.id FROM assignment a WHERE a.id BETWEEN :low AND :high AND a.state = 'RATED' "
        "AND NOT EXISTS (SELECT 1 FROM rating r WHERE r.assignment_id = a.id AND r.version = a.version)",
    ),
    Invariant(
        "third_review_has_its_work",
        "Every third review has the work that finds its reader.",
        "moderation",
        "SELECT m.attempt_id AS id FROM moderation m WHERE m.attempt_id BETWEEN :low AND :high "
        "AND NOT EXISTS (SELECT 1 FROM work w WHERE w.key = 'third:' || m.attempt_id)",
        key="attempt_id",
    ),
    # A run takes the ratings as they stand when it runs, so its score may be of a later revision than its key.
    # Joined, so that SQLite goes through the work once and makes itself an index.
    Invariant(
        "score_has_its_run",
        "Every score was written by a score run of its application that succeeded at that moment.",
        "score",
        "SELECT s.id FROM score s LEFT JOIN work w ON w.subject_id = s.application_id "
        "AND w.kind IN ('score', 'rescore') AND w.state = 'SUCCEEDED' AND w.finished_at = s.scored_at "
        "WHERE w.id IS NULL",
        is_whole=True,
    ),
    Invariant(
        "score_run_has_its_score",
        "A score run that succeeded has left a score of its application, of its ratings or later ones.",
        "work",
        "SELECT w.id FROM work w JOIN application a ON a.id = w.subject_id WHERE w.id BETWEEN :low AND :high "
        "AND w.kind IN ('score', 'rescore') AND w.state = 'SUCCEEDED' AND NOT EXISTS (SELECT 1 FROM score s "
        "WHERE s.application_id = a.id AND s.scored_at <= w.finished_at "
        f"AND (w.kind <> 'score' OR s.ratings_revision >= {_REVISION}))",
    ),
    Invariant(
        "standing_is_the_newest_score",
        "What is ranked is the newest score of that application, at its opening.",
        "standing",
        "SELECT st.application_id AS id FROM standing st JOIN application a ON a.id = st.application_id "
        "JOIN score s ON s.id = st.score_id JOIN rubric_version r ON r.id = s.rubric_version_id "
        "WHERE st.application_id BETWEEN :low AND :high AND (s.application_id <> a.id OR st.opening_id <> a.opening_id "
        "OR s.numerator IS NULL OR EXISTS (SELECT 1 FROM score later "
        "JOIN rubric_version newer ON newer.id = later.rubric_version_id WHERE later.application_id = a.id "
        "AND (newer.in_force_at, later.ratings_revision) > (r.in_force_at, s.ratings_revision)))",
        key="application_id",
    ),
    Invariant(
        "newest_score_stands",
        "An application whose newest score is known is ranked.",
        "application",
        "SELECT a.id FROM application a WHERE a.id BETWEEN :low AND :high "
        "AND NOT EXISTS (SELECT 1 FROM standing st WHERE st.application_id = a.id) "
        "AND (SELECT s.numerator FROM score s JOIN rubric_version r ON r.id = s.rubric_version_id "
        "WHERE s.application_id = a.id ORDER BY r.in_force_at DESC, s.ratings_revision DESC LIMIT 1) IS NOT NULL",
    ),
    Invariant(
        "one_decision_stands",
        "At most one decision on an application stands.",
        "application",
        "SELECT a.id FROM application a WHERE a.id BETWEEN :low AND :high "
        "AND (SELECT count(*) FROM decision d WHERE d.application_id = a.id AND d.undone_at IS NULL) > 1",
    ),
    Invariant(
        "outcome_told_has_its_decision",
        "Whoever was told an outcome has a decision that stands.",
        "application",
        "SELECT a.id FROM application a WHERE a.id BETWEEN :low AND :high AND a.released_at IS NOT NULL "
        "AND NOT EXISTS (SELECT 1 FROM decision d WHERE d.application_id = a.id AND d.undone_at IS NULL)",
    ),
)


def _is_broken_link(row: Row[Any]) -> bool:
    # A seal without its event, or one whose event or whose neighbour says something else than when it was sealed.
    event: Any = row
    return row.action is None or row.chain != audit.link(row.previous or audit.FIRST_LINK, event)


AUDIT = (
    Invariant(
        "audit_chain_holds",
        "Every link of the audit trail's chain follows from the link before it and from its event.",
        "audit_seal",
        "SELECT s.event_id AS id, s.chain, e.at, e.actor_kind, e.actor_id, e.action, e.subject_kind, e.subject_id, "
        "e.detail, (SELECT p.chain FROM audit_seal p WHERE p.event_id < s.event_id ORDER BY p.event_id DESC LIMIT 1) "
        "AS previous FROM audit_seal s LEFT JOIN audit_event e ON e.id = s.event_id "
        "WHERE s.event_id BETWEEN :low AND :high ORDER BY s.event_id",
        breaks=_is_broken_link,
        types={"at": AuditEvent.at.type, "detail": AuditEvent.detail.type},
        key="event_id",
    ),
    Invariant(
        "audit_event_is_sealed",
        "Every event that is older than the newest link of the chain has a link of its own.",
        "audit_event",
        "SELECT e.id FROM audit_event e WHERE e.id BETWEEN :low AND :high "
        "AND e.id < (SELECT max(event_id) FROM audit_seal) "
        "AND NOT EXISTS (SELECT 1 FROM audit_seal s WHERE s.event_id = e.id)",
    ),
)

ALL = (*WORK, *ANSWERS, *TIMES, *COPIES, *GRADING, *AFTERWARDS, *MESSAGES, *COUNTS, *AUDIT)
"""Every invariant, in the order in which they are asked."""
