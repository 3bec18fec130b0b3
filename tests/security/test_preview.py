"""A candidate's HTML and CSS as a page: nothing in it runs, is asked for, or leads away, in words and in a browser."""

from __future__ import annotations

import http.server
import json
import os
import random
import re
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.serving import make_server

from app import preview
from app.preview import DEEPEST, clean
from tests.serving import Quiet, serving

VECTORS = Path(__file__).resolve().parents[1] / "vectors"
PAYLOADS: list[str] = json.loads((VECTORS / "xss.json").read_text("utf-8"))["xss"]
# The same kinds of trick, beyond the list. {canary} is the address that must never be asked.
MORE = [
    "<iframe src='{canary}/frame'></iframe>",
    "<iframe srcdoc='<img src={canary}/srcdoc>'></iframe>",
    "<object data='{canary}/object'></object><embed src='{canary}/embed'>",
    "<link rel=stylesheet href='{canary}/css'><link rel=preload as=image href='{canary}/pre'>",
    "<link rel=dns-prefetch href='{canary}'><link rel=preconnect href='{canary}'>",
    "<img src='{canary}/1.png' srcset='{canary}/2.png 2x'><picture><source srcset='{canary}/3.png'><img></picture>",
    "<video src='{canary}/v' poster='{canary}/p' autoplay></video><audio src='{canary}/a' autoplay></audio>",
    "<p style='background:url({canary}/style)'>x</p>",
    "<div style=\"background-image:image-set('{canary}/set' 1x)\">x</div>",
    "<style>@import url({canary}/import); p { background: url({canary}/bg) }</style><p>x</p>",
    "<style>@font-face { font-family: x; src: url({canary}/font) } p { font-family: x }</style><p>x</p>",
    "<svg><image href='{canary}/svg'/><use href='{canary}/use#x'/></svg>",
    "<svg><a href='{canary}/a'><text y=20>x</text></a><animate attributeName=href values='{canary}/b'/></svg>",
    "<svg><style>@import '{canary}/svgstyle'</style><foreignObject><img src='{canary}/f'></foreignObject></svg>",
    "<meta http-equiv=refresh content='0;url={canary}/refresh'>",
    "<base href='{canary}/'><img src='relative.png'><a href='relative'>x</a>",
    "<form action='{canary}/form' id=f><button autofocus formaction='{canary}/b'>x</button></form>",
    "<a href='{canary}/ping' ping='{canary}/pinged' target=_top id=go>x</a>",
    "<a href='/my/leave' id=go2>x</a><area href='{canary}/area'><map name=m></map>",
    "<table background='{canary}/table'><tr><td background='{canary}/td'>x</table>",
    "<input type=image src='{canary}/input'><body background='{canary}/body'>",
    "<details open ontoggle=alert(1)>x</details><marquee onstart=alert(1)>x</marquee>",
    "<img src='data:text/html,<script>alert(1)</script>'><a href='data:text/html,<script>alert(1)</script>'>x</a>",
    "<img src='data:image/svg+xml,<svg xmlns=\"http://www.w3.org/2000/svg\" onload=\"alert(1)\">"
    "<image href=\"{canary}/s\"/></svg>'>",
    "</style><script>alert(1)</script>",
    "</body></html><script>fetch('{canary}/late')</script>",
    "<template><img src='{canary}/template'></template><noscript><img src='{canary}/noscript'></noscript>",
    "<frameset><frame src='{canary}/frame'></frameset>",
    "<portal src='{canary}/portal'></portal><fencedframe></fencedframe>",
    "<script type=speculationrules>{{\"prefetch\":[{{\"urls\":[\"{canary}/spec\"]}}]}}</script>",
    "<p is=x-y slot=z contenteditable autofocus onfocus=alert(1)>x</p>",
    "<math><annotation-xml encoding='text/html'><img src='{canary}/math'></annotation-xml></math>",
]  # fmt: skip
STYLES = [
    "@import '{canary}/css1';",
    "@import url({canary}/css2) screen;",
    "body {{ background: url('{canary}/css3') }}",
    "body {{ cursor: url({canary}/css4), auto; list-style-image: url({canary}/css5) }}",
    "@font-face {{ font-family: a; src: url({canary}/css6) }} body {{ font-family: a }}",
    "body::after {{ content: url({canary}/css7) }}",
    "</style><script>alert(1)</script><img src={canary}/css8>",
    "</StYlE ><img src={canary}/css9 onerror=alert(1)>",
    "<!-- </style><script>alert(1)</script>",
    "@namespace '{canary}/css10'; body {{ -webkit-mask-image: url({canary}/css11) }}",
]
ACTIVE = re.compile(
    r"<(?:script|iframe|object|embed|link|meta|base|form|input|button|frame|template|use|image)\b|srcset"
)
HANDLER = re.compile(r"<[^>]*\son[a-z]+\s*=", re.IGNORECASE)


def sample(rows: list[str], number: int) -> list[str]:
    """All of them under WINNOW_SWEEP, else always the same few."""
    return rows if os.environ.get("WINNOW_SWEEP") else random.Random(7).sample(rows, number)


@pytest.mark.parametrize("payload", [*PAYLOADS, *MORE])
def test_nothing_active_is_left_of_the_source(ctx, payload):
    canary = "http://127.0.0.1:9"
    source = payload.replace("{canary}", canary)

    with ctx.test_request_context("/"):
        answer = preview.answer(source, "", "en")

    # A picture in the source is a still one: browsers neither run nor load anything in it.
    body = re.sub(r'src="data:image/[^"]*"', "", answer.get_data(as_text=True).partition("<body>")[2])
    assert not ACTIVE.search(body), body
    assert not HANDLER.search(body), body
    assert not re.search(r'(?:href|src)="(?!#|data:image/)', body), body
    assert answer.headers["Content-Security-Policy"] == preview.POLICY


@pytest.mark.parametrize("style", STYLES)
def test_styles_never_leave_their_element(ctx, style):
    with ctx.test_request_context("/"):
        page = preview.answer("<p>ok</p>", style.format(canary="http://127.0.0.1:9"), "en").get_data(as_text=True)

    assert page.lower().count("</style") == 1
    assert page.index("<p>ok</p>") > page.index("</style>")


def test_ordinary_pages_are_kept():
    source = (
        '<section id="top" class="card" style="padding:1em"><h1>On duty</h1><ul><li>Ana</li></ul>'
        '<img src="data:image/png;base64,iVBORw0KGgo=" alt="A clock"><table><tbody><tr><td colspan="2">1</td></tr>'
        '</tbody></table><svg viewBox="0 0 9 9"><path d="M0 0L9 9"></path></svg></section>'
    )

    assert clean(source) == source
    assert clean('<a href="https://example.com/x">Help</a>') == '<a href="#">Help</a>'
    assert clean('<a href="#top">Up</a>') == '<a href="#top">Up</a>'
    assert clean("<button>Ask</button>") == "Ask"


def test_styles_inside_a_whole_page_count(ctx):
    whole = "<!doctype html><html><head><title>T</title><style>h1 { color: red }</style></head><body><h1>x</h1></body>"

    with ctx.test_request_context("/"):
        page = preview.answer(whole, "", "en").get_data(as_text=True)

    assert "h1 { color: red }" in page.partition("</style>")[0]
    assert page.partition("<body>")[2].strip().startswith("<h1>x</h1>")


@pytest.mark.parametrize(
    "source", ["<div>" * 20_000, "<b><a>" * 14_000, "<style" * 16_000, "<table><tr><td>" * 6_000, "<" * 100_000]
)
def test_no_source_takes_long(source):
    started = time.process_time()

    clean(source)
    preview._STYLE.sub("", source)

    assert time.process_time() - started < 3


def test_source_that_is_nested_like_no_page_gives_nothing():
    assert clean("<div>" * (DEEPEST + 1)) == ""
    assert clean("<div>" * 100 + "x").endswith("x" + "</div>" * 100)


@given(st.text())
def test_any_text_gives_a_page(source):
    assert isinstance(clean(source), str)


# --- in a browser ------------------------------------------------------------------------------------------------


@pytest.fixture
def canary():
    """A server that must never be asked; gives its address and what it was asked for."""
    hits: list[str] = []

    class Canary(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            hits.append(self.path)
            self.send_response(204)
            self.end_headers()

        do_POST = do_HEAD = do_OPTIONS = do_GET

        def log_message(self, *_: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Canary)
    with serving(server):
        yield f"http://127.0.0.1:{server.server_port}", hits


EMBEDS = """<!doctype html><title>{index}</title><h1>Outside</h1><script src="/mark.js"></script>
<iframe sandbox title="x" src="/preview/{index}"></iframe>"""


@pytest.fixture
def site(app, canary):
    """Pages that show each payload in a frame as ours do, from a site of its own."""
    address, _hits = canary
    sources = [payload.replace("{canary}", address) for payload in (*PAYLOADS, *MORE)]
    sheets = [style.format(canary=address) for style in STYLES]
    pairs = [*((source, "") for source in sources), *(("<p>ok</p>", sheet) for sheet in sheets)]

    def answer(environ, start_response):
        path = environ["PATH_INFO"]
        index = path.rsplit("/", 1)[-1]
        with app.test_request_context(path):
            if path.startswith("/preview/"):
                shown = preview.answer(*pairs[int(index)], "en")
            else:
                shown = app.response_class(EMBEDS.format(index=index))
            response = app.process_response(shown)
        return response(environ, start_response)

    server = make_server("127.0.0.1", 0, answer, threaded=True, request_handler=Quiet)
    with serving(server):
        yield f"http://127.0.0.1:{server.server_port}", len(pairs)


@pytest.mark.browser
def test_in_a_browser_nothing_runs_is_asked_for_or_leads_away(browser, site, canary):
    _address, hits = canary
    base, number = site
    page = browser.new_page(base_url=base)
    dialogs: list[str] = []
    elsewhere: list[str] = []
    page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    page.on("response", lambda response: elsewhere.append(response.url))

    for index in sample([str(each) for each in range(number)], 16):
        page.goto(f"/page/{index}", wait_until="load")
        frame = page.frame_locator("iframe")
        frame.locator("body").wait_for(state="attached")
        for link in frame.locator("a").all():
            link.click(force=True, timeout=1000)
        assert frame.locator("script, iframe, object, embed, form, input, meta[http-equiv], base, link").count() == 0
        assert page.url == f"{base}/page/{index}"
        assert [one.url.partition("#")[0] for one in page.frames] == [f"{base}/page/{index}", f"{base}/preview/{index}"]

    page.close()
    assert (dialogs, hits) == ([], [])
    assert [url for url in elsewhere if not url.startswith((f"{base}/", "data:image/"))] == []


@pytest.mark.browser
def test_the_wall_stands_even_if_the_cleaning_fails(browser, site, canary, monkeypatch):
    """With the cleaning switched off, the policy alone still lets nothing run and nothing out."""
    monkeypatch.setattr(preview, "clean", lambda html: html)
    _address, hits = canary
    base, number = site
    page = browser.new_page(base_url=base)
    dialogs: list[str] = []
    page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))

    for index in sample([str(each) for each in range(number)], 12):
        page.goto(f"/page/{index}", wait_until="load")
        page.wait_for_timeout(50)
        assert page.url == f"{base}/page/{index}"

    page.close()
    assert (dialogs, hits) == ([], [])
