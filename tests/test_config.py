"""Settings: read once, checked, and unsafe production starts refused with one line that says what to do."""

from __future__ import annotations

import secrets

import pytest

from app import create_app
from config import Config, ConfigError, queue_socket

SAFE = {
    "WINNOW_ENV": "production",
    "SECRET_KEY": secrets.token_urlsafe(48),
    "MAIL_SERVER": "mail.example.com",
    "WINNOW_URL": "https://jobs.example.com",
}


def production(tmp_path, **changes):
    env = SAFE | {"WINNOW_HOME": str(tmp_path)} | changes
    return Config.from_environ({name: value for name, value in env.items() if value is not None})


def test_a_trial_needs_no_setting(tmp_path):
    config = Config.from_environ({"WINNOW_HOME": str(tmp_path)})

    assert config.database_url == f"sqlite:///{tmp_path / 'winnow.sqlite'}"
    assert config.redis_url == f"unix://{queue_socket(tmp_path)}"
    assert config.embedded_queue
    assert len(config.secret_key) >= 32


def test_a_trial_keeps_its_secret_readable_by_its_owner_only(tmp_path):
    first, again = (Config.from_environ({"WINNOW_HOME": str(tmp_path)}) for _ in range(2))

    assert first.secret_key == again.secret_key
    assert (tmp_path / "secret-key").stat().st_mode & 0o077 == 0


def test_a_safe_production_start_is_accepted(tmp_path):
    config = production(tmp_path)

    assert config.production
    assert "jobs.example.com" in config.trusted_hosts


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"SECRET_KEY": None}, "SECRET_KEY"),
        ({"SECRET_KEY": "short"}, "SECRET_KEY"),
        ({"SECRET_KEY": "changeme"}, "SECRET_KEY"),
        ({"SECRET_KEY": "a" * 64}, "SECRET_KEY"),
        ({"FLASK_DEBUG": "1"}, "FLASK_DEBUG"),
        ({"MAIL_SERVER": None}, "MAIL_SERVER"),
        ({"WINNOW_URL": None}, "WINNOW_URL"),
        ({"WINNOW_URL": "http://jobs.example.com"}, "WINNOW_URL"),
        ({"WINNOW_URL": "https://127.0.0.1"}, "WINNOW_URL"),
        ({"WINNOW_ENV": "prod"}, "WINNOW_ENV"),
        ({"PORT": "80a"}, "PORT"),
        ({"PORT": "70000"}, "PORT"),
        ({"DATABASE_URL": "mysql://root@localhost/x"}, "DATABASE_URL"),
        ({"REDIS_URL": "localhost:6379"}, "REDIS_URL"),
        ({"WINNOW_WORKERS": "fast=2"}, "WINNOW_WORKERS"),
        ({"WINNOW_WORKERS": "quick=lots"}, "WINNOW_WORKERS"),
        ({"MAIL_SECURITY": "maybe"}, "MAIL_SECURITY"),
    ],
)
def test_what_is_unsafe_or_unreadable_is_refused_in_one_line(tmp_path, changes, words):
    with pytest.raises(ConfigError, match=words) as refusal:
        production(tmp_path, **changes)

    assert "\n" not in str(refusal.value)


def test_sqlite_on_a_network_disk_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("config._file_system", lambda folder: "nfs4")

    with pytest.raises(ConfigError, match="network disk"):
        production(tmp_path)


def test_postgres_addresses_of_hosting_companies_are_understood(tmp_path):
    config = Config.from_environ({"WINNOW_HOME": str(tmp_path), "DATABASE_URL": "postgres://u@db/winnow"})

    assert config.database_url == "postgresql://u@db/winnow"


def test_workers_are_counted_by_class(tmp_path):
    config = Config.from_environ({"WINNOW_HOME": str(tmp_path), "WINNOW_WORKERS": "quick=3"})

    assert dict(config.workers) == {"quick": 3, "slow": 1, "mail": 1}


def test_a_home_too_long_for_a_socket_gets_a_short_one(tmp_path):
    home = tmp_path / ("x" * 120)

    assert len(str(queue_socket(home))) <= 100


def test_a_home_that_cannot_be_written_is_one_clear_line(tmp_path):
    (tmp_path / "file").write_text("")

    with pytest.raises(ConfigError, match="WINNOW_HOME"):
        Config.from_environ({"WINNOW_HOME": str(tmp_path / "file" / "home")})


def test_production_has_no_demo_and_secure_cookies(tmp_path):
    app = create_app(production(tmp_path))

    assert "demo" not in app.blueprints
    assert not any(rule.rule.startswith("/start") for rule in app.url_map.iter_rules())
    assert app.config["SESSION_COOKIE_SECURE"]
    assert app.config["SESSION_COOKIE_NAME"].startswith("__Host-")


def test_every_setting_is_documented():
    readme = (queue_socket.__globals__["ROOT"] / "README.md").read_text(encoding="utf-8")
    source = (queue_socket.__globals__["ROOT"] / "config.py").read_text(encoding="utf-8")
    names = {word for word in source.replace('"', " ").replace("(", " ").split() if word.isupper() and "_" in word}
    settings = {name for name in names if name.startswith(("WINNOW_", "MAIL_", "SECRET_", "DATABASE_", "REDIS_"))}

    missing = sorted(name for name in settings - {"WINNOW_WORKERS.", "SECRET_KEY."} if name not in readme)

    assert not missing


@pytest.mark.parametrize("token", ["short", "with a space in it, though long", "é" * 30, "a" * 19])
def test_a_weak_token_for_the_numbers_is_refused_and_not_repeated(tmp_path, token):
    with pytest.raises(ConfigError, match="WINNOW_METRICS_TOKEN") as refused:
        Config.from_environ({"WINNOW_HOME": str(tmp_path), "WINNOW_METRICS_TOKEN": token})

    assert token not in str(refused.value)


def test_the_token_for_the_numbers_is_never_shown(tmp_path):
    token = secrets.token_urlsafe(32)

    config = Config.from_environ({"WINNOW_HOME": str(tmp_path), "WINNOW_METRICS_TOKEN": token})

    assert config.metrics_token == token
    assert token not in repr(config)
    assert Config.from_environ({"WINNOW_HOME": str(tmp_path)}).metrics_token is None
