"""My data: a copy that is complete and says nothing about anybody else, and deleting it."""

from __future__ import annotations

import json
import re
from html import unescape

import pytest

from app import clock
from app.extensions import db
from app.models import AuditEvent, CandidateSession, Duty, Mail, Stage, Survey, User
from app.services import assignments, comments, decisions, invitations, ratings, submissions
from tests import factories as make

# Moments stand on the page in the reader's own zone and in UTC.
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT")
MINE, THEIRS, STAFF = "Zephyrine", "Bartholomew", "Wilhelmina"


@pytest.fixture
def enter(ctx):
    """A browser that acts for this application."""

    def entered(application, by_link=True):
        browser = ctx.test_client()
        token = invitations.open_session(application, clock.now(), by_link=by_link)
        db.session.commit()
        with browser.session_transaction() as session:
            session["candidate"] = token
        return browser

    return entered


@pytest.fixture
def two(ctx, run_work):
    """Two people with everything there can be, read by the same colleagues and told the same day."""
    for number in range(2):
        make.make_user(Duty.GRADER, name=f"{STAFF} Reader{number}", email=f"{STAFF}{number}@example.com")
    manager = make.make_user(Duty.MANAGER, name=f"{STAFF} Manager")
    opening = make.make_opening()
    return [_lived(opening, mark, manager, run_work) for mark in (MINE, THEIRS)]


def _lived(opening, mark, manager, run_work):
    application = make.make_application(opening, name=f"{mark} Name", email=f"{mark}@example.org", phone=f"5{mark}")
    make.make_application(make.make_opening(region=make.make_region("APAC")), email=f"{mark}@example.org")
    submission = make.make_submission(
        make.make_attempt(make.make_invitation(application)), {"reply": f"{mark} wrote <b>this</b>"}
    )
    run_work()
    for assignment in assignments.of_attempt(submission.attempt_id):
        levels = dict.fromkeys(ratings.criteria_of(assignment), 2)
        ratings.record(assignment, assignment.grader_id, levels, {next(iter(levels)): f"{mark} is kind"}, clock.now())
    run_work()
    comments.write(application, comments.WHOLE, f"Dear {mark}", manager.id, clock.now())
    decisions.decide(application, Stage.NOT_SELECTED, f"{STAFF} says: {mark} no", manager.id, clock.now())
    return application


def release(application):
    manager = make.make_user(Duty.MANAGER, name=f"{STAFF} Other")
    decisions.release(application, manager.id, clock.now())
    db.session.commit()


def copy(browser, kind="json"):
    return browser.post("/my/data/copy", data={"as": kind})


def texts(value) -> set[str]:
    """Every text and number in a copy, however deep."""
    if isinstance(value, dict):
        return set().union(*(texts(one) for one in value.values())) if value else set()
    if isinstance(value, list):
        return set().union(*(texts(one) for one in value)) if value else set()
    return set() if value is None or isinstance(value, bool) else {str(value)}


def test_the_copy_is_a_file_with_everything_of_all_applications(two, enter):
    release(two[0])

    answer = copy(enter(two[0]))

    assert answer.headers["Content-Disposition"] == "attachment; filename=my-data.json"
    records = json.loads(answer.text)["records"]
    assert len(records["application"]) == 2
    assert records["candidate"][0]["name"] == f"{MINE} Name"
    assert records["submission"][0]["answers"] == {"reply": f"{MINE} wrote <b>this</b>"}
    assert records["submission"][0]["application"] == two[0].code
    assert records["submission"][0]["challenge"] == "close-my-account"
    assert {row["comment"] for row in records["rating"]} == {f"{MINE} is kind", None}
    assert [row["text"] for row in records["outcome_comment"]] == [f"Dear {MINE}"]
    assert {row["message"] for row in records["mail"]} >= {"link", "receipt"}
    assert records["check_facts"][0]["facts"]
    assert records["application"][0]["consented_at"]


def test_nobody_else_is_in_it(two, enter):
    for application in two:
        release(application)

    found = copy(enter(two[0])).text

    assert MINE in found
    assert THEIRS not in found
    assert STAFF not in found


def test_nothing_of_a_decision_is_in_it_before_it_is_told(two, enter):
    before = json.loads(copy(enter(two[0])).text)["records"]

    assert not {"rating", "score", "decision", "outcome_comment"} & set(before)
    assert all("stage" not in row for row in before["application"])
    assert "NOT_SELECTED" not in json.dumps(before).upper()


def test_the_page_says_the_same_as_the_file(two, enter):
    release(two[0])
    me = enter(two[0])

    page, data = unescape(copy(me, "page").text), json.loads(copy(me).text)

    plain = re.sub(r"\s+", " ", page)
    said = {text for text in texts(data["records"]) if not MOMENT.match(text)}
    assert {text for text in said if re.sub(r"\s+", " ", text).strip() not in plain} == set()
    assert two[0].released_at.strftime("%H:%M UTC") in plain


def test_words_in_the_copy_stay_words(two, enter):
    assert "wrote &lt;b&gt;this" in copy(enter(two[0]), "page").text


def test_the_number_of_statements_does_not_grow(two, enter, count_queries):
    me = enter(two[0])
    copy(me)
    with count_queries() as few:
        copy(me)
    attempt = invitations.of(two[0])[0]
    for number in range(5):
        invitations.open_session(two[0], clock.now(), by_link=True)
        db.session.add(Mail(message=f"m{number}", candidate_id=two[0].candidate_id, created_at=clock.now()))
    db.session.commit()
    with count_queries() as many:
        copy(me)

    assert attempt is not None
    assert len(many) == len(few)


def test_a_copy_is_noted_in_the_audit_trail(two, enter):
    copy(enter(two[0]))

    event = db.session.query(AuditEvent).filter_by(action="data.export").one()
    assert (event.actor_kind, event.actor_id) == ("candidate", two[0].candidate_id)


@pytest.mark.parametrize("path", ["/my/data/copy", "/my/data/delete"])
def test_an_address_that_is_not_proven_gets_nothing_and_deletes_nothing(enter, path):
    application = make.make_application()
    me = enter(application, by_link=False)

    answer = me.post(path, data={"as": "json", "is_sure": "y"})

    assert answer.status_code == 409
    assert "Open the link in our mail once first" in answer.text
    assert "Open the link in our mail once first" in me.get("/my/data").text
    assert application.candidate.erased_at is None


@pytest.mark.parametrize("path", ["/my/data/copy", "/my/data/delete", "/my/second-review", "/my/survey"])
def test_a_stranger_finds_nothing(client, path):
    assert client.post(path).status_code == 404


def test_every_page_of_the_room_leads_there_in_two_clicks(enter):
    me = enter(make.make_application())

    first, second = me.get("/my"), me.get("/my/data")

    assert 'href="/my/data"' in first.text
    assert 'href="/my/withdraw"' in first.text
    assert 'action="/my/data/copy"' in second.text
    assert 'href="/my/data/delete"' in second.text


def test_deleting_is_asked_once_with_what_it_does(enter):
    application = make.make_application()
    me = enter(application)

    page, unsure = me.get("/my/data/delete"), me.post("/my/data/delete")

    assert "What stays" in page.text
    assert (unsure.status_code, application.candidate.erased_at) == (422, None)


def test_who_deletes_is_out_at_once_in_every_browser(enter):
    application = make.make_application(name=MINE)
    me, elsewhere = enter(application), enter(application)

    answer = me.post("/my/data/delete", data={"is_sure": "y"}, follow_redirects=True)

    assert "Your data is deleted" in answer.text
    assert [browser.get("/my").status_code for browser in (me, elsewhere)] == [302, 302]
    assert db.session.query(CandidateSession).count() == 0
    assert application.stage is Stage.WITHDRAWN


def test_an_erased_person_is_shown_as_such(two, enter, sign_in):
    enter(two[0]).post("/my/data/delete", data={"is_sure": "y"})
    staff = sign_in(make.make_user(Duty.MANAGER))

    ranking = staff.get(f"/roles/{two[0].opening.role.slug}/EMEA")
    dossier = staff.get(f"/applications/{two[0].code}")

    assert "data deleted" in ranking.text
    assert "This person has had their data deleted" in dossier.text
    assert MINE not in ranking.text + dossier.text


def test_lists_of_staff_survive_an_erased_person(two, enter, sign_in, run_work):
    enter(two[0]).post("/my/data/delete", data={"is_sure": "y"})
    run_work()
    staff = sign_in(make.make_user(Duty.ADMINISTRATOR, Duty.RECRUITER))

    pages = [staff.get(path) for path in ("/desk/EMEA", "/desk/EMEA/withdrawn", "/mail", "/audit", "/work")]

    assert [page.status_code for page in pages] == [200] * 5
    assert all(f"{MINE} Name" not in page.text for page in pages)


def test_a_reader_can_still_open_what_they_rated_and_finds_it_empty(two, enter, sign_in):
    reading = assignments.of_attempt(submissions.attempt_of(invitations.of(two[0])[0]).id)[0]
    enter(two[0]).post("/my/data/delete", data={"is_sure": "y"})
    reader = sign_in(db.session.get_one(User, reading.grader_id))

    page = reader.get(f"/review/{reading.code}")

    assert page.status_code == 200
    assert MINE not in page.text


def test_the_two_questions_are_asked_once(enter):
    application = make.make_submission().attempt.invitation.application
    me = enter(application)

    offered, page = me.get("/my"), me.get("/my/survey")
    sent = me.post("/my/survey", data={"fair": "4", "minutes": "25", "words": "Fine"})
    again = me.get("/my/survey")

    assert 'href="/my/survey"' in offered.text
    assert "only added up" in page.text
    assert (sent.status_code, again.status_code) == (303, 303)
    assert db.session.query(Survey).one().minutes == 25
    assert 'href="/my/survey"' not in me.get("/my").text


@pytest.mark.parametrize("data", [{}, {"fair": "9", "minutes": "5"}, {"fair": "3", "minutes": "0"}])
def test_an_unclear_answer_is_asked_again(enter, data):
    me = enter(make.make_submission().attempt.invitation.application)

    answer = me.post("/my/survey", data=data)

    assert answer.status_code == 422
    assert db.session.query(Survey).count() == 0


@pytest.mark.parametrize("reason", ["PAY", "", "NONSENSE"])
def test_one_leaves_with_or_without_a_reason(enter, reason):
    application = make.make_application()

    answer = enter(application).post("/my/withdraw", data={"reason": reason})

    assert answer.status_code == 303
    assert application.stage is Stage.WITHDRAWN
