"""All files of one challenge, read strictly into a `Challenge`. Every fault is collected with its file and line."""

import re
from collections.abc import Iterator, Mapping

from app.locales import DEFAULT, LOCALES
from app.services.catalog_frame import Frame, read_frame
from app.services.catalog_texts import read_brief, read_example, read_review, read_rubric
from app.services.catalog_types import Challenge, Example, Guide
from app.services.strict_yaml import Fault, Sheet, Table, decode, read_table

MAX_FILES = 200
_NAME = re.compile(r"(?P<slug>[a-z0-9]+(?:-[a-z0-9]+)*)/v(?P<version>[1-9][0-9]{0,3})", re.ASCII)
_TEXTS = re.compile(
    r"(?:brief\.(?P<brief>[\w-]+)\.md|rubric\.(?P<rubric>[\w-]+)\.yaml|guide\.(?P<guide>[\w-]+)\.md)", re.ASCII
)
_EXAMPLE = re.compile(r"examples/(?P<number>[0-9]{2})-(?P<quality>[a-z]+)\.(?P<locale>[\w-]+)\.yaml", re.ASCII)


class ChallengeFault(Exception):
    """A challenge that cannot be used. `faults` says everything that is wrong with it."""

    def __init__(self, faults: list[Fault]) -> None:
        self.faults = tuple(sorted(faults, key=lambda fault: (fault.file, fault.line, fault.message)))
        super().__init__("\n".join(str(fault) for fault in self.faults))


def parse(name: str, files: Mapping[str, bytes]) -> Challenge:
    """Read a challenge from the content of its files, keyed by path inside its folder; `name` is like `my-slug/v1`.

    Files on disk and drafts written in the browser come this way. Raises ChallengeFault with all faults.
    """
    faults: list[Fault] = []
    matched = _NAME.fullmatch(name)
    if matched is None:
        raise ChallengeFault([Fault(f"{name}/challenge.yaml", 1, "folders must be named like close-my-account/v1")])
    if len(files) > MAX_FILES:
        raise ChallengeFault([Fault(f"{name}/challenge.yaml", 1, f"more than {MAX_FILES} files")])
    folder = _Folder(name, files, faults)
    table = folder.table("challenge.yaml")
    frame = read_frame(table) if table else None
    if frame is None or faults:
        # Texts are judged against the frame; with a broken frame they would only repeat its faults.
        raise ChallengeFault(faults)
    challenge = _assemble(folder, frame, matched["slug"], int(matched["version"]))
    if faults:
        raise ChallengeFault(faults)
    return challenge


def _assemble(folder: "_Folder", frame: Frame, slug: str, version: int) -> Challenge:
    folder.refuse_strangers(frame)
    briefs, rubrics, guides = {}, {}, {}
    for locale in frame.locales:
        head, body = folder.front_matter(f"brief.{locale}.md")
        if head:
            briefs[locale] = read_brief(head, body, frame, locale)
        table = folder.table(f"rubric.{locale}.yaml")
        if table:
            rubrics[locale] = read_rubric(table, frame, locale)
        # Only the English guide is a must; other languages show it and say so.
        if locale == DEFAULT or f"guide.{locale}.md" in folder.files:
            head, body = folder.front_matter(f"guide.{locale}.md")
            if head:
                guides[locale] = Guide(head.text("title"), body, read_review(head, locale))
                head.close()
    return Challenge(
        slug=slug,
        version=version,
        minutes=frame.minutes,
        device=frame.device,
        answer_language=frame.answer_language,
        locales=frame.locales,
        parts=frame.parts,
        criteria=frame.criteria,
        facts=frame.facts,
        follow_ups=frame.follow_ups,
        checks=frame.checks,
        briefs=briefs,
        rubrics=rubrics,
        guides=guides,
        examples=tuple(_examples(folder, frame)),
        has_product=frame.has_product,
    )


def _examples(folder: "_Folder", frame: Frame) -> Iterator[Example]:
    taken: set[tuple[str, str]] = set()
    for path in sorted(folder.files):
        matched = _EXAMPLE.fullmatch(path)
        if matched is None or matched["locale"] not in frame.locales:
            continue
        if (matched["number"], matched["locale"]) in taken:
            folder.fault(path, f"the number {matched['number']} stands twice in {matched['locale']}")
        taken.add((matched["number"], matched["locale"]))
        table = folder.table(path)
        if table:
            yield read_example(table, frame, int(matched["number"]), matched["quality"], matched["locale"])
    if not taken:
        folder.fault("challenge.yaml", "there is no example; reviewers need some to agree on the levels")


class _Folder:
    """The files of one challenge while they are read."""

    def __init__(self, name: str, files: Mapping[str, bytes], faults: list[Fault]) -> None:
        self.name = name
        self.files = files
        self.faults = faults

    def fault(self, path: str, message: str) -> None:
        self.faults.append(Fault(f"{self.name}/{path}", 1, message))

    def text(self, path: str) -> str | None:
        if path not in self.files:
            self.fault(path, "missing file")
            return None
        return decode(f"{self.name}/{path}", self.files[path], self.faults)

    def table(self, path: str) -> Table | None:
        text = self.text(path)
        return None if text is None else read_table(Sheet(f"{self.name}/{path}", self.faults), text)

    def front_matter(self, path: str) -> tuple[Table | None, str]:
        """Split a Markdown file into the table between its two lines of `---` and the text after them."""
        text = self.text(path)
        if text is None:
            return None, ""
        head, mark, body = text.removeprefix("---\n").partition("\n---\n")
        if not text.startswith("---\n") or not mark:
            self.fault(path, "must begin with a table between two lines of ---")
            return None, ""
        if not body.strip():
            self.fault(path, "there is no text after the second line of ---")
        return read_table(Sheet(f"{self.name}/{path}", self.faults, lines_before=1), head), body.strip()

    def refuse_strangers(self, frame: Frame) -> None:
        """A misspelt name would be a text that nobody ever sees, so it is a fault."""
        for path in sorted(self.files):
            matched = _TEXTS.fullmatch(path)
            example = _EXAMPLE.fullmatch(path)
            locale = next(filter(None, matched.groups()), None) if matched else example and example["locale"]
            if path == "challenge.yaml" or locale in frame.locales:
                continue
            if locale in LOCALES:
                self.fault(path, f"challenge.yaml does not list the language {locale!r}")
            else:
                self.fault(path, "a file that has no place in a challenge; see challenges/README.md for the names")
