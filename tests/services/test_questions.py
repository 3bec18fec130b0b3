"""What an opening asks beside the usual, and the replies as they are kept."""

from __future__ import annotations

import pytest

from app import clock
from app.extensions import db
from app.models import Application, OpeningState
from app.refusals import IllegalMove
from app.services import applications, openings, questions
from app.services.audit import SYSTEM
from app.services.openings import OpeningPlan
from app.services.questions import BadQuestion, Kind, Preset, Question, Reply
from tests import factories as make

CHOICE = Question(Kind.CHOICE, False, "Which hours?", ("Mornings", "Evenings"))
NAMED = Question(Kind.TEXT, True, "What do you read?")


def test_questions_come_back_as_they_were_kept():
    asked = [questions.preset(Preset.WORK_PERMISSION, True), CHOICE, NAMED]

    assert questions.read(questions.stored(asked)) == asked


@pytest.mark.parametrize(
    "question",
    [
        Question(Kind.TEXT, True, ""),
        Question(Kind.TEXT, True, "x" * 201),
        Question(Kind.CHOICE, True, "Which?", ("one",)),
        Question(Kind.CHOICE, True, "Which?", ("one", "one")),
        Question(Kind.CHOICE, True, "Which?", ("one", "x" * 81)),
        Question(Kind.CHOICE, True, "Which?", tuple(str(number) for number in range(11))),
    ],
    ids=repr,
)
def test_what_cannot_be_asked_is_refused(question):
    with pytest.raises(BadQuestion):
        questions.stored([question])


def test_eight_questions_are_enough():
    assert len(questions.stored([NAMED] * 8)) == 8
    with pytest.raises(BadQuestion):
        questions.stored([NAMED] * 9)


def test_a_reply_keeps_the_words_in_which_it_was_asked():
    asked = [questions.preset(Preset.EXPECTED_PAY, False), CHOICE]
    given = [Reply(Kind.AMOUNT, "Quanto?", "R$ 4.000 por mês", Preset.EXPECTED_PAY), None]

    kept = questions.replies(questions.freeze(asked, given))

    assert kept == given[:1]


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        (CHOICE, "Nights"),
        (questions.preset(Preset.WORK_PERMISSION, False), "maybe"),
        (NAMED, ""),
        (NAMED, "x" * 501),
    ],
    ids=repr,
)
def test_an_answer_that_cannot_be_is_refused(question, answer):
    with pytest.raises(BadQuestion):
        questions.freeze([question], [Reply(question.kind, "?", answer)])


def test_a_question_that_must_be_answered_stops_an_application(ctx):
    opening = make.make_opening(questions=[NAMED])

    with pytest.raises(BadQuestion):
        applications.apply(opening, make.make_details(), clock.now(), replies=[None])

    assert db.session.query(Application).count() == 0


def test_whoever_writes_an_application_down_for_somebody_asks_nothing(ctx):
    opening = make.make_opening(questions=[NAMED])

    applied = applications.apply(opening, make.make_details(), clock.now())

    assert applied.application.replies == []


def plan_of(opening, **changes) -> OpeningPlan:
    values = {
        "title": "Other title",
        "description": "Other words.",
        "place": "Elsewhere",
        "closes_local": (clock.now().replace(year=2031)).replace(tzinfo=None, microsecond=0),
        "questions": [NAMED],
    }
    return OpeningPlan(**(values | changes))


def test_a_draft_can_be_changed(ctx):
    opening = make.make_opening(state=OpeningState.DRAFT)

    openings.rewrite(opening, plan_of(opening), SYSTEM, clock.now())

    assert (opening.title, opening.pay) == ("Other title", None)
    assert questions.read(opening.questions) == [NAMED]


@pytest.mark.parametrize("state", [OpeningState.OPEN, OpeningState.PAUSED, OpeningState.CLOSED])
def test_what_was_published_stays(ctx, state):
    opening = make.make_opening(state=state)

    with pytest.raises(IllegalMove):
        openings.rewrite(opening, plan_of(opening), SYSTEM, clock.now())


def test_a_refused_change_writes_nothing(ctx):
    opening = make.make_opening(state=OpeningState.DRAFT)

    with pytest.raises(BadQuestion):
        openings.rewrite(opening, plan_of(opening, questions=[Question(Kind.TEXT, True, "")]), SYSTEM, clock.now())

    assert opening.title == "Support agent"
