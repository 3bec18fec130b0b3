"""What can be said about the look by reading its files."""

import gzip
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
STATIC = ROOT / "app/static"
TOKENS = (STATIC / "tokens.css").read_text()
STYLES = re.sub(r"/\*.*?\*/", "", (STATIC / "app.css").read_text() + TOKENS, flags=re.S)
# The preview is a page apart, with a policy of its own that lets styles in (tests/security/test_preview.py).
TEMPLATES = sorted(path for path in (ROOT / "app/templates").rglob("*.html") if path.name != "preview.html")
BUDGET = 45_000
TONES = ("good", "warn", "bad", "info", "amer", "emea", "apac", "spare-1", "spare-2", "spare-3")
GROUNDS = ("paper", "sheet", "well")
TEXT_PAIRS = [
    *((ink, ground) for ink in ("ink", "ink-quiet") for ground in GROUNDS),
    *((tone, f"{tone}-ground") for tone in TONES),
    *(("ink", f"{tone}-ground") for tone in TONES),
    *(("bad", ground) for ground in GROUNDS),
    ("on-gold", "gold"),
    ("on-gold", "gold-strong"),
    ("paper", "ink"),
    ("ink", "selection"),
]
# Edges of controls, the focus ring (it stands off what it rings) and bars need 3:1 (WCAG 1.4.11).
SHAPE_PAIRS = [
    *((shape, ground) for shape in ("edge", "focus") for ground in GROUNDS),
    ("progress", "well"),
    ("ink-quiet", "rule"),
]


def colours(block: str) -> dict[str, str]:
    return dict(re.findall(r"--([a-z0-9-]+): (#[0-9a-f]{6});", block))


LIGHT_BLOCK, SYSTEM_DARK_BLOCK, DARK_BLOCK = re.findall(r":root[^{,]*\{\s*color-scheme.*?\}", TOKENS, flags=re.S)
THEMES = {"light": colours(LIGHT_BLOCK), "dark": colours(DARK_BLOCK)}


def luminance(colour: str) -> float:
    """Relative luminance as WCAG 2.2 defines it."""
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("theme", THEMES)
def test_every_text_is_readable_on_its_ground(theme: str) -> None:
    palette = THEMES[theme]

    weak = {pair: round(contrast(palette[pair[0]], palette[pair[1]]), 2) for pair in TEXT_PAIRS}

    assert {pair: ratio for pair, ratio in weak.items() if ratio < 4.5} == {}


@pytest.mark.parametrize("theme", THEMES)
def test_every_shape_is_seen_on_its_ground(theme: str) -> None:
    palette = THEMES[theme]

    weak = {pair: round(contrast(palette[pair[0]], palette[pair[1]]), 2) for pair in SHAPE_PAIRS}

    assert {pair: ratio for pair, ratio in weak.items() if ratio < 3} == {}


def test_dark_by_system_and_dark_by_choice_are_alike() -> None:
    system, choice = colours(SYSTEM_DARK_BLOCK), colours(DARK_BLOCK)

    assert system == choice
    assert choice.keys() == colours(LIGHT_BLOCK).keys()


def test_colours_are_named_in_the_tokens_alone() -> None:
    styles = re.sub(r"url\(.*?\)", "", re.sub(r"/\*.*?\*/", "", (STATIC / "app.css").read_text(), flags=re.S))

    assert re.findall(r"#[0-9a-fA-F]{3,8}\b|\brgba?\(|\bhsla?\(", styles) == []
    assert set(re.findall(r"var\(--([a-z0-9-]+)", styles)) <= set(re.findall(r"--([a-z0-9-]+):", TOKENS + styles))


def test_properties_are_logical() -> None:
    sided = r"(?:margin|padding|border|inset|scroll-padding)-(?:left|right|top|bottom)[a-z-]*"
    plain = r"(?:min-|max-)?(?:width|height)|left|right|top|bottom"

    physical = re.findall(rf"^\s*(?:{sided}|{plain})\s*:.*$", STYLES, flags=re.M)
    physical += re.findall(r"(?:text-align|float|clear):\s*(?:left|right)", STYLES)

    assert physical == []


def test_the_base_page_loads_less_than_its_budget() -> None:
    names = ("vendor/pico.css", "vendor/htmx.min.js", "tokens.css", "app.css", "app.js")

    weight = sum(len(gzip.compress((STATIC / name).read_bytes(), 9)) for name in names)

    assert weight < BUDGET


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_templates_hold_no_inline_style_or_script_and_no_other_host(path: Path) -> None:
    text = re.sub(r"\{#.*?#\}", "", path.read_text(), flags=re.S)

    assert re.findall(r"\sstyle=|<style|\son[a-z]+=|javascript:|hx-on", text) == []
    assert re.findall(r"<script(?![^>]*\ssrc=)", text) == []
    assert re.findall(r"""(?:src|href)=["'](?:https?:)?//""", text) == []


def test_every_icon_in_a_template_is_in_the_sprite() -> None:
    sprite = set(re.findall(r'<symbol id="([a-z0-9-]+)"', (STATIC / "vendor/icons.svg").read_text()))

    used = {
        name
        for path in TEMPLATES
        for pattern in (r'icon\("([a-z0-9-]+)"', r'icon_name="([a-z0-9-]+)"')
        for name in re.findall(pattern, path.read_text())
    }

    assert used and used <= sprite
