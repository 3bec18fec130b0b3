"""A backup that is cut short, damaged or made by somebody else is refused by the name of what is wrong."""

from __future__ import annotations

import hashlib
import json
import stat
import zipfile

import pytest

from app.backup import manifest, restoring
from app.backup.manifest import NotABackup
from app.refusals import Refused


class Forged:
    """The members of a backup, to be changed and written anew."""

    def __init__(self, path):
        with zipfile.ZipFile(path) as file:
            self.members = {name: file.read(name) for name in file.namelist()}
        self.said = json.loads(self.members.pop("manifest.json"))
        self.infos = {}

    def set_rows(self, table, lines):
        """Other rows, with a manifest that fits them."""
        content = b"".join(line + b"\n" for line in lines)
        self.members[f"tables/{table}.jsonl"] = content
        entry = self.said["tables"].setdefault(table, {"last_id": None, "columns": {"id": "integer"}})
        entry |= {"rows": len(lines), "bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}

    def rows(self, table):
        return self.members[f"tables/{table}.jsonl"].splitlines()

    def add_file(self, name, content=b"x"):
        self.members[f"files/{name}"] = content
        self.said["files"][name] = {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}

    def write(self, path):
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
            for name, content in self.members.items():
                file.writestr(self.infos.get(name, name), content)
            file.writestr("manifest.json", json.dumps(self.said))
        return path


def change_a_row(forged):
    rows = forged.rows("region")
    rows[0] = rows[0].replace(b"EMEA", b"EMEB").replace(b"AMER", b"AMEB").replace(b"APAC", b"APAB")
    forged.members["tables/region.jsonl"] = b"\n".join(rows) + b"\n"


def change_a_file(forged):
    forged.members["files/ab/one.png"] = bytes(256)


def leave_a_table_out(forged):
    del forged.members["tables/rating.jsonl"]


def add_a_member(forged):
    forged.members["tables/extra.jsonl"] = b""


def shorten(forged):
    forged.members["tables/region.jsonl"] = b""


def understate_rows(forged):
    forged.said["tables"]["region"]["rows"] -= 1


def step_up(forged):
    forged.add_file("../outside")


def step_up_within(forged):
    forged.add_file("ab/../../outside")


def begin_at_the_root(forged):
    forged.add_file("/tmp/outside")


def hide_a_backslash(forged):
    forged.add_file("..\\outside")


def step_up_with_a_table(forged):
    forged.set_rows("../../outside", [])


def pack_a_link(forged):
    forged.add_file("link", b"/etc/passwd")
    forged.infos["files/link"] = zipfile.ZipInfo("files/link")
    forged.infos["files/link"].external_attr = (stat.S_IFLNK | 0o777) << 16
    forged.add_file("link/inside")


def claim_a_huge_size(forged):
    forged.said["files"]["ab/one.png"]["bytes"] = 10**15


def come_from_the_future(forged):
    forged.said["revision"] = "20990101_the_future"


def have_another_format(forged):
    forged.said["format"] = 2


def have_no_format(forged):
    del forged.said["format"]


def have_an_odd_table(forged):
    forged.set_rows("sqlite_master", [])


def have_an_odd_column(forged):
    forged.said["tables"]["region"]["columns"] = {"id": "integer"}


def have_an_odd_kind(forged):
    forged.said["tables"]["region"]["columns"]["id"] = "code"


def have_a_short_row(forged):
    forged.set_rows("region", [b"[1]"])


def have_a_deep_row(forged):
    forged.set_rows("region", [b"[" * 100_000 + b"]" * 100_000])


def have_a_word_for_a_number(forged):
    forged.set_rows("work", [line.replace(b"[0,", b'["0",', 1) for line in forged.rows("work")])


def have_a_row_twice(forged):
    forged.set_rows("region", forged.rows("region")[:1] * 2)


def refer_to_nobody(forged):
    forged.set_rows("rating", [])
    forged.set_rows("candidate", [])


def lose_the_audit_head(forged):
    forged.said["audit"]["chain"] = "0" * 64


CASES = {
    change_a_row: r"tables/region\.jsonl is not what was written",
    change_a_file: r"files/ab/one\.png is not what was written",
    leave_a_table_out: r"tables/rating\.jsonl is in the manifest and not in the file",
    add_a_member: r"'tables/extra\.jsonl' is in the file and not in its manifest",
    shorten: r"tables/region\.jsonl has 0 bytes; the manifest says",
    understate_rows: r"tables/region\.jsonl has 3 rows; the manifest says 2",
    step_up: "leads out of the folder of files",
    step_up_within: "leads out of the folder of files",
    begin_at_the_root: "leads out of the folder of files",
    hide_a_backslash: "leads out of the folder of files",
    step_up_with_a_table: "cannot be a name",
    claim_a_huge_size: r"one\.png has 256 bytes; the manifest says",
    come_from_the_future: "which this code does not know",
    have_another_format: "has format 2",
    have_no_format: "is not one of Winnow's",
    have_an_odd_table: "sqlite_master is not in both",
    have_an_odd_column: "The columns of the table region",
    have_an_odd_kind: "cannot be read",
    have_a_short_row: r"tables/region\.jsonl, line 1",
    have_a_deep_row: r"tables/region\.jsonl, line 1",
    have_a_word_for_a_number: r"tables/work\.jsonl, line 1: str where integer should be",
    have_a_row_twice: "does not take the rows of region",
    refer_to_nobody: "refers to a row of|does not take the rows of",
    lose_the_audit_head: "The audit trail ends at",
}


@pytest.mark.parametrize("change", CASES, ids=lambda change: change.__name__)
def test_a_changed_backup_is_refused_by_name_and_nothing_is_written(taken, new_config, tmp_path, change):
    config, forged = new_config(), Forged(taken.path)
    change(forged)
    path = forged.write(tmp_path / "forged.zip")

    with pytest.raises(Refused, match=CASES[change]):
        restoring.restore(path, config)

    assert list(config.home.iterdir()) == []
    assert list(tmp_path.iterdir()) == [path]


def test_a_link_in_a_backup_comes_out_as_a_plain_file_or_not_at_all(taken, new_config, tmp_path):
    config, forged = new_config(), Forged(taken.path)
    pack_a_link(forged)
    path = forged.write(tmp_path / "forged.zip")

    with pytest.raises(Refused):
        restoring.restore(path, config)

    assert not any(found.is_symlink() for found in config.home.rglob("*"))


def test_a_member_that_is_there_twice_is_refused(taken, new_config, tmp_path):
    path = tmp_path / "forged.zip"
    path.write_bytes(taken.path.read_bytes())
    with pytest.warns(UserWarning, match="Duplicate"), zipfile.ZipFile(path, "a") as file:
        file.writestr("manifest.json", "{}")

    with pytest.raises(NotABackup, match=r"'manifest\.json' is in the file twice"):
        restoring.verify(path, new_config())


def test_a_member_that_is_packed_otherwise_is_refused(taken, new_config, tmp_path):
    path = tmp_path / "forged.zip"
    path.write_bytes(taken.path.read_bytes())
    with zipfile.ZipFile(path, "a", zipfile.ZIP_LZMA) as file:
        file.writestr("files/bomb", "x")

    with pytest.raises(NotABackup, match="packed as Winnow packs nothing"):
        restoring.verify(path, new_config())


def test_a_backup_that_needs_more_room_than_there_is_is_refused(taken, new_config, monkeypatch):
    monkeypatch.setattr("shutil.disk_usage", lambda path: zipfile.ZipInfo and type("Usage", (), {"free": 1000})())

    with pytest.raises(Refused, match="says that it needs"):
        restoring.verify(taken.path, new_config())


def test_a_member_longer_than_its_header_says_is_not_read_on(taken, new_config, tmp_path):
    """A bomb: the list of members and the manifest say ten bytes, and a hundred megabytes would come out."""
    forged = Forged(taken.path)
    forged.add_file("bomb", bytes(100_000_000))
    path = forged.write(tmp_path / "forged.zip")
    forged.said["files"]["bomb"]["bytes"] = 10
    with zipfile.ZipFile(path, "a") as file:
        place = next(number for number, info in enumerate(file.filelist) if info.filename == "manifest.json")
        del file.NameToInfo["manifest.json"], file.filelist[place]
        file.writestr("manifest.json", json.dumps(forged.said))
        file.NameToInfo["files/bomb"].file_size = 10

    with pytest.raises(NotABackup, match=r"files/bomb"):
        restoring.verify(path, new_config())


@pytest.mark.parametrize("part", [0, 1, 1000, 0.5, 0.99])
def test_a_backup_that_was_cut_short_is_refused(taken, new_config, tmp_path, part):
    content = taken.path.read_bytes()
    path = tmp_path / "short.zip"
    path.write_bytes(content[: part if isinstance(part, int) else int(len(content) * part)])

    with pytest.raises(NotABackup, match="is no backup of Winnow, or its end is missing"):
        restoring.restore(path, new_config())


@pytest.mark.parametrize("place", [0.1, 0.3, 0.5, 0.7, 0.9])
def test_a_byte_that_fell_over_is_noticed(taken, new_config, tmp_path, place):
    content = bytearray(taken.path.read_bytes())
    content[int(len(content) * place)] ^= 0x55
    path = tmp_path / "fallen.zip"
    path.write_bytes(content)

    with pytest.raises(NotABackup):
        restoring.restore(path, new_config())


def test_another_zip_is_refused(new_config, tmp_path):
    with zipfile.ZipFile(tmp_path / "other.zip", "w") as file:
        file.writestr("letter.txt", "hello")

    with pytest.raises(NotABackup, match=r"has no manifest\.json: it is no backup of Winnow"):
        restoring.verify(tmp_path / "other.zip", new_config())


@pytest.mark.parametrize("name", ["a", "a/b.png", "ä/ö", "a..b", "...", "two words"])
def test_plain_names_of_files_are_taken(name):
    assert manifest.is_safe_file_name(name)


@pytest.mark.parametrize(
    "name",
    ["", ".", "..", "/a", "a/", "./a", "a//b", "a/./b", "a/../b", "a\\b", "a\0", "a\n", "x" * 2000, "\udcff", None, 1],
)
def test_other_names_of_files_are_refused(name):
    assert not manifest.is_safe_file_name(name)
