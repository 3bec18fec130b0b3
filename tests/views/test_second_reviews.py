"""Second reviews and comments on the pages: the candidate's button, the manager's form, what both are told."""

from __future__ import annotations

import pytest

from app import clock
from app.extensions import db
from app.models import Appeal, AppealState, Application, Duty, Region, Stage
from app.services import appeals, assignments, comments, decisions, invitations, ratings, submissions, surveys
from tests import factories as make


@pytest.fixture
def manager(ctx):
    return make.make_user(Duty.MANAGER, name="Mara Manager")


@pytest.fixture
def staff(manager, sign_in):
    return sign_in(manager)


@pytest.fixture
def told(manager, run_work) -> Application:
    """Somebody who was turned down 27 points below the line, where 30 are near."""
    for _ in range(2):
        make.make_user(Duty.GRADER)
    opening = make.make_opening()
    appeals.allow(opening.role, 30, 7, manager.id, clock.now())
    submission = make.make_submission(make.make_attempt(make.make_invitation(make.make_application(opening))))
    run_work()
    for assignment in assignments.of_attempt(submission.attempt_id):
        read(assignment, 1)
    run_work()
    application = submission.attempt.invitation.application
    comments.write(application, comments.WHOLE, "You wrote so warmly.", manager.id, clock.now())
    decisions.decide(application, Stage.NOT_SELECTED, "A secret reason.", manager.id, clock.now())
    return application


def read(assignment, level):
    levels = dict.fromkeys(ratings.criteria_of(assignment), level)
    ratings.record(assignment, assignment.grader_id, levels, {}, clock.now())


def release(application, manager):
    decisions.release(application, manager.id, clock.now())
    db.session.commit()


@pytest.fixture
def me(ctx, told):
    browser = ctx.test_client()
    token = invitations.open_session(told, clock.now(), by_link=True)
    db.session.commit()
    with browser.session_transaction() as session:
        session["candidate"] = token
    return browser


def test_the_outcome_says_which_sentence_was_reached_and_what_the_team_added(me, told, manager):
    before = me.get("/my").text
    release(told, manager)

    page = me.get("/my").text

    assert "You wrote so warmly." not in before
    assert "You wrote so warmly." in page
    assert "Can be understood, but mistakes or jargon distract." in page
    assert "A secret reason." not in page
    assert "Mara Manager" not in page


def test_the_sentence_is_in_the_language_of_the_answer(me, told, manager):
    release(told, manager)
    db.session.execute(db.text("UPDATE attempt SET locale = 'es'"))

    page = me.get("/my?lang=es").text

    assert "Can be understood, but mistakes or jargon distract." not in page
    assert '<dd lang="es">' in page


def test_the_button_is_there_only_after_the_release_and_once(me, told, manager):
    before = me.get("/my").text
    release(told, manager)
    offered = me.get("/my").text

    answers = [me.post("/my/second-review") for _ in range(2)]

    assert "/my/second-review" not in before
    assert 'action="/my/second-review"' in offered
    assert [answer.status_code for answer in answers] == [303, 303]
    assert db.session.query(Appeal).count() == 1
    assert 'action="/my/second-review"' not in me.get("/my").text


def test_who_may_not_ask_is_refused(me, told, manager):
    assert me.post("/my/second-review").status_code == 409


def test_the_manager_sees_that_it_waits_for_a_reader_what_came_of_it_and_decides(me, told, manager, staff, run_work):
    release(told, manager)
    me.post("/my/second-review")
    run_work()
    waiting = staff.get(f"/applications/{told.code}").text
    make.make_user(Duty.GRADER)
    run_work()
    read(next(one for one in assignments.of_attempt(attempt_of(told)) if one.is_appeal), 3)
    run_work()
    listed, page = staff.get(f"/roles/{told.opening.role.slug}/EMEA").text, staff.get(f"/applications/{told.code}").text

    done = staff.post(
        f"/applications/{told.code}/second-review",
        data={"settle-stage": "SHORTLISTED", "settle-reason": "Read again: clear."},
    )

    assert "Nobody can read it yet" in waiting
    assert "read: please decide anew" in listed
    assert "The score was 33.3% and is 55.6% with the new reading" in page
    assert done.status_code == 303
    assert db.session.get_one(Appeal, told.id).state is AppealState.CHANGED
    assert "you are on the shortlist" in me.get("/my").text
    assert "decided anew" in staff.get(f"/applications/{told.code}").text


def attempt_of(application) -> int:
    return submissions.attempt_of(invitations.of(application)[0]).id


def test_a_decision_without_a_reason_is_not_taken(told, manager, staff):
    release(told, manager)

    answer = staff.post(f"/applications/{told.code}/second-review", data={"settle-stage": "SHORTLISTED"})

    assert "give the reason" in staff.get(answer.location).text
    assert told.stage is Stage.NOT_SELECTED


def test_a_comment_is_kept_until_it_is_told_and_then_stands(told, manager, staff):
    path = f"/applications/{told.code}"
    staff.post(f"{path}/comment", data={"slug": "", "text": "Better words."})
    kept = comments.of(told.id)
    release(told, manager)

    late = staff.post(f"{path}/comment", data={"slug": "", "text": "Other words."})

    assert kept == {"": "Better words."}
    assert late.status_code == 409
    assert "Better words." in staff.get(path).text


def test_each_challenge_of_several_has_a_comment_of_its_own(staff, ctx):
    versions = [make.publishing.find(slug, 1) for slug in ("close-my-account", "double-charge")]
    application = make.make_application(make.make_opening(make.make_role(challenges=versions)))

    page = staff.get(f"/applications/{application.code}").text
    staff.post(f"/applications/{application.code}/comment", data={"slug": "double-charge", "text": "On the second."})

    assert 'id="text-double-charge"' in page
    assert comments.of(application.id) == {"double-charge": "On the second."}


def test_a_role_allows_second_reviews_and_shows_what_candidates_said(staff, told):
    path = f"/roles/{told.opening.role.slug}"
    staff.post(f"{path}/second-reviews", data={"points": "5", "days": "10"})
    few = staff.get(path).text
    for _ in range(5):
        application = make.make_submission(
            make.make_attempt(make.make_invitation(make.make_application(told.opening)))
        ).attempt.invitation.application
        surveys.answer(application, 4, 20, "", clock.now())

    page = staff.get(path).text

    assert (told.opening.role.appeal_points, told.opening.role.appeal_days) == (5, 10)
    assert "Shown from five answers on" in few
    assert "How fair it seemed" in page


@pytest.mark.parametrize("data", [{"points": "99", "days": "7"}, {"points": "5", "days": ""}, {"points": "x"}])
def test_odd_settings_change_nothing(staff, told, data):
    path = f"/roles/{told.opening.role.slug}"

    answer = staff.post(f"{path}/second-reviews", data=data, follow_redirects=True)

    assert "Points are a number from 1 to 50" in answer.text
    assert told.opening.role.appeal_points == 30


def test_only_who_hires_in_every_region_of_the_role_changes_it(told, sign_in):
    make.make_opening(told.opening.role, region=make.make_region("APAC"))
    emea = db.session.query(Region).filter_by(code="EMEA").one()
    local = sign_in(make.make_user(Duty.MANAGER, region=emea))

    assert local.post(f"/roles/{told.opening.role.slug}/second-reviews", data={"days": "7"}).status_code == 404
    assert "/second-reviews" not in local.get(f"/roles/{told.opening.role.slug}").text


@pytest.mark.parametrize("act", ["comment", "second-review"])
def test_who_does_not_hire_there_finds_nothing(told, sign_in, act):
    apac = make.make_region("APAC")
    stranger = sign_in(make.make_user(Duty.MANAGER, region=apac))
    reader = sign_in(make.make_user(Duty.GRADER))

    codes = [browser.post(f"/applications/{told.code}/{act}").status_code for browser in (stranger, reader)]

    assert codes == [404, 404]
