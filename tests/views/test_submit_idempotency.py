"""The sixteen published cases of handing in more than once, by their ids, and those of clocks.

id01 (two at once) is tried with real processes in tests/journeys/test_double_submits.py as well. id15 names a limit of
three attempts, which Winnow has not: one may hand in as often as one likes until the end. So the case is that ten
hand-ins make ten versions, numbered without a gap, of which one stands.
"""

from __future__ import annotations

import hashlib
import json
import re
from datetime import timedelta

import pytest
import redis
from sqlalchemy import update

from app import arrivals, clock
from app.candidate import workspace
from app.extensions import db
from app.models import AuditEvent, CandidateSession, CheckFacts, Mail, Submission, Work
from app.services import deadlines, invitations, receipts, submissions
from tests import factories as make
from tests.conftest import SECRET

TASK = "/my/close-my-account"
MINUTE = timedelta(minutes=1)


@pytest.fixture
def application(ctx):
    application = make.make_application()
    db.session.commit()
    return application


def browser_of(ctx, application):
    browser = ctx.test_client()
    token = invitations.open_session(application, clock.now(), by_link=True)
    db.session.commit()
    with browser.session_transaction() as session:
        session["candidate"] = token
    return browser


@pytest.fixture
def me(ctx, application):
    """A browser in which the challenge was started."""
    browser = browser_of(ctx, application)
    browser.post(f"{TASK}/start")
    return browser


@pytest.fixture
def attempt(me, application):
    return submissions.attempt_of(invitations.of(application)[0])


def hand_in(browser, text="Hello Ben", key="k1", **changes):
    return browser.post(f"{TASK}/submit", data={"answer-reply": text, "revision": "0", "key": key} | changes)


def save(browser, text, revision):
    return browser.post(f"{TASK}/draft", json={"answers": {"reply": text}, "revision": revision})


def numbers() -> list[int]:
    return [row.number for row in db.session.query(Submission).order_by(Submission.number)]


def at(monkeypatch, moment) -> None:
    """It is this moment, and the browser was in use all the time."""
    monkeypatch.setattr(clock, "now", lambda: moment)
    db.session.execute(update(CandidateSession).values(seen_at=moment))
    db.session.commit()


def test_id01_a_double_click_is_one_submission_with_one_receipt(me):
    first, second = hand_in(me), hand_in(me)

    assert (first.status_code, first.location) == (second.status_code, second.location)
    assert numbers() == [1]
    assert db.session.query(Mail).filter_by(message="receipt").count() == 1


def test_id02_a_retry_after_the_commit_has_the_first_receipt_and_moment(me, monkeypatch):
    first = hand_in(me)
    received_at = db.session.query(Submission).one().received_at
    at(monkeypatch, clock.now() + 5 * MINUTE)

    again = hand_in(me)

    assert again.location == first.location
    assert db.session.query(Submission).one().received_at == received_at


def test_id03_a_retry_after_25_hours_has_the_same_receipt(me, monkeypatch):
    first = hand_in(me, is_final="y")
    at(monkeypatch, clock.now() + timedelta(hours=25))

    assert hand_in(me, is_final="y").location == first.location
    assert numbers() == [1]


def test_id04_the_same_key_with_other_words_is_409_and_both_hashes_are_noted(me):
    hand_in(me, "first words")

    answer = hand_in(me, "second words")

    submission, event = (
        db.session.query(Submission).one(),
        db.session.query(AuditEvent).order_by(AuditEvent.id).all()[-1],
    )
    assert answer.status_code == 409
    assert "second words" in answer.text
    assert submission.answers == {"reply": "first words"}
    assert event.action == "submission.key_reused"
    assert event.detail == {
        "first": submission.content_hash,
        "other": submissions.content_hash({"reply": "second words"}),
    }


def test_id05_a_second_device_after_the_final_answer_is_409_with_the_receipt_of_the_first(ctx, me, application):
    first = hand_in(me, is_final="y")
    other = browser_of(ctx, application)

    answer = hand_in(other, "from my phone", key="k2")

    assert answer.status_code == 409
    assert first.location in answer.text
    assert "from my phone" in answer.text
    assert numbers() == [1]


def test_id06_two_tabs_with_one_revision_get_both_texts(me, attempt):
    save(me, "from tab A", 0)

    answer = save(me, "from tab B", 0)

    assert answer.status_code == 409
    assert (answer.json["yours"], answer.json["theirs"]) == ({"reply": "from tab B"}, {"reply": "from tab A"})
    db.session.refresh(attempt)
    assert attempt.draft == {"reply": "from tab A"}


def test_id07_the_back_button_leads_to_a_page_to_read_with_the_receipt(me):
    receipt = hand_in(me, is_final="y").location

    page = me.get(f"{TASK}/answer", follow_redirects=True)

    assert page.request.path == receipt
    assert "Hello Ben" in page.text
    assert 'name="answer-' not in page.text


def test_id08_a_save_that_comes_after_its_submit_is_409_and_the_form_counts(me, attempt):
    save(me, "half", 0)
    hand_in(me, "half of it, and the rest", revision="1")

    late_save = save(me, "half of it", 1)

    assert late_save.status_code == 409
    assert submissions.standing(attempt).answers == {"reply": "half of it, and the rest"}


def test_id09_killed_between_commit_and_answer_the_retry_has_the_same_receipt(me, monkeypatch):
    def killed(*_args: object, **_kwargs: object) -> None:
        raise SystemExit("killed after the commit")

    with monkeypatch.context() as patched:
        patched.setattr(workspace, "redirect", killed)
        with pytest.raises(SystemExit):
            hand_in(me)
    code = db.session.query(Submission).one().code

    assert hand_in(me).location == f"/my/receipts/{code}"
    assert numbers() == [1]


def test_id10_killed_before_the_commit_the_retry_makes_it_and_the_draft_is_whole(me, attempt, monkeypatch):
    save(me, "Hello Ben", 0)

    def killed() -> None:
        raise SystemExit("killed before the commit")

    with monkeypatch.context() as patched:
        patched.setattr(submissions.mails, "post", lambda *_args, **_kwargs: killed())
        with pytest.raises(SystemExit):
            hand_in(me, revision="1")
    db.session.rollback()
    db.session.refresh(attempt)
    assert (numbers(), attempt.submission_count, attempt.draft) == ([], 0, {"reply": "Hello Ben"})

    assert hand_in(me, revision="1").status_code == 303
    assert numbers() == [1]


def test_id11_without_the_queue_server_it_is_taken_and_checked_later(ctx, me, run_work, monkeypatch):
    with monkeypatch.context() as patched:
        patched.setitem(ctx.extensions, "winnow_bell", redis.Redis.from_url("unix:///nowhere/at/all.sock"))
        assert hand_in(me).status_code == 303

    run_work()

    assert db.session.query(CheckFacts).count() == 1


def test_id12_offline_past_the_end_is_late_and_the_saved_draft_is_handed_in(me, attempt, monkeypatch):
    save(me, "saved in time", 0)
    ended_at = attempt.cutoff_at
    submissions.close(attempt.id, None, ended_at + deadlines.GRACE)
    db.session.commit()
    at(monkeypatch, ended_at + 20 * MINUTE)

    answer = hand_in(me, "written offline", revision="1")

    assert answer.status_code == 303
    late = db.session.query(Submission).order_by(Submission.number.desc()).first()
    standing = submissions.standing(attempt)
    assert (late.is_late, standing.is_by_timeout, standing.answers) == (True, True, {"reply": "saved in time"})


def test_id13_a_draft_is_handed_in_once_under_two_sweepers(me, attempt):
    save(me, "only a draft", 0)
    ended_at = attempt.cutoff_at + deadlines.GRACE

    for _ in range(2):
        submissions.close(attempt.id, None, ended_at)
        db.session.commit()

    assert [(row.is_by_timeout, row.answers) for row in db.session.query(Submission)] == [
        (True, {"reply": "only a draft"})
    ]
    assert db.session.query(Work).filter_by(kind="assign").count() == 1


def test_id14_the_end_passes_while_it_is_written_and_one_moment_decides(me, attempt, monkeypatch):
    received_at = attempt.cutoff_at + deadlines.GRACE - timedelta(seconds=1)
    monkeypatch.setattr(arrivals, "received_at", lambda: received_at)
    at(monkeypatch, received_at + timedelta(seconds=40))

    hand_in(me)

    submission = db.session.query(Submission).one()
    assert (submission.received_at, submission.is_in_grace, submission.is_late) == (received_at, True, False)


def test_id15_ten_hand_ins_are_ten_versions_of_which_one_stands(me, attempt):
    for number in range(10):
        hand_in(me, f"version {number}", key=f"key-{number}", revision=str(number))

    assert numbers() == list(range(1, 11))
    assert submissions.standing(attempt).answers == {"reply": "version 9"}


def test_id16_anybody_can_check_a_receipt_and_compute_its_hashes(me):
    address = hand_in(me, "Olá Ben, 谢谢").location

    page, file = me.get(address), me.get(f"{address}/answers.json")

    signed = re.search(r'<pre class="signed"[^>]*>([^<]+)</pre>', page.text).group(1)
    receipt, is_genuine = receipts.is_genuine(signed, [SECRET])
    assert is_genuine
    assert receipt.answers == hashlib.sha256(file.data).hexdigest()
    assert json.loads(file.data) == {"reply": "Olá Ben, 谢谢"}
    assert (receipt.version, receipt.received_at) == (1, db.session.query(Submission).one().received_at)
    assert "UTC−03:00" in page.text
    assert " UTC" in page.text


# --- clocks -------------------------------------------------------------------------------------------------------


def test_a_clock_that_is_set_back_says_nobody_answered_before_they_started(me, attempt, monkeypatch):
    started_at = attempt.started_at
    monkeypatch.setattr(arrivals, "received_at", lambda: started_at - timedelta(seconds=5))

    hand_in(me)

    assert db.session.query(Submission).one().received_at == started_at


def test_an_upload_that_began_in_time_is_in_time(me, attempt, monkeypatch):
    began_at = attempt.cutoff_at - timedelta(seconds=5)
    monkeypatch.setattr(arrivals, "received_at", lambda: began_at)
    at(monkeypatch, attempt.cutoff_at + timedelta(seconds=150))

    hand_in(me)

    submission = db.session.query(Submission).one()
    assert (submission.is_in_grace, submission.is_late) == (False, False)


def test_the_countdown_is_told_by_the_server(me, attempt, monkeypatch):
    at(monkeypatch, attempt.cutoff_at - 10 * MINUTE)

    told = me.get(f"{TASK}/clock").json
    saved = save(me, "Hello", 0).json

    assert told["seconds_left"] == saved["seconds_left"] == 600
    assert told["ends"] == saved["ends"]
    assert "Sao Paulo (UTC−03:00)" in told["ends"]
