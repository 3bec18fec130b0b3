"""The story: from an empty computer to twelve told candidates. Every step is judged by what the pages say."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TypeVar

from app import clock
from app.services import catalog
from app.services.catalog_types import Challenge, Example
from rehearsal.browser import Browser, Page, StepFailed, squeeze
from rehearsal.people import (
    ADMINISTRATOR,
    APPLICANTS,
    COMPANY,
    MANAGER,
    PASSWORD,
    RECRUITERS,
    REVIEWERS,
    Applicant,
    Colleague,
)

SLUG = "close-my-account"
REGIONS = tuple(RECRUITERS)
PATIENCE = 60.0
T = TypeVar("T")
LINE = 60


@dataclass
class Counts:
    """What happened, counted from what the pages said."""

    applications: int = 0
    submissions: int = 0
    checked: int = 0
    scored: int = 0
    decided: int = 0
    released: int = 0
    by_region: dict[str, dict[str, int]] = field(default_factory=lambda: {code: {} for code in REGIONS})

    def add(self, region: str, name: str, number: int = 1) -> None:
        """Count for a region and in all."""
        here = self.by_region[region]
        here[name] = here.get(name, 0) + number
        setattr(self, name, getattr(self, name) + number)


class Story:
    """One rehearsal against a running Winnow at `base`. `tell` is given a line for each step."""

    def __init__(self, base: str, tell: Callable[[str], None]) -> None:
        self.base, self.tell = base, tell
        self.counts = Counts()
        self.challenge = _challenge()
        self.given = dict(zip(APPLICANTS, _answers(self.challenge), strict=True))
        self.candidates: dict[str, Browser] = {}
        self.role = ""
        self.jobs: dict[str, str] = {}

    def play(self) -> Counts:
        """Every step in order; StepFailed at the first that does not hold."""
        administrator = self.set_up_company()
        staff = self.add_people(administrator)
        self.open_role(administrator, staff)
        for applicant in APPLICANTS:
            self.apply_and_answer(applicant)
        manager = staff[MANAGER.email]
        self.wait_for(manager, "checked")
        self.read_everything(staff)
        self.wait_for(manager, "scored")
        self.decide_and_release(manager)
        for applicant in APPLICANTS:
            self.read_outcome(applicant)
        return self.counts

    def set_up_company(self) -> Browser:
        """Leave the demo, become the administrator, name the company, make the first role."""
        browser = Browser(self.base)
        browser.open("/").must_say("Three replies to Ben")
        page = browser.follow("Start with my company")
        page = browser.send(page.form(button="Remove the demo"))
        page.must_say("you will be the administrator")
        _choose_password(browser, {"name": ADMINISTRATOR.name, "email": ADMINISTRATOR.email})
        page = browser.open("/set-up/company")
        browser.send(page.form(with_field="name"), {"name": COMPANY}).must_say("Americas", "Asia and Pacific")
        page = browser.open("/set-up/role")
        page = browser.send(page.form(with_field="readers"), {"title": "Support agent", "line_percent": str(LINE)})
        self.role = page.must_say("Support agent").url.rpartition("role=")[2] or "support-agent"
        self.tell(f"{COMPANY} is set up, with the role “Support agent” and Ben's message")
        return browser

    def add_people(self, administrator: Browser) -> dict[str, Browser]:
        """Add everybody; each opens the link in their mail and chooses a password."""
        everybody = (MANAGER, *REVIEWERS, *RECRUITERS.values())
        for colleague in everybody:
            page = administrator.open("/people/new")
            values: dict[str, str | list[str]] = {"name": colleague.name, "email": colleague.email}
            values["duties"] = list(colleague.duties)
            administrator.send(page.form(with_field="duties"), values).must_say(colleague.name)
        staff = {colleague.email: self._enter(administrator, colleague) for colleague in everybody}
        self.tell(f"{len(staff)} colleagues chose their passwords through the links in their mail")
        return staff

    def _enter(self, administrator: Browser, colleague: Colleague) -> Browser:
        letter = self._letter(administrator, colleague.email)
        found = re.search(r"/welcome/[\w-]+", letter)
        if found is None:
            raise StepFailed(f"the mail to {colleague.email} has no link: {letter[:300]}")
        browser = Browser(self.base)
        browser.open(found.group()).must_say(colleague.name)
        _choose_password(browser, {})
        return browser

    def _letter(self, administrator: Browser, address: str) -> str:
        """The newest mail to an address, as soon as the workers have written it."""

        def look() -> str | None:
            page = administrator.open("/mail")
            rows = re.findall(r"<li>.*?</li>", page.body, re.S)
            row = next((row for row in rows if address in row and "on its way" not in row), "")
            found = re.search(r'href="(/mail/\d+)"', row)
            return administrator.open(found.group(1)).text if found else None

        return _until(look, f"a mail to {address}")

    def open_role(self, administrator: Browser, staff: dict[str, Browser]) -> None:
        """Each region's recruiter opens the role there and publishes it."""
        closes = clock.now() + timedelta(days=20)
        for code, recruiter in RECRUITERS.items():
            browser = staff[recruiter.email]
            page = browser.open(f"/desk/{code}/open?role={self.role}")
            values: dict[str, str | list[str]] = {
                "title": f"Support agent, {code}",
                "description": "You answer customers by mail. **Kindly.**",
                "place": "Remote",
                "pay": "2,000 a month",
                "closes_on": closes.date().isoformat(),
                "closes_time": "23:59",
            }
            page = browser.send(page.form(with_field="closes_on"), values)
            page = browser.send(page.form(button="Publish"), button="Publish").must_say("Published")
            self.jobs[code] = f"/jobs/{self.role}-{code.lower()}"
            administrator.open(self.jobs[code]).must_say(f"Support agent, {code}", "2,000 a month")
        self.tell(f"The role is open in {', '.join(REGIONS)}, each published by its own recruiter")

    def apply_and_answer(self, applicant: Applicant) -> None:
        """Read the job, apply, start at once, answer, keep the receipt."""
        example = self.given[applicant]
        browser = self.candidates[applicant.email] = Browser(self.base)
        browser.open(f"{self.jobs[applicant.region]}?lang=en").must_say("Support agent")
        page = browser.open(f"{self.jobs[applicant.region]}/apply")
        values: dict[str, str | list[str]] = {
            "name": applicant.name,
            "email": applicant.email,
            "country": applicant.country,
            "zone": applicant.zone,
            "consent": "y",
        }
        page = browser.send(page.form(with_field="consent"), values)
        self.counts.add(applicant.region, "applications")
        browser.open(f"/my/{SLUG}?lang={applicant.language}")
        page = browser.open(f"/my/{SLUG}?lang=en").must_say("15 minutes")
        page = browser.send(page.form(to="/start"))
        page.must_say("Hi, please close my account - Ben")
        form = page.form(with_field="answer-reply")
        form.action = f"/my/{SLUG}/submit"
        page = browser.send(form, {"answer-reply": example.answers["reply"], "is_final": "y"})
        first_line = example.answers["reply"].strip().splitlines()[0]
        page.must_say("Receipt", first_line, applicant.zone.rpartition("/")[2].replace("_", " "))
        self.counts.add(applicant.region, "submissions")
        self.tell(f"{applicant.name} ({applicant.zone}) applied and handed in {example.name}")

    def wait_for(self, manager: Browser, name: str) -> None:
        """Wait until the workers have done their part, as the ranking pages tell."""
        for code in REGIONS:
            wanted = sum(applicant.region == code for applicant in APPLICANTS)

            def look(code: str = code, wanted: int = wanted) -> int | None:
                said = _number(manager.open(f"/roles/{self.role}/{code}"), name.capitalize())
                return said if said == wanted else None

            self.counts.add(code, name, _until(look, f"{wanted} {name} in {code}"))
        self.tell(f"The workers have {name} all {len(APPLICANTS)}")

    def read_everything(self, staff: dict[str, Browser]) -> None:
        """Both reviewers read every answer on their own desk and give levels, not knowing who wrote it."""
        for place, reviewer in enumerate(REVIEWERS):
            browser, read = staff[reviewer.email], 0
            page = browser.open("/review")
            page = browser.send(page.form(button="Read the next answer"))
            while "level-action" in page.body:
                names = [applicant.name for applicant in APPLICANTS if applicant.name in page.body]
                if names:
                    raise StepFailed(f"the desk shows a name: {names}")
                levels = _levels(self._example_on(page.text), place)
                form = page.form(with_field="level-action")
                page = browser.send(form, {f"level-{key}": str(level) for key, level in levels.items()})
                read += 1
            if read != len(APPLICANTS):
                raise StepFailed(f"{reviewer.name} was given {read} answers, not {len(APPLICANTS)}: {page.text[:600]}")
            self.tell(f"{reviewer.name} read {read} answers without names")

    def _example_on(self, text: str) -> Example:
        found = [entry for entry in self.given.values() if squeeze(entry.answers["reply"])[:120] in text]
        if len(found) != 1:
            raise StepFailed(f"the desk shows {len(found)} of the answers: {text[:300]}")
        return found[0]

    def decide_and_release(self, manager: Browser) -> None:
        """Shortlist those above the line, turn down the others, with reasons; then tell everybody at once."""
        for code in REGIONS:
            page = manager.open(f"/roles/{self.role}/{code}")
            scores = _ranking(page.body)
            if len(scores) != (wanted := sum(applicant.region == code for applicant in APPLICANTS)):
                raise StepFailed(f"{page.url} ranks {len(scores)} applicants, not {wanted}: {page.text[:900]}")
            above = [blind for blind, percent in scores if percent >= LINE]
            below = [blind for blind, percent in scores if percent < LINE]
            for codes, button in ((above, "Shortlist"), (below, "Do not select")):
                if codes:
                    form = page.form(with_field="reason")
                    values: dict[str, str | list[str]] = {"codes": codes, "reason": "By the rubric."}
                    page = manager.send(form, values, button=button)
            self.counts.add(code, "decided", _number(page, "Decided"))
            page = manager.send(page.form(to="/release"))
            self.counts.add(code, "released", _number(page, "Told"))
            self.tell(f"{code}: {len(above)} shortlisted, {len(below)} not selected, all told")

    def read_outcome(self, applicant: Applicant) -> None:
        """The candidate's own page says what was decided, with bands and a top answer."""
        share = catalog.share(self.challenge, self.given[applicant])
        page = self.candidates[applicant.email].open("/my?lang=en")
        page.must_say("shortlist" if share * 100 >= LINE else "not")


def _challenge() -> Challenge:
    found = catalog.load_all(catalog.SHIPPED).get(SLUG, 1)
    if found is None:
        raise StepFailed(f"the challenge {SLUG} does not load: run flask challenges check")
    return found


def _answers(challenge: Challenge) -> list[Example]:
    """One shipped example for each applicant, in their language, none used twice."""
    left, chosen = list(challenge.examples), []
    for applicant in APPLICANTS:
        example = next(entry for entry in left if entry.locale == applicant.language)
        left.remove(example)
        chosen.append(example)
    return chosen


def _levels(example: Example, place: int) -> dict[str, int]:
    """The careful person's levels; the second reader is one level stricter on the language, where there is one."""
    stricter = {"language": max(0, example.levels["language"] - 1)} if place else {}
    return dict(example.levels) | stricter


def _choose_password(browser: Browser, more: dict[str, str | list[str]]) -> None:
    page = browser.page
    assert page is not None
    browser.send(page.form(with_field="again"), {"password": PASSWORD, "again": PASSWORD, **more})


def _ranking(body: str) -> list[tuple[str, float]]:
    """The blind codes of a ranking page with their percent, best first."""
    found = []
    for row in re.findall(r"<tr.*?</tr>", body, re.S):
        code = re.search(r'href="/applications/(\w+)"', row)
        percent = re.search(r"(\d+(?:\.\d)?)\s*%", re.sub(r"<[^>]+>", " ", row))
        if code and percent:
            found.append((code.group(1), float(percent.group(1))))
    return found


def _number(page: Page, label: str) -> int:
    """The number that a page shows under a label."""
    found = re.search(rf"<dt>{label}</dt>\s*<dd[^>]*>(\d+)<", page.body)
    if found is None:
        raise StepFailed(f"{page.url} shows no number for “{label}”: {page.text[:300]}")
    return int(found.group(1))


def _until(look: Callable[[], T | None], what: str) -> T:
    """Look again until there is something, for a minute at most."""
    ends = time.monotonic() + PATIENCE
    while time.monotonic() < ends:
        found = look()
        if found is not None:
            return found
        time.sleep(0.25)
    raise StepFailed(f"waited {PATIENCE:.0f} s for {what}")
