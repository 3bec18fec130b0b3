"""Restoring: into an empty place only, equal in every row and file, on either database, or not at all."""

from __future__ import annotations

import os
from dataclasses import replace

import pytest
from flask_migrate import downgrade, upgrade
from sqlalchemy import inspect, text

from app.backup import database, loading, restoring, taking
from app.backup.manifest import NotABackup
from app.extensions import db
from app.models import Application, AuditEvent, AuditSeal, Company, Region
from app.refusals import Refused
from tests import factories as make
from tests.backup.conftest import LOGO, serving
from tests.backup.test_taking import digests

FIRST_REVISION = "20261122_house"


def left_behind(config):
    """What lies in a data folder, and the tables and schemas of its database where that is a server."""
    found = {path.name for path in config.home.iterdir()}
    if not config.sqlite_path:
        with serving(config), db.engine.connect() as connection:
            found |= set(inspect(connection).get_table_names())
            found |= {name for name in inspect(connection).get_schema_names() if name.startswith(restoring.SCRATCH)}
    return found


def test_verifying_leaves_nothing_behind(taken, new_config):
    config = new_config()

    done = restoring.verify(taken.path, config)

    assert done.fingerprint == taken.fingerprint
    assert done.broken_rules == ("frozen_page_is_whole",)
    assert left_behind(config) == set()


def test_what_was_restored_can_be_worked_with(taken, new_config):
    config = new_config()

    restoring.restore(taken.path, config)

    with serving(config):
        assert db.session.query(Company).one().logo == LOGO
        assert db.session.query(Region).filter(Region.parent_id > Region.id).count() == 1
        ids = set(db.session.scalars(db.select(Application.id)))
        application = make.make_application(email="somebody.new@example.com")
        db.session.commit()
        assert application.id > max(ids)
    assert (config.home / "files" / "ab" / "one.png").read_bytes() == LOGO
    assert (config.home / "files" / "ab" / "one.png").stat().st_mode & 0o777 == 0o600


def test_an_id_that_was_given_once_is_not_given_again(live, new_config):
    config, target = live(), new_config()
    with serving(config):
        last = make.make_application()
        db.session.commit()
        gone = last.id
        db.session.delete(last)
        db.session.commit()
        taken = taking.take(config)
        if db.engine.dialect.name == "sqlite":
            pytest.skip("SQLite gives the highest id again, with or without a backup")

    restoring.restore(taken.path, target)

    with serving(target):
        assert make.make_application().id > gone
        db.session.rollback()


def test_a_database_that_is_not_empty_is_left_alone(taken, live):
    config = live()
    with serving(config):
        before = digests(taking.take(config))

    with pytest.raises(Refused, match=r"not empty|Stop Winnow, move it away"):
        restoring.restore(taken.path, config)

    with serving(config):
        assert digests(taking.take(config)) == before


def test_a_file_that_the_backup_does_not_know_is_left_alone(taken, new_config):
    config = new_config()
    (config.home / "files").mkdir()
    (config.home / "files" / "other.png").write_bytes(b"other")

    with pytest.raises(Refused, match=r"other\.png is not in the backup\. Move the folder away"):
        restoring.restore(taken.path, config)

    assert left_behind(config) == {"files"}
    assert [path.name for path in (config.home / "files").iterdir()] == ["other.png"]


def test_files_that_are_there_and_equal_do_not_stand_in_the_way(taken, new_config):
    config = new_config()
    (config.home / "files" / "ab").mkdir(parents=True)
    (config.home / "files" / "ab" / "one.png").write_bytes(LOGO)

    restoring.restore(taken.path, config)

    assert set(taking.files_below(config.home / "files")) == set(taken.manifest.files)


def test_a_folder_of_files_that_leads_elsewhere_is_refused(taken, new_config, tmp_path):
    config = new_config()
    (config.home / "files").mkdir()
    (config.home / "files" / "ab").symlink_to(tmp_path)

    with pytest.raises(Refused, match="is not in the backup"):
        restoring.restore(taken.path, config)

    assert list(tmp_path.iterdir()) == []


def test_a_restore_that_fails_late_leaves_nothing_behind(taken, new_config, monkeypatch):
    config = new_config()

    def differ(connection, archive):
        raise NotABackup("The table work came out otherwise.")

    monkeypatch.setattr(loading, "compare", differ)

    with pytest.raises(NotABackup):
        restoring.restore(taken.path, config)

    assert left_behind(config) == set()


def test_moving_to_the_other_database_and_back_changes_nothing(taken, new_config):
    if not os.environ.get("TEST_DATABASE_URL"):
        pytest.skip("needs PostgreSQL: TEST_DATABASE_URL")
    on_server, in_file, again_on_server = new_config(), new_config(sqlite=True), new_config()

    restoring.restore(taken.path, in_file)
    with serving(in_file):
        from_file = taking.take(in_file)
    restoring.restore(from_file.path, on_server)
    with serving(on_server):
        from_server = taking.take(on_server)
    restoring.restore(from_server.path, again_on_server)
    restoring.verify(from_server.path, in_file)

    assert digests(taken) == digests(from_file) == digests(from_server)
    assert (from_file.manifest.database, from_server.manifest.database) == ("sqlite", "postgresql")


def test_moving_within_the_same_data_folder_keeps_the_files(taken, new_config):
    config = new_config(sqlite=True)
    restoring.restore(taken.path, config)

    restoring.restore(taken.path, replace(config, database_url=f"sqlite:///{config.home / 'second.sqlite'}"))

    assert set(taking.files_below(config.home / "files")) == set(taken.manifest.files)


def test_a_backup_of_an_older_revision_comes_back_at_that_revision_and_is_tried_at_the_newest(live, new_config):
    config, target = live(), new_config()
    with serving(config):
        downgrade(revision=FIRST_REVISION)
        taken = taking.take(config)

    tried = restoring.verify(taken.path, target)
    restoring.restore(taken.path, target)

    with serving(target):
        assert taken.manifest.revision == FIRST_REVISION
        assert tried.upgraded_to == database.newest()
        assert digests(taking.take(target)) == digests(taken)
        upgrade()


def test_an_event_that_was_changed_after_its_sealing_is_found(live, new_config):
    config = live()
    with serving(config):
        event = db.session.get_one(AuditEvent, 3)
        event.action = "something else"
        db.session.commit()
        taken = taking.take(config)

    with pytest.raises(NotABackup, match="broken at event 3"):
        restoring.verify(taken.path, new_config())


def test_an_event_that_was_removed_after_its_sealing_is_found(live, new_config):
    config = live()
    with serving(config):
        assert db.session.query(AuditSeal).count() > 3
        db.session.execute(text("DELETE FROM audit_event WHERE id = 2"))
        db.session.commit()
        taken = taking.take(config)

    with pytest.raises(NotABackup, match="broken at event 2"):
        restoring.verify(taken.path, new_config())


def test_the_command_restores_into_a_folder_of_its_own(taken, live, tmp_path):
    config = live()
    with serving(config) as app:
        run = app.test_cli_runner().invoke
        tried = run(args=["restore", str(taken.path), "--verify"])
        done = run(args=["restore", str(taken.path), "--into", str(tmp_path / "new")])
        again = run(args=["restore", str(taken.path), "--into", str(tmp_path / "new")])
        elsewhere = run(args=["restore", str(taken.path), "--into", "mysql://host/name"])

    assert (tried.exit_code, done.exit_code, again.exit_code, elsewhere.exit_code) == (0, 0, 1, 2)
    assert "The backup is good" in tried.output
    assert taken.fingerprint in done.output
    assert "mkdir" in again.output
    assert (tmp_path / "new" / "winnow.sqlite").stat().st_mode & 0o777 == 0o600


def test_a_server_knows_its_rows_when_they_are_restored(taken, new_config):
    """Without statistics PostgreSQL reads whole tables until autovacuum comes by."""
    config = new_config()
    if config.sqlite_path:
        pytest.skip("needs PostgreSQL: TEST_DATABASE_URL")

    restoring.restore(taken.path, config)

    with serving(config):
        looked_at = db.session.scalars(text("SELECT DISTINCT tablename FROM pg_stats WHERE schemaname = 'public'"))
        assert {"region", "application", "audit_event"} <= set(looked_at)
