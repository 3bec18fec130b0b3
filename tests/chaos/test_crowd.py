"""The crowd: tries again with the same form until it is acknowledged, and goes home when an answer makes no sense."""

from __future__ import annotations

import pytest

from chaos import crowd
from chaos.crowd import GaveUp, Tally
from chaos.plan import Person
from chaos.recount import receipts
from chaos.wire import Answer, Broken

RECEIPT = Answer(303, {"location": "/my/receipts/CODE"}, "")


class Form:
    """A device whose answers are given."""

    port, key = 0, "k"

    def __init__(self, person: Person, number: int) -> None:
        pass

    def request(self) -> bytes:
        return b""

    def reopen(self, answer: Answer) -> None:
        self.key = "fresh"


def people(monkeypatch, tmp_path, *answers):
    """Let one person hand in and get these answers in turn; what they noted."""
    coming = iter(answers)

    def ask(*_args, **_kwargs):
        answer = next(coming)
        if isinstance(answer, Exception):
            raise answer
        return answer

    monkeypatch.setattr(crowd, "ask", ask)
    monkeypatch.setattr(crowd, "PAUSE", 0.001)
    tally = Tally(tmp_path / "receipts.jsonl")
    crowd.hand_in_all([Person(0)], Form, tally, at_once=2)
    return tally, receipts(tally.receipts)


def test_a_broken_connection_and_a_busy_server_are_tried_again_with_the_same_key(monkeypatch, tmp_path):
    tally, lines = people(monkeypatch, tmp_path, Broken("reset"), Answer(503, {}, ""), RECEIPT)

    assert [(line["key"], line["code"]) for line in lines] == [("k", "CODE")]
    assert tally.statuses == {"reset": 1, "503": 1}
    assert tally.acknowledged == {(0, 0)}


def test_a_page_with_two_texts_is_sent_again_with_its_fresh_key(monkeypatch, tmp_path):
    _tally, lines = people(monkeypatch, tmp_path, Answer(409, {}, ""), RECEIPT)

    assert [line["key"] for line in lines] == ["fresh"]


@pytest.mark.parametrize("status", [200, 303, 400, 422])
def test_an_answer_that_makes_no_sense_ends_it(monkeypatch, tmp_path, status):
    with pytest.raises(GaveUp, match=str(status)):
        people(monkeypatch, tmp_path, Answer(status, {"location": "/send-link"}, ""))
