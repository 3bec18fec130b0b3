"""The supervisor's rules, on tiny processes."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from app.processes import (
    CannotStart,
    Child,
    StopAsked,
    Supervisor,
    cause_of_death,
    last_line,
    pause_before_restart,
    session_members,
    spawn,
)

linux = pytest.mark.skipif(sys.platform != "linux", reason="sessions are read from /proc")

SLEEPER = "import time; time.sleep(600)"
# Starts a process in a group of its own, as RQ does for each job, and writes both ids into a file.
PARENT = """
import os, pathlib, sys, time
pid = os.fork()
if pid == 0:
    os.setpgrp()
    time.sleep(600)
path = pathlib.Path(sys.argv[1])
path.with_suffix(".new").write_text(f"{os.getpid()} {pid}")
path.with_suffix(".new").replace(path)
time.sleep(600)
"""
STUBBORN = """
import pathlib, signal, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
pathlib.Path(sys.argv[1]).touch()
time.sleep(600)
"""


def python(name: str, code: str, *arguments: object, **more) -> Child:
    return Child(name, [sys.executable, "-S", "-c", code, *map(str, arguments)], **more)


def eventually(is_true: Callable[[], object], seconds: float = 60) -> bool:
    deadline = time.monotonic() + seconds
    while not (answer := is_true()) and time.monotonic() < deadline:
        time.sleep(0.01)
    return bool(answer)


def is_alive(pid: int) -> bool:
    try:
        return (Path("/proc") / str(pid) / "stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


def watch_until(supervisor: Supervisor, is_true: Callable[[], object], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not is_true():
        assert time.monotonic() < deadline, "it did not happen"
        supervisor.watch(0.05)


@pytest.mark.parametrize(
    ("deaths", "seconds"), [(0, 0), (1, 0), (2, 1), (3, 2), (4, 4), (5, 8), (6, 16), (7, 30), (8, 30), (5000, 30)]
)
def test_pauses_grow_with_young_deaths_and_stay_at_thirty_seconds(deaths, seconds):
    assert pause_before_restart(deaths) == seconds


def test_a_killed_child_is_started_again_at_once(tmp_path, capsys):
    child = python("worker", SLEEPER)
    with Supervisor(tmp_path) as supervisor:
        supervisor.start(child)
        first = child.process.pid
        os.kill(first, signal.SIGKILL)
        watch_until(supervisor, lambda: child.process and child.process.pid != first)
    assert child.restarts == 1
    assert "worker stopped (signal 9: Killed); it starts again at once." in capsys.readouterr().out


def test_a_child_that_keeps_dying_young_waits_longer_each_time(tmp_path, capsys):
    child = python("tick", "raise SystemExit('no database')")
    with Supervisor(tmp_path) as supervisor:
        supervisor.start(child)
        watch_until(supervisor, lambda: child.restarts == 2)
        pause = child.due - time.monotonic()
    assert 0 < pause <= 1
    assert "tick stopped (exit status 1: no database); it starts again in 1 s." in capsys.readouterr().out


def test_a_child_that_lived_long_is_not_held_back_by_earlier_deaths(tmp_path):
    child = python("tick", SLEEPER, young_deaths=6)
    with Supervisor(tmp_path) as supervisor:
        supervisor.start(child)
        child.started_at -= 60
        child.process.kill()
        watch_until(supervisor, lambda: child.restarts == 1 and child.process)
    assert child.young_deaths == 0


def test_a_program_that_cannot_be_started_is_tried_again_later(tmp_path):
    child = Child("worker", [sys.executable], cwd=tmp_path / "missing")
    with Supervisor(tmp_path) as supervisor:
        supervisor.start(child)
        watch_until(supervisor, lambda: child.young_deaths >= 2)
    assert child.process is None


@linux
def test_the_orphans_of_a_dead_child_are_killed_before_it_starts_again(tmp_path):
    pids = tmp_path / "pids"
    child = python("worker", PARENT, pids)
    with Supervisor(tmp_path) as supervisor:
        supervisor.start(child)
        watch_until(supervisor, pids.exists)
        parent, job = map(int, pids.read_text().split())
        os.kill(parent, signal.SIGKILL)
        watch_until(supervisor, lambda: child.restarts == 1)
        assert not is_alive(job)


@linux
def test_stopping_leaves_no_process_behind(tmp_path):
    pids = tmp_path / "pids"
    child = python("worker", PARENT, pids)
    with Supervisor(tmp_path) as supervisor:
        supervisor.start(child)
        watch_until(supervisor, pids.exists)
        session = child.process.pid
        assert len(session_members(session)) == 2
    assert session_members(session) == []


def test_the_queue_server_is_stopped_after_the_others(tmp_path):
    goodbye = "import pathlib, signal, sys, time\n" + (
        "def end(*_): pathlib.Path(sys.argv[1]).open('a').write(sys.argv[2] + ' '); sys.exit()\n"
        "signal.signal(signal.SIGTERM, end); pathlib.Path(sys.argv[1] + sys.argv[2]).touch(); time.sleep(600)"
    )
    notes = tmp_path / "notes"
    family = [python(name, goodbye, notes, name, stops_last=name == "queue") for name in ("queue", "web", "tick")]
    with Supervisor(tmp_path) as supervisor:
        for child in family:
            supervisor.start(child)
        watch_until(supervisor, lambda: all(Path(f"{notes}{child.name}").exists() for child in family))
    assert notes.read_text().split()[-1] == "queue"
    assert len(notes.read_text().split()) == 3


def test_a_child_that_does_not_listen_is_killed_when_patience_ends(tmp_path, monkeypatch):
    monkeypatch.setattr("app.processes.PATIENCE", 0.2)
    child = python("web", STUBBORN, tmp_path / "ready")
    with Supervisor(tmp_path) as supervisor:
        supervisor.start(child)
        watch_until(supervisor, (tmp_path / "ready").exists)
    assert child.process.returncode == -signal.SIGKILL


def test_a_request_to_stop_ends_the_watch(tmp_path):
    with Supervisor(tmp_path) as supervisor, pytest.raises(StopAsked):
        os.kill(os.getpid(), signal.SIGTERM)
        supervisor.run()


def test_a_request_to_stop_interrupts_preparations_and_still_ends_politely(tmp_path):
    child = python("queue", SLEEPER)
    with Supervisor(tmp_path) as supervisor:
        supervisor.start(child)
        with pytest.raises(StopAsked), supervisor.signals.interrupting():
            os.kill(os.getpid(), signal.SIGINT)
            time.sleep(60)
    assert child.process.returncode == -signal.SIGTERM


def test_signals_have_their_old_meaning_afterwards(tmp_path):
    before = signal.getsignal(signal.SIGINT)
    with Supervisor(tmp_path):
        assert signal.getsignal(signal.SIGINT) != before
    assert signal.getsignal(signal.SIGINT) == before


def test_a_child_that_ends_before_it_is_ready_cannot_start(tmp_path):
    child = python("web", "raise SystemExit('no module named colour')")
    with (
        Supervisor(tmp_path) as supervisor,
        pytest.raises(CannotStart, match=r"web .*no module named colour.*web\.log"),
    ):
        supervisor.start(child)
        supervisor.wait_until(child, lambda: False, 20)
    assert child.restarts == 0


def test_a_child_that_is_never_ready_cannot_start(tmp_path):
    child = python("web", SLEEPER)
    with Supervisor(tmp_path) as supervisor, pytest.raises(CannotStart, match="no answer within 0 s"):
        supervisor.start(child)
        supervisor.wait_until(child, lambda: False, 0.1)


def test_a_child_killed_before_it_is_ready_starts_again(tmp_path):
    ready = tmp_path / "ready"
    child = python("web", SLEEPER)
    with Supervisor(tmp_path) as supervisor:
        supervisor.start(child)
        child.process.kill()
        supervisor.wait_until(child, lambda: child.restarts == 1 and child.process is not None, 60)
    assert not ready.exists()


def test_a_long_log_moves_aside_when_its_process_starts(tmp_path):
    log = tmp_path / "web.log"
    log.write_bytes(b"x" * 1_000_001)
    spawn(python("web", "print('fresh')"), log).wait()
    assert log.read_text() == "fresh\n"
    assert (tmp_path / "web.log.1").stat().st_size == 1_000_001


def test_a_short_log_goes_on(tmp_path):
    log = tmp_path / "web.log"
    log.write_text("yesterday\n")
    spawn(python("web", "print('today')"), log).wait()
    assert log.read_text() == "yesterday\ntoday\n"


def test_a_child_inherits_the_settings_and_gets_its_own(tmp_path, monkeypatch):
    monkeypatch.setenv("WINNOW_ENV", "development")
    log = tmp_path / "web.log"
    code = "import os; print(os.environ['WINNOW_ENV'], os.environ['PORT'])"
    spawn(python("web", code, env={"PORT": "8123"}), log).wait()
    assert log.read_text() == "development 8123\n"


@linux
def test_a_missing_program_is_named_in_the_log(tmp_path):
    log = tmp_path / "web.log"
    assert spawn(Child("web", ["no-such-program"]), log).wait() == 1
    assert last_line(log) == "no-such-program cannot be started: No such file or directory"


@linux
def test_a_child_dies_with_the_process_that_started_it(tmp_path):
    code = (
        "import sys, pathlib, time; from app.processes import Child, spawn\n"
        f"child = Child('worker', [sys.executable, '-S', '-c', {SLEEPER!r}])\n"
        "print(spawn(child, pathlib.Path(sys.argv[1])).pid, flush=True); time.sleep(600)"
    )
    command = [sys.executable, "-c", code, str(tmp_path / "log")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=Path(__file__).parents[2]) as parent:
        pid = int(parent.stdout.readline())
        # The tether must have become the program: before that nothing promises anything.
        assert eventually(lambda: b"tethered" not in Path(f"/proc/{pid}/cmdline").read_bytes())
        parent.kill()
    assert eventually(lambda: not is_alive(pid))


@linux
def test_a_child_whose_parent_is_already_gone_does_not_start(tmp_path):
    tether = Path(__file__).parents[2] / "app" / "tethered.py"
    strangers = subprocess.run([sys.executable, str(tether), "1", "touch", str(tmp_path / "ran")], check=False)
    assert strangers.returncode == 1
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (-9, "signal 9: Killed"),
        (0, "exit status 0"),
        (3, "exit status 3: ValueError: no"),
        (-40, "signal 40: Real-time"),
    ],
)
def test_a_death_is_told_in_words(tmp_path, status, words):
    log = tmp_path / "log"
    log.write_text("started\nValueError: no\n\n")
    assert cause_of_death(status, log).startswith(words)


def test_a_missing_or_empty_log_has_no_last_line(tmp_path):
    (tmp_path / "empty").touch()
    assert last_line(tmp_path / "empty") == last_line(tmp_path / "missing") == ""
    assert cause_of_death(2, tmp_path / "missing") == "exit status 2"
