"""The page about background work, and trying again."""

from __future__ import annotations

import html
import re

import pytest
import redis

from app import clock, queue, words
from app.extensions import db
from app.models import AuditEvent, Duty, Work, WorkState
from app.services import work
from app.services.work import NotYet
from tests import factories as make

REFUSED = "ConnectionRefusedError: [Errno 111] Connection refused"


@pytest.fixture
def user(ctx):
    """An administrator."""
    return make.make_user(Duty.ADMINISTRATOR, name="Ada Admin")


@pytest.fixture
def admin(user, sign_in):
    """Their browser."""
    return sign_in(user)


def failed(reason: str = REFUSED, subject_id: int = 1, kind: str = "mail") -> int:
    now = clock.now()
    queue.defer(kind, subject_id, now, key=f"test-{subject_id}")
    (held,) = work.claim([kind], 1, work.LEASE, now)
    work.fail(held, reason, now)
    db.session.commit()
    return held.id


def text_of(answer) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", answer.text)).split())


def test_nothing_to_do_is_said(admin):
    page = text_of(admin.get("/work"))

    assert "Nothing has failed." in page
    assert "No worker has been heard of" in page


def test_a_failure_says_why_and_what_a_person_can_do(admin):
    failed()
    failed(work.DIED, 2, kind="check")
    failed("ValueError: odd", 3, kind="check")
    failed("This is not an address that mail can be sent to.", 4)

    page = text_of(admin.get("/work"))

    assert REFUSED in page
    assert "Check that it can be reached and that MAIL_SERVER" in page
    assert "no memory left" in page
    assert "look for work_error" in page
    assert "When that is done, try again." in page


def test_one_is_tried_again_on_record(admin, user):
    work_id = failed()

    answer = admin.post(f"/work/{work_id}/retry", follow_redirects=True)

    assert "It is being tried again." in answer.text
    assert db.session.get(Work, work_id).state is WorkState.PENDING
    event = db.session.query(AuditEvent).filter_by(action="work.retry").one()
    assert (event.actor_kind, event.actor_id, event.subject_id) == ("user", user.id, work_id)


def test_all_with_the_same_reason_are_tried_again_as_the_page_offers_it(admin):
    ids = [failed(subject_id=number) for number in (1, 2, 3)]
    other = failed("Another reason.", 4)
    page = admin.get("/work").text
    offered = html.unescape(re.search(r'name="reason" value="([^"]+)"', page)[1])

    answer = admin.post("/work/retry", data={"kind": "mail", "reason": offered}, follow_redirects=True)

    assert "3 pieces are being tried again." in answer.text
    assert {db.session.get(Work, work_id).state for work_id in ids} == {WorkState.PENDING}
    assert db.session.get(Work, other).state is WorkState.FAILED


def test_pressing_twice_changes_nothing_more(admin):
    work_id = failed()
    admin.post(f"/work/{work_id}/retry")

    answer = admin.post(f"/work/{work_id}/retry", follow_redirects=True)

    assert "Nothing was changed" in answer.text
    assert db.session.query(AuditEvent).filter_by(action="work.retry").count() == 1


def test_one_is_dismissed_with_a_reason_on_record(admin, user):
    work_id = failed()
    offered = re.search(r'action="(/work/[0-9]+/dismiss)"', admin.get("/work").text)[1]

    answer = admin.post(offered, data={"why": "by-hand"}, follow_redirects=True)

    assert "will not be tried again" in answer.text
    assert "Nothing has failed." in text_of(answer)
    assert db.session.get(Work, work_id).state is WorkState.CANCELLED
    event = db.session.query(AuditEvent).filter_by(action="work.dismiss").one()
    assert (event.actor_id, event.subject_id, event.detail["why"]) == (user.id, work_id, "by-hand")


def test_what_an_application_waits_for_offers_no_dismissal_and_refuses_it(admin):
    work_id = failed(subject_id=make.make_submission().id, kind="check")

    page, answer = admin.get("/work"), admin.post(f"/work/{work_id}/dismiss", data={"why": "impossible"})

    assert "/dismiss" not in page.text
    assert answer.status_code == 409
    assert "An application waits for this work" in answer.text
    assert db.session.get(Work, work_id).state is WorkState.FAILED


@pytest.mark.parametrize("data", [{}, {"why": "because"}, {"why": "BY_HAND"}])
def test_no_reason_that_we_know_is_refused(admin, data):
    work_id = failed()

    assert admin.post(f"/work/{work_id}/dismiss", data=data).status_code == 404
    assert db.session.get(Work, work_id).state is WorkState.FAILED


def test_what_waits_for_another_try_says_why(admin):
    now = clock.now()
    queue.defer("assign", 1, now)
    (held,) = work.claim(["assign"], 1, work.LEASE, now)
    work.postpone(held, NotYet("Too few may read this one. Add reviewers.", work.LONGEST_PAUSE), now)
    db.session.commit()

    assert "Too few may read this one. Add reviewers." in text_of(admin.get("/work"))


def test_overdue_work_is_named_in_words(admin):
    queue.defer("mail", 1, clock.now(), at=clock.now() - 2 * work.LONGEST_PAUSE)
    db.session.commit()

    page = text_of(admin.get("/work"))

    assert "Work has been waiting for more than five minutes Mail." in page


def test_the_page_works_without_the_queue_server(ctx, admin, monkeypatch):
    monkeypatch.setitem(ctx.extensions, "winnow_bell", redis.Redis.from_url("unix:///nowhere/at/all.sock"))

    answer = admin.get("/work")

    assert answer.status_code == 200
    assert "The queue server does not answer" in answer.text


def test_a_reason_is_never_markup(admin):
    failed("<script>alert(1)</script>")

    assert "<script>alert" not in admin.get("/work").text


def test_many_failures_ask_as_often_as_few(admin, count_queries):
    failed()
    admin.get("/work")
    with count_queries() as few:
        admin.get("/work")
    for number in range(2, 12):
        failed(f"Reason {number}.", number)
    with count_queries() as many:
        admin.get("/work")

    assert len(many) == len(few) <= 20


@pytest.mark.parametrize(
    "data", [{}, {"kind": "mail"}, {"kind": "mail", "reason": "a\0b"}, {"kind": "m" * 30, "reason": "x"}]
)
def test_a_form_that_we_did_not_write_is_refused(admin, data):
    assert admin.post("/work/retry", data=data).status_code == 404


@pytest.mark.parametrize(
    "path", ["/work/1/retry", "/work/99999999999999999999/retry", "/work/retry", "/work/1/dismiss"]
)
@pytest.mark.parametrize("duty", [Duty.MANAGER, Duty.LEAD, Duty.GRADER])
def test_only_administrators_try_again_or_dismiss(sign_in, duty, path):
    data = {"kind": "mail", "reason": "x", "why": "by-hand"}

    assert sign_in(make.make_user(duty)).post(path, data=data).status_code == 404


def test_a_number_that_no_row_can_have_is_not_found(admin):
    assert admin.post("/work/99999999999999999999/retry").status_code == 404
    assert admin.post("/work/99999999999999999999/dismiss", data={"why": "by-hand"}).status_code == 404


def test_every_kind_of_work_has_a_name_in_words():
    assert words.WORK.keys() == queue.CLASS_OF.keys()
