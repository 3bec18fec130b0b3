"""`make run` for real: one address, whatever dies is restarted, a second run says so, Ctrl-C leaves nothing behind."""

from __future__ import annotations

import contextlib
import json
import os
import re
import secrets
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

import pytest

import config
from app import clock
from app.models import Work, WorkState
from tests.conftest import fresh_database

COMMAND = [sys.executable, "-m", "flask", "--app", "app", "run-all"]
# Generous, so that a busy machine changes nothing; on a quiet one each is back within ten seconds (docs/operating.md).
HEALS_WITHIN = 60.0
# For tests in which nobody works, so that fewer processes start.
IDLE = {"WINNOW_WORKERS": "quick=0,slow=0,mail=0", "WINNOW_WEB_WORKERS": "1"}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Running:
    """A running Winnow in a home of its own."""

    def __init__(self, home: Path, **settings: str) -> None:
        self.home, self.port = home, free_port()
        self.env = config.child_environment(WINNOW_HOME=str(home), PORT=str(self.port), **settings)
        self.process = subprocess.Popen(COMMAND, env=self.env, stdout=subprocess.PIPE, text=True, cwd=config.ROOT)
        self.lines = [self.process.stdout.readline()]

    def get(self, path: str) -> str:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=10) as answer:
            return answer.read().decode()

    def until_it_says(self, words: str) -> str:
        while words not in self.lines[-1]:
            line = self.process.stdout.readline()
            assert line, f"it ended without saying {words!r}: {self.lines}"
            self.lines.append(line)
        return self.lines[-1]

    def pids(self, words: str) -> list[int]:
        """The processes of this home whose command line has these words."""
        found = []
        for entry in Path("/proc").iterdir():
            if not entry.name.isdigit() or int(entry.name) == self.process.pid:
                continue
            try:
                command = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode()
                environment = (entry / "environ").read_bytes().decode(errors="replace")
            except OSError:
                continue
            if words in command and (f"WINNOW_HOME={self.home}" in environment or str(self.home) in command):
                found.append(int(entry.name))
        return found

    def stop(self) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
        self.process.wait(30)
        self.process.stdout.close()


def until(is_true, seconds: float = HEALS_WITHIN) -> bool:
    """Look again and again, for so long at most."""
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        if is_true():
            return True
        time.sleep(0.1)
    return False


@pytest.fixture(scope="module")
def running():
    with tempfile.TemporaryDirectory(prefix="winnow-") as folder:
        found = Running(Path(folder))
        yield found
        found.stop()


pytestmark = pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="looks for processes in /proc")


def test_it_prints_one_address_and_answers_there(running):
    assert f"http://127.0.0.1:{running.port}" in running.lines[0]
    assert "Three replies to Ben" in running.get("/")


def test_a_second_run_says_that_one_is_running(running):
    second = subprocess.run(COMMAND, env=running.env, capture_output=True, text=True, cwd=config.ROOT, timeout=60)

    assert second.returncode == 1
    assert "already running" in second.stderr
    assert len(second.stderr.strip().splitlines()) == 1


@pytest.mark.parametrize("words", ["worker quick", "worker mail", "flask --app app tick", "valkey", "gunicorn"])
def test_whatever_is_killed_comes_back_and_everything_is_ready_again(running, words):
    before = running.pids(words)
    assert before, f"nothing runs as {words}"
    for pid in before:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)

    def is_back() -> bool:
        now = running.pids(words)
        try:
            return bool(now) and not set(now) & set(before) and json.loads(running.get("/readyz"))["status"] == "ok"
        except OSError:
            return False

    assert until(is_back)


def test_ctrl_c_leaves_no_process_behind(running):
    running.stop()

    assert running.process.returncode == 0
    assert until(lambda: running.pids("") == [])


def test_work_that_was_due_while_nobody_worked_is_done_after_the_next_start(running, tmp_path):
    """The database is the queue: the bell that was lost with the queue server rings again."""
    database = sqlite3.connect(running.home / "winnow.sqlite")
    (subject,) = database.execute("SELECT min(id) FROM submission").fetchone()
    now = clock.now().strftime("%Y-%m-%d %H:%M:%S.%f")
    database.execute(
        f"INSERT INTO {Work.__tablename__} (kind, subject_id, key, state, attempt, deaths, fence, next_at, created_at)"
        " VALUES ('check', ?, 'check:again', 'PENDING', 0, 0, 0, ?, ?)",
        (subject, now, now),
    )
    database.commit()
    again = Running(running.home, **IDLE | {"WINNOW_WORKERS": "slow=0,mail=0"})

    def is_done() -> bool:
        row = database.execute("SELECT state FROM work WHERE key = 'check:again'").fetchone()
        return row[0] == WorkState.SUCCEEDED.name

    try:
        assert until(is_done)
    finally:
        again.stop()
        database.close()


def test_production_has_no_demo_and_prints_a_link_for_the_first_administrator():
    settings = {
        "WINNOW_ENV": "production",
        "SECRET_KEY": secrets.token_urlsafe(48),
        "MAIL_SERVER": "127.0.0.1",
        "WINNOW_URL": "https://jobs.example.com",
        **IDLE,
    }
    with tempfile.TemporaryDirectory(prefix="winnow-") as folder:
        found = Running(Path(folder), **settings)
        try:
            found.until_it_says("is running at")
            page = found.get("/")
        finally:
            found.stop()

    assert re.search(r"First administrator: https://jobs\.example\.com/welcome/\S+", found.lines[0])
    assert "Three replies to Ben" not in page


@pytest.mark.skipif("TEST_DATABASE_URL" not in os.environ, reason="only where a database server is named")
def test_it_runs_on_a_database_server_as_well():
    url = fresh_database(os.environ["TEST_DATABASE_URL"], "run")
    with tempfile.TemporaryDirectory(prefix="winnow-") as folder:
        found = Running(Path(folder), DATABASE_URL=url, **IDLE)
        try:
            ready = json.loads(found.get("/readyz"))
            start = found.get("/")
        finally:
            found.stop()

    assert ready["checks"]["database"] == "ok"
    assert "Three replies to Ben" in start


def test_a_port_in_use_is_one_clear_line(tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        env = config.child_environment(WINNOW_HOME=str(tmp_path), PORT=str(port))

        result = subprocess.run(COMMAND, env=env, capture_output=True, text=True, cwd=config.ROOT, timeout=60)

    assert result.returncode == 1
    assert str(port) in result.stderr
    assert len(result.stderr.strip().splitlines()) == 1


@pytest.mark.parametrize(
    "settings",
    [
        {"WINNOW_ENV": "production"},
        {"DATABASE_URL": "mysql://nowhere"},
        {"WINNOW_HOME": "/dev/null/home"},
        {"DATABASE_URL": "postgresql://nobody@127.0.0.1:9/none"},
        {"REDIS_URL": "redis://127.0.0.1:9/0"},
    ],
    ids=["unsafe production", "unknown database", "unreadable folder", "database away", "queue away"],
)
def test_what_cannot_work_is_one_clear_line_and_status_1(tmp_path, settings):
    given = {"WINNOW_HOME": str(tmp_path), "PORT": str(free_port())} | settings
    env = config.child_environment(**given)

    result = subprocess.run(COMMAND, env=env, capture_output=True, text=True, cwd=config.ROOT, timeout=60)

    assert result.returncode == 1
    assert len(result.stderr.strip().splitlines()) == 1, result.stderr
    assert "Traceback" not in result.stderr


@pytest.mark.timeout(240)
def test_the_main_job_is_rehearsed_from_end_to_end():
    command = [sys.executable, "-m", "rehearsal"]

    result = subprocess.run(command, capture_output=True, text=True, cwd=config.ROOT, timeout=200)

    assert result.returncode == 0, result.stdout[-2000:]
    counts = json.loads(result.stdout.strip().splitlines()[-1])
    by_region = counts.pop("by_region")
    assert set(counts.values()) == {12}
    assert set(by_region) == {"AMER", "EMEA", "APAC"}
