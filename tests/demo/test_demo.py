"""The demo company: lived-in, only here, and gone for good when somebody starts with their own."""

from __future__ import annotations

import pytest
from sqlalchemy import update

from app import clock
from app.demo import data
from app.demo.people import ADMINISTRATOR, APPLICANTS, HIRING_MANAGER, LEADS
from app.extensions import db
from app.models import Application, Candidate, ChallengeVersion, Company, Moderation, Stage, User
from app.services import catalog, company, counters


@pytest.fixture
def visitor(demo):
    return demo.test_client()


def test_the_first_address_leads_to_the_start_page(visitor):
    page = visitor.get("/", follow_redirects=True).text

    assert "Three replies to Ben" in page
    assert "Hi, please close my account - Ben" in page


def test_every_stage_is_populated_and_the_counters_agree(demo):
    stages = {application.stage for application in db.session.query(Application)}

    assert stages == set(Stage)
    for opening_id, counted in counters.recount_stages().items():
        kept = counters.of([opening_id])[opening_id]
        assert {name: kept.get(name) for name in counted} == counted


def test_one_answer_waits_for_a_third_reader_and_one_reply_is_overdue(demo, run_work):
    run_work()

    overdue = db.session.query(Application).filter(
        Application.reply_by < clock.now(), Application.released_at.is_(None), Application.stage != Stage.WITHDRAWN
    )
    assert db.session.query(Moderation).filter_by(settled_at=None).count() == 1
    assert overdue.count() == 1


def test_everybody_is_marked_as_invented(demo):
    assert all(user.is_demo for user in db.session.query(User))
    assert all(candidate.is_demo for candidate in db.session.query(Candidate))
    assert db.session.query(Candidate).count() == len(APPLICANTS) + len(LEADS)


def test_one_becomes_a_person_by_a_button_and_the_bar_says_who_one_is(visitor):
    page = visitor.post(f"/start/be/{HIRING_MANAGER.address}", follow_redirects=True).text

    assert f"You are now {HIRING_MANAGER.name}" in page


def test_the_mailbox_is_one_press_away(visitor):
    answer = visitor.post(f"/start/be/{ADMINISTRATOR.address}", data={"to": "mail"})

    assert answer.location == "/mail"


def test_nobody_from_outside_reaches_it(visitor):
    outside = {"REMOTE_ADDR": "192.0.2.7"}

    assert visitor.get("/start/", environ_base=outside).status_code == 404
    assert visitor.post(f"/start/be/{HIRING_MANAGER.address}", environ_base=outside).status_code == 404
    assert "invented person" not in visitor.get("/jobs", environ_base=outside).text


def test_without_the_demo_nobody_becomes_anybody(ctx):
    company.found("A real company", clock.now())
    browser = ctx.test_client()

    assert browser.get("/start/").status_code == 404
    assert browser.post(f"/start/be/{HIRING_MANAGER.address}").status_code == 404
    assert browser.post("/start/own-company").status_code == 404


def test_resetting_writes_it_anew(visitor):
    db.session.execute(update(Candidate).values(is_demo=False, name="Somebody"))

    visitor.post("/start/reset")

    assert db.session.query(Candidate).filter_by(name="Somebody").count() == 0
    assert db.session.query(Application).count() == len(APPLICANTS) + len(LEADS)


def test_starting_with_ones_own_company_removes_everything_and_makes_one_the_administrator(visitor):
    answer = visitor.post("/start/own-company")

    assert "/welcome/" in answer.location
    assert "you will be the administrator" in visitor.get(answer.location).text
    assert db.session.query(Company).count() == db.session.query(Application).count() == 0
    assert db.session.query(ChallengeVersion).count() == len(catalog.load_all(catalog.SHIPPED).challenges)


def test_a_real_company_is_never_removed(ctx):
    company.found("A real company", clock.now())

    with pytest.raises(data.Refused):
        data.remove()


def test_a_fresh_demo_is_ready_at_once(visitor):
    assert visitor.get("/readyz").json["status"] == "ok"
