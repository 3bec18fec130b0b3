"""The two questions, why people leave, comments to candidates, and how soon people hear."""

from __future__ import annotations

from datetime import timedelta

import pytest

from app import clock
from app.extensions import db
from app.models import Application, Duty, Leaving, Reason, ReplySpeed, Stage, SurveyMoment, Work
from app.models import Survey as SurveyRow
from app.refusals import NotFound, Refused
from app.services import applications, comments, counters, decisions, pace, progress, surveys
from tests import factories as make
from tests.invariants import assert_invariants


@pytest.fixture
def opening(ctx):
    return make.make_opening()


def answered(opening, fair: int, minutes: int, words: str = "") -> Application:
    submission = make.make_submission(make.make_attempt(make.make_invitation(make.make_application(opening))))
    application = submission.attempt.invitation.application
    surveys.answer(application, fair, minutes, words, clock.now())
    return application


def test_nothing_is_asked_before_an_answer_was_handed_in(opening):
    application = make.make_application(opening)

    assert not surveys.is_open_to(application)
    assert surveys.answer(application, 3, 10, "", clock.now()) is False


def test_the_first_answers_stay(opening):
    application = answered(opening, 4, 20)

    assert surveys.answer(application, 1, 90, "", clock.now()) is False
    assert db.session.get_one(SurveyRow, application.id).fair == 4


def test_it_says_whether_the_outcome_was_known(opening):
    before = answered(opening, 4, 20)
    after = make.make_submission(make.make_attempt(make.make_invitation(make.make_application(opening))))
    after.attempt.invitation.application.released_at = clock.now()
    surveys.answer(after.attempt.invitation.application, 2, 20, "", clock.now())

    moments = {row.application_id: row.moment for row in db.session.query(SurveyRow)}

    assert moments.pop(before.id) is SurveyMoment.HANDED_IN
    assert set(moments.values()) == {SurveyMoment.TOLD}


@pytest.mark.parametrize(("fair", "minutes"), [(0, 10), (6, 10), (3, 0), (3, 1441)])
def test_answers_off_the_scale_are_refused(opening, fair, minutes):
    application = make.make_submission().attempt.invitation.application

    with pytest.raises(Refused):
        surveys.answer(application, fair, minutes, "", clock.now())


def test_below_five_answers_nothing_is_shown(opening):
    for _ in range(4):
        answered(opening, 5, 10, "Fine")

    found = surveys.summary([opening.id])

    assert (found.answers, found.fair, found.mean, found.minutes, found.words) == (4, {}, None, None, ())


def test_from_five_on_they_are_added_up(opening):
    for fair, minutes in ((5, 10), (4, 20), (4, 30), (1, 90), (5, 40), (5, 20)):
        answered(opening, fair, minutes)

    found = surveys.summary([opening.id])

    assert found.fair == {1: 1, 2: 0, 3: 0, 4: 2, 5: 3}
    assert (found.mean, found.minutes) == (4.0, 25.0)


def test_words_come_from_five_on_in_no_order_of_arrival(opening):
    texts = [f"Words of number {number}" for number in range(6)]
    for text in texts:
        answered(opening, 3, 10, text)

    found = surveys.summary([opening.id]).words

    assert sorted(found) == texts
    assert list(found) != texts


def test_a_reason_for_leaving_is_counted_once(opening):
    application = make.make_application(opening)

    applications.withdraw(application, clock.now(), Reason.PAY)
    applications.withdraw(application, clock.now(), Reason.TOO_LONG)

    assert db.session.query(Leaving).one().reason is Reason.PAY
    assert counters.of([opening.id])[opening.id]["left_pay"] == 1
    assert_invariants()


def test_leaving_needs_no_reason(opening):
    application = make.make_application(opening)

    applications.withdraw(application, clock.now())

    assert db.session.query(Leaving).count() == 0
    assert application.stage is Stage.WITHDRAWN


def test_reasons_are_shown_from_five_on(opening):
    people = [make.make_application(opening) for _ in range(5)]
    for application in people[:4]:
        applications.withdraw(application, clock.now(), Reason.TOO_LONG)
    four = surveys.reasons([opening.id])

    applications.withdraw(people[4], clock.now(), Reason.OTHER)

    assert four == {}
    assert surveys.reasons([opening.id]) == {Reason.TOO_LONG: 4, Reason.OTHER: 1}


def test_a_comment_can_be_changed_and_taken_away_until_it_is_told(opening):
    application, manager = make.make_application(opening), make.make_user(Duty.MANAGER)
    for text in ("First", "Second"):
        comments.write(application, comments.WHOLE, text, manager.id, clock.now())
    comments.write(application, "close-my-account", "On the task", manager.id, clock.now())
    written = comments.of(application.id)

    comments.write(application, "close-my-account", " ", manager.id, clock.now())

    assert written == {"": "Second", "close-my-account": "On the task"}
    assert comments.of(application.id) == {"": "Second"}


def test_what_was_told_does_not_change(opening):
    application, manager = make.make_application(opening), make.make_user(Duty.MANAGER)
    application.released_at = clock.now()

    with pytest.raises(Refused, match="told already"):
        comments.write(application, comments.WHOLE, "Late", manager.id, clock.now())


def test_a_comment_is_on_a_challenge_of_the_application(opening):
    with pytest.raises(NotFound):
        comments.write(make.make_application(opening), "other", "Text", 1, clock.now())


def told_after(opening, days: float) -> None:
    """Somebody whose last answer was handed in so many days before they were told."""
    submission = make.make_submission(make.make_attempt(make.make_invitation(make.make_application(opening))))
    submission.attempt.final_at = clock.now() - timedelta(days=days)
    submission.attempt.invitation.application.released_at = clock.now()


def test_most_people_are_three_of_four_and_days_are_whole(opening):
    for days in (0.5, 1.2, 2.4, 9):
        told_after(opening, days)
    db.session.flush()

    assert pace.count(opening.region_id) == pace.Counted(told=4, days=3)


def test_nothing_is_promised_from_fewer_than_twenty(opening):
    now = clock.now()
    pace.keep(opening.region_id, pace.Counted(19, 3), now)
    few = pace.most_hear_within(opening.region_id)

    pace.keep(opening.region_id, pace.Counted(20, 3), now)
    db.session.expire_all()

    assert (few, pace.most_hear_within(opening.region_id)) == (None, 3)


def test_telling_somebody_asks_for_the_count_once_a_day(opening):
    manager = make.make_user(Duty.MANAGER)
    for _ in range(2):
        application = make.make_application(opening)
        decisions.decide(application, Stage.NOT_SELECTED, "No.", manager.id, clock.now())
        decisions.release(application, manager.id, clock.now())

    assert db.session.query(Work).filter_by(kind="pace").count() == 1
    assert db.session.query(ReplySpeed).count() == 0


def test_the_time_line_says_nothing_of_a_decision_before_it_is_told(run_work):
    readers = [make.make_user(Duty.GRADER) for _ in range(2)]
    application = make.make_submission().attempt.invitation.application
    run_work()
    manager = make.make_user(Duty.MANAGER)
    decisions.decide(application, Stage.NOT_SELECTED, "No.", manager.id, clock.now())
    now = clock.now()
    decided = progress.history(application, progress.of_application(application, "en", now))

    decisions.release(application, manager.id, clock.now())
    told = progress.history(application, progress.of_application(application, "en", now))

    assert [line.what for line in decided] == ["applied", "started", "handed_in", "read"]
    assert (decided[-1].read, decided[-1].readers) == (0, len(readers))
    assert [line.what for line in told] == ["applied", "started", "handed_in", "read", "told"]
