"""One command from start to stop: the real queue server and small stand-ins for the web server and the workers."""

import json
import os
import signal
import socket as sockets
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from redis import Redis

from app import launcher, valkey
from app.processes import session_members
from config import ROOT, Config, queue_socket

linux = pytest.mark.skipif(sys.platform != "linux", reason="needs /proc")

WEB = """
import http.server, sys
class Answer(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200 if self.path == "/healthz" else 404)
        self.end_headers()
http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Answer).serve_forever()
"""
SLEEPER = "import time; time.sleep(600)"
STUBBORN = (
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); time.sleep(600)"
)
# What `flask run-all` does, with other children: settings as JSON in, the launcher's status out.
# It needs none of Winnow's other modules, so the package is not loaded: that would take longer than the rest.
RUN = """
import json, sys, time, types
from pathlib import Path
app = sys.modules["app"] = types.ModuleType("app")
app.__path__ = ["app"]
from app.launcher import CannotStart, main
from app.processes import Child
from config import Config, queue_socket

said = json.loads(sys.argv[1])
home = Path(said["home"])
config = Config(home=home, port=said["port"], secret_key="x", database_url="sqlite://",
                redis_url=f"unix://{queue_socket(home)}")

def prepare():
    if said["prepare"] == "fail":
        raise CannotStart("The database is newer than this Winnow.")
    if said["prepare"] == "hang":
        print("preparing", flush=True)
        time.sleep(600)

family = [Child(name, [sys.executable, "-c", *words]) for name, *words in said["family"]]
sys.exit(main(config, prepare, family))
"""


class Run:
    """A launcher in a process of its own, and what can be seen of it from outside."""

    def __init__(self, home: Path, port: int, family: list[list[str]] | None = None, prepare: str = "pass") -> None:
        self.home, self.port = home, port
        family = family or [["web", WEB, str(port)], ["worker-quick-1", SLEEPER], ["tick", SLEEPER]]
        said = json.dumps({"home": str(home), "port": port, "family": family, "prepare": prepare})
        self.process = subprocess.Popen(
            [sys.executable, "-c", RUN, said], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT
        )
        self.lines: list[str] = []

    def read_until(self, words: str) -> str:
        while line := self.process.stdout.readline():
            self.lines.append(line.rstrip("\n"))
            if words in line:
                return line
        raise AssertionError(f"{words!r} was not said: {self.lines} {self.process.stderr.read()}")

    def finish(self, seconds: float = 20) -> SimpleNamespace:
        out, err = self.process.communicate(timeout=seconds)
        self.lines += out.splitlines()
        return SimpleNamespace(status=self.process.returncode, out="\n".join(self.lines), err=err)

    def descendants(self) -> dict[str, int]:
        """The leaders of the sessions that this launcher began, by what they run."""
        found = {}
        for entry in Path("/proc").glob("[0-9]*"):
            try:
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
                words = (entry / "cmdline").read_text().split("\0")
            except OSError:
                continue
            if int(fields[1]) == self.process.pid and fields[0] not in "ZX":
                kind = (
                    "web" if WEB in words else "queue" if "--unixsocket" in words or "valkey" in words[0] else "other"
                )
                found[f"{kind}{sum(key.startswith(kind) for key in found) or ''}"] = int(entry.name)
        return found

    def is_up(self) -> bool:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/healthz", timeout=2) as answer:
                return answer.status == 200
        except OSError:
            return False


@pytest.fixture
def port() -> int:
    with sockets.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture
def begin(tmp_path, port) -> Iterator[Callable[..., Run]]:
    runs: list[Run] = []

    def start(**more) -> Run:
        runs.append(Run(tmp_path / "home", port, **more))
        return runs[-1]

    yield start
    for run in runs:
        if run.process.poll() is None:
            run.process.terminate()
            run.process.wait(30)
        run.process.stdout.close()
        run.process.stderr.close()


def config_for(home: Path, port: int = 8000, **more) -> Config:
    return Config(
        home=home, port=port, secret_key="x", database_url="sqlite://", redis_url="redis://127.0.0.1:1", **more
    )


def eventually(is_true: Callable[[], object], seconds: float = 60) -> bool:
    deadline = time.monotonic() + seconds
    while not (answer := is_true()) and time.monotonic() < deadline:
        time.sleep(0.01)
    return bool(answer)


def start_in_vain(config: Config, prepare: Callable[[], None] = lambda: None) -> int:
    return launcher.main(config, prepare, [])


def test_one_command_starts_everything_and_says_one_address(begin, port):
    run = begin()
    run.read_until("running")
    assert run.lines == [f"Winnow is running at http://127.0.0.1:{port} (Ctrl-C stops it)"]
    assert run.is_up()
    assert valkey.is_answering(queue_socket(run.home))
    assert (run.home / "run.lock").read_text() == f"{run.process.pid}\nhttp://127.0.0.1:{port}\n"


@linux
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_request_to_stop_leaves_no_process_and_an_open_door(begin, number):
    if number == signal.SIGHUP and signal.getsignal(number) == signal.SIG_IGN:
        pytest.skip("SIGHUP means nothing under nohup")
    run = begin()
    run.read_until("running")
    family = run.descendants()
    assert len(family) == 4
    run.process.send_signal(number)
    end = run.finish()
    assert (end.status, end.err, end.out.splitlines()[1:]) == (0, "", ["Winnow has stopped."])
    assert [session_members(pid) for pid in family.values()] == [[], [], [], []]
    assert (run.home / "run.lock").read_text() == ""


@linux
@pytest.mark.parametrize("victim", ["web", "queue"])
def test_what_is_killed_is_back(begin, victim):
    run = begin()
    run.read_until("running")
    was = run.descendants()[victim]
    os.kill(was, signal.SIGKILL)
    assert run.read_until("stopped").startswith(f"{victim} stopped (signal 9: Killed); it starts again at once.")
    assert eventually(lambda: run.is_up() and valkey.is_answering(queue_socket(run.home)))
    assert run.descendants()[victim] != was


@linux
def test_when_the_launcher_is_killed_its_children_end_and_the_next_start_works(begin):
    first = begin()
    first.read_until("running")
    family = first.descendants()
    first.process.kill()
    second = begin()
    second.read_until("running")
    assert eventually(lambda: not any(session_members(pid) for pid in family.values()))
    assert second.is_up()


def test_a_second_run_says_where_the_first_one_is(begin, tmp_path, port):
    run = begin()
    run.read_until("running")
    second = Run(tmp_path / "home", port + 1 if port < 65535 else port - 1).finish()
    assert (second.status, second.out, second.err) == (1, "", f"Winnow is already running at http://127.0.0.1:{port}\n")
    assert run.is_up()


@linux
def test_a_second_ctrl_c_hurries(begin, port):
    run = begin(family=[["web", WEB, str(port)], ["worker-quick-1", STUBBORN]])
    run.read_until("running")
    assert eventually(lambda: (run.home / "log" / "worker-quick-1.log").read_text() == "deaf\n")
    family, began = run.descendants(), time.monotonic()
    while run.process.poll() is None:
        run.process.send_signal(signal.SIGINT)
        time.sleep(0.1)
    # Less than the ten seconds that a deaf child is given otherwise.
    assert time.monotonic() - began < 9.5
    assert run.finish().status == 0
    assert not any(session_members(pid) for pid in family.values())


def test_a_failing_preparation_is_one_line_and_stops_the_queue(begin):
    run = begin(prepare="fail")
    end = run.finish()
    assert (end.status, end.out, end.err) == (1, "", "The database is newer than this Winnow.\n")
    assert not valkey.is_answering(queue_socket(run.home))


def test_ctrl_c_interrupts_a_preparation(begin):
    run = begin(prepare="hang")
    run.read_until("preparing")
    run.process.send_signal(signal.SIGINT)
    assert run.finish().status == 0
    assert not valkey.is_answering(queue_socket(run.home))


def test_a_web_server_that_ends_at_once_is_one_line_with_its_reason(begin):
    run = begin(family=[["web", "raise SystemExit('SECRET_KEY is missing')"], ["tick", SLEEPER]])
    end = run.finish()
    assert (end.status, end.out) == (1, "")
    log = run.home / "log" / "web.log"
    assert end.err == f"Winnow's web process does not start (exit status 1: SECRET_KEY is missing). Read {log}\n"


def test_a_damaged_queue_file_is_one_line_with_a_way_out(begin, tmp_path):
    folder = tmp_path / "home" / "queue"
    with valkey.running(folder, queue_socket(tmp_path / "home")) as url, Redis.from_url(url) as client:
        client.set("bell", "rung")
    increment = next((folder / "appendonlydir").glob("*.incr.aof"))
    increment.write_bytes(b"*nonsense\r\n" + increment.read_bytes())
    end = begin().finish()
    assert (end.status, end.out, end.err.count("\n")) == (1, "", 1)
    assert end.err.endswith(f"remove the folder {folder}: the work itself is kept in the database.\n")


def test_a_used_port_is_named_with_a_way_out(tmp_path, port, capsys):
    with sockets.socket() as other:
        other.bind(("127.0.0.1", port))
        other.listen()
        assert start_in_vain(config_for(tmp_path, port)) == 1
    said = capsys.readouterr()
    other_port = port + 1 if port < 65535 else 8001
    assert said.err == (f"Port {port} is used by another program. Choose another one: PORT={other_port} make run\n")
    assert said.out == ""


def test_after_an_abrupt_end_the_port_may_take_a_moment_to_be_free(tmp_path, port):
    (tmp_path / "run.lock").write_text(f"1\nhttp://127.0.0.1:{port}\n")
    code = (
        "import socket, sys, time\n"
        "taken = socket.create_server(('127.0.0.1', int(sys.argv[1])))\n"
        "print(flush=True); time.sleep(0.5)"
    )
    with subprocess.Popen([sys.executable, "-S", "-c", code, str(port)], stdout=subprocess.PIPE) as left:
        left.stdout.readline()
        with launcher._only_run(config_for(tmp_path, port)) as ended_abruptly:
            launcher._check_port(port, 20 if ended_abruptly else 0)
    assert left.returncode == 0


@pytest.mark.parametrize("inside", [".", "deeper/still"])
def test_a_data_folder_that_cannot_be_made_is_named(tmp_path, capsys, inside):
    (tmp_path / "file").touch()
    home = tmp_path / "file" / inside
    assert start_in_vain(config_for(home)) == 1
    said = capsys.readouterr().err
    assert said.startswith(f"The data folder {home} cannot be written (")
    assert said.endswith("Set WINNOW_HOME to a folder of yours.\n")
    assert said.count("\n") == 1


def test_a_full_disk_is_told_before_anything_starts(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr("shutil.disk_usage", lambda path: SimpleNamespace(free=3_400_000))
    assert start_in_vain(config_for(tmp_path)) == 1
    assert capsys.readouterr().err.startswith(f"Only 3 MB are free on the disk of {tmp_path}; Winnow needs 20 MB.")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["run.lock"]


def test_a_named_queue_server_that_does_not_answer_is_told(tmp_path, port, capsys):
    assert start_in_vain(config_for(tmp_path, port, embedded_queue=False)) == 1
    assert capsys.readouterr().err.startswith("The queue server at 127.0.0.1:1 does not answer (")


def test_a_new_data_folder_is_for_its_owner_only(tmp_path, port):
    home = tmp_path / "home"
    assert start_in_vain(config_for(home, port, embedded_queue=False)) == 1
    assert home.stat().st_mode & 0o077 == 0


def test_every_class_of_work_has_its_workers_beside_web_and_tick(tmp_path):
    config = config_for(tmp_path, 8123, workers={"quick": 2, "mail": 1}, web_workers=3)
    family = {child.name: child for child in launcher.children(config)}
    assert list(family) == ["web", "worker-quick-1", "worker-quick-2", "worker-mail-1", "tick"]
    assert family["worker-mail-1"].argv[1:] == ["-m", "flask", "--app", "app", "worker", "mail"]
    assert family["tick"].argv[-1] == "tick"
    assert " ".join(family["web"].argv[1:]).startswith("-m gunicorn --bind 127.0.0.1:8123 --workers 3 ")
    assert "--worker-class app.web.BufferingWorker" in " ".join(family["web"].argv)
    assert all(child.env["WINNOW_HOME"] == str(tmp_path) and child.env["PORT"] == "8123" for child in family.values())
    assert not any(child.stops_last for child in family.values())
