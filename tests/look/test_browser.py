"""How the pages look and behave in a real browser."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

pytestmark = pytest.mark.browser

PAGES = ("/patterns", "/patterns?errors=1", "/reading", "/desk", "/error")
WIDE, PHONE, NARROW = (1280, 800), (360, 740), (320, 640)
TAGS = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}}
WATCH = """
window.violations = [];
document.addEventListener("securitypolicyviolation", (said) => {
  window.violations.push(said.violatedDirective + " " + said.blockedURI);
});
"""


@pytest.fixture
def look(browser: Browser, address: str) -> Iterator[Callable[..., Page]]:
    """Open a path in a fresh browser; every complaint of the console, a script or the policy fails the test."""
    contexts, complaints = [], []

    def open_page(path: str, size: tuple[int, int] = WIDE, theme: str = "light", **options: object) -> Page:
        context = browser.new_context(viewport={"width": size[0], "height": size[1]}, color_scheme=theme, **options)
        contexts.append(context)
        context.add_init_script(WATCH)
        page = context.new_page()
        page.on("console", lambda said: complaints.append(said.text) if said.type in ("error", "warning") else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        answer = page.goto(address + path)
        assert answer is not None and answer.ok
        return page

    yield open_page
    for context in contexts:
        complaints.extend(context.pages[0].evaluate("window.violations || []"))
        context.close()
    assert complaints == []


@contextmanager
def dialog_open(page: Page, selector: str) -> Iterator[None]:
    expect(page.locator(selector)).to_be_visible()
    yield
    expect(page.locator(selector)).to_be_hidden()


# Every component is on the pattern page, so that one is looked at in all four ways, the layouts in two.
@pytest.mark.parametrize(
    ("path", "theme", "size"),
    [
        *((path, "light", WIDE) for path in PAGES),
        *((path, "dark", PHONE) for path in PAGES),
        ("/patterns", "light", PHONE),
        ("/patterns", "dark", WIDE),
    ],
)
def test_axe_finds_nothing(look: Callable[..., Page], path: str, theme: str, size: tuple[int, int]) -> None:
    page = look(path, size, theme)

    found = Axe().run(page, options=TAGS)

    assert [(v["id"], [n["target"] for n in v["nodes"]]) for v in found.response["violations"]] == []


@pytest.mark.parametrize("direction", ["ltr", "rtl"])
@pytest.mark.parametrize("path", PAGES)
def test_nothing_scrolls_sideways_on_a_small_phone(look: Callable[..., Page], path: str, direction: str) -> None:
    page = look(f"{path}{'&' if '?' in path else '?'}dir={direction}", NARROW)

    assert page.evaluate("document.documentElement.scrollWidth") <= NARROW[0]


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("path", ["/patterns", "/desk"])
def test_the_keyboard_always_shows_where_it_is(look: Callable[..., Page], path: str, theme: str) -> None:
    page = look(path, WIDE, theme)

    unseen = []
    for _stop in range(45):
        page.keyboard.press("Tab")
        seen = page.evaluate(
            """() => {
              const at = document.activeElement;
              if (!at || at === document.body) return "end";
              const ringed = (e) => e && getComputedStyle(e).outlineStyle === "solid"
                && parseFloat(getComputedStyle(e).outlineWidth) >= 2;
              return ringed(at) || ringed(at.closest(".level")) ? "" : at.outerHTML.slice(0, 120);
            }"""
        )
        if seen == "end":
            break
        if seen:
            unseen.append(seen)

    assert unseen == []


def test_the_first_tab_offers_to_skip_to_the_content(look: Callable[..., Page]) -> None:
    page = look("/patterns")

    page.keyboard.press("Tab")
    expect(page.locator(".skip-link")).to_be_in_viewport()
    page.keyboard.press("Enter")

    expect(page.locator("main")).to_be_focused()


def test_a_chosen_theme_is_remembered_and_can_be_given_back(look: Callable[..., Page]) -> None:
    page = look("/reading", theme="light")
    ground = "getComputedStyle(document.documentElement).backgroundColor"
    light = page.evaluate(ground)

    page.locator("[data-theme-choice=dark]").click()
    page.reload()
    assert page.locator("html").get_attribute("data-theme") == "dark"
    assert page.evaluate(ground) != light

    page.locator("[data-theme-choice=system]").click()
    page.reload()
    assert page.evaluate(ground) == light


@pytest.mark.parametrize(("zone", "chosen"), [("Asia/Manila", "Asia/Manila"), ("Europe/Oslo", "")])
def test_the_browsers_time_zone_is_suggested_where_it_is_listed(
    look: Callable[..., Page], zone: str, chosen: str
) -> None:
    page = look("/patterns", timezone_id=zone)

    expect(page.locator("select[data-suggest-zone]")).to_have_value(chosen)


def test_the_time_left_is_kept_fresh_in_the_servers_words(
    look: Callable[..., Page], browser: Browser, address: str
) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{address}/reading?lang=pt-BR")
    assert page.locator("main time[data-relative]").inner_text() == "in 2 dias 4 horas"
    context.close()

    page = look("/error")
    page.clock.install(time="2027-03-12T16:59:30Z")
    page.goto(f"{address}/reading?lang=pt-BR")
    left = page.locator("main time[data-relative]")
    expect(left).to_have_text("in 2 dias 4 horas")
    page.clock.fast_forward("01:00:00")

    expect(left).to_have_text("in 2 dias 3 horas")


def test_a_form_asks_once_and_enter_by_habit_changes_nothing(look: Callable[..., Page]) -> None:
    page = look("/patterns")
    withdraw = page.get_by_role("button", name="Withdraw", exact=True).first

    withdraw.click()
    with dialog_open(page, "#confirm"):
        expect(page.locator("#confirm-text")).to_contain_text("Your answer is deleted after 30 days")
        page.keyboard.press("Enter")
    assert page.url.endswith("/patterns")

    withdraw.click()
    page.locator("#confirm [data-confirm-yes]").click()
    page.wait_for_url("**/out")

    assert page.inner_text("body") == "posted withdrawn"


def test_toasts_can_be_dismissed(look: Callable[..., Page]) -> None:
    page = look("/patterns")
    before = page.locator(".toast").count()

    page.locator(".toast [data-dismiss]").first.click()

    expect(page.locator(".toast")).to_have_count(before - 1)


def test_a_dialog_opens_closes_and_gives_the_focus_back(look: Callable[..., Page]) -> None:
    page = look("/patterns")
    opener = page.get_by_role("link", name="See the rubric")

    opener.click()
    with dialog_open(page, "#help"):
        page.keyboard.press("Escape")

    expect(opener).to_be_focused()


def test_htmx_brings_a_part_and_carries_the_token(look: Callable[..., Page]) -> None:
    page = look("/patterns")

    page.get_by_role("button", name="Fetch a part").click()

    expect(page.locator("#part")).to_have_text("brought by htmx")


def test_without_javascript_nothing_useless_is_shown_and_dialogs_still_open(
    look: Callable[..., Page],
) -> None:
    page = look("/patterns", java_script_enabled=False)

    expect(page.locator("[data-theme-switch]")).to_be_hidden()
    expect(page.locator(".toast [data-dismiss]").first).to_be_hidden()
    page.get_by_role("link", name="See the rubric").click()

    expect(page.locator("#help")).to_be_visible()


def test_levels_are_chosen_with_the_arrow_keys(look: Callable[..., Page]) -> None:
    page = look("/desk")
    page.locator("input[name=understands]:checked").focus()

    page.keyboard.press("ArrowDown")

    expect(page.locator("input[name=understands][value='3']")).to_be_checked()


@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["wide", "phone"])
def test_the_desks_bar_and_prompt_stay_on_screen(look: Callable[..., Page], size: tuple[int, int]) -> None:
    page = look("/desk", size)

    page.locator("input[name=tone][value=cannot]").scroll_into_view_if_needed()
    page.locator(".desk-answer > p").last.evaluate("e => e.scrollIntoView({block: 'end'})")

    expect(page.locator(".desk-bar")).to_be_in_viewport(ratio=1)
    expect(page.locator(".desk-prompt")).to_be_in_viewport()


def test_a_field_in_error_names_its_hint_and_its_error(look: Callable[..., Page]) -> None:
    page = look("/patterns?errors=1")

    name = page.locator("#name")

    assert name.get_attribute("aria-invalid") == "true"
    assert name.get_attribute("aria-describedby") == "name-hint name-errors"
    expect(page.locator(".notice[role=alert][tabindex]")).to_be_focused()
