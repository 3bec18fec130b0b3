"""The invariants of near-copies: what is kept of answers' wording, and the pairs that were found."""

from __future__ import annotations

from app.services.invariants import Invariant

# Submission s is the newest of its attempt that came in time.
_IS_LATEST = (
    "NOT EXISTS (SELECT 1 FROM submission n WHERE n.attempt_id = s.attempt_id "
    "AND n.number > s.number AND NOT n.is_late)"
)
# From one side of a likeness to its person and challenge.
_OF_ANSWER = (
    "JOIN submission s{n} ON s{n}.id = l.{side}_id JOIN attempt a{n} ON a{n}.id = s{n}.attempt_id "
    "JOIN invitation i{n} ON i{n}.id = a{n}.invitation_id JOIN application p{n} ON p{n}.id = i{n}.application_id "
    "JOIN challenge_version v{n} ON v{n}.id = i{n}.challenge_version_id"
)

COPIES = (
    Invariant(
        "final_answer_has_its_sketch",
        "Every final answer has the work that looks for others with the same wording.",
        "submission",
        "SELECT s.id FROM submission s JOIN attempt a ON a.id = s.attempt_id WHERE s.id BETWEEN :low AND :high "
        f"AND a.final_at IS NOT NULL AND NOT s.is_late AND {_IS_LATEST} "
        "AND NOT EXISTS (SELECT 1 FROM work w WHERE w.key = 'sketch:' || s.id)",
    ),
    Invariant(
        "sketched_answer_is_compared",
        "Every answer whose wording was kept has the work that compares it.",
        "work",
        "SELECT w.id FROM work w JOIN submission s ON s.id = w.subject_id WHERE w.id BETWEEN :low AND :high "
        "AND w.kind = 'sketch' AND w.state = 'SUCCEEDED' "
        "AND NOT EXISTS (SELECT 1 FROM work c WHERE c.key = 'compare:' || s.id)",
    ),
    Invariant(
        "wording_is_of_what_stands",
        "Wording is kept of final answers that stand, by work that succeeded.",
        "submission",
        "SELECT s.id FROM submission s JOIN attempt a ON a.id = s.attempt_id WHERE s.id BETWEEN :low AND :high "
        "AND EXISTS (SELECT 1 FROM shingle h WHERE h.submission_id = s.id) "
        f"AND (a.final_at IS NULL OR NOT {_IS_LATEST} OR NOT EXISTS "
        "(SELECT 1 FROM work w WHERE w.key = 'sketch:' || s.id AND w.state = 'SUCCEEDED'))",
    ),
    Invariant(
        "likeness_has_its_comparison",
        "Two answers were found alike by a comparison of one of them that succeeded.",
        "likeness",
        "SELECT l.later_id AS id FROM likeness l WHERE l.later_id BETWEEN :low AND :high AND NOT EXISTS "
        "(SELECT 1 FROM work w WHERE w.key IN ('compare:' || l.earlier_id, 'compare:' || l.later_id) "
        "AND w.state = 'SUCCEEDED')",
        key="later_id",
    ),
    Invariant(
        "likeness_is_of_two_people",
        "Two answers that were found alike are of two people, and to the same challenge.",
        "likeness",
        f"SELECT l.later_id AS id FROM likeness l {_OF_ANSWER.format(n=1, side='earlier')} "
        f"{_OF_ANSWER.format(n=2, side='later')} WHERE l.later_id BETWEEN :low AND :high "
        "AND (p1.candidate_id = p2.candidate_id OR v1.slug <> v2.slug)",
        key="later_id",
    ),
)
