"""Faults of HTML and CSS are named with their lines and highlighted; pictures without words are counted."""

import pytest

from grading.checks import Check, CheckKind, Note, run
from grading.markup import MOST_FAULTS


def look(kind, text):
    [fact] = run([Check("it", CheckKind(kind), ("text",))], {"text": text}, "en")
    return fact


def marked(text, fact):
    return [text[start:end] for start, end in fact.where]


@pytest.mark.parametrize(
    ("text", "fault", "place"),
    [
        ("<p>\n<h2>On duty</h1>\n", "2:end-tag-too-early", "</h1>"),
        ("<ul>\n<li>Ana\n<li>Omar\n", "1:expected-closing-tag-but-got-eof", "<ul>"),
        ("<p>\r\n\r\n<b>bold</p>", "3:unexpected-end-tag", "</p>"),
        ("<p>a</p>\n<a href=x href=y>z</a>", "2:duplicate-attribute", "<a href=x href="),
        ("<p>\n&nosuch; x</p>", "2:expected-named-entity", "&no"),
        ("<p>\n&#xZ;</p>", "2:expected-numeric-entity", "&#x"),
        ("<table>\n<b>x</b></table>", "2:unexpected-start-tag-implies-table-voodoo", "<b>"),
        ("a\n<p>\ufdd0</p>", "2:invalid-codepoint", "\ufdd0"),
        ("<p>\n<div/>x", "2:non-void-element-with-trailing-solidus", "<div/>"),
    ],
)
def test_a_fault_of_html_has_its_line_and_its_place(text, fault, place):
    fact = look("html", text)

    assert fact.note is Note.FAULTS
    assert fault in fact.seen["faults"]
    assert any(place in piece for piece in marked(text, fact))


@pytest.mark.parametrize(
    "text",
    [
        "<p>AT&T, Q&A, a & b</p>",
        '<a href="?a=1&copy=2&b=3">x</a>',
        "<ul><li>Ana<li>Omar</ul>",
        "<p>one<p>two",
        "<!-- note --><svg viewBox='0 0 1 1'><path d='M0 0'/></svg>",
        "<style>p { color: red }</style><p>x</p>",
        '<img src="data:image/png;base64,' + "A" * 5_000 + '" alt="">',
        "just words",
    ],
)
def test_html_that_todays_standard_allows_is_clean(text):
    assert look("html", text).seen == {"count": 0, "faults": []}


def test_what_goes_too_deep_is_said_once_and_read_no_further():
    fact = look("html", "<div>" * 500 + "</b>")

    assert fact.seen["faults"] == ["1:too-deep"]
    assert look("html", "<div>" * 90 + "</div>" * 90).note is Note.CLEAN
    assert look("html", "<p " + "".join(f"a{n}=1 " for n in range(500)) + ">").seen["faults"] == [
        "1:too-many-attributes"
    ]


def test_source_that_breaks_the_parser_itself_is_a_fault_and_no_crash():
    fact = look("html", "<table><th><table><ruby></th><svg><html role=img>")

    assert "1:unreadable" in fact.seen["faults"]


@pytest.mark.parametrize(
    ("text", "faults"),
    [
        ("a { color: red }", []),
        ("a { color red; }", ["1:invalid"]),
        ("a {\n  color: red;\n  b c\n}", ["3:invalid"]),
        ("a { color: red\nb { top: 0 }", ["1:eof-in-block"]),
        ("a { color: red }\n}\nb { top: 0 }", ["2:}"]),
        ("a { width: calc(1px)) }", ["1:)"]),
        ("a { content: 'x\n}", ["1:bad-string"]),
        ("a { background: url(x y) }", ["1:bad-url"]),
        ("a {}\n/* never closed", ["2:eof-in-comment"]),
        ("a {}\n/* closed */\n", []),
        ("a { color: ; --x:; }", ["1:invalid"]),
        ("a { top: 0 };\nb { top: 0 }", ["1:invalid"]),
        ("{ top: 0 }", ["1:invalid"]),
        ("@media print {\n  a { top 0 }\n}", ["2:invalid"]),
        ("@supports (top: 0) { @media print {\n a { top 0 } } }", ["2:invalid"]),
        ("@layer base {\n a { top 0 } }", ["2:invalid"]),
        ("@-webkit-keyframes x { from { top: 0 }\n to { top } }", ["2:invalid"]),
        ("@font-face { font-family: x;\n src }", ["2:invalid"]),
        ("a { &:hover { top: 0 }\n b { top } }", ["2:invalid"]),
        ("@unknown { what ever }", []),
        ("a:hover, a::before { top: 0 !important }", []),
        ("a { made-up: whatever }", []),
        ("a { top: 0 }\r\n\r\nb { top }\f}", ["3:invalid", "4:}"]),
    ],
)
def test_a_fault_of_css_has_its_line(text, faults):
    fact = look("css", text)

    assert fact.seen["faults"] == faults
    assert fact.note is (Note.FAULTS if faults else Note.CLEAN)
    assert len(fact.where) <= len(faults)
    assert bool(fact.where) is bool(faults)


def test_the_line_of_a_fault_is_highlighted():
    text = "a {\n  color: red;\n  b c\n}"

    assert marked(text, look("css", text)) == ["b c"]


@pytest.mark.parametrize(("kind", "piece"), [("html", "</b>\n"), ("css", "}\n")])
def test_all_faults_are_counted_and_the_first_are_listed(kind, piece):
    fact = look(kind, piece * 300)

    assert fact.seen["count"] == 300
    assert len(fact.seen["faults"]) == MOST_FAULTS
    assert fact.seen["faults"][0].startswith("1:")


@pytest.mark.parametrize(
    "text",
    [
        '<img src=a alt="Two people">', '<img src=a alt="">', "<img src=a alt>", '<img src=a aria-label="Ana">',
        '<img src=a title="Ana">', "<img src=a role=presentation>", '<input type=image src=a alt="Send">',
        '<map name=m><area href=b alt="North"></map>', '<svg role=img aria-label="Up"></svg>',
        "<svg role=img><title>Up</title></svg>", '<div role="img" aria-labelledby=x></div>',
    ],
)  # fmt: skip
def test_a_picture_with_words_is_complete(text):
    fact = look("pictures", text)

    assert (fact.note, fact.seen) == (Note.COMPLETE, {"pictures": 1, "missing": 0})


@pytest.mark.parametrize(
    "text",
    ["<img src=a>", '<img src=a title=" ">', '<input type="IMAGE" src=a>', '<input type=image alt="">',
     "<map name=m><area href=b></map>", "<svg role=img><title> </title></svg>", "<svg role=img></svg>",
     "<div role=img>x</div>", "<image src=a>"],
)  # fmt: skip
def test_a_picture_without_words_is_counted_and_highlighted(text):
    fact = look("pictures", f"<p>é😀</p>\n{text}")

    assert (fact.note, fact.seen) == (Note.INCOMPLETE, {"pictures": 1, "missing": 1})
    [piece] = marked(f"<p>é😀</p>\n{text}", fact)
    assert piece.startswith("<")
    assert piece.endswith(">")
    assert piece in text


@pytest.mark.parametrize(
    "text",
    ["<!-- <img> -->", "<textarea><img></textarea>", "<script>'<img>'</script>", "<svg><path/></svg>", "&lt;img>",
     "<input type=text>", "<map><area></map>", "<p>x</p>"],
)  # fmt: skip
def test_what_is_no_picture_is_not_counted(text):
    assert look("pictures", text).seen == {"pictures": 0, "missing": 0}
