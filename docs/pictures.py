"""Take the README's pictures from the running demo: `make pictures`."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

import config

FOLDER = Path(__file__).parent / "pictures"
WIDE = {"width": 1180, "height": 760}
PHONE = {"width": 390, "height": 760}
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking"]


@contextmanager
def running() -> Iterator[str]:
    """Winnow with its demo, in a home of its own on a free port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with tempfile.TemporaryDirectory(prefix="winnow-") as home:
        environment = config.child_environment(WINNOW_HOME=home, PORT=str(port))
        command = [sys.executable, "-m", "flask", "--app", "app", "run-all"]
        server = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True, cwd=config.ROOT)
        assert server.stdout is not None
        server.stdout.readline()
        try:
            yield f"http://127.0.0.1:{port}"
        finally:
            server.terminate()
            server.wait(30)


def be(page: Page, base: str, address: str) -> None:
    """Become one of the invented people."""
    page.goto(f"{base}/start/")
    with page.expect_navigation():
        page.locator(f'form[action="/start/be/{address}"]').first.evaluate("form => form.submit()")


def tour(browser: Browser, base: str) -> None:
    """The pictures of the tour, each as the person would see it."""
    page = browser.new_page(viewport=WIDE)
    page.goto(f"{base}/start/")
    save(page, "start")
    be(page, base, "thandi")
    page.goto(f"{base}/review")
    page.get_by_role("button", name="Read the next answer").click()
    page.wait_for_load_state()
    save(page, "desk")
    be(page, base, "ines")
    page.goto(f"{base}/roles/support-agent/EMEA")
    save(page, "ranking")
    page.goto(f"{base}/roles/support-agent/APAC")
    page.locator('a[href^="/applications/"]').nth(1).click()
    page.wait_for_load_state()
    save(page, "score")
    be(page, base, "maria")
    page.goto(f"{base}/desk/EMEA")
    save(page, "region")
    page.close()


def candidate(browser: Browser, base: str) -> None:
    """A candidate on a phone: the job, then the workspace."""
    context = browser.new_context(viewport=PHONE, timezone_id="America/Sao_Paulo", locale="en-US")
    page = context.new_page()
    page.goto(f"{base}/jobs/support-agent-amer")
    save(page, "job")
    page.goto(f"{base}/jobs/support-agent-amer/apply")
    page.get_by_label("Your name").fill("Rosa Example")
    page.get_by_label("Your e-mail address").fill("rosa@candidate.example")
    page.get_by_label("Country where you live").select_option("BR")
    page.locator('input[name="consent"]').check()
    page.get_by_role("button", name="Send my application").click()
    page.wait_for_load_state()
    page.goto(f"{base}/my/close-my-account")
    page.locator('form[action$="/start"] button').click()
    page.wait_for_load_state()
    field = page.locator("textarea").first
    field.fill("Hi Ben,\n\nYour account is closed, and there is nothing more for you to do.")
    page.get_by_text(re.compile(r"^Saved \d")).first.wait_for()
    field.scroll_into_view_if_needed()
    save(page, "workspace")
    context.close()


def fold(browser: Browser) -> None:
    """The picture above the fold: message, answer, two readings and a ranking, composed from the tour's pictures."""
    page = browser.new_page(viewport={"width": 1180, "height": 560})
    page.goto((Path(__file__).parent / "fold.html").as_uri())
    save(page, "fold")
    page.close()


def save(page: Page, name: str) -> None:
    """Keep the picture of what is on the screen."""
    page.screenshot(path=FOLDER / f"{name}.png")


def main() -> None:
    """Take them all."""
    path = os.environ.get("CHROMIUM") or shutil.which("chromium")
    if path is None:
        raise SystemExit("There is no Chromium: install the chromium package or set CHROMIUM.")
    FOLDER.mkdir(exist_ok=True)
    with sync_playwright() as playwright, running() as base:
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        tour(browser, base)
        candidate(browser, base)
        fold(browser)
        browser.close()


if __name__ == "__main__":
    main()
