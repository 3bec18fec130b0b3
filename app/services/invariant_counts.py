"""The invariants of what is counted: each number equals a recount of the rows that it counts."""

from __future__ import annotations

from app.models import Reason, Stage
from app.services import counters
from app.services.invariants import Invariant

_OF_OPENING = "JOIN invitation i ON i.application_id = a.id JOIN attempt t ON t.invitation_id = i.id"


def _counter(name: str, sentence: str, recount: str) -> Invariant:
    """A counter of every opening `o` that must equal the number which `recount` gives."""
    return Invariant(
        f"{name}_is_counted",
        sentence,
        "opening",
        "SELECT o.id FROM opening o WHERE o.id BETWEEN :low AND :high AND COALESCE((SELECT c.value FROM counter c "
        f"WHERE c.opening_id = o.id AND c.name = '{name}'), 0) <> ({recount})",
    )


_STAGES = " UNION ALL ".join(f"SELECT '{stage.name}' AS name" for stage in Stage)

COUNTS = (
    Invariant(
        "stages_are_counted",
        "The counters of an opening's stages equal the numbers of its applications in them.",
        "opening",
        "SELECT o.id FROM opening o WHERE o.id BETWEEN :low AND :high AND EXISTS ("
        f"SELECT 1 FROM ({_STAGES}) stages WHERE COALESCE((SELECT c.value FROM counter c "
        "WHERE c.opening_id = o.id AND c.name = stages.name), 0) <> "
        "(SELECT count(*) FROM application a WHERE a.opening_id = o.id AND a.stage = stages.name))",
    ),
    _counter(
        counters.SUBMITTED,
        "The counter of submitted answers equals the number of final attempts of an opening.",
        f"SELECT count(*) FROM application a {_OF_OPENING} WHERE a.opening_id = o.id AND t.final_at IS NOT NULL",
    ),
    _counter(
        counters.CHECKED,
        "The counter of checked submissions equals the number of stored facts of an opening.",
        f"SELECT count(*) FROM application a {_OF_OPENING} JOIN submission s ON s.attempt_id = t.id "
        "JOIN check_facts f ON f.submission_id = s.id WHERE a.opening_id = o.id",
    ),
    _counter(
        counters.SCORED,
        "The counter of scored applications equals the number of those that are ranked in an opening.",
        "SELECT count(*) FROM standing st WHERE st.opening_id = o.id",
    ),
    _counter(
        counters.DECIDED,
        "The counter of decisions equals the number of those that stand in an opening.",
        "SELECT count(*) FROM application a JOIN decision d ON d.application_id = a.id "
        "WHERE a.opening_id = o.id AND d.undone_at IS NULL",
    ),
    _counter(
        counters.RELEASED,
        "The counter of people who were told equals the number of released applications of an opening.",
        "SELECT count(*) FROM application a WHERE a.opening_id = o.id AND a.released_at IS NOT NULL",
    ),
    *(
        _counter(
            counters.left(reason),
            f"The counter of those who left because of “{reason.value}” equals the number who said so.",
            "SELECT count(*) FROM leaving l JOIN application a ON a.id = l.application_id "
            f"WHERE a.opening_id = o.id AND l.reason = '{reason.name}'",
        )
        for reason in Reason
    ),
    _counter(
        counters.WAITING,
        "The counter of waiting questions equals the number of threads of an opening that wait.",
        "SELECT count(*) FROM thread t JOIN application a ON a.id = t.application_id "
        "WHERE a.opening_id = o.id AND t.waiting_since IS NOT NULL",
    ),
    Invariant(
        "finished_work_is_counted",
        "The tally of work that succeeded or was called off equals the number of such pieces, kind by kind.",
        "work",
        "SELECT COALESCE(min(first_id), 0) AS id FROM ("
        "SELECT kind, state AS outcome, count(*) AS number, min(id) AS first_id FROM work "
        "WHERE state IN ('SUCCEEDED', 'CANCELLED') GROUP BY kind, state UNION ALL "
        "SELECT kind, outcome, -sum(number), NULL FROM work_tally "
        "WHERE outcome IN ('SUCCEEDED', 'CANCELLED') GROUP BY kind, outcome"
        ") AS sides GROUP BY kind, outcome HAVING sum(number) <> 0",
        is_whole=True,
    ),
)
