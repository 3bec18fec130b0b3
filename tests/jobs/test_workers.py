"""Workers as real processes: a child for each slow piece, and long-lived ones that are replaced without a word."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from flask import current_app
from flask_migrate import upgrade
from rq.worker import Worker
from sqlalchemy import update

import config
from app import clock, create_app, files, jobs, launcher, queue, valkey, workers
from app.extensions import db, reading
from app.models import CheckFacts, StoredFile, Work, WorkState
from app.processes import Supervisor
from app.services import freezing, uploads, work
from app.services.catalog_types import Part, PartKind
from chaos import proc
from config import Config, queue_socket
from tests import factories as make
from tests.conftest import SECRET, fresh_database
from tests.files import jpg, png

WITHIN = 60.0
# Seconds for a child to begin, also on a busy machine, and then to hang until its time-out.
SHORT = 3

real = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="looks for processes in /proc")


@pytest.fixture
def site(worker_id):
    """An app with a database and a queue server of its own, because other processes work on both."""
    with tempfile.TemporaryDirectory(prefix="winnow-workers-") as folder:
        home = Path(folder)
        server = os.environ.get("TEST_DATABASE_URL")
        url = fresh_database(server, f"workers_{worker_id}") if server else f"sqlite:///{home / 'w.sqlite'}"
        with valkey.running(home / "queue", queue_socket(home)) as redis_url:
            settings = Config(home=home, secret_key=SECRET, database_url=url, redis_url=redis_url)
            app = create_app(settings)
            with app.app_context():
                upgrade()
                yield settings
                db.session.remove()
                for engine in db.engines.values():
                    engine.dispose()


@pytest.fixture
def slow_worker(site):
    """`flask worker slow`, as anybody starts it."""
    command = [sys.executable, "-m", "flask", "--app", "app", "worker", "slow"]
    env = config.child_environment(
        WINNOW_HOME=str(site.home), DATABASE_URL=site.database_url, REDIS_URL=site.redis_url, SECRET_KEY=SECRET
    )
    worker = subprocess.Popen(command, env=env, cwd=config.ROOT, stderr=subprocess.DEVNULL)
    yield worker
    worker.kill()
    worker.wait()


def until(look: Callable[[], object]) -> None:
    ends = time.monotonic() + WITHIN
    while not look():
        assert time.monotonic() < ends, "it did not happen"
        time.sleep(0.02)


def handed_in(*pictures: bytes) -> list[StoredFile]:
    """Pictures of one applicant; whoever reads the first waits for ever, as on a disk that does not answer."""
    version = make.make_challenge(Part("file", PartKind.FILE, types=("png", "jpg")))
    opening = make.make_opening(make.make_role(challenges=[version]))
    attempt = make.make_attempt(make.make_invitation(make.make_application(opening)))
    stored = [
        uploads.keep(attempt, "file", f"picture.{kind}", data, clock.now())
        for kind, data in zip(("png", "jpg"), pictures, strict=False)
    ]
    first = files._path(stored[0].sha256)
    first.unlink()
    os.mkfifo(first)
    db.session.commit()
    return stored


def work_on(file: StoredFile) -> Work:
    """The piece of work as it is now, read without holding up the one writer of SQLite."""
    with reading():
        piece = db.session.query(Work).filter_by(kind="bleach", subject_id=file.id).populate_existing().one()
        db.session.expunge(piece)
    return piece


def under_way(worker: subprocess.Popen[bytes], file: StoredFile) -> int:
    """The child that works on this file now."""
    until(lambda: work_on(file).state is WorkState.RUNNING and proc.children({worker.pid}))
    return proc.children({worker.pid})[0].pid


def let_the_lease_lapse(file: StoredFile) -> None:
    piece = update(Work).where(Work.kind == "bleach", Work.subject_id == file.id)
    db.session.execute(piece.values(lease_until=clock.now() - timedelta(seconds=1)))
    work.expire(clock.now())
    db.session.commit()


@real
def test_a_piece_whose_process_was_killed_is_done_again_and_once(site, slow_worker):
    (file,) = handed_in(png())

    os.kill(under_way(slow_worker, file), signal.SIGKILL)
    files._path(file.sha256).unlink()
    files.put(png())
    let_the_lease_lapse(file)
    queue.ring("slow")
    until(lambda: work_on(file).state is WorkState.SUCCEEDED)

    piece = work_on(file)
    assert (piece.attempt, piece.deaths, piece.reason) == (2, 1, None)
    assert db.session.get(StoredFile, file.id, populate_existing=True).copy_sha256
    assert slow_worker.poll() is None, "the worker itself goes on"


@real
def test_a_piece_that_hangs_is_ended_at_its_time_out_as_a_death_and_the_next_is_done(site, slow_worker, monkeypatch):
    with monkeypatch.context() as impatient:
        impatient.setitem(queue.TIME_OUT, "slow", SHORT)
        stuck, next_one = handed_in(png(), jpg())
    under_way(slow_worker, stuck)
    until(lambda: not proc.children({slow_worker.pid}))

    queue.ring("slow")
    until(lambda: work_on(next_one).state is WorkState.SUCCEEDED)
    let_the_lease_lapse(stuck)

    piece = work_on(stuck)
    assert (piece.deaths, piece.attempt - piece.deaths) == (1, 0), "a death, and no error"
    assert (work_on(next_one).deaths, work_on(next_one).attempt) == (0, 1)
    assert slow_worker.poll() is None


@real
def test_a_worker_that_has_done_its_jobs_is_replaced_without_a_word(site, tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", site.database_url)
    monkeypatch.setenv("REDIS_URL", site.redis_url)
    monkeypatch.setenv("SECRET_KEY", SECRET)
    monkeypatch.setenv("WINNOW_JOBS_PER_WORKER", "1")
    worker = next(child for child in launcher.children(site) if child.name == "worker-quick-1")
    with Supervisor(tmp_path) as supervisor:
        supervisor.start(worker)
        first = worker.process.pid
        submission = make.make_submission(
            make.make_attempt(make.make_invitation(make.make_application(opening_with_words())))
        )
        db.session.commit()
        until(lambda: supervisor.watch(0.05) or (worker.process and worker.process.pid != first))
        second = worker.process.pid
        queue.ring("quick")
        until(lambda: supervisor.watch(0.05) or (worker.process and worker.process.pid != second))

    assert (worker.restarts, worker.young_deaths) == (0, 0)
    assert capsys.readouterr().out == ""
    db.session.rollback()
    assert db.session.query(CheckFacts).filter_by(submission_id=submission.id).count() == 1


def opening_with_words():
    return make.make_opening(make.make_role(challenges=[make.make_challenge(Part("reply", PartKind.REPLY))]))


def test_a_child_uses_no_connection_of_its_parent_and_does_not_close_it(site, monkeypatch):
    seen = []

    def perform(*_arguments: object) -> bool:
        seen.append(db.session.connection().connection.dbapi_connection)
        return True

    monkeypatch.setattr(Worker, "perform_job", perform)
    db.session.remove()
    for engine in db.engines.values():
        engine.dispose()
    with db.engines[None].connect() as parents:
        held = parents.connection.dbapi_connection
    child = workers.Forking([], connection=queue.connection(), prepare_for_work=False)
    child.perform_job(None, None, None)

    assert seen != [held]
    assert queue.BELL not in current_app.extensions
    held.cursor().execute("SELECT 1")
    held.close()


@pytest.mark.parametrize(
    ("work_class", "platform", "kind"),
    [
        ("quick", "linux", workers.LongLived),
        ("mail", "linux", workers.LongLived),
        ("slow", "linux", workers.Forking),
        ("slow", "darwin", workers.Mortal),
    ],
)
def test_only_slow_work_forks_and_only_where_a_fork_is_safe(work_class, platform, kind):
    assert workers.kind_for(work_class, platform) is kind


def test_whoever_opens_links_as_long_as_allowed_is_not_taken_to_hang():
    ends = jobs.LONGEST_DRAIN + freezing.LONGEST

    assert ends < queue.TIME_OUT["slow"] < jobs.SLOW_LEASE.total_seconds()


def test_how_many_jobs_a_worker_does_is_a_setting(tmp_path):
    chosen = Config.from_environ({"WINNOW_HOME": str(tmp_path), "WINNOW_JOBS_PER_WORKER": "7"})

    assert chosen.jobs_per_worker == 7
