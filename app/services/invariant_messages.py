"""The invariants of messages: where a thread stands follows from what was said in it."""

from __future__ import annotations

from app.services.invariants import Invariant

MESSAGES = (
    Invariant(
        "thread_stands_where_it_ends",
        "Every application with messages has a thread, which knows the newest message and the region.",
        "message",
        "SELECT m.id FROM message m JOIN application a ON a.id = m.application_id "
        "JOIN opening o ON o.id = a.opening_id LEFT JOIN thread t ON t.application_id = m.application_id "
        "WHERE m.id BETWEEN :low AND :high "
        "AND NOT EXISTS (SELECT 1 FROM message n WHERE n.application_id = m.application_id AND n.id > m.id) "
        "AND (t.application_id IS NULL OR t.last_message_id <> m.id OR t.region_id <> o.region_id)",
    ),
    Invariant(
        "waiting_thread_has_its_question",
        "A thread waits since a question of the candidate that nobody has answered.",
        "thread",
        "SELECT t.application_id AS id FROM thread t WHERE t.application_id BETWEEN :low AND :high "
        "AND t.waiting_since IS NOT NULL AND NOT EXISTS (SELECT 1 FROM message m "
        "WHERE m.application_id = t.application_id AND m.sender = 'CANDIDATE' AND m.sent_at = t.waiting_since "
        "AND NOT EXISTS (SELECT 1 FROM message n WHERE n.application_id = m.application_id AND n.id > m.id "
        "AND n.sender = 'STAFF'))",
        key="application_id",
    ),
    Invariant(
        "first_answer_has_its_messages",
        "A first answer lies between a question and an answer of its thread, with none in between.",
        "first_answer",
        "SELECT f.id FROM first_answer f WHERE f.id BETWEEN :low AND :high AND f.application_id IS NOT NULL "
        "AND NOT EXISTS (SELECT 1 FROM message q JOIN message s ON s.application_id = q.application_id AND s.id > q.id "
        "WHERE q.application_id = f.application_id AND q.sender = 'CANDIDATE' AND q.sent_at = f.asked_at "
        "AND s.sender = 'STAFF' AND s.sent_at = f.answered_at AND NOT EXISTS (SELECT 1 FROM message b "
        "WHERE b.application_id = q.application_id AND b.sender = 'STAFF' AND b.id > q.id AND b.id < s.id))",
    ),
)
