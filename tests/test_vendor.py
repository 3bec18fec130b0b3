"""What others wrote and we ship: the files are those of the manifest, with their licences."""

import hashlib
import json
import re
from pathlib import Path

VENDOR = Path(__file__).resolve().parents[1] / "app/static/vendor"
MANIFEST = json.loads((VENDOR / "manifest.json").read_text())


def test_every_vendored_file_has_the_hash_of_the_manifest() -> None:
    found = {entry["file"]: hashlib.sha256((VENDOR / entry["file"]).read_bytes()).hexdigest() for entry in MANIFEST}

    assert found == {entry["file"]: entry["sha256"] for entry in MANIFEST}


def test_every_vendored_file_is_named_with_version_and_licence() -> None:
    files = {path.name for path in VENDOR.iterdir()} - {"manifest.json", "README.md"}

    named = {entry["file"] for entry in MANIFEST} | {entry["licence_file"] for entry in MANIFEST}

    assert files == named
    assert all(re.fullmatch(r"\d+\.\d+\.\d+", entry["version"]) and entry["licence"] for entry in MANIFEST)


def test_the_manifest_records_no_address() -> None:
    assert "://" not in (VENDOR / "manifest.json").read_text()
