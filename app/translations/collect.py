"""Collect the words of code and templates into each language's catalogue: `make messages`; `--check` only compares.

English is the language of the source and has no catalogue.
"""

from __future__ import annotations

import argparse
import io
import sys
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

import app.jobs  # noqa: F401 - every service with its refusals
from app.locales import DEFAULT, LOCALES, babel_name
from app.refusals import Refused

APP = Path(__file__).resolve().parents[1]
METHODS = [("translations/**", "ignore"), ("static/**", "ignore"), ("**.py", "python"), ("templates/**", "jinja2")]
OPTIONS = {"templates/**": {"encoding": "utf-8", "silent": "false", "trimmed": "true"}}
KEYWORDS: dict[str, tuple[int | tuple[int, str], ...] | None] = {
    "_": None,
    "_l": None,
    "gettext": None,
    "lazy_gettext": None,
    "ngettext": (1, 2),
    "pgettext": ((1, "c"), 2),
    "_n": (1, 2),
}


def _refusals(kind: type[Refused] = Refused) -> set[str]:
    """The names of all refusals: what they are given first is a message."""
    return {kind.__name__}.union(*(_refusals(child) for child in kind.__subclasses__()))


def collected() -> Catalog:
    """Every message of the application, with where it stands."""
    catalog = Catalog(project="Winnow", version="1", charset="utf-8", fuzzy=False)
    found = extract_from_dir(
        APP, METHODS, OPTIONS, keywords=KEYWORDS | dict.fromkeys(_refusals()), comment_tags=("TRANSLATORS:",)
    )
    for name, _line, message, comments, context in found:
        # Lines move with every edit; the file is enough for a translator.
        place: Any = (f"app/{name}", None)
        catalog.add(message, None, [place], auto_comments=comments, context=context)
    return catalog


def path_of(tag: str) -> Path:
    """The catalogue of a language."""
    return APP / "translations" / babel_name(tag) / "LC_MESSAGES" / "messages.po"


def updated(tag: str, template: Catalog) -> bytes:
    """A language's catalogue in step with the words: translations kept, new words empty, dead ones gone."""
    path = path_of(tag)
    if path.exists():
        with path.open("rb") as file:
            catalog = read_po(file, locale=babel_name(tag))
    else:
        catalog = Catalog(locale=babel_name(tag), charset="utf-8", fuzzy=False)
    catalog.update(template, no_fuzzy_matching=True, update_header_comment=False)
    catalog.obsolete.clear()
    catalog.header_comment = f"# The words of Winnow, {tag}.\n# machine-drafted, not yet reviewed by a native speaker"
    catalog.fuzzy = False
    buffer = io.BytesIO()
    write_po(buffer, catalog, width=110, omit_header=False, sort_output=True, ignore_obsolete=True)
    lines = buffer.getvalue().decode().splitlines()
    dated = (
        "POT-Creation-Date",
        "PO-Revision-Date",
        "Generated-By",
        "Project-Id-Version",
        "Last-Translator",
        "Language-Team",
        "Report-Msgid-Bugs-To",
    )
    kept = [line for line in lines if not line.startswith(tuple(f'"{name}' for name in dated))]
    return ("\n".join(kept) + "\n").encode()


def main() -> int:
    """Write the catalogues, or with --check say which are out of step; returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true")
    is_check = parser.parse_args().check
    template = collected()
    stale = []
    for tag in LOCALES:
        if tag == DEFAULT:
            continue
        path, content = path_of(tag), updated(tag, template)
        if is_check:
            if not path.exists() or path.read_bytes() != content:
                stale.append(tag)
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    if stale:
        sys.stderr.write(f"Catalogues out of step: {', '.join(stale)}. Run: make messages\n")
    return 1 if stale else 0


if __name__ == "__main__":
    raise SystemExit(main())
