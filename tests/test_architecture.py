"""Who may call whom, read from the import statements (ARCHITECTURE: rooms, services, grading, challenges)."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
ROOMS = ("openings", "candidate", "recruiter", "manager", "grader", "admin", "auth", "demo")
FOLDERS = ("app", "grading", "bench", "chaos", "migrations", "rehearsal")
PYTHON = [ROOT / "config.py", *sorted(path for folder in FOLDERS for path in (ROOT / folder).rglob("*.py"))]


def imports(path: Path) -> set[str]:
    """The modules that a file imports, with the names taken from packages as modules too."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def starts(modules: set[str], *prefixes: str) -> set[str]:
    """The modules that are one of the prefixes or inside one."""
    return {name for name in modules if any(name == prefix or name.startswith(prefix + ".") for prefix in prefixes)}


def files(*folders: str) -> list[Path]:
    return sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py"))


@pytest.mark.parametrize("path", files("grading"), ids=str)
def test_grading_knows_no_web_database_or_queue(path):
    assert not starts(imports(path), "app", "config", "flask", "sqlalchemy", "rq", "redis", "wtforms")


@pytest.mark.parametrize("path", files("app/services"), ids=str)
def test_services_know_no_web_no_forms_no_queue_server_and_no_room(path):
    rooms = [f"app.{room}" for room in ROOMS]
    forbidden = ("flask", "flask_babel", "flask_wtf", "wtforms", "rq", "redis", "werkzeug", *rooms)
    assert not starts(imports(path), *forbidden)


@pytest.mark.parametrize("path", files("app/models"), ids=str)
def test_models_know_only_each_other(path):
    assert not starts(imports(path), "app.services", "grading", "flask", *[f"app.{room}" for room in ROOMS])


@pytest.mark.parametrize("room", ROOMS)
def test_rooms_never_import_each_other(room):
    others = [f"app.{other}" for other in ROOMS if other != room]
    for path in files(f"app/{room}"):
        assert not starts(imports(path), *others), path


@pytest.mark.parametrize("path", files("app/services", "app/models"), ids=str)
def test_only_the_edges_commit(path):
    assert ".commit()" not in path.read_text(encoding="utf-8")


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_writes_no_model_field(room):
    """A room calls a service; it never says `record.field = value` on something it loaded, nor adds rows."""
    if room == "demo":
        return  # the demo's data is written as the past would have written it
    for path in files(f"app/{room}"):
        source = path.read_text(encoding="utf-8")
        assert "db.session.add(" not in source, path
        assert "db.session.delete(" not in source, path


def test_the_desk_never_touches_identity():
    forbidden = {"Candidate", "Application", "IdentitySeen", "Opening"}
    for path in files("app/grader"):
        names = {name.rsplit(".", 1)[-1] for name in imports(path)}
        assert not names & forbidden, path


def test_challenges_hold_no_python():
    assert not files("challenges")


@pytest.mark.parametrize("path", PYTHON, ids=lambda path: str(path.relative_to(ROOT)))
def test_only_the_clock_looks_at_the_clock_and_only_config_at_the_environment(path):
    source = path.read_text(encoding="utf-8")
    if path.name not in ("clock.py",):
        assert not re.search(r"datetime\.now\(|datetime\.utcnow\(|date\.today\(", source)
    # A child process is given the whole environment and reads its settings itself.
    if path.name not in ("config.py", "processes.py"):
        assert "os.environ" not in source


# Everything that can speak to another machine, in the standard library and in packages that are often at hand.
CLIENTS = (
    *(
        "http.client",
        "urllib.request",
        "urllib.error",
        "urllib3",
        "requests",
        "httpx",
        "httpcore",
        "aiohttp",
        "niquests",
    ),
    *("httplib2", "pycurl", "curl_cffi", "treq", "tornado", "twisted", "websocket", "websockets", "grpc", "botocore"),
    *(
        "boto3",
        "paramiko",
        "asyncssh",
        "ftplib",
        "poplib",
        "imaplib",
        "smtplib",
        "nntplib",
        "telnetlib",
        "xmlrpc.client",
    ),
    *(
        "socket",
        "ssl",
        "_socket",
        "_ssl",
        "asyncio",
        "trio",
        "anyio",
        "dns",
        "pip",
        "logging.handlers",
        "multiprocessing",
    ),
)
CALLS = (
    *("create_connection", "open_connection", "getaddrinfo", "gethostbyname", "gethostbyname_ex", "urlopen"),
    *("urlretrieve", "connect_ex", "import_module", "__import__"),
)
PROGRAMS = ("curl", "wget", "nc", "ncat", "ssh", "scp", "telnet", "ftp", "openssl", "dig", "nslookup")
# Who may import what, and why. Redis and databases are reached by their own clients, at addresses that the person who
# runs Winnow chose.
EXCEPTIONS = {
    "app/outgoing.py": {"urllib3", "http.client", "socket", "ssl", "getaddrinfo", "create_connection"},  # the guard
    "app/wires.py": {"socket", "ssl"},  # the guard's sockets
    "app/launcher.py": {"http.client", "socket"},  # asks our own /healthz; looks for a free port
    "app/processes.py": {"socket"},  # a pair of sockets between our own processes
    "app/valkey.py": {"import_module"},  # the package of the bundled queue server
    "app/mail.py": {"smtplib"},  # the names of errors; Flask-Mailman sends, to the server that was configured
}


def ways_out(source: str) -> set[str]:
    """The clients that a source imports or names in full, and the calls and programs that reach another machine."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        names = set()
        if isinstance(node, ast.Import):
            names = {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level:
            names = {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
            found |= {alias.name for alias in node.names} & set(CALLS)
        elif isinstance(node, ast.Attribute):
            names = (
                {dotted}
                if (dotted := ast.unparse(node)) in ("urllib.request", "http.client", "xmlrpc.client")
                else set()
            )
            found |= {node.attr} & set(CALLS)
        elif isinstance(node, ast.Name):
            found |= {node.id} & set(CALLS)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            found |= {Path(node.value).name} & set(PROGRAMS) if node.value else set()
        found |= {client for client in CLIENTS if starts(names, client)}
    return found


@pytest.mark.parametrize(
    "path", [ROOT / "config.py", *files("app", "grading")], ids=lambda path: str(path.relative_to(ROOT))
)
def test_no_request_can_leave_but_through_the_guard(path):
    allowed = EXCEPTIONS.get(path.relative_to(ROOT).as_posix(), set())
    assert ways_out(path.read_text(encoding="utf-8")) <= allowed


@pytest.mark.parametrize(
    "source",
    [
        "import requests",
        "import urllib.request as u",
        "from urllib import request",
        "from urllib.request import urlopen",
        "import urllib\nurllib.request.urlopen(a)",
        "import http\nhttp.client.HTTPConnection(a)",
        "from http import client",
        "from http.client import HTTPSConnection",
        "import urllib3.util",
        "from urllib3 import PoolManager",
        "def f():\n    import httpx",
        "from aiohttp import ClientSession",
        "import socket",
        "from socket import create_connection",
        "a.create_connection((b, 80))",
        "import asyncio",
        "importlib.import_module(a)",
        "__import__(a)",
        "subprocess.run(['curl', a])",
        "subprocess.run(['/usr/bin/wget', a])",
        "import smtplib",
    ],
)
def test_every_other_way_out_is_noticed(source):
    assert ways_out(source)


def test_every_exception_is_used_and_the_launcher_asks_only_this_machine():
    for name, allowed in EXCEPTIONS.items():
        assert ways_out((ROOT / name).read_text(encoding="utf-8")) == allowed, name
    launcher = (ROOT / "app/launcher.py").read_text(encoding="utf-8")
    assert re.findall(r"HTTPS?Connection\(([^,]+),", launcher) == ['"127.0.0.1"']
    assert not re.search(r"\.connect\(", launcher)


@pytest.mark.parametrize("path", files("app"), ids=lambda path: str(path.relative_to(ROOT)))
def test_only_tests_may_choose_how_the_guard_connects_and_whom_it_trusts(path):
    """The seams are arguments of `fetch`: no setting reaches them, and no caller in the application passes them."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and ast.unparse(node.func).rsplit(".", 1)[-1] == "fetch":
            assert not {word.arg for word in node.keywords} & {"connect", "trust", None}, path
    if path.name in ("outgoing.py", "wires.py", "destinations.py", "networks.py"):
        assert not starts(imports(path), "config", "flask", "os", "netrc", "app.models", "app.services"), path


def test_no_file_is_named_for_nothing():
    for path in PYTHON:
        assert path.stem not in ("utils", "helpers", "common", "misc"), path
