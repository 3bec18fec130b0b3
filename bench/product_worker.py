"""Check runs through the real path, in a worker process of its own. Run as `python -m bench.product_worker`.

`python -m bench.product_worker HOME URL COUNT` makes the work of COUNT submissions due again, rings, and lets one RQ
SimpleWorker run `drain_work` as `flask worker quick` does: claim, lease, checks, facts, counter, fence, and a commit
at FULL for each. Its last line is how many check runs it did per second. A short burst goes before to warm up.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from rq import SimpleWorker
from sqlalchemy import delete, func, select, update

from app import clock, queue
from app.extensions import db
from app.models import CheckFacts, Work, WorkState
from bench import bare_worker, product


def per_second(home: Path, url: str, count: int) -> float:
    """Check runs per second. Raises RuntimeError unless every one has left its facts."""
    with product.create(str(home), url).app_context():
        submission_ids = db.session.scalars(select(Work.subject_id).where(Work.kind == "check")).all()
        for chosen in (submission_ids[: bare_worker.WARM_UP], submission_ids[:count]):
            _make_due(chosen)
            queue.ring("quick")
            seconds = bare_worker.burst(queue.queue_of("quick"), SimpleWorker)
            db.session.remove()
        done = db.session.scalar(select(func.count()).select_from(CheckFacts)) or 0
        if done != count:
            raise RuntimeError(f"{done} of {count} check runs were done")
        return done / seconds


def _make_due(submission_ids: Sequence[int]) -> None:
    """As if these submissions had just been handed in, and no other."""
    db.session.execute(delete(CheckFacts))
    db.session.execute(
        update(Work)
        .where(Work.kind == "check")
        .values(state=WorkState.SUCCEEDED, lease_until=None, finished_at=clock.now())
    )
    db.session.execute(
        update(Work)
        .where(Work.kind == "check", Work.subject_id.in_(submission_ids))
        .values(state=WorkState.PENDING, attempt=0, next_at=clock.now(), finished_at=None)
    )
    db.session.commit()


if __name__ == "__main__":
    print(per_second(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])))
