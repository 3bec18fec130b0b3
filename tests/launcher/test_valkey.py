"""The bundled queue server, the real one."""

import os
import signal
import socket as sockets
import stat
from pathlib import Path

import pytest
from redis import Redis

from app import valkey
from app.processes import CannotStart, Child, spawn
from config import queue_socket


@pytest.fixture
def place(tmp_path) -> tuple[Path, Path]:
    """A data folder and a socket for one server."""
    return tmp_path / "queue", queue_socket(tmp_path)


def connect(url: str) -> Redis:
    return Redis.from_url(url, decode_responses=True)


def fake_server(folder: Path, name: str, says: str) -> None:
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(f"#!/bin/sh\necho '{says}'\n")
    (folder / name).chmod(0o755)


def test_the_wheel_still_holds_its_server_where_we_look():
    binary = valkey.bundled_binary()
    assert binary is not None
    assert os.access(binary, os.X_OK)
    assert valkey.server_binary() == binary


def test_without_the_wheel_a_new_enough_server_on_path_is_used(tmp_path, monkeypatch):
    monkeypatch.setattr(valkey, "bundled_binary", lambda: None)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    fake_server(tmp_path / "bin", "redis-server", "Redis server v=7.0.15 sha=00000000:0 malloc=jemalloc bits=64")
    assert valkey.server_binary() == tmp_path / "bin" / "redis-server"


@pytest.mark.parametrize("says", ["Redis server v=6.2.14 sha=00000000:0", "something else"])
def test_without_the_wheel_an_old_or_unknown_server_is_refused(tmp_path, monkeypatch, says):
    monkeypatch.setattr(valkey, "bundled_binary", lambda: None)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    fake_server(tmp_path / "bin", "redis-server", says)
    with pytest.raises(CannotStart, match=r"Install Valkey or Redis \(version 7 or later\)"):
        valkey.server_binary()


def test_a_missing_wheel_is_noticed(monkeypatch):
    def missing(name):
        raise ModuleNotFoundError(name)

    monkeypatch.setattr("app.valkey.importlib.import_module", missing)
    assert valkey.bundled_binary() is None


def test_a_wheel_without_a_binary_for_this_machine_is_noticed(monkeypatch):
    monkeypatch.setattr("platform.machine", lambda: "riscv64")
    assert valkey.bundled_binary() is None


def test_the_server_keeps_every_change_in_a_file_that_any_server_reads(place):
    folder, socket = place
    words = valkey.command(socket, folder)
    options = dict(zip(words[1::2], words[2::2], strict=True))
    assert options == {
        "--port": "0",
        "--unixsocket": str(socket),
        "--unixsocketperm": "700",
        "--dir": str(folder),
        "--appendonly": "yes",
        "--aof-use-rdb-preamble": "no",
        "--save": "",
        "--maxmemory-policy": "noeviction",
    }


def test_the_server_answers_on_its_socket_alone_and_only_to_its_owner(place):
    folder, socket = place
    with valkey.running(folder, socket) as url, connect(url) as client:
        assert client.ping()
        assert client.config_get("port") == {"port": "0"}
        assert stat.S_IMODE(socket.stat().st_mode) == 0o700
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert not valkey.is_answering(socket)


def test_data_survives_a_clean_stop(place):
    with valkey.running(*place) as url, connect(url) as client:
        client.set("bell", "rung")
    with valkey.running(*place) as url, connect(url) as client:
        assert client.get("bell") == "rung"


def test_data_survives_a_kill_and_the_stale_socket_is_no_obstacle(place):
    with valkey.running(*place) as url, connect(url) as client:
        client.set("bell", "rung")
        pid = client.info("server")["process_id"]
        os.kill(pid, signal.SIGKILL)
    assert place[1].exists()
    with valkey.running(*place) as url, connect(url) as client:
        assert client.get("bell") == "rung"


def test_a_server_left_behind_is_stopped_before_another_uses_its_file(place):
    folder, socket = place
    folder.mkdir()
    left = spawn(Child("queue", valkey.command(socket, folder)), folder / "left.log")
    assert valkey._poll(lambda: valkey.is_answering(socket), 20)
    with connect(f"unix://{socket}") as client:
        client.set("bell", "rung")
    with valkey.running(folder, socket) as url, connect(url) as client:
        assert left.wait(10) == 0
        assert client.get("bell") == "rung"


def test_a_home_too_long_for_a_socket_works(tmp_path):
    home = tmp_path / ("h" * 120)
    home.mkdir()
    assert len(os.fsencode(home / "queue" / "valkey.sock")) > 107
    with valkey.running(home / "queue", queue_socket(home)) as url, connect(url) as client:
        assert client.ping()


def test_a_home_with_unusual_letters_works(tmp_path):
    home = tmp_path / "my données 100%"
    with valkey.running(home / "queue", queue_socket(home)) as url, connect(url) as client:
        assert client.ping()


def test_a_socket_of_somebody_else_is_refused(place, monkeypatch):
    folder, socket = place
    folder.mkdir()
    with sockets.socket(sockets.AF_UNIX) as theirs:
        theirs.bind(str(socket))
    monkeypatch.setattr("app.valkey.os.getuid", lambda: os.geteuid() + 1)
    with pytest.raises(CannotStart, match="belongs to somebody else"), valkey.running(folder, socket):
        pass


def test_a_damaged_file_is_named_and_nothing_runs_on(place):
    folder, socket = place
    with valkey.running(folder, socket) as url, connect(url) as client:
        client.set("bell", "rung")
    increment = next((folder / "appendonlydir").glob("*.incr.aof"))
    increment.write_bytes(b"*nonsense\r\n" + increment.read_bytes())
    complaint = r"does not start \(exit status 1: .*valkey\.log"
    with pytest.raises(CannotStart, match=complaint), valkey.running(folder, socket):
        pass


def test_a_named_server_that_answers_is_fine(place):
    with valkey.running(*place) as url:
        valkey.check_reachable(url)


@pytest.mark.parametrize(
    ("url", "name"),
    [("redis://:hush@127.0.0.1:1/0", "127.0.0.1:1"), ("unix:///nowhere/at/all.sock", "/nowhere/at/all.sock")],
)
def test_a_named_server_that_does_not_answer_is_told_without_its_password(url, name):
    with pytest.raises(CannotStart) as problem:
        valkey.check_reachable(url)
    assert str(problem.value).startswith(f"The queue server at {name} does not answer (")
    assert "hush" not in str(problem.value)
    assert "\n" not in str(problem.value)
