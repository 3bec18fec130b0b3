"""The hiring manager's room: roles, the ranking that explains itself, decisions and telling."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from fractions import Fraction

import pytest

from app import clock, jobs
from app.extensions import db
from app.manager import rankings
from app.models import Application, Decision, Duty, Mail, Role, User
from app.services import applications, assignments, identities, ratings, roles
from tests import factories as make


def make_scored(settle, levels=(3, 2), opening=None, **person) -> Application:
    """An application whose answer was read by as many people as there are levels."""
    submission = make.make_submission(make.make_attempt(make.make_invitation(make.make_application(opening, **person))))
    settle()
    for assignment, level in zip(assignments.of_attempt(submission.attempt_id), levels, strict=True):
        criteria = dict.fromkeys(ratings.criteria_of(assignment), level)
        ratings.record(assignment, assignment.grader_id, criteria, {}, clock.now())
    settle()
    return submission.attempt.invitation.application


@pytest.fixture
def manager(ctx) -> User:
    return make.make_user(Duty.MANAGER, name="Mara Manager")


@pytest.fixture
def settle(ctx) -> Callable[[], None]:
    """Do what the workers do about answers; mail stays."""

    def work() -> None:
        db.session.commit()
        while jobs.drain_work("quick"):
            pass

    return work


@pytest.fixture
def browser(manager, sign_in):
    return sign_in(manager)


@pytest.fixture
def readers(ctx) -> list[User]:
    return [make.make_user(Duty.GRADER, name=f"Reader Number{number}") for number in range(2)]


def path_of(opening) -> str:
    return f"/roles/{opening.role.slug}/{opening.region.code}"


def test_a_role_is_made_from_a_challenge_and_shown_with_its_rubric(browser):
    form = browser.get("/roles/new")
    version = make.publishing.find("close-my-account", 1)

    made = browser.post(
        "/roles/new",
        data={"title": "Night shift", "challenges": version.id, "readers": 2, "line_percent": 55, "window_days": 5},
    )
    page = browser.get(made.location)

    assert "estimate" in form.text.lower()
    assert (made.status_code, made.location) == (303, "/roles/night-shift")
    assert "Does it and says so" in page.text
    assert "Rubric version 1" in page.text


def test_an_opening_is_ranked_decided_and_released(browser, readers, settle):
    opening = make.make_opening()
    application = make_scored(settle, opening=opening, name="Hidden Name")

    ranking = browser.get(path_of(opening))
    decided = browser.post(
        path_of(opening) + "/decide", data={"codes": application.code, "stage": "SHORTLISTED", "reason": "Clear."}
    )
    told = browser.post(path_of(opening) + "/release", follow_redirects=True)
    dossier = browser.get(f"/applications/{application.code}")

    assert application.code in ranking.text
    assert "83.3%" in ranking.text
    assert "Hidden Name" not in ranking.text
    assert decided.status_code == 303
    assert "One applicant is told by mail." in told.text
    assert "Hidden Name" in dossier.text
    assert "Reviewer 2" in dossier.text
    assert db.session.get(Application, application.id).released_at is not None


# --- roles -------------------------------------------------------------------------------------------------------


def test_the_list_of_roles_shows_openings_with_their_counters(browser, readers, settle):
    opening = make.make_opening()
    make_scored(settle, opening=opening)

    page = browser.get("/roles").text

    assert opening.region.name in page
    assert [int(cell) for cell in re.findall(r'<td class="number">(\d+)</td>', page)] == [1, 1, 1, 1, 0, 0]


def test_an_empty_list_of_roles_says_what_to_do(browser):
    assert "No role yet" in browser.get("/roles").text


@pytest.mark.parametrize(
    "wrong",
    [
        *({"title": ""}, {"title": "  "}, {"title": "x" * 121}, {"title": "a\0b"}),
        *({"challenges": []}, {"challenges": ["999"]}),
        *({"readers": 0}, {"readers": 6}, {"readers": "many"}, {"line_percent": 101}, {"window_days": 0}),
    ],
)
def test_a_role_that_cannot_be_keeps_what_was_typed(browser, wrong):
    version = make.publishing.find("close-my-account", 1)
    sent = {"title": "Typed title", "challenges": version.id, "readers": 2, "line_percent": 60, "window_days": 7}

    answer = browser.post("/roles/new", data=sent | wrong)

    assert answer.status_code == 422
    assert "Nothing is lost." in answer.text
    assert "Typed title" in answer.text or "title" in wrong
    assert db.session.query(Role).count() == 0


def test_the_optional_criterion_can_be_left_out(browser):
    version = make.publishing.find("close-my-account", 1)
    sent = {
        "title": "Phones",
        "challenges": version.id,
        "readers": 1,
        "line_percent": "",
        "window_days": 7,
        "without_optional": "y",
    }

    page = browser.post("/roles/new", data=sent, follow_redirects=True).text

    assert "Left out for this role:" in page
    assert db.session.query(Role).one().line_percent is None


def test_reading_hours_are_applicants_times_readers_times_minutes():
    assert roles.reader_hours(600, 2) == Fraction(600 * 2 * roles.MINUTES_TO_READ, 60)


# --- the ranking ---------------------------------------------------------------------------------------------------


def test_ties_share_a_place_and_the_line_runs_between(browser, readers, settle):
    opening = make.make_opening()
    for levels in ((3, 3), (2, 2), (2, 2), (1, 1)):
        make_scored(settle, levels, opening)

    page = browser.get(path_of(opening)).text

    places = re.findall(r'<td class="number">(\d)(<span class="tie")?', page)
    assert places == [("1", ""), ("2", '<span class="tie"'), ("2", '<span class="tie"'), ("4", "")]
    assert page.index("66.7%") < page.index("Shortlist line, 60%") < page.index("33.3%")


def test_a_long_ranking_goes_on_and_draws_the_line_once(browser, readers, settle, monkeypatch):
    monkeypatch.setattr(rankings, "PAGE", 2)
    opening = make.make_opening()
    codes = {make_scored(settle, levels, opening).code for levels in ((3, 3), (2, 2), (1, 1), (0, 0))}

    first = browser.get(path_of(opening)).text
    following = re.search(r'href="([^"]+after=[^"]+)" rel="next"', first).group(1)
    second = browser.get(following).text

    seen = [set(re.findall(r'name="codes" value="(\w+)"', page)) for page in (first, second)]
    assert [len(page) for page in seen] == [2, 2]
    assert seen[0] | seen[1] == codes
    assert ("Shortlist line" in first, "Shortlist line" in second) == (False, True)


def test_an_unknown_place_in_the_ranking_begins_at_the_top(browser, readers, settle):
    opening = make.make_opening()
    application = make_scored(settle, opening=opening)

    assert application.code in browser.get(path_of(opening) + "?after=nonsense").text


def test_a_wide_difference_is_marked_until_a_third_has_read(browser, readers, settle):
    opening = make.make_opening()
    application = make_scored(settle, (3, 0), opening)

    page = browser.get(path_of(opening)).text
    dossier = browser.get(f"/applications/{application.code}").text

    assert "Third review" in page
    assert "3 levels apart" in dossier


def test_the_ranking_asks_the_database_a_constant_number_of_questions(browser, readers, settle, count_queries):
    opening = make.make_opening()
    make_scored(settle, opening=opening)
    with count_queries() as few:
        browser.get(path_of(opening))
    for _ in range(4):
        make_scored(settle, opening=opening)
    with count_queries() as many:
        browser.get(path_of(opening))

    assert len(many) <= len(few) <= 20


def test_the_list_of_roles_asks_a_constant_number_of_questions(browser, count_queries):
    make.make_opening()
    with count_queries() as few:
        browser.get("/roles")
    for _ in range(4):
        make.make_opening()
    with count_queries() as many:
        browser.get("/roles")

    assert len(many) <= len(few) <= 12


# --- deciding and telling --------------------------------------------------------------------------------------------


def test_deciding_for_several_is_one_act_and_repeating_it_changes_nothing(browser, readers, settle):
    opening = make.make_opening()
    codes = [make_scored(settle, opening=opening).code for _ in range(3)]
    sent = {"codes": codes, "stage": "NOT_SELECTED", "reason": "Not clear enough."}

    first = browser.post(path_of(opening) + "/decide", data=sent, follow_redirects=True).text
    again = browser.post(path_of(opening) + "/decide", data=sent, follow_redirects=True).text

    assert "Decided for 3 applicants." in first
    assert "3 were so before." in again
    assert db.session.query(Decision).count() == 3


def test_telling_twice_tells_once(browser, readers, settle):
    opening = make.make_opening()
    codes = [make_scored(settle, opening=opening).code for _ in range(2)]
    browser.post(path_of(opening) + "/decide", data={"codes": codes, "stage": "SHORTLISTED", "reason": "Good."})

    first = browser.post(path_of(opening) + "/release", follow_redirects=True).text
    again = browser.post(path_of(opening) + "/release", follow_redirects=True).text

    assert "2 applicants are told by mail." in first
    assert "has been told already" in again
    assert db.session.query(Mail).filter_by(message="outcome").count() == 2


def test_whoever_cannot_be_decided_on_is_named_and_the_others_are_done(browser, readers, settle):
    opening = make.make_opening()
    scored, gone = make_scored(settle, opening=opening), make.make_application(opening)
    applications.withdraw(gone, clock.now())
    db.session.commit()

    page = browser.post(
        path_of(opening) + "/decide",
        data={"codes": [scored.code, gone.code], "stage": "SHORTLISTED", "reason": "Good."},
        follow_redirects=True,
    ).text

    assert "Decided for one applicant." in page
    assert f"{gone.code}: " in page


@pytest.mark.parametrize("wrong", [{"codes": []}, {"reason": "  "}, {"stage": "HIRED"}, {"reason": "a\0b"}])
def test_a_decision_without_its_parts_keeps_what_was_typed(browser, readers, settle, wrong):
    opening = make.make_opening()
    application = make_scored(settle, opening=opening)
    sent = {"codes": [application.code], "stage": "SHORTLISTED", "reason": "Typed reason"}

    answer = browser.post(path_of(opening) + "/decide", data=sent | wrong)

    assert answer.status_code == 422
    assert "Typed reason" in answer.text or "reason" in wrong
    assert "checked" in answer.text or "codes" in wrong
    assert db.session.query(Decision).count() == 0


def test_a_decision_is_taken_back_until_it_is_told(browser, readers, settle):
    opening = make.make_opening()
    application = make_scored(settle, opening=opening)
    browser.post(
        path_of(opening) + "/decide", data={"codes": application.code, "stage": "SHORTLISTED", "reason": "Good."}
    )

    undone = browser.post(f"/applications/{application.code}/undo", follow_redirects=True).text
    too_late = browser.post(f"/applications/{application.code}/undo")

    assert "taken back" in undone
    assert "by Mara Manager" in undone
    assert too_late.status_code == 409


def test_applicants_of_another_opening_are_left_alone(browser, readers, settle):
    opening, other = make.make_opening(), make.make_opening()
    stranger = make.make_application(other)
    make_scored(settle, opening=opening)

    browser.post(path_of(opening) + "/decide", data={"codes": stranger.code, "stage": "NOT_SELECTED", "reason": "No."})

    assert db.session.query(Decision).count() == 0


# --- the dossier -----------------------------------------------------------------------------------------------------


def test_a_dossier_explains_the_score_and_hides_the_person_until_shortlisted(browser, readers, settle, manager):
    opening = make.make_opening()
    application = make_scored(settle, opening=opening, name="Hidden Name", email="hidden@example.org")
    application.replies = [{"kind": "yes_no", "question": "Hidden question?", "answer": "no", "preset": None}]

    before = browser.get(f"/applications/{application.code}").text
    browser.post(
        path_of(opening) + "/decide", data={"codes": application.code, "stage": "SHORTLISTED", "reason": "Good."}
    )
    with browser.get(f"/applications/{application.code}") as answer:
        after = answer.text

    for words in ("83.3%", "Reviewer 1", "Reviewer 2", "one level apart", "Gaps of a template", "Rubric version"):
        assert words in before
    assert "Hidden Name" not in before and "hidden@example.org" not in before
    assert "Hidden Name" in after and "hidden@example.org" in after
    assert "Hidden question?" not in before
    assert "Hidden question?" in after
    assert "Reader Number" not in before + after
    assert identities.unseen([application.id], manager.id) == []


def test_a_dossier_without_an_answer_says_so(browser):
    application = make.make_application()
    db.session.commit()

    page = browser.get(f"/applications/{application.code}").text

    assert "Not started yet." in page
    assert "Nobody has read this yet." in page


# --- who may not -----------------------------------------------------------------------------------------------------


def paths_of(application: Application) -> list[tuple[str, str]]:
    ranking = path_of(application.opening)
    return [
        ("get", ranking),
        ("post", f"{ranking}/decide"),
        ("post", f"{ranking}/release"),
        ("get", f"/applications/{application.code}"),
        ("post", f"/applications/{application.code}/undo"),
    ]


@pytest.mark.parametrize("duty", [Duty.GRADER, Duty.RECRUITER, Duty.AUDITOR])
def test_the_room_does_not_exist_for_others(sign_in, duty):
    application = make.make_application()
    browser = sign_in(make.make_user(duty))

    for method, path in [*paths_of(application), ("get", "/roles"), ("get", "/roles/new")]:
        assert getattr(browser, method)(path).status_code == 404, path


def test_a_manager_of_one_region_does_not_see_another(sign_in):
    application = make.make_application(make.make_opening(region=make.make_region("EMEA")))
    browser = sign_in(make.make_user(Duty.MANAGER, region=make.make_region("APAC")))

    for method, path in paths_of(application):
        assert getattr(browser, method)(path).status_code == 404, path
    assert "Not open anywhere yet." in browser.get("/roles").text


@pytest.mark.parametrize("path", ["/roles/none", "/roles/none/EMEA", "/applications/NONESUCH"])
def test_what_does_not_exist_is_not_found(browser, path):
    assert browser.get(path).status_code == 404


def test_a_stranger_is_asked_to_sign_in(client):
    assert client.get("/roles").location.startswith("/sign-in")


def test_a_reply_by_date_that_has_passed_is_marked_until_the_applicant_is_told(browser, readers, settle):
    application = make_scored(settle)
    opening = application.opening
    application.reply_by = clock.now() - timedelta(days=2)

    before = browser.get(path_of(opening)).text
    browser.post(
        path_of(opening) + "/decide", data={"codes": [application.code], "stage": "SHORTLISTED", "reason": "ok"}
    )
    browser.post(path_of(opening) + "/release")
    after = browser.get(path_of(opening)).text

    assert "Reply-by date passed" in before
    assert "Reply-by date passed" not in after


def test_somebody_who_has_left_is_not_written_to(browser, readers, settle):
    application = make_scored(settle)
    opening = application.opening
    browser.post(
        path_of(opening) + "/decide", data={"codes": [application.code], "stage": "SHORTLISTED", "reason": "ok"}
    )
    db.session.refresh(application)
    applications.withdraw(application, clock.now())

    browser.post(path_of(opening) + "/release")

    db.session.refresh(application)
    assert application.released_at is None
