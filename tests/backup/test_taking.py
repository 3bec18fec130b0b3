"""Taking a backup: one moment of the database while people work, the files, whole or not at all."""

from __future__ import annotations

import hashlib
import resource
import threading
import zipfile
from contextlib import contextmanager

import pytest

from app import clock
from app.backup import restoring, taking
from app.backup.archive import Writer, reading
from app.extensions import db
from app.models import StoredFile, Submission, Work
from app.refusals import Refused
from tests import factories as make
from tests.backup.conftest import serving
from tests.conftest import SECRET


@contextmanager
def limited_to(size):
    """A disk that is full after so many bytes of one file."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def hand_in_on_request(config, asked, done, stop):
    """Somebody who hands in one answer each time that they are asked."""
    with serving(config):
        while asked.acquire() and not stop.is_set():
            make.make_submission()
            db.session.commit()
            done.release()


def test_a_backup_taken_while_people_hand_in_is_one_moment_and_comes_back_equal(live, new_config, monkeypatch):
    config, target = live(), new_config()
    asked, done, stop = threading.Semaphore(0), threading.Semaphore(0), threading.Event()
    person = threading.Thread(target=hand_in_on_request, args=(config, asked, done, stop))
    write = Writer.add_rows

    def write_while_somebody_hands_in(self, name, encoded):
        written = write(self, name, encoded)
        asked.release()
        assert done.acquire(timeout=60)
        return written

    with serving(config):
        before = db.session.query(Submission).count()
        db.session.rollback()
        person.start()
        try:
            with monkeypatch.context() as patch:
                patch.setattr(Writer, "add_rows", write_while_somebody_hands_in)
                taken = taking.take(config)
        finally:
            stop.set()
            asked.release()
            person.join(60)
        after = db.session.query(Submission).count()
    restoring.verify(taken.path, target)
    restoring.restore(taken.path, target)
    with serving(target):
        again = taking.take(target)
        checks = db.session.query(Work).filter_by(kind="check").count()
        restored = db.session.query(Submission).count()

    assert after > before + 10
    assert restored == checks == before
    assert digests(again) == digests(taken)
    assert again.manifest.audit == taken.manifest.audit
    assert again.manifest.files == taken.manifest.files


def digests(taken):
    return {name: (part.rows, part.sha256) for name, part in taken.manifest.tables.items()}


def test_two_backups_of_the_same_database_have_the_same_digests(live):
    config = live()
    with serving(config):
        first, second = taking.take(config, config.home / "1.zip"), taking.take(config, config.home / "2.zip")

    assert digests(first) == digests(second)
    assert first.manifest.rows > 50


def test_every_table_and_file_is_in_it_for_its_owner_only_and_the_secret_key_is_not(taken):
    with zipfile.ZipFile(taken.path) as file:
        content = {name: file.read(name) for name in file.namelist()}

    assert taken.path.stat().st_mode & 0o777 == 0o600
    assert set(taken.manifest.tables) == set(db.metadata.tables)
    assert content["files/two words.pdf"] == b""
    assert len(content["files/ab/one.png"]) == 256
    assert not any(SECRET.encode() in member for member in content.values())


def test_a_full_disk_is_said_and_leaves_nothing(live, tmp_path):
    config = live()

    with serving(config), limited_to(60_000), pytest.raises(Refused, match=r"MB are free there\. Nothing half-written"):
        taking.take(config, tmp_path)

    assert list(tmp_path.iterdir()) == []


def test_a_name_that_is_taken_is_refused_and_the_file_stays(live, tmp_path):
    config, mine = live(), tmp_path / "mine.zip"
    mine.write_text("mine")

    with serving(config), pytest.raises(Refused, match="exists already"):
        taking.take(config, mine)

    assert mine.read_text() == "mine"
    assert list(tmp_path.iterdir()) == [mine]


def test_what_a_killed_backup_left_does_not_stand_in_the_way(live, tmp_path):
    config = live()
    (tmp_path / ".mine.zip.part").write_text("half")

    with serving(config):
        taking.take(config, tmp_path / "mine.zip")

    assert [path.name for path in tmp_path.iterdir()] == ["mine.zip"]


def test_a_backup_that_cannot_be_read_back_does_not_count(live, tmp_path, monkeypatch):
    config = live()
    monkeypatch.setattr(Writer, "add_rows", lambda self, name, encoded: taking.tables.digest(encoded))

    with serving(config), pytest.raises(Refused, match="cannot be read back"):
        taking.take(config, tmp_path)

    assert list(tmp_path.iterdir()) == []


def test_links_in_the_folder_of_files_are_not_followed(live, tmp_path):
    config = live()
    (tmp_path / "secret").write_text("not an upload")
    (config.home / "files" / "link").symlink_to(tmp_path / "secret")
    (config.home / "files" / "folder").symlink_to(tmp_path)

    with serving(config):
        taken = taking.take(config)

    assert set(taken.manifest.files) == {"ab/one.png", "two words.pdf"}


def test_a_file_whose_name_cannot_be_kept_is_named(live):
    config = live()
    (config.home / "files" / "line\nbreak").write_text("x")

    with serving(config), pytest.raises(Refused, match="Rename it"):
        taking.take(config)


def test_a_file_that_a_row_names_and_that_is_gone_is_said(live):
    config = live()
    with serving(config) as app:
        keep_file(config, b"here", b"gone")
        gone = hashlib.sha256(b"gone").hexdigest()
        (config.home / "files" / gone[:2] / gone).unlink()
        taken = taking.take(config, config.home / "first.zip")
        tried = app.test_cli_runner().invoke(args=["restore", str(taken.path), "--verify"])

    assert taken.missing_files == (gone,)
    assert (tried.exit_code, f"for example {gone}" in tried.output) == (0, True)


def keep_file(config, original, copy):
    """Somebody handed in a file, and a copy of it was written anew."""
    digests = [hashlib.sha256(data).hexdigest() for data in (original, copy)]
    for digest, data in zip(digests, (original, copy), strict=True):
        (config.home / "files" / digest[:2]).mkdir(exist_ok=True)
        (config.home / "files" / digest[:2] / digest).write_bytes(data)
    db.session.add(
        StoredFile(
            code="code",
            attempt_id=db.session.scalar(db.select(Submission.attempt_id).limit(1)),
            field="file",
            original_name="a.txt",
            type="txt",
            size=4,
            sha256=digests[0],
            copy_sha256=digests[1],
            stored_at=clock.now(),
        )
    )
    db.session.commit()


def test_without_a_database_nothing_is_made(new_config):
    config = new_config()

    with serving(config), pytest.raises(Refused, match=r"no database at|database is empty"):
        taking.take(config)

    assert not list(config.home.rglob("*.zip"))
    assert not (config.home / "winnow.sqlite").exists()


def test_the_command_says_where_it_is_and_how_to_remove_old_ones(live):
    config = live()
    folder = config.home / "mine"
    folder.mkdir()
    for number in range(10):
        (folder / f"winnow-2000010{number}T000000Z.zip").touch()

    with serving(config) as app:
        result = app.test_cli_runner().invoke(args=["backup", str(folder), "--verify"])
    newest = max(folder.glob("*.zip"))

    assert result.exit_code == 0
    assert str(newest) in result.output
    assert "Restored into a scratch database" in result.output
    assert "There are 11 backups" in result.output
    assert len(list(folder.glob("*.zip"))) == 11
    with reading(newest) as archive:
        archive.check()


def test_two_backups_in_the_same_second_have_two_names(live, monkeypatch):
    config, moment = live(), clock.now()
    monkeypatch.setattr(clock, "now", lambda: moment)

    with serving(config):
        first, second = (taking.take(config).path for _ in range(2))

    assert first != second and first.exists() and second.exists()
