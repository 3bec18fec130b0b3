"""The documents say what is there."""

from __future__ import annotations

import re
from pathlib import Path

import click
import pytest
from flask import Flask

ROOT = Path(__file__).resolve().parents[1]


def routes(app: Flask) -> set[tuple[str, str]]:
    """Every (method, address) that the application answers."""
    plain = {"HEAD", "OPTIONS"}
    return {(method, rule.rule) for rule in app.url_map.iter_rules() for method in (rule.methods or set()) - plain}


def documented() -> set[tuple[str, str]]:
    """Every (method, address) that docs/pages.md lists."""
    rows = re.findall(r"^\| ((?:GET|POST)(?: POST)?) `([^`]+)` \|", (ROOT / "docs/pages.md").read_text("utf-8"), re.M)
    return {(method, address) for methods, address in rows for method in methods.split()}


def test_every_page_is_listed_and_every_listed_page_exists(app):
    assert routes(app) - documented() == set()
    assert documented() - routes(app) == set()


@pytest.mark.parametrize(
    "page",
    [
        "README.md",
        "docs/operating.md",
        "docs/chaos.md",
        "docs/design.md",
        "docs/model.md",
        "docs/pages.md",
        "docs/challenges.md",
    ],
)
def test_links_between_documents_lead_somewhere(page):
    source = ROOT / page
    links = re.findall(r"\]\((?!https?:)([^)#]+)", source.read_text("utf-8"))

    missing = [link for link in links if not (source.parent / link).exists()]

    assert not missing


def test_every_command_of_make_that_is_documented_exists():
    makefile = (ROOT / "Makefile").read_text("utf-8")
    text = "".join((ROOT / page).read_text("utf-8") for page in ("README.md", "docs/operating.md"))

    for target in set(re.findall(r"(?:^|`)make ([a-z]+)", text, re.M)):
        assert re.search(rf"^{target}:", makefile, re.M), target


def test_every_command_of_flask_that_is_documented_exists(app):
    text = "".join((ROOT / page).read_text("utf-8") for page in ("README.md", "docs/operating.md"))
    context = click.Context(app.cli)

    for words in set(re.findall(r"\.venv/bin/flask ((?:[a-z][a-z-]*(?: (?=[a-z])|\b))+)", text)):
        command: click.Command | None = app.cli
        for word in words.split():
            if not isinstance(command, click.Group):
                break  # what follows is an argument
            command = command.get_command(context, word)
            assert command is not None, words


def test_the_pictures_are_few_small_and_each_in_the_readme():
    pictures = sorted((ROOT / "docs/pictures").glob("*.png"))
    shown = re.findall(r"!\[[^\]]+\]\(docs/pictures/([^)]+)\)", (ROOT / "README.md").read_text("utf-8"))

    assert sorted(shown) == [picture.name for picture in pictures]
    assert len(pictures) <= 8
    assert all(picture.stat().st_size < 200_000 for picture in pictures)
