"""Signing in: one-time links, passwords, sessions that live in the database."""

from __future__ import annotations

import re

from flask_security.utils import hash_password

from app import clock
from app.extensions import db
from app.models import Duty, Mail, OneTimeLink, StaffSession, User
from app.services import staff
from app.services.audit import SYSTEM
from tests import factories as make

PASSWORD = "a sentence is a fine password"


def colleague() -> User:
    user = make.make_user(Duty.GRADER, email="grader@example.com")
    user.password = hash_password(PASSWORD)
    db.session.commit()
    return user


def enter(browser, password=PASSWORD, **query):
    return browser.post("/sign-in", query_string=query, data={"email": "grader@example.com", "password": password})


def test_a_password_opens_a_session_that_lives_in_the_database(client):
    colleague()

    answer = enter(client)

    assert answer.status_code == 302
    assert db.session.query(StaffSession).count() == 1


def test_a_wrong_password_says_so_and_opens_nothing(client):
    colleague()

    answer = enter(client, "something else entirely")

    assert answer.status_code == 200
    assert db.session.query(StaffSession).count() == 0


def test_a_copied_cookie_is_worth_nothing_after_signing_out(client, ctx):
    colleague()
    enter(client)
    thief = ctx.test_client()
    thief.set_cookie("winnow", client.get_cookie("winnow").value)
    before = thief.get("/home").location

    client.post("/sign-out")

    assert "/sign-in" not in before
    assert "/sign-in" in thief.get("/home").location


def test_a_stranger_is_sent_to_the_sign_in_page_and_back(client):
    colleague()
    location = client.get("/review").location

    assert location.startswith("/sign-in?next=")


def test_signing_in_never_leads_to_another_site(client):
    colleague()

    answer = enter(client, next="https://evil.test/")

    assert "evil.test" not in (answer.location or "")


def test_a_new_colleague_gets_a_link_that_works_once(client, run_work):
    user = staff.add("Robin", "robin@example.com", [(Duty.GRADER, None)], SYSTEM, clock.now())
    run_work()
    body = next(mail for mail in user_mails(user)).body
    path = re.search(r"/welcome/\S+", body).group()
    form = {"password": PASSWORD, "again": PASSWORD}

    first, again = client.post(path, data=form), client.post(path, data=form)

    assert (first.status_code, again.status_code) == (303, 410)


def user_mails(user):

    return db.session.query(Mail).filter_by(user_id=user.id)


def test_opening_a_one_time_link_spends_nothing(client):
    token = staff.first_link(clock.now())
    db.session.commit()

    pages = [client.get(f"/welcome/{token}") for _ in range(3)]

    assert {page.status_code for page in pages} == {200}
    assert db.session.query(OneTimeLink).one().used_at is None


def test_the_first_person_becomes_the_administrator(client):
    token = staff.first_link(clock.now())
    db.session.commit()
    form = {"name": "Kim", "email": "kim@example.com", "password": PASSWORD, "again": PASSWORD}

    client.post(f"/welcome/{token}", data=form)

    user = db.session.query(User).one()
    assert Duty.ADMINISTRATOR in {membership.duty for membership in user.memberships}


def test_a_short_password_is_refused_and_the_link_kept(client):
    token = staff.first_link(clock.now())
    db.session.commit()
    form = {"name": "Kim", "email": "kim@example.com", "password": "short", "again": "short"}

    answer = client.post(f"/welcome/{token}", data=form)

    assert answer.status_code == 422
    assert db.session.query(OneTimeLink).one().used_at is None


def test_a_made_up_link_is_refused(client):
    assert client.get("/welcome/made-up").status_code == 410
