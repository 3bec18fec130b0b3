"""Upgrading: alone, after a backup, checked; and what to type when it fails brings everything back."""

from __future__ import annotations

import re
import subprocess

import pytest
from flask_migrate import downgrade
from sqlalchemy import text

from app import launcher
from app.backup import database, restoring, taking, upgrading
from app.backup.upgrading import UpgradeFailed
from app.extensions import db
from app.models import Submission
from app.processes import CannotStart
from app.refusals import Refused
from tests.backup.conftest import serving
from tests.backup.test_restoring import FIRST_REVISION
from tests.backup.test_taking import digests


@pytest.fixture
def old(live):
    """An installation whose database stands at the first revision, with rows in it."""
    config = live()
    with serving(config):
        downgrade(revision=FIRST_REVISION)
    return config


def rows_go_missing(revision):
    """A migration that loses something."""
    migrate(revision)
    with db.engine.begin() as connection:
        connection.execute(text("DELETE FROM rating"))
        connection.execute(text("DELETE FROM audit_seal"))


migrate = database.migrate_to


def test_from_the_first_revision_to_the_newest_every_row_stays(old):
    with serving(old):
        before = {name: part.rows for name, part in taking.take(old, old.home / "before.zip").manifest.tables.items()}

        done = upgrading.upgrade(old)

        after = {name: part.rows for name, part in taking.take(old, old.home / "after.zip").manifest.tables.items()}
        assert (done.before, done.after) == (FIRST_REVISION, database.newest())
        # Final answers are compared after the upgrade that brought the comparison: one more piece of work for each.
        expected = before | {"work": before["work"] + before["submission"]}
        assert {name: after[name] for name in before} == expected
        assert db.session.query(Submission).count() == before["submission"] > 0
    assert done.taken.path.parent == old.home / "backups"
    assert done.taken.manifest.revision == FIRST_REVISION


def test_a_database_that_is_up_to_date_is_left_alone(live):
    config = live()

    with serving(config) as app:
        result = app.test_cli_runner().invoke(args=["upgrade"])

    assert result.exit_code == 0
    assert "up to date" in result.output
    assert not (config.home / "backups").exists()


def test_an_empty_database_gets_its_tables_and_no_backup(new_config):
    config = new_config()

    with serving(config) as app:
        result = app.test_cli_runner().invoke(args=["upgrade"])
        revision = database.newest()

    assert result.exit_code == 0
    assert f"was empty. It stands at revision {revision}" in result.output
    assert not (config.home / "backups").exists()


def test_tables_of_somebody_else_are_left_alone(new_config):
    config = new_config()
    with serving(config):
        with db.engine.begin() as connection:
            connection.execute(text("CREATE TABLE theirs (id INTEGER PRIMARY KEY)"))

        with pytest.raises(Refused, match="not Winnow's"):
            upgrading.upgrade(config)


def test_nothing_happens_while_winnow_runs_here(old):
    with (
        serving(old),
        launcher.alone(old, "Winnow is already running here."),
        pytest.raises(CannotStart, match="already running"),
    ):
        upgrading.upgrade(old)

    assert not (old.home / "backups").exists()


def test_winnow_does_not_start_during_an_upgrade(old, monkeypatch):
    said = []

    def start_meanwhile(config, where=None):
        with pytest.raises(CannotStart) as refusal, launcher.alone(config, "another"):
            pass
        said.append(str(refusal.value))
        raise Refused("enough")

    monkeypatch.setattr(upgrading, "take", start_meanwhile)

    with serving(old), pytest.raises(Refused, match="enough"):
        upgrading.upgrade(old)

    assert said == ["Winnow is being upgraded. Wait until that is done."]


def test_others_who_are_connected_are_noticed_and_can_be_overruled(old):
    with serving(old) as app, serving(old), db.engine.connect() as other:
        other.scalar(text("SELECT 1"))
        other.rollback()
        with app.app_context():
            refused = app.test_cli_runner().invoke(args=["upgrade"])
            taken = list(old.home.rglob("*.zip"))
            done = app.test_cli_runner().invoke(args=["upgrade", "--anyway"])

    assert refused.exit_code == 1
    assert "Stop web, workers and tick" in refused.output
    assert taken == []
    assert done.exit_code == 0, done.output


def test_a_database_newer_than_the_code_is_left_alone(live):
    config = live()
    with serving(config):
        with db.engine.begin() as connection:
            connection.execute(text("UPDATE alembic_version SET version_num = '20990101_the_future'"))

        with pytest.raises(CannotStart, match="newer than this code"):
            upgrading.upgrade(config)

    assert not (config.home / "backups").exists()


def test_a_migration_that_fails_changes_nothing_and_says_so(old, monkeypatch):
    def fail(revision):
        with db.engine.begin() as connection:
            connection.execute(text("DELETE FROM rating"))
            connection.execute(text("INSERT INTO nowhere VALUES (1)"))

    monkeypatch.setattr(database, "migrate_to", fail)

    with serving(old) as app:
        before = digests(taking.take(old, old.home / "before.zip"))
        result = app.test_cli_runner().invoke(args=["upgrade"])
        after = digests(taking.take(old, old.home / "after.zip"))

    assert result.exit_code == 3
    assert "nowhere" in result.output
    assert "The database is as it was before" in result.output
    assert after == before


def test_rows_that_went_missing_are_noticed(old, monkeypatch):
    def lose_regions(revision):
        migrate(revision)
        with db.engine.begin() as connection:
            connection.execute(text("DELETE FROM audit_event"))

    monkeypatch.setattr(database, "migrate_to", lose_regions)

    with serving(old), pytest.raises(UpgradeFailed, match=r"table audit_event had \d+ rows and has 0"):
        upgrading.upgrade(old)


def test_a_sealed_link_that_changed_is_noticed(old, monkeypatch):
    def rewrite(revision):
        migrate(revision)
        with db.engine.begin() as connection:
            connection.execute(text("UPDATE audit_seal SET chain = 'x'"))

    monkeypatch.setattr(database, "migrate_to", rewrite)

    with serving(old), pytest.raises(UpgradeFailed, match="link of the audit trail"):
        upgrading.upgrade(old)


def test_what_it_says_to_type_brings_everything_back(old, monkeypatch, new_config):
    monkeypatch.setattr(database, "migrate_to", rows_go_missing)
    with serving(old) as app:
        before = digests(taking.take(old, old.home / "before.zip"))
        result = app.test_cli_runner().invoke(args=["upgrade"])
    monkeypatch.undo()
    commands = re.findall(r"^  (.+)$", result.output, re.M)
    target = old
    if old.sqlite_path:
        subprocess.run(commands[0], shell=True, check=True)
    else:
        assert commands[0].startswith("createdb ")
        target = new_config()

    with serving(target) as app:
        words = commands[1].split(".venv/bin/flask ")[1].split()
        restored = app.test_cli_runner().invoke(args=words)
    with serving(target):
        after = digests(taking.take(target, target.home / "after.zip"))

    assert result.exit_code == 3
    assert "Do not start Winnow" in result.output
    assert restored.exit_code == 0, restored.output
    assert after == before
    assert restoring.database_file(target) is None or (target.home / "winnow.sqlite").exists()
