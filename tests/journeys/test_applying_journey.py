"""Applying on a phone, in Portuguese: how much there is to type and to tap until the task is open."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page, expect

from app.extensions import db
from app.models import Application, Touch
from app.services import questions
from app.services.questions import Kind, Preset, Question
from tests import factories as make
from tests.journeys.test_candidate_journey import PHONE, accessible, nothing_sticks_out

pytestmark = pytest.mark.browser


class Hand:
    """A person's hand: counts what it types into and what it taps. Choosing from a list is two taps."""

    def __init__(self, page: Page) -> None:
        self.page, self.typed, self.taps = page, 0, 0

    def type(self, label: str, text: str) -> None:
        """Type into a field."""
        self.page.get_by_label(label).fill(text)
        self.typed += 1

    def choose(self, label: str, value: str) -> None:
        """Open a list and choose from it."""
        self.page.get_by_label(label).select_option(value)
        self.taps += 2

    def tap(self, role: str, name: str) -> None:
        """Tap a link, a button or a box."""
        self.page.get_by_role(role, name=name).first.tap()  # type: ignore[arg-type]
        self.taps += 1


@pytest.fixture
def phone(live, browser: Browser):
    """A phone in São Paulo, in Portuguese."""
    context = browser.new_context(
        viewport=PHONE,
        base_url=live.url,
        timezone_id="America/Sao_Paulo",
        locale="pt-BR",
        has_touch=True,
        is_mobile=True,
    )
    yield context.new_page()
    context.close()


def opening_of(live, *asked: Question) -> str:
    with live.app.app_context():
        opening = make.make_opening(questions=asked)
        db.session.commit()
        return opening.slug


def test_from_the_job_to_the_open_task_with_two_fields_and_six_taps(live, phone):
    slug = opening_of(live)
    phone.goto(f"/jobs/{slug}?src=feira-porto")
    hand = Hand(phone)

    hand.tap("link", "Candidatar")
    hand.type("Seu nome", "Ana Lima")
    hand.type("Seu e-mail", "ana@example.org")
    hand.choose("País onde você mora", "BR")
    expect(phone.locator("#zone")).to_have_value("America/Sao_Paulo")
    hand.tap("checkbox", "Li isto")
    hand.tap("button", "Enviar")
    hand.tap("link", "Começar agora")
    expect(phone.get_by_role("button", name="Começar")).to_be_visible()

    assert (hand.typed, hand.taps) == (2, 6)
    with live.app.app_context():
        application = db.session.query(Application).one()
        assert (application.candidate.zone, application.candidate.locale) == ("America/Sao_Paulo", "pt-BR")
        assert {touch.token for touch in db.session.query(Touch)} == {"feira-porto"}


def test_a_mistake_keeps_every_word_and_takes_the_focus_to_the_summary(live, phone):
    own = Question(Kind.TEXT, True, "O que você leu por último?")
    slug = opening_of(live, questions.preset(Preset.WORK_PERMISSION, True), own)
    phone.goto(f"/jobs/{slug}/apply")
    hand = Hand(phone)
    hand.type("Seu nome", "Ana Lima")
    hand.type("Seu e-mail", "ana at example")
    hand.type("O que você leu por último?", "Um livro")
    hand.choose("País onde você mora", "BR")
    hand.tap("button", "Enviar")

    expect(phone.locator(".notice[role=alert]")).to_be_focused()
    expect(phone.get_by_label("O que você leu por último?")).to_have_value("Um livro")
    expect(phone.get_by_label("Seu e-mail")).to_have_attribute("aria-invalid", "true")
    nothing_sticks_out(phone)
    accessible(phone)
    phone.locator(".notice[role=alert] a").first.tap()
    expect(phone.get_by_label("Seu e-mail")).to_be_focused()


def test_the_notice_is_a_page_that_everybody_can_read(live, phone):
    slug = opening_of(live)
    for address in (f"/jobs/{slug}/apply", "/privacy/EMEA"):
        phone.goto(address)
        expect(phone.get_by_text("nenhum programa decide sobre você")).to_be_visible()
        nothing_sticks_out(phone)
        accessible(phone)
