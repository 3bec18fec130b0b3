"""Who may call whom, read from the import statements (ARCHITECTURE: rooms, services, grading, challenges)."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
ROOMS = ("openings", "candidate", "recruiter", "manager", "grader", "admin", "auth", "demo")
FOLDERS = ("app", "grading", "bench", "migrations", "rehearsal")
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


def test_no_request_can_leave_but_through_the_guard():
    """No HTTP client is imported anywhere yet; the guard of issue 3 will be the one place."""
    for path in files("app", "grading"):
        found = starts(imports(path), "requests", "httpx", "urllib.request", "urllib3", "aiohttp")
        assert not found, path


def test_no_file_is_named_for_nothing():
    for path in PYTHON:
        assert path.stem not in ("utils", "helpers", "common", "misc"), path
