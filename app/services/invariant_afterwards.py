"""The invariants of second reviews and of deleted data."""

from __future__ import annotations

from app.services.invariants import Invariant

_FINAL = (
    "SELECT t.id FROM attempt t JOIN invitation i ON i.id = t.invitation_id "
    "WHERE i.application_id = p.application_id AND t.final_at IS NOT NULL"
)

AFTERWARDS = (
    Invariant(
        "appeal_follows_a_release",
        "A second review was asked for by somebody who had been told, and was settled by a person or ended by leaving.",
        "appeal",
        "SELECT p.application_id AS id FROM appeal p JOIN application a ON a.id = p.application_id "
        "WHERE p.application_id BETWEEN :low AND :high AND (a.released_at IS NULL OR a.released_at > p.asked_at "
        "OR a.opening_id <> p.opening_id)",
        key="application_id",
    ),
    Invariant(
        "appeal_has_its_work",
        "Every answer of a second review has the work that finds its reader.",
        "appeal",
        "SELECT p.application_id AS id FROM appeal p WHERE p.application_id BETWEEN :low AND :high "
        f"AND EXISTS ({_FINAL} AND NOT EXISTS "
        "(SELECT 1 FROM work w WHERE w.key = 'third:' || t.id || ':' || 'appeal'))",
        key="application_id",
    ),
    Invariant(
        "read_appeal_was_read",
        "A second review that is read, or was decided after it, has a reading of every answer.",
        "appeal",
        "SELECT p.application_id AS id FROM appeal p WHERE p.application_id BETWEEN :low AND :high "
        f"AND p.state IN ('READ', 'CONFIRMED', 'CHANGED') AND EXISTS ({_FINAL} AND NOT EXISTS (SELECT 1 "
        "FROM assignment s WHERE s.attempt_id = t.id AND s.is_appeal AND s.state = 'RATED'))",
        key="application_id",
    ),
    Invariant(
        "erased_person_is_nobody",
        "Whoever was erased has no name, no way in and no words left.",
        "candidate",
        "SELECT c.id FROM candidate c WHERE c.id BETWEEN :low AND :high AND c.erased_at IS NOT NULL AND ("
        "c.name <> '(erased)' OR c.email_key <> 'erased:' || c.id OR c.phone IS NOT NULL "
        "OR EXISTS (SELECT 1 FROM erasure e WHERE e.candidate_id = c.id AND e.done_at IS NOT NULL AND c.email <> '') "
        "OR EXISTS (SELECT 1 FROM application a JOIN candidate_session s ON s.application_id = a.id "
        "WHERE a.candidate_id = c.id) "
        "OR EXISTS (SELECT 1 FROM application a JOIN candidate_device d ON d.application_id = a.id "
        "WHERE a.candidate_id = c.id) "
        "OR EXISTS (SELECT 1 FROM application a JOIN message m ON m.application_id = a.id "
        "WHERE a.candidate_id = c.id) "
        "OR EXISTS (SELECT 1 FROM application a JOIN invitation i ON i.application_id = a.id "
        "WHERE a.candidate_id = c.id AND (i.token_hash IS NOT NULL OR i.revoked_at IS NULL)) "
        "OR EXISTS (SELECT 1 FROM application a JOIN invitation i ON i.application_id = a.id "
        "JOIN attempt t ON t.invitation_id = i.id JOIN submission s ON s.attempt_id = t.id "
        "WHERE a.candidate_id = c.id AND CAST(s.answers AS TEXT) <> '{}'))",
    ),
    Invariant(
        "erasure_has_its_work",
        "Every erasure is of somebody who is erased, and has the work that does the last of it.",
        "erasure",
        "SELECT e.candidate_id AS id FROM erasure e JOIN candidate c ON c.id = e.candidate_id "
        "WHERE e.candidate_id BETWEEN :low AND :high AND (c.erased_at IS NULL "
        "OR NOT EXISTS (SELECT 1 FROM work w WHERE w.key = 'erase:' || e.candidate_id))",
        key="candidate_id",
    ),
)
