"""Take the README's pictures from the running demo: `make pictures`."""

from __future__ import annotations

import base64
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright

import config

HERE = Path(__file__).parent
FOLDER = HERE / "pictures"
# Bytes: eight pictures are loaded with the README.
LARGEST = 200_000
WIDE: ViewportSize = {"width": 1180, "height": 760}
PHONE: ViewportSize = {"width": 390, "height": 760}
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking"]
SETTLED_WITHIN = 60.0
REGIONS = ("AMER", "EMEA", "APAC")


@dataclass(frozen=True)
class Shown:
    """What the demo says and the picture above the fold repeats."""

    sender: str
    message: str
    answer: str
    # Criterion, and the level that each of the two readers gave.
    levels: list[list[str]]
    # Rank, code, score in percent.
    ranking: list[list[str]]


@contextmanager
def running() -> Iterator[str]:
    """Winnow with its demo, in a home of its own on a free port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with tempfile.TemporaryDirectory(prefix="winnow-") as home:
        environment = config.child_environment(WINNOW_HOME=home, PORT=str(port), WINNOW_ENV="development")
        command = [sys.executable, "-m", "flask", "--app", "app", "run-all"]
        server = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True, cwd=config.ROOT)
        assert server.stdout is not None
        try:
            if "is running at" not in server.stdout.readline():
                raise SystemExit("Winnow did not start; the line above says why.")
            yield f"http://127.0.0.1:{port}"
        finally:
            server.terminate()
            server.wait(30)


def be(page: Page, base: str, address: str) -> None:
    """Become one of the invented people."""
    page.goto(f"{base}/start/")
    with page.expect_navigation():
        page.locator(f'form[action="/start/be/{address}"]').first.evaluate("form => form.submit()")


def wait_for_workers(page: Page, base: str) -> None:
    """Wait until the workers have checked every answer of the demo: before, the numbers on the pages still move."""
    ends = time.monotonic() + SETTLED_WITHIN
    for region in REGIONS:
        while True:
            page.goto(f"{base}/roles/support-agent/{region}")
            if number(page, "Checked") == number(page, "Submitted"):
                break
            if time.monotonic() > ends:
                raise SystemExit(f"The workers did not check every answer in {region}.")
            page.wait_for_timeout(500)


def number(page: Page, label: str) -> str:
    """The number that stands under a label."""
    return page.locator(".stat").filter(has_text=label).locator(".stat-value").first.inner_text()


def tour(browser: Browser, base: str) -> Shown:
    """The pictures of the tour, each as the person would see it; gives what the picture above the fold repeats."""
    page = browser.new_page(viewport=WIDE)
    be(page, base, "ines")
    wait_for_workers(page, base)
    save(page, "ranking", f"{base}/roles/support-agent/EMEA")
    page.goto(f"{base}/roles/support-agent/APAC")
    page.locator("tr", has_text="Third review").locator('a[href^="/applications/"]').click()
    page.wait_for_load_state()
    page.locator(".dossier-part").evaluate("part => part.scrollIntoView()")
    save(page, "score")
    shown = read(page, base)
    desk(page, base)
    save(page, "desk")
    be(page, base, "maria")
    save(page, "region", f"{base}/desk/EMEA")
    be(page, base, "paulo")
    save(page, "set-up", f"{base}/set-up/opening")
    page.context.clear_cookies()
    save(page, "start", f"{base}/start/")
    page.close()
    return shown


def desk(page: Page, base: str) -> None:
    """Open a reviewer's next answer: of the first reviewer who has one in letters that every machine can draw."""
    for reviewer in ("thandi", "aiko", "jonas"):
        be(page, base, reviewer)
        page.goto(f"{base}/review")
        page.get_by_role("button", name="Read the next answer").click()
        if page.locator(".desk-answer").inner_text().isascii():
            return


def read(page: Page, base: str) -> Shown:
    """Read the message, one answer with its two readings, and the ranking that it stands in."""
    page.goto(f"{base}/roles/support-agent/AMER")
    rows = page.locator('table:has(.score-bar) tr:has(a[href^="/applications/"])')
    ranking = rows.evaluate_all(
        """rows => rows.map(row => [
            row.querySelector("td.number").firstChild.textContent.trim(),
            row.querySelector("a").getAttribute("href").split("/").pop(),
            row.querySelector(".score-value").textContent])"""
    )
    rows.filter(has_text="Jordan Whitaker").locator("a").first.click()
    page.locator(".dossier").wait_for()
    levels = page.locator(".judged").evaluate_all(
        """all => all.map(one => [one.querySelector("h3").firstChild.textContent.trim(),
            ...[...one.querySelectorAll("kbd")].map(level => level.textContent)])"""
    )
    return Shown(
        sender=page.locator(".mail-from").first.inner_text(),
        message=page.locator(".mail blockquote").first.inner_text(),
        answer=page.locator(".dossier .as-written").first.inner_text(),
        levels=levels,
        ranking=ranking,
    )


def candidate(browser: Browser, base: str) -> None:
    """A candidate on a phone: the job, the message, the answer; three screens in one picture."""
    context = browser.new_context(viewport=PHONE, timezone_id="America/Sao_Paulo", locale="en-US")
    page = context.new_page()
    page.goto(f"{base}/jobs/support-agent-amer")
    screens = [page.screenshot()]
    page.goto(f"{base}/jobs/support-agent-amer/apply")
    page.get_by_label("Your name").fill("Rosa Example")
    page.get_by_label("Your e-mail address").fill("rosa@candidate.example")
    page.get_by_label("Country where you live").select_option("BR")
    page.locator('input[name="consent"]').check()
    with page.expect_navigation():
        page.get_by_role("button", name="Send my application").click()
    page.goto(f"{base}/my/close-my-account")
    with page.expect_navigation():
        page.locator('form[action$="/start"] button').click()
    page.locator(".work-head").evaluate("head => head.scrollIntoView()")
    screens.append(page.screenshot())
    page.locator("textarea").first.fill("Hi Ben,\n\nYour account is closed, and there is nothing more for you to do.")
    page.get_by_text(re.compile(r"^Saved \d")).first.wait_for()
    page.get_by_label("Your reply to Ben").evaluate("field => field.closest('.field').scrollIntoView()")
    screens.append(page.screenshot())
    context.close()
    phones(browser, screens)


def phones(browser: Browser, screens: list[bytes]) -> None:
    """Screens of a phone side by side."""
    page = browser.new_page(viewport={"width": 1256, "height": 802})
    page.goto((HERE / "phones.html").as_uri())
    page.evaluate(
        """async screens => {
            for (const screen of screens) {
                const image = document.body.appendChild(new Image());
                image.src = `data:image/png;base64,${screen}`;
                await image.decode();
            }
        }""",
        [base64.b64encode(screen).decode() for screen in screens],
    )
    save(page, "phones")
    page.close()


def fold(browser: Browser, shown: Shown) -> None:
    """The picture above the fold: message, answer, two readings and a ranking, as the demo has them."""
    page = browser.new_page(viewport={"width": 1180, "height": 560})
    page.goto((HERE / "fold.html").as_uri())
    page.evaluate(
        """shown => {
            const put = (id, text) => { document.getElementById(id).textContent = text; };
            const add = (parent, tag, text) => {
                const made = parent.appendChild(document.createElement(tag));
                made.textContent = text;
                return made;
            };
            put("sender", shown.sender);
            put("message", shown.message);
            put("answer", shown.answer);
            const levels = document.getElementById("levels");
            for (const [name, ...given] of [["", "A", "B"], ...shown.levels]) {
                add(levels, "dt", name);
                for (const level of given) add(levels, "dd", level);
            }
            for (const [rank, code, percent] of shown.ranking) {
                const row = add(document.getElementById("ranking"), "li", "");
                add(row, "b", rank);
                add(row, "code", code);
                const bar = add(row, "span", "");
                bar.className = "bar";
                add(bar, "span", "").style.inlineSize = percent;
                add(row, "b", percent);
            }
        }""",
        shown.__dict__,
    )
    height = page.locator(".fold").evaluate("fold => Math.ceil(fold.getBoundingClientRect().bottom)")
    page.set_viewport_size({"width": 1180, "height": height + 16})
    save(page, "fold")
    page.close()


def save(page: Page, name: str, address: str | None = None) -> None:
    """Keep the picture of an address, or of what is on the screen."""
    if address:
        page.goto(address)
    path = FOLDER / f"{name}.png"
    page.screenshot(path=path)
    if path.stat().st_size > LARGEST:
        raise SystemExit(f"{path.name} has {path.stat().st_size:,} bytes; at most {LARGEST:,} are wanted.")


def main() -> None:
    """Take them all."""
    path = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None:
        raise SystemExit("There is no Chromium: install the chromium package or set CHROMIUM.")
    FOLDER.mkdir(exist_ok=True)
    with sync_playwright() as playwright, running() as base:
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        shown = tour(browser, base)
        candidate(browser, base)
        fold(browser, shown)
        browser.close()


if __name__ == "__main__":
    main()
