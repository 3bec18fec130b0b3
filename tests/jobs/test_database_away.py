"""A database that crashes and comes back: a long-lived worker and the tick must work again without being replaced."""

from __future__ import annotations

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from app import clock, extensions, jobs, queue
from app.extensions import READ, db, reading
from app.models import Work, WorkState
from app.services import work

GONE = OperationalError("ROLLBACK", {}, Exception("terminating connection due to unexpected postmaster exit"))


def test_after_a_reading_that_could_not_end_well_one_writes_again(ctx, monkeypatch):
    """Else everything would go to the read-only engine from then on: a worker that lives and can never write."""
    with monkeypatch.context() as broken:
        broken.setattr(db.session, "rollback", fails(GONE))
        with pytest.raises(OperationalError), reading():
            pass

    assert extensions._reading.get() is False
    assert db.session().get_bind() is db.engines[None]
    assert READ in db.engines


def test_a_drain_that_failed_leaves_no_transaction_to_the_next_one(ctx, monkeypatch):
    """PostgreSQL refuses every statement in a transaction in which one has failed."""
    queue.defer("check", 404, clock.now())
    db.session.commit()
    first = db.session()

    with monkeypatch.context() as broken:
        broken.setattr(work, "claim", fails(GONE, after=lambda: db.session.execute(text("SELECT 1"))))
        with pytest.raises(OperationalError):
            jobs.drain_work("quick")

    assert not first.in_transaction()
    jobs.drain_work("quick")
    assert db.session.query(Work).filter_by(subject_id=404).one().state is WorkState.FAILED


def test_an_answer_that_is_ready_is_given_although_the_database_went_away_meanwhile(app, monkeypatch):
    """Else closing the session would turn the finished page into a bare "Internal Server Error"."""
    with app.app_context():
        extensions.start_reading()  # as a GET does
        dialect = db.engines[READ].dialect
        db.session.execute(text("SELECT 1"))
        gone = dialect.loaded_dbapi.OperationalError("terminating connection due to unexpected postmaster exit")
        monkeypatch.setattr(dialect, "do_rollback", fails(gone))

    monkeypatch.undo()
    extensions.stop_reading()
    with app.app_context():
        assert db.session.scalar(text("SELECT 1")) == 1


def fails(error: Exception, after=lambda: None):
    def fail(*_args, **_kwargs):
        after()
        raise error

    return fail
