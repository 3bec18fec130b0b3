"""Answers worded alike: a fact for those who decide, once people have judged both, and for nobody else."""

from __future__ import annotations

import re

import pytest

from app import clock
from app.extensions import db
from app.models import Application, Attempt, Duty, IdentitySeen, Likeness, Moderation, Stage, User
from app.services import applications, assignments, decisions, ratings, submissions
from tests import factories as make

REPLY, REWORDED = make.GOOD_REPLY, make.REWORDED_REPLY
LINK = "Worded like another answer"


def hand_in(reply, opening, **person) -> Application:
    application = make.make_application(opening, **person)
    make.make_submission(make.make_attempt(make.make_invitation(application)), {"reply": reply})
    return application


def read(application: Application) -> None:
    """Everybody who shall read it rates it."""
    attempt = attempt_of(application)
    for assignment in assignments.of_attempt(attempt.id):
        levels = dict.fromkeys(ratings.criteria_of(assignment), 2)
        ratings.record(assignment, assignment.grader_id, levels, {}, clock.now())


def attempt_of(application: Application) -> Attempt:
    return submissions.attempt_of(make.make_invitation(application))


def page_of(application: Application, other: Application, field: str = "reply") -> str:
    return f"/applications/{application.code}/wording/close-my-account/{field}/{other.code}"


@pytest.fixture
def readers(ctx) -> list[User]:
    return [make.make_user(Duty.GRADER) for _ in range(2)]


@pytest.fixture
def browser(ctx, sign_in):
    return sign_in(make.make_user(Duty.MANAGER, name="Mara Manager"))


@pytest.fixture
def pair(ctx, readers, run_work) -> tuple[Application, Application]:
    """Two people of one opening whose answers are alike; both were read."""
    opening = make.make_opening()
    both = hand_in(REPLY, opening, name="First Person"), hand_in(REWORDED, opening, name="Second Person")
    run_work()
    for one in both:
        read(one)
    run_work()
    return both


def test_both_of_a_pair_show_it_and_it_opens_side_by_side(browser, pair):
    first, second = pair
    opening = first.opening

    ranking = browser.get(f"/roles/{opening.role.slug}/{opening.region.code}").text
    dossiers = [browser.get(f"/applications/{one.code}").text for one in pair]
    page = browser.get(page_of(first, second)).text

    assert ranking.count(LINK) == 2
    assert page_of(first, second) in dossiers[0]
    assert "handed in after this one" in dossiers[0]
    assert page_of(second, first) in dossiers[1]
    assert "handed in before this one" in dossiers[1]
    marked = [re.sub(r"\s+", " ", text) for text in re.findall(r"<mark>(.*?)</mark>", page, re.S)]
    assert any("will not be charged again" in text for text in marked)
    assert not any("you need not do anything" in text or "Sam" in text for text in marked)
    assert "innocent reasons" in page
    assert "Nothing is decided by this" in page


def test_the_share_on_the_page_is_the_one_that_was_found(browser, pair):
    likeness = db.session.query(Likeness).one()

    page = browser.get(page_of(*pair)).text

    assert f"{100 * likeness.numerator / likeness.denominator:.1f}%" in page


def test_the_one_that_was_handed_in_first_stands_first_whoever_is_asked(browser, pair):
    pages = [browser.get(page_of(*both)).text for both in (pair, pair[::-1])]

    places = [[page.index(f'href="/applications/{one.code}"', page.index("side-1")) for one in pair] for page in pages]
    assert all(place == sorted(place) for place in places)


def test_what_somebody_typed_stays_text(browser, readers, run_work):
    opening = make.make_opening()
    both = [hand_in(f"<script>alert(1)</script> {REPLY}", opening) for _ in range(2)]
    run_work()
    for one in both:
        read(one)

    page = browser.get(page_of(*both)).text

    assert "<script>alert" not in page
    assert "alert(1)&lt;/script&gt;" in page


# --- who may see it, and when --------------------------------------------------------------------------------------


def test_nobody_sees_a_pair_before_people_have_judged_both(browser, readers, run_work):
    opening = make.make_opening()
    first, second = hand_in(REPLY, opening), hand_in(REWORDED, opening)
    run_work()
    addresses = [
        f"/roles/{opening.role.slug}/{opening.region.code}",
        *(f"/applications/{one.code}" for one in (first, second)),
    ]
    read(first)
    run_work()

    early = [browser.get(address).text for address in addresses], browser.get(page_of(first, second)).status_code
    read(second)
    run_work()
    late = [browser.get(address).text for address in addresses], browser.get(page_of(first, second)).status_code

    assert not any(LINK in page for page in early[0])
    assert early[1] == 404
    assert all(LINK in page for page in late[0])
    assert late[1] == 200


def test_a_third_review_that_is_open_hides_it(browser, pair):
    attempt = attempt_of(pair[1])
    db.session.add(Moderation(attempt_id=attempt.id, criteria=[], opened_at=clock.now()))

    assert browser.get(page_of(*pair)).status_code == 404
    assert LINK not in browser.get(f"/applications/{pair[0].code}").text


def test_somebody_who_was_never_read_but_decided_about_was_judged_too(browser, run_work):
    opening, decider = make.make_opening(), make.make_user(Duty.MANAGER)
    first, second = hand_in(REPLY, opening), hand_in(REWORDED, opening)
    run_work()
    for one in (first, second):
        decisions.decide(one, Stage.NOT_SELECTED, "The job is taken.", decider.id, clock.now())

    assert browser.get(page_of(first, second)).status_code == 200


def test_reviewers_recruiters_and_strangers_see_nothing(client, sign_in, readers, pair):
    recruiter = make.make_user(Duty.RECRUITER, region=pair[0].opening.region)

    answers = [one.get(page_of(*pair)).status_code for one in (sign_in(readers[0]), sign_in(recruiter))]
    stranger = client.get(page_of(*pair))

    assert answers == [404, 404]
    assert stranger.status_code == 302


def test_the_desk_never_says_it(sign_in, readers, pair):
    browser = sign_in(readers[0])

    pages = [browser.get("/review").text]
    pages += [
        browser.get(f"/review/{one.code}").text
        for application in pair
        for one in assignments.of_attempt(attempt_of(application).id)
        if one.grader_id == readers[0].id
    ]

    assert len(pages) == 3
    assert not any(word in page for page in pages for word in (LINK, "in common", pair[0].code, pair[1].code))


def test_an_answer_of_another_region_is_told_without_its_code_to_a_lead_of_this_one(sign_in, run_work):
    here, there = make.make_opening(), make.make_opening(make.make_role("Other"), make.make_region("APAC"))
    lead = sign_in(make.make_user(Duty.LEAD, region=here.region))
    decider = make.make_user(Duty.MANAGER)
    first, second = hand_in(REPLY, here), hand_in(REWORDED, there)
    run_work()
    for one in (first, second):
        decisions.decide(one, Stage.NOT_SELECTED, "The job is taken.", decider.id, clock.now())

    dossier = lead.get(f"/applications/{first.code}").text

    assert LINK in dossier
    assert second.code not in dossier
    assert lead.get(page_of(first, second)).status_code == 404


def test_names_appear_once_shortlisted_and_are_noted_as_seen(browser, pair):
    before = browser.get(page_of(*pair)).text
    decisions.decide(pair[0], Stage.SHORTLISTED, "Clear.", make.make_user(Duty.MANAGER).id, clock.now())

    with browser.get(page_of(*pair)) as answer:
        after = answer.text

    assert "First Person" not in before
    assert "First Person" in after
    assert "Second Person" not in after
    assert [seen.application_id for seen in db.session.query(IdentitySeen)] == [pair[0].id]


@pytest.mark.parametrize("change", ["field", "slug", "other", "code"])
def test_an_address_that_is_no_pair_is_no_page(browser, pair, change):
    first, second = pair
    address = {
        "field": page_of(first, second, "subject"),
        "slug": page_of(first, second).replace("close-my-account", "vague-bug"),
        "other": page_of(first, first),
        "code": page_of(first, second).replace(second.code, "NOBODY00"),
    }[change]

    assert browser.get(address).status_code == 404


def test_the_pages_ask_a_constant_number_of_questions(browser, pair, run_work, count_queries):
    addresses = [f"/applications/{pair[0].code}", page_of(*pair)]
    with count_queries() as few:
        for address in addresses:
            browser.get(address)
    for _ in range(3):
        read_copy = hand_in(REPLY, pair[0].opening)
        run_work()
        read(read_copy)
        run_work()
    with count_queries() as many:
        for address in addresses:
            browser.get(address)

    assert len(many) == len(few)


def test_who_withdraws_is_still_shown_as_withdrawn(browser, pair):
    applications.withdraw(pair[0], clock.now())

    page = browser.get(page_of(*pair)).text

    assert "Withdrawn" in page
