"""Bad networks: a form that trickles in, and connections that are reset in the middle of it."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from app import clock, tokens
from app.extensions import db
from app.models import Attempt, Submission
from app.services import invitations, submissions
from chaos.devices import Browser
from chaos.plan import Person
from chaos.wire import ask, break_off
from tests import factories as make

WORDS = Person(7).words(0)


@pytest.fixture
def browser(live):
    """Somebody with the workspace open and their words typed."""
    with live.app.app_context():
        invitation = make.make_invitation()
        token = tokens.fresh()
        invitation.token_hash = tokens.hash_of(token)
        submissions.start(invitation, "en", clock.now())
        assert invitations.of(invitation.application) == [invitation]
        db.session.commit()
    return Browser(int(live.url.rpartition(":")[2]), f"/your-link/{token}", WORDS, "close-my-account")


def stored(live) -> list[dict[str, str]]:
    """The answers of every submission, and the draft that goes with them."""
    with live.app.app_context():
        attempt = db.session.scalars(select(Attempt)).one()
        answers = [entry.answers for entry in db.session.scalars(select(Submission))]
        assert attempt.submission_count == len(answers)
        assert attempt.draft == (answers[-1] if answers else {})
        return answers


def test_a_form_that_trickles_in_is_taken_whole(live, browser):
    answer = ask(browser.port, browser.request(), pieces=30, pause=0.01)

    assert answer.status == 303
    assert stored(live) == [{"reply": WORDS}]


@pytest.mark.parametrize("share", [0.05, 0.5, 0.999], ids=["in the head", "in the middle", "before the last byte"])
def test_a_form_whose_connection_is_reset_leaves_nothing_and_can_be_sent_again(live, browser, share):
    sent = browser.request()

    break_off(browser.port, sent, int(share * len(sent)))
    before = stored(live)
    answer = ask(browser.port, sent)

    assert before == []
    assert answer.status == 303
    assert stored(live) == [{"reply": WORDS}]


def test_a_form_whose_answer_was_lost_is_handed_in_once(live, browser):
    sent = browser.request()

    break_off(browser.port, sent, len(sent))
    first, second = ask(browser.port, sent), ask(browser.port, sent)

    assert (first.status, first.place) == (303, second.place)
    assert stored(live) == [{"reply": WORDS}]
