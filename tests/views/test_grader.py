"""The review desk: what it shows, what it hides, and that nothing typed is lost."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from app import clock, jobs
from app.extensions import db
from app.models import Assignment, AssignmentState, Candidate, Duty, Rating, Submission, User
from app.services import applications, assignments, desk, identities, ratings, touches
from app.services.questions import Kind, Question, Reply
from app.services.touches import Came
from tests import factories as make

CRITERIA = ("action", "consequences", "no_hoops", "tone", "language")


def form_of(level: object = 2, **changes: object) -> dict[str, object]:
    return {f"level-{key}": level for key in CRITERIA} | changes


def ratings_of(assignment: Assignment) -> dict[str, int | None]:
    query = select(Rating.criterion, Rating.level).where(Rating.assignment_id == assignment.id)
    return dict(db.session.execute(query).all())


@pytest.fixture
def reader(ctx) -> User:
    return make.make_user(Duty.GRADER, name="Rita Reader")


@pytest.fixture
def browser(reader, sign_in):
    return sign_in(reader)


@pytest.fixture
def assignment(reader) -> Assignment:
    made = make.make_assignment(reader)
    db.session.commit()
    return made


def state_of(assignment: Assignment) -> AssignmentState:
    db.session.refresh(assignment)
    return assignment.state


# --- the main way ------------------------------------------------------------------------------------------------


def test_the_desk_says_what_waits_and_opens_the_next_answer(browser, assignment):
    desk_page = browser.get("/review")
    opened = browser.post("/review/next")
    answer = browser.get(opened.location)

    assert "One answer waits for you." in desk_page.text
    assert (opened.status_code, opened.location) == (303, f"/review/{assignment.code}")
    assert "please close my account - Ben" in answer.text
    assert "Your account is closed, and there is nothing more for you to do." in answer.text
    assert "Says plainly that it is done" in answer.text
    assert "Reserved for you until" in answer.text


def test_saving_levels_stores_them_and_opens_the_next_answer(browser, reader):
    first, second = make.make_assignment(reader), make.make_assignment(reader)
    db.session.commit()
    code = browser.post("/review/next").location.rsplit("/", 1)[-1]
    read, other = (first, second) if first.code == code else (second, first)

    saved = browser.post(f"/review/{code}", data=form_of(3, **{"level-tone": "cannot", "comment-action": "Clear."}))

    assert (saved.status_code, saved.location) == (303, f"/review/{other.code}")
    assert ratings_of(read) == dict.fromkeys(CRITERIA, 3) | {"tone": None}
    db.session.refresh(read)
    assert ratings.reading(read).comments == {"action": "Clear."}


def test_after_the_last_answer_the_desk_says_that_nothing_waits(browser, assignment):
    saved = browser.post(f"/review/{assignment.code}", data=form_of(), follow_redirects=True)

    assert saved.request.path == "/review"
    assert "Nothing waits for you now." in saved.text


def test_an_empty_desk_says_what_comes_next(browser):
    assert "Nothing waits for you" in browser.get("/review").text


def test_what_the_checks_saw_is_shown_only_after_the_levels_are_saved(browser, assignment):
    db.session.commit()
    while jobs.drain_work("quick"):
        pass

    before = browser.get(f"/review/{assignment.code}").text
    browser.post(f"/review/{assignment.code}", data=form_of(1))
    after = browser.get(f"/review/{assignment.code}").text

    assert "Gaps of a template" not in before
    assert "Gaps of a template" in after
    assert '<form id="ratings"' not in after


def test_the_page_counts_what_is_done_and_what_is_mine(browser, reader, assignment):
    make.make_assignment(reader)
    colleague = make.make_user(Duty.GRADER)
    theirs = make.make_assignment(colleague)
    ratings.record(theirs, colleague.id, dict.fromkeys(CRITERIA, 3), {}, clock.now())
    assignments.skip(assignment, reader.id, "later", clock.now())
    db.session.commit()

    page = browser.get(f"/review/{assignment.code}").text

    assert '<span class="progress-count">1/3</span>' in page
    assert "you 0 · 1 skipped" in page


# --- a form that cannot be saved ------------------------------------------------------------------------------------


def test_a_missing_level_keeps_everything_typed(browser, assignment):
    sent = form_of(3, **{"comment-tone": "Warm <b>indeed</b>"})
    del sent["level-language"]

    answer = browser.post(f"/review/{assignment.code}", data=sent)

    assert answer.status_code == 422
    assert "Warm &lt;b&gt;indeed&lt;/b&gt;" in answer.text
    assert len(re.findall(r'value="3"[^>]* checked', answer.text)) == 4
    assert state_of(assignment) is AssignmentState.OFFERED


@pytest.mark.parametrize(
    "wrong", [{"level-tone": "4"}, {"level-tone": "-1"}, {"comment-tone": "a\0b"}, {"comment-tone": "x" * 2001}]
)
def test_a_wrong_value_is_not_saved(browser, assignment, wrong):
    answer = browser.post(f"/review/{assignment.code}", data=form_of(2, **wrong))

    assert answer.status_code == 422
    assert ratings_of(assignment) == {}


def test_two_windows_that_rate_one_answer_keep_the_first_and_show_the_second_what_was_typed(
    reader, assignment, sign_in
):
    one, two = sign_in(reader), sign_in(reader)
    one.get(f"/review/{assignment.code}")
    two.get(f"/review/{assignment.code}")

    first = one.post(f"/review/{assignment.code}", data=form_of(3))
    second = two.post(f"/review/{assignment.code}", data=form_of(0, **{"comment-tone": "Second thoughts"}))

    assert (first.status_code, second.status_code) == (303, 409)
    assert "Second thoughts" in second.text
    assert ratings_of(assignment) == dict.fromkeys(CRITERIA, 3)


def test_a_save_after_the_reservation_ran_out_still_counts(browser, assignment):
    browser.post("/review/next")
    db.session.execute(update(Assignment).values(lease_until=clock.now() - timedelta(minutes=1)))
    assignments.expire(clock.now())
    db.session.commit()

    page = browser.get(f"/review/{assignment.code}").text
    saved = browser.post(f"/review/{assignment.code}", data=form_of(1))

    assert "Not reserved now; you can still save." in page
    assert saved.status_code == 303
    assert ratings_of(assignment) == dict.fromkeys(CRITERIA, 1)


def test_a_save_after_the_answer_went_to_somebody_else_keeps_the_text(browser, reader, assignment):
    browser.post("/review/next")
    assignments.hand_on(assignment, reader.id, "seen", clock.now())
    db.session.commit()

    late = browser.post(f"/review/{assignment.code}", data=form_of(2, **{"comment-action": "Typed for minutes"}))

    assert late.status_code == 409
    assert "somebody else reads it now" in late.text
    assert "Typed for minutes" in late.text
    assert ratings_of(assignment) == {}
    assert browser.get(f"/review/{assignment.code}").status_code == 404


# --- skipping, holding -----------------------------------------------------------------------------------------


def test_a_skipped_answer_comes_back_last(browser, reader):
    make.make_assignment(reader)
    make.make_assignment(reader)
    db.session.commit()
    first = browser.post("/review/next").location

    second = browser.post(f"{first}/skip", data={"reason": "later"}).location
    third = browser.post(second, data=form_of()).location

    assert second != first
    assert third == first


def test_an_answer_by_somebody_known_goes_to_another_reader(browser, assignment):
    colleague = make.make_user(Duty.GRADER)
    other = make.make_user(Duty.GRADER)
    db.session.commit()

    browser.post(f"/review/{assignment.code}/skip", data={"reason": "known"})
    while jobs.drain_work("quick"):
        pass

    assert state_of(assignment) is AssignmentState.RELEASED
    assert {entry.grader_id for entry in assignments.of_attempt(assignment.attempt_id)} == {colleague.id, other.id}


def test_skipping_needs_a_reason(browser, assignment):
    answer = browser.post(f"/review/{assignment.code}/skip", data={})

    assert answer.status_code == 422
    assert "Please choose a reason." in answer.text


def test_whoever_sees_the_person_gives_up_what_they_had_to_read(reader, assignment):
    application = assignments.application_of(assignment)

    identities.note_identities_seen([application.id], reader.id, clock.now())

    assert state_of(assignment) is AssignmentState.RELEASED


def test_holding_starts_the_twenty_minutes_again(browser, assignment):
    held = browser.post(f"/review/{assignment.code}/hold")

    db.session.refresh(assignment)
    assert held.json == {"until": assignment.lease_until.isoformat()}
    assert assignment.lease_until > clock.now() + timedelta(minutes=19)


# --- who may not --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/review", "/review/ABCDEFGH"])
def test_a_stranger_is_asked_to_sign_in(client, path):
    assert client.get(path).location.startswith("/sign-in")


@pytest.mark.parametrize("duty", [Duty.ADMINISTRATOR, Duty.MANAGER, Duty.RECRUITER])
def test_the_desk_does_not_exist_for_others(sign_in, assignment, duty):
    browser = sign_in(make.make_user(duty))

    assert browser.get("/review").status_code == 404
    assert browser.get(f"/review/{assignment.code}").status_code == 404
    assert browser.post(f"/review/{assignment.code}", data=form_of()).status_code == 404


def test_another_reviewers_answer_looks_like_none(sign_in, assignment):
    browser = sign_in(make.make_user(Duty.GRADER))

    for method, path in (("get", ""), ("post", ""), ("post", "/skip"), ("post", "/hold")):
        assert getattr(browser, method)(f"/review/{assignment.code}{path}").status_code == 404


# --- blindness ----------------------------------------------------------------------------------------------------


def test_no_page_of_the_desk_holds_anything_of_the_candidate(browser, reader):
    opening = make.make_opening(questions=[Question(Kind.TEXT, True, "Zzmarkerquestion?")])
    details = make.make_details(
        name="Zzmarkername",
        email="zzmarkermail@zzmarkerdomain.example",
        phone="+99955512345",
        country="AQ",
        zone="Antarctica/Troll",
    )
    way = touches.landing("/zzmarkerpath", {"src": "zzmarkertoken"}, "zzmarker.example", clock.now())
    said = [Reply(Kind.TEXT, "Zzmarkerquestion?", "Zzmarkerreply")]
    application = applications.apply(opening, details, clock.now(), replies=said, came=Came(way, way)).application
    submission = make.make_submission(make.make_attempt(make.make_invitation(application)), {"reply": "Hi Ben. Done."})
    held = make.make_assignment(reader, submission)
    colleague = make.make_user(Duty.GRADER, name="Zzpeername")
    theirs = make.make_assignment(colleague, submission)
    ratings.record(theirs, colleague.id, dict.fromkeys(CRITERIA, 0), {"tone": "Zzpeercomment"}, clock.now())
    question = make.make_question(make.make_verified(application), "Zzmarkerquestion")
    make.make_answer(question, make.make_user(Duty.RECRUITER), "Zzmarkeranswer")
    db.session.commit()
    while jobs.drain_work("quick"):
        pass

    answers = [browser.get(f"/desk/{opening.region.code}/messages"), browser.get(f"/desk/{opening.region.code}")]
    answers += [browser.get(f"/applications/{application.code}/messages")]
    answers += [browser.get("/review"), browser.post("/review/next")]
    answers += [browser.get(f"/review/{held.code}"), browser.post(f"/review/{held.code}/hold")]
    answers += [browser.post(f"/review/{held.code}", data={}), browser.post(f"/review/{held.code}/skip", data={})]
    answers += [browser.post(f"/review/{held.code}", data=form_of()), browser.get(f"/review/{held.code}")]
    answers += [browser.post(f"/review/{held.code}", data=form_of())]

    candidate = db.session.get(Candidate, application.candidate_id)
    forbidden = ["zzmarker", "zzpeer", "99955512345", "antarctica", "troll", application.code, submission.code]
    forbidden += [opening.slug, opening.region.name, "emea", opening.place, candidate.email, submission.content_hash]
    forbidden += [submission.received_at.strftime("%Y-%m-%dT%H:%M:%S"), submission.attempt.started_at.isoformat()]
    for answer in answers:
        said = (answer.text + str(answer.headers)).lower()
        assert [word for word in forbidden if word.lower() in said] == [], answer.request.path


def test_what_a_page_is_given_names_no_record(reader, assignment):
    sheet = desk.sheet(assignment, "en")

    kinds = {type(value).__module__ for value in vars(sheet).values()}
    assert not any(kind.startswith("app.models") for kind in kinds)
    assert not hasattr(sheet, "attempt")
    handed_in = db.session.query(Submission).filter_by(attempt_id=assignment.attempt_id).one()
    assert handed_in.code not in repr(sheet)


# --- pace ---------------------------------------------------------------------------------------------------------


def test_pace_is_the_median_of_readings_without_the_breaks():
    start = clock.now()
    minutes = [0, 2, 6, 9, 12, 100, 103]

    assert desk.pace([start + timedelta(minutes=minute) for minute in minutes]) == timedelta(minutes=3)


def test_pace_is_not_said_before_five_readings():
    start = clock.now()

    assert desk.pace([start + timedelta(minutes=minute) for minute in range(5)]) is None
    assert desk.pace([]) is None


def test_the_desk_asks_the_database_a_constant_number_of_questions(browser, reader, count_queries):
    make.make_assignment(reader)
    db.session.commit()
    with count_queries() as few:
        browser.get("/review")
    for _ in range(5):
        make.make_assignment(reader)
    db.session.commit()
    with count_queries() as many:
        browser.get("/review")

    assert len(many) <= len(few) <= 12
