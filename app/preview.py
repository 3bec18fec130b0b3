"""A candidate's HTML and CSS as a page: shown in a frame from an address of its own, which can reach nothing.

Three walls stand behind each other, and each would do alone. The answer carries its own policy: sandboxed (no script,
no form, an origin of its own) and `default-src 'none'`, so that no picture, style, font or frame is ever asked for.
The page that shows it frames its own site only, so that nothing in the frame can lead it elsewhere. And the source is
cleaned: what runs, sends, embeds or leads away is left out. Never use `srcdoc`: it would inherit the page's policy.
"""

from __future__ import annotations

import re

import nh3
from flask import Response, render_template

POLICY = (
    "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; script-src 'none'; "
    "frame-ancestors 'self'; form-action 'none'; base-uri 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-DNS-Prefetch-Control": "off",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
}

_TEXT = "a abbr address b bdi bdo br cite code del dfn em hr i ins kbd mark p pre q s samp small span strong sub sup"
_BLOCKS = (
    "article aside blockquote details div figcaption figure footer h1 h2 h3 h4 h5 h6 header hgroup main nav section"
)
_LISTS = "dd dl dt li ol ul summary time u var wbr meter progress ruby rp rt img"
_TABLES = "caption col colgroup table tbody td tfoot th thead tr"
_SHAPES = "svg g path rect circle ellipse line polyline polygon text tspan"
TAGS = frozenset(" ".join((_TEXT, _BLOCKS, _LISTS, _TABLES, _SHAPES)).split())
# Left out with everything inside; other unknown elements leave their text behind.
_WITH_CONTENT = frozenset(
    {"script", "style", "title", "template", "noscript", "iframe", "object", "textarea", "select"}
)
_DRAWN = (
    "cx cy d fill fill-opacity fill-rule font-size font-weight height opacity points r rx ry stroke stroke-linecap "
    "stroke-linejoin stroke-width text-anchor transform viewBox width x x1 x2 y y1 y2 preserveAspectRatio"
)
_EVERYWHERE = "class id style title lang dir role hidden tabindex"
_ATTRIBUTES = {
    "*": set(_EVERYWHERE.split()),
    "a": {"href"},
    "img": {"src", "alt", "width", "height"},
    "ol": {"start", "reversed", "type"},
    "li": {"value"},
    "time": {"datetime"},
    "details": {"open"},
    "meter": {"min", "max", "low", "high", "optimum", "value"},
    "progress": {"max", "value"},
    **{tag: {"colspan", "rowspan", "scope", "headers", "span"} for tag in ("td", "th", "col", "colgroup")},
    **{tag: set(_DRAWN.split()) for tag in _SHAPES.split()},
}
_PICTURE = re.compile(r"data:image/(?:png|jpeg|gif|webp|svg\+xml)[;,]", re.IGNORECASE)
# Whoever pastes a whole page has their styles in it. Bounded, so that the time grows with the text.
_STYLE = re.compile(r"<style\b[^>]{0,200}>(.*?)(?:</style\b[^>]{0,200}>|\Z)", re.IGNORECASE | re.DOTALL)
# A tag that opens or closes something, for a bound on how deep the source is nested: cleaning takes the square of it.
_TAG = re.compile(r"<(/?)(?!(?:area|br|col|hr|img|input|wbr|p|li|td|tr|th|dt|dd)\b)[a-z]", re.IGNORECASE)
DEEPEST = 2_000
_END_OF_STYLE = re.compile(r"</(?=style)", re.IGNORECASE)


def answer(html: str, css: str, locale: str) -> Response:
    """The page for the frame. Its own headers stand; the site's are added where it has none."""
    styles = [*_STYLE.findall(html), css]
    # An end tag inside the styles would leave them; in CSS, `<\/` means the same.
    sheet = _END_OF_STYLE.sub(r"<\\/", "\n".join(styles))
    page = render_template("preview.html", body=clean(_STYLE.sub("", html)), sheet=sheet, locale=locale)
    return Response(page, headers=HEADERS)


def clean(html: str) -> str:
    """The HTML without whatever runs, sends, embeds or leads away. Links stay as words that look like links.

    Source that is nested deeper than any page gives nothing: no browser could show it either.
    """
    if _depth(html) > DEEPEST:
        return ""
    return nh3.clean(
        html,
        tags=set(TAGS),
        clean_content_tags=set(_WITH_CONTENT),
        attributes=_ATTRIBUTES,
        generic_attribute_prefixes={"aria-", "data-"},
        attribute_filter=_harmless,
        url_schemes={"http", "https", "mailto", "tel", "data"},
        link_rel=None,
    )


def _depth(html: str) -> int:
    depth = deepest = 0
    for end in _TAG.findall(html):
        depth = max(0, depth - 1) if end else depth + 1
        deepest = max(deepest, depth)
    return deepest


def _harmless(tag: str, name: str, value: str) -> str | None:
    """A link leads to its own place only; a picture is one that is in the source itself."""
    if name == "href":
        return value if re.fullmatch(r"#[\w-]{0,100}", value) else "#"
    if name == "src":
        return value if _PICTURE.match(value) else None
    return value
