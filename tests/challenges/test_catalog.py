"""The loader takes a well-formed challenge and names file and line of everything that is wrong with another."""

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app import locales
from app.services import catalog
from app.services.catalog_types import PartKind

FRAME = """\
format: 1
minutes: 20
device: any
answer_language: opening
locales: [en, es]
parts:
  - key: reply
    kind: reply
    channel: chat
  - key: notices
    kind: texts
    items: [status, calm]
    required: false
criteria:
  - key: action
    weight: 3
  - key: language
    weight: 1
    optional: true
facts: [known, "unknown"]
follow_ups: [why, next]
checks:
  - key: words
    kind: length
    field: reply
    low: 3
    high: 9
  - key: kept
    kind: says
    field: notices.status
    phrases:
      en: ["30 days"]
      es: ["30 días"]
"""
BRIEF = """\
---
title: A title
summary: A line.
messages:
  - part: reply
    sender: Mira
    text: "the export is broken"
facts:
  known: It fails over 10,000 rows.
  unknown: Nobody knows why.
labels:
  reply: {label: Your reply}
  notices: {label: Notices}
  notices.status: {label: A line for the status page}
  notices.calm: {label: To a calm customer, hint: Short}
---
Write it.
"""
RUBRIC = """\
criteria:
  action:
    name: Does it
    meaning: It is done.
    levels:
      0: None
      1: Some
      2: Most
      3: All
  language:
    name: Language
    meaning: Clear.
    levels: {0: a, 1: b, 2: c, 3: d}
follow_ups:
  why: Why so?
  next: And then?
"""
WITHOUT_ANCHORS = """\
review: machine-drafted, not yet reviewed
criteria:
  action: {name: Lo hace, meaning: Está hecho.}
  language: {name: Lenguaje, meaning: Claro.}
"""
EXAMPLE = """\
answers:
  reply: It is done.
levels:
  action: 3
facts:
  words: within
why: It is done.
"""
NAME = "my-challenge/v1"


def files(**changes):
    """Give the files of a sound challenge; a change replaces (old, new) in the file of that short name."""
    sound = {
        "challenge.yaml": FRAME,
        "brief.en.md": BRIEF,
        "brief.es.md": BRIEF.replace("---\ntitle", "---\nreview: signed by Eva\ntitle", 1),
        "rubric.en.yaml": RUBRIC,
        "rubric.es.yaml": WITHOUT_ANCHORS,
        "guide.en.md": "---\ntitle: Guide\n---\nRead it twice.\n",
        "examples/01-good.en.yaml": EXAMPLE,
    }
    short = {"frame": "challenge.yaml", "brief": "brief.en.md", "rubric": "rubric.en.yaml", "guide": "guide.en.md"}
    for name, (old, new) in changes.items():
        path = short.get(name, "examples/01-good.en.yaml")
        assert old in sound[path], old
        sound[path] = sound[path].replace(old, new, 1)
    return {path: text.encode() for path, text in sound.items()}


def faults_of(contents):
    with pytest.raises(catalog.ChallengeFault) as caught:
        catalog.parse(NAME, contents)
    return [str(fault) for fault in caught.value.faults]


def write(root, contents, name=NAME):
    for path, data in contents.items():
        target = root / name / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)
    return root / name


def test_a_sound_challenge_is_read(tmp_path):
    challenge = catalog.load(write(tmp_path, files()))

    assert challenge.name == "my-challenge/v1"
    assert challenge.fields == ("reply", "notices.status", "notices.calm")
    assert challenge.points == 12
    assert challenge.examples[0].name == "01-good.en"


def test_published_content_brings_the_same_challenge_back():
    challenge = catalog.parse(NAME, files())

    stored = json.loads(json.dumps(catalog.content(challenge)))

    assert catalog.from_content(stored) == challenge
    assert catalog.fingerprint(catalog.from_content(stored)) == catalog.fingerprint(challenge)


def test_one_changed_word_changes_the_fingerprint():
    before = catalog.fingerprint(catalog.parse(NAME, files()))

    after = catalog.fingerprint(catalog.parse(NAME, files(brief=("Write it.", "Write it now."))))

    assert re.fullmatch("[0-9a-f]{64}", before)
    assert before != after


@pytest.mark.parametrize("broken", [{}, {"slug": 1}, [], None])
def test_what_is_not_published_content_is_refused(broken):
    with pytest.raises(ValueError, match=r"missing|another shape|not a"):
        catalog.from_content(broken)


def test_one_wrong_value_in_published_content_is_refused():
    content = catalog.content(catalog.parse(NAME, files()))

    with pytest.raises(ValueError, match=r"Challenge\.minutes"):
        catalog.from_content(content | {"minutes": "20"})


@pytest.mark.parametrize(
    ("change", "line", "words"),
    [
        ({"frame": ("minutes: 20", "minutes: 20\nminuets: 3")}, 3, "unknown key 'minuets'"),
        ({"frame": ("device: any", "device: any\ndevice: any")}, 4, "stands twice"),
        ({"frame": ("device: any", "device: phone")}, 3, "one of: any, computer"),
        ({"frame": ("minutes: 20", "minutes: 0x14")}, 2, "whole number from 1 to 240"),
        ({"frame": ("minutes: 20", 'minutes: "20"')}, 2, "whole number"),
        ({"frame": ("minutes: 20", "minutes: 020")}, 2, "whole number"),
        ({"frame": ("minutes: 20\n", "")}, 1, "missing key 'minutes'"),
        ({"frame": ("weight: 3", "weight: 0")}, 16, "whole number from 1 to 10"),
        ({"frame": ("weight: 3", "weight: 1.5")}, 16, "whole number"),
        ({"frame": ("required: false", "required: no")}, 13, "true or false"),
        ({"frame": ("optional: true", "optional: True")}, 19, "true or false"),
        ({"frame": ("[en, es]", "[en, xx]")}, 5, "unknown language 'xx'"),
        ({"frame": ("[en, es]", "[es]")}, 5, "'en' must be among them"),
        ({"frame": ("[why, next]", "[why]")}, 21, "two follow-up"),
        ({"frame": ("[why, next]", "[why, why]")}, 21, "stands twice"),
        ({"frame": ("[why, next]", "[why, NO]")}, 21, "put it in quotes"),
        ({"frame": ("  - key: language", "  - key: action")}, 17, "stands twice"),
        ({"frame": ("  - key: language", "  - key: Big-Word")}, 17, "small letters"),
        ({"frame": ("field: reply", "field: replay")}, 25, "no part has the field 'replay'"),
        ({"frame": ("low: 3", "low: 30")}, 26, "more than 'high'"),
        ({"frame": ('      es: ["30 días"]\n', "")}, 32, "missing key 'es'"),
        ({"frame": ('es: ["30 días"]', "es: []")}, 33, "at least one entry"),
        ({"frame": ('es: ["30 días"]', "es: [1.10]")}, 33, "put it in quotes"),
        ({"frame": ("kind: says", "kind: pattern")}, 29, "one of: length"),
        ({"frame": ("[status, calm]", "&a [status, calm]")}, 12, "aliases"),
        ({"frame": ("[known, ", "[*a, ")}, 20, "aliases"),
        ({"frame": ("minutes: 20", "minutes: !!int 20")}, 2, "tags"),
        ({"frame": ("minutes: 20", "minutes: [20")}, 3, "expected"),
        ({"frame": ("format: 1", "format: 2")}, 1, "whole number from 1 to 1"),
        ({"frame": ("format: 1", "? [a]\n: 1\nformat: 1")}, 1, "plain word"),
        ({"frame": ("device: any", "no: any\ndevice: any")}, 3, "key no as text"),
        ({"frame": ("device: any", "<<: any\ndevice: any")}, 3, "put it in quotes"),
    ],
)  # fmt: skip
def test_a_fault_in_the_frame_is_named_with_its_line(change, line, words):
    faults = faults_of(files(**change))

    assert any(f"my-challenge/v1/challenge.yaml:{line}: " in fault and words in fault for fault in faults), faults


@pytest.mark.parametrize(
    ("change", "place", "words"),
    [
        ({"brief": ("title: A title", "title: NO")}, "brief.en.md:2", "put it in quotes"),
        ({"brief": ("title: A title", "title: 1.10")}, "brief.en.md:2", "put it in quotes"),
        ({"brief": ("title: A title", "title: 12:30")}, "brief.en.md:2", "put it in quotes"),
        ({"brief": ("title: A title", "title: 010")}, "brief.en.md:2", "put it in quotes"),
        ({"brief": ("title: A title", "title: 2026-01-01")}, "brief.en.md:2", "put it in quotes"),
        ({"brief": ("title: A title", "title: ~")}, "brief.en.md:2", "put it in quotes"),
        ({"brief": ("title: A title", "title:")}, "brief.en.md:2", "has no value"),
        ({"brief": ("title: A title", "title: '  '")}, "brief.en.md:2", "empty"),
        ({"brief": ("title: A title", "title: [A]")}, "brief.en.md:2", "must be text"),
        ({"brief": ("part: reply", "part: nobody")}, "brief.en.md:5", "no part 'nobody'"),
        ({"brief": ("  known: It fails over 10,000 rows.\n", "")}, "brief.en.md:9", "missing key 'known'"),
        ({"brief": ("  unknown:", "  unheard:")}, "brief.en.md:10", "unknown key 'unheard'"),
        ({"brief": ("  notices.calm: {label: To a calm customer, hint: Short}\n", "")}, "brief.en.md:12", "calm"),
        ({"brief": ("Write it.", "")}, "brief.en.md:1", "no text"),
        ({"brief": ("---\ntitle", "title")}, "brief.en.md:1", "two lines of ---"),
        ({"rubric": ("      2: Most\n", "")}, "rubric.en.yaml:6", "missing key '2'"),
        ({"rubric": ("      3: All", "      3: All\n      4: More")}, "rubric.en.yaml:10", "unknown key '4'"),
        ({"rubric": ("    levels: {0: a, 1: b, 2: c, 3: d}\n", "")}, "rubric.en.yaml:11", "missing key 'levels'"),
        ({"rubric": ("  language:", "  lingo:")}, "rubric.en.yaml:10", "unknown key 'lingo'"),
        ({"guide": ("title: Guide", "title: Guide\nauthor: me")}, "guide.en.md:3", "unknown key 'author'"),
        ({"example": ("action: 3", "action: 4")}, "examples/01-good.en.yaml:4", "whole number from 0 to 3"),
        ({"example": ("action: 3", "language: 3")}, "examples/01-good.en.yaml:4", "missing key 'action'"),
        ({"example": ("action: 3", "action: 3\n  tone: 2")}, "examples/01-good.en.yaml:5", "unknown key 'tone'"),
        ({"example": ("words: within", "words: fine")}, "examples/01-good.en.yaml:6", "one of"),
        ({"example": ("words: within", "wurds: within")}, "examples/01-good.en.yaml:6", "unknown key 'wurds'"),
        ({"example": ("reply: It is done.", "reply: |\n    " + "x" * 10_001)}, "examples/01-good.en.yaml:2", "longer"),
        ({"example": ("why: It", "kind: robot\nwhy: It")}, "examples/01-good.en.yaml:7", "one of: person, chatbot"),
    ],
)  # fmt: skip
def test_a_fault_in_a_text_is_named_with_its_file_and_line(change, place, words):
    faults = faults_of(files(**change))

    assert any(fault.startswith(f"my-challenge/v1/{place}: ") and words in fault for fault in faults), faults


@pytest.mark.parametrize("path", ["challenge.yaml", "brief.es.md", "rubric.es.yaml", "guide.en.md"])
def test_a_missing_file_is_a_fault(path):
    contents = files()
    del contents[path]

    assert faults_of(contents) == [f"my-challenge/v1/{path}:1: missing file"]


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("brief.ru.md", "does not list the language 'ru'"),
        ("brief.xx.md", "no place"),
        ("breif.en.md", "no place"),
        ("examples/1-good.en.yaml", "no place"),
        ("check.py", "no place"),
    ],
)
def test_a_file_that_would_never_be_read_is_a_fault(path, words):
    [fault] = faults_of(files() | {path: b"x: y"})

    assert words in fault


@pytest.mark.parametrize(
    ("data", "line", "words"),
    [
        (b"x: " + b"a" * 70_000, 1, "larger than 64 kB"),
        (b"format: 1\nx: \xff", 2, "not UTF-8"),
        (b"format: 1\nx: \x00", 2, "control character"),
        ("format: 1\nx: ééééé\ny: \ufffe".encode(), 3, "does not allow"),
        (b"format: 1\nx: \xef\xbf\xbe", 2, "does not allow"),
        (b"a: " + b"[" * 3000, 1, "nested too deeply"),
        (b"a: [" + b"a," * 12_000 + b"]", 1, "too many values"),
        (b"{a: " * 30, 1, "nested too deeply"),
        (b"a: &a [x]\nb: &b [*a, *a]", 1, "aliases"),
        (b'!!python/object/apply:os.system ["id"]', 1, "tags"),
        (b"- a\n- b", 1, "expected a table"),
        (b"", 1, "expected a table"),
        (b"a: 1\n---\nb: 1", 2, "another document"),
        (b"a: 'never closed", 1, "end of stream"),
    ],
)
def test_hostile_yaml_is_one_clear_fault(data, line, words):
    [fault] = faults_of(files() | {"challenge.yaml": data})

    assert fault.startswith(f"my-challenge/v1/challenge.yaml:{line}: ")
    assert words in fault


@given(data=st.binary(max_size=200) | st.text(alphabet="ab:-[]{}&*!|>'\"#? \n\t0%@`,", max_size=200).map(str.encode))
def test_no_bytes_make_the_loader_fall_over(data):
    for path in ("challenge.yaml", "brief.en.md", "rubric.en.yaml", "examples/01-good.en.yaml"):
        with pytest.raises(catalog.ChallengeFault) as caught:
            catalog.parse(NAME, files() | {path: data})
        assert all(fault.line >= 1 and path in fault.file for fault in caught.value.faults)


@pytest.mark.parametrize("name", ["My_Challenge/v1", "my-challenge/1", "my-challenge/v0", "../v1", "my-challenge/v01"])
def test_a_folder_with_another_kind_of_name_is_refused(name):
    with pytest.raises(catalog.ChallengeFault, match="folders must be named"):
        catalog.parse(name, files())


def test_every_kind_of_answer_names_its_fields():
    frame = FRAME[: FRAME.index("parts:")] + (
        "parts:\n"
        "  - {key: a, kind: reply, channel: email}\n"
        "  - {key: b, kind: rewrite}\n"
        "  - {key: c, kind: texts, items: [one, two]}\n"
        "  - {key: d, kind: ordering, items: [t1, t2], reasons: true}\n"
        "  - {key: e, kind: url}\n"
        "  - {key: f, kind: source, items: [html, css], required: false}\n"
        "  - {key: g, kind: file, types: [pdf, png], required: false}\n"
        "criteria: [{key: action, weight: 3}, {key: language, weight: 1}]\n"
        "facts: [known]\nfollow_ups: [why, next]\nchecks: [{key: parts, kind: parts}]\n"
    )
    named = ["a", "c", "c.one", "c.two", "d", "d.t1", "d.t2", "e", "f", "f.html", "f.css", "g"]
    labels = "".join(f"  {key}: {{label: {key}}}\n" for key in named)
    brief = (
        "---\ntitle: T\nsummary: S\nreview: signed\nmessages: [{part: a, sender: B, text: C}]\nfacts: {known: K}\n"
        f"labels:\n{labels}  b: {{label: b, original: Repair this}}\n---\nDo it.\n"
    ).encode()
    answers = "answers: {a: x, b: x, c.one: x, c.two: x, d: t2 t1, d.t1: x, d.t2: x, e: x}"
    contents = files(example=("answers:\n  reply: It is done.", answers)) | {
        "challenge.yaml": frame.encode(),
        "brief.en.md": brief,
        "brief.es.md": brief,
    }
    example = contents["examples/01-good.en.yaml"].replace(b"action: 3", b"action: 3\n  language: 2")
    contents["examples/01-good.en.yaml"] = example.replace(b"facts:\n  words: within\n", b"")

    challenge = catalog.parse(NAME, contents)

    assert {part.kind for part in challenge.parts} == set(PartKind)
    assert challenge.fields == ("a", "b", "c.one", "c.two", "d", "d.t1", "d.t2", "e", "f.html", "f.css", "g")
    assert challenge.checks[0].fields == ("a", "b", "c.one", "c.two", "d", "d.t1", "d.t2", "e")
    assert challenge.briefs["en"].labels["b"].original == "Repair this"
    assert catalog.from_content(catalog.content(challenge)) == challenge


def test_a_broken_challenge_leaves_the_others_alone(tmp_path):
    write(tmp_path, files())
    write(tmp_path, files(frame=("weight: 3", "weight: 0")), "other-one/v1")
    (tmp_path / "README.md").write_text("not a challenge")
    (tmp_path / "other-one" / "v2").mkdir()

    library = catalog.load_all(tmp_path, tmp_path / "absent")

    assert [challenge.name for challenge in library.challenges] == ["my-challenge/v1"]
    assert [fault.file for fault in library.faults] == [
        "other-one/v1/challenge.yaml",
        "other-one/v2/challenge.yaml",
        str(tmp_path / "absent"),
    ]


def test_the_first_folder_wins_and_the_highest_version_is_the_latest(tmp_path):
    write(tmp_path / "ours", files())
    write(tmp_path / "ours", files(), "my-challenge/v10")
    write(tmp_path / "ours", files(), "my-challenge/v9")
    write(tmp_path / "theirs", files(brief=("A title", "Another title")))

    library = catalog.load_all(tmp_path / "ours", tmp_path / "theirs")

    assert library.latest("my-challenge").version == 10
    assert library.latest("nobody") is None
    assert library.get("my-challenge", 1).briefs["en"].title == "A title"
    assert "already" in library.faults[0].message


def test_a_large_file_is_not_read_whole(tmp_path):
    folder = write(tmp_path, files())
    (folder / "challenge.yaml").write_bytes(b"#" * 1_000_000)

    with pytest.raises(catalog.ChallengeFault, match="larger than 64 kB"):
        catalog.load(folder)


def test_a_missing_language_falls_back_to_english_and_says_so():
    challenge = catalog.parse(NAME, files())

    own, fallen = catalog.text_for(challenge, "es"), catalog.text_for(challenge, "ru")

    assert (own.locale, own.is_draft) == ("es", False)
    assert (fallen.locale, fallen.value.title) == ("en", "A title")
    assert catalog.guide_for(challenge, "es").locale == "en"
    assert [one.locale for one in catalog.follow_ups_for(challenge, "es")] == ["en", "en"]


def test_anchors_fall_back_on_their_own():
    view = catalog.criteria_for(catalog.parse(NAME, files()), "es")[0]

    assert (view.name.value, view.name.locale, view.name.is_draft) == ("Lo hace", "es", True)
    assert (view.anchors.value[3], view.anchors.locale, view.anchors.is_draft) == ("All", "en", False)


def test_the_rubric_for_grading_keeps_weights_and_words():
    rubric = catalog.rubric_for(catalog.parse(NAME, files()), "es")

    assert rubric.weights == {"action": 3, "language": 1}
    assert rubric.criteria[0].name == "Lo hace"
    assert rubric.without({"language"}).weights == {"action": 3}


def test_the_table_says_what_is_complete_in_which_language(tmp_path):
    write(tmp_path, files())

    rows = {row.locale: row for row in catalog.table(catalog.load_all(tmp_path))}

    assert list(rows) == list(locales.LOCALES)
    assert (rows["en"].for_candidates, rows["en"].has_anchors, rows["en"].has_guide) == (True, True, True)
    assert (rows["es"].for_candidates, rows["es"].has_anchors, rows["es"].has_guide) == (True, False, False)
    assert (rows["es"].is_draft, rows["en"].is_draft) == (True, False)
    assert not rows["ru"].for_candidates


def test_a_chatbot_that_would_pass_is_a_warning():
    passing = catalog.parse(NAME, files(example=("why:", "kind: chatbot\nwhy:")))

    assert "would pass the line (100%)" in catalog.warnings(passing)[0]
    assert "no example of a typical chatbot" in catalog.warnings(catalog.parse(NAME, files()))[0]


def test_languages_are_mapped_in_one_place():
    assert [locales.babel_name(tag) for tag in locales.LOCALES] == ["en", "es", "pt_BR", "ro", "ru", "zh_Hans"]
    assert [locales.tag(locales.babel_name(tag)) for tag in locales.LOCALES] == list(locales.LOCALES)
    assert locales.own_name("zh-Hans") == "简体中文"
    with pytest.raises(ValueError, match="not one of our languages"):
        locales.tag("de")
    with pytest.raises(ValueError, match="not one of our languages"):
        locales.babel_name("pt_BR")
