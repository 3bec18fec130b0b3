"""The kinds of answer: from the workspace through the draft to the receipt, the desk and the manager's page."""

from __future__ import annotations

import html
import re

import pytest
from flask import render_template_string
from werkzeug.datastructures import MultiDict

from app import clock, outgoing
from app.extensions import db
from app.models import Duty, Mail, Stage, Submission
from app.outgoing import Fetched
from app.services import applications, assignments, invitations, submissions
from app.services.audit import SYSTEM
from app.services.facts import Group
from tests import factories as make
from tests import kinds

TASK = f"/my/{kinds.SLUG}"


@pytest.fixture
def application(ctx):
    application = kinds.make_application()
    db.session.commit()
    return application


@pytest.fixture(autouse=True)
def no_network(monkeypatch):
    """Every address shows the same page."""
    body = b"<title>Mario</title><h1>Board</h1><a href='https://mario-rossi.example/'>On Mario-Rossi.example</a>"
    page = Fetched(kinds.ANSWERS["dashboard"], 200, "text/html", body, "0" * 64, ())
    monkeypatch.setattr(outgoing, "fetch", lambda *_args, **_options: page)


@pytest.fixture
def me(ctx, application):
    """The candidate's browser, the challenge started."""
    browser = ctx.test_client()
    token = invitations.open_session(application, clock.now(), by_link=True)
    db.session.commit()
    with browser.session_transaction() as session:
        session["candidate"] = token
    browser.post(f"{TASK}/start")
    return browser


@pytest.fixture
def reader(ctx, sign_in):
    """A reviewer's browser and a function that gives them this application's answer to read."""
    user = make.make_user(Duty.GRADER)

    def given(attempt):
        assignments.offer(attempt.id, (user.id,), clock.now())
        db.session.commit()
        return sign_in(user), next(one for one in assignments.of_attempt(attempt.id) if one.grader_id == user.id)

    return given


def attempt_of(application):
    attempt = submissions.attempt_of(invitations.of(application)[0])
    assert attempt is not None
    db.session.refresh(attempt)
    return attempt


def form_of(page: str, **changes: str) -> MultiDict[str, str]:
    """What the workspace's form sends with these answers (names without "answer-"; dots as __)."""
    sent: MultiDict[str, str] = MultiDict()
    for name in ("revision", "key"):
        found = re.search(rf'name="{name}"[^>]*value="([^"]*)"', page)
        sent[name] = html.unescape(found[1]) if found else ""
    for name, text in {**kinds.ANSWERS, **{key.replace("__", "."): text for key, text in changes.items()}}.items():
        sent[f"answer-{name}"] = text
    return sent


def hand_in(me, **changes):
    sent = form_of(me.get(f"{TASK}/answer").text, **changes)
    return me.post(f"{TASK}/submit", data=sent)


def final_attempt(me, application, **changes):
    hand_in(me, is_final="", **changes)
    attempt = attempt_of(application)
    submissions.finish(attempt, clock.now())
    db.session.commit()
    return attempt


# --- ordering ------------------------------------------------------------------------------------------------------


def test_places_chosen_without_script_are_kept_as_an_order(me, application):
    sent = form_of(me.get(f"{TASK}/answer").text)
    sent.setlist("answer-queue", ["t1:2", "t2:4", "t3:1", "t4:3"])

    answer = me.post(f"{TASK}/submit", data=sent)

    assert answer.status_code == 303
    assert db.session.query(Submission).one().answers["queue"] == "t3 t1 t4 t2"


def test_an_unfinished_order_is_kept_as_it_is_and_shown_again(me, application):
    sent = form_of(me.get(f"{TASK}/answer").text)
    sent.setlist("answer-queue", ["", "t2:3", "t3:3", ""])

    saved = me.post(f"{TASK}/draft", data=sent)
    page = me.get(f"{TASK}/answer").text

    assert saved.status_code == 303
    assert attempt_of(application).draft["queue"] == "t2:3 t3:3"
    assert '<option value="t2:3" selected>' in page
    assert '<option value="t3:3" selected>' in page


@pytest.mark.parametrize(
    ("order", "said"),
    [
        ("t1:2 t2:2 t3:1 t4:4", "This place is given more than once: 2."),
        ("t1:1 t2:2 t3:3", "1 has no place yet."),
        ("", "Nothing is written here yet."),
        ("<script> t9:1 t1:77", "Nothing is written here yet."),
    ],
)
def test_an_order_that_is_none_is_refused_with_everything_kept(me, order, said):
    answer = hand_in(me, queue=order)

    assert answer.status_code == 422
    assert said in answer.text
    assert "Somebody&#39;s data is open." in answer.text
    assert db.session.query(Submission).count() == 0


def test_the_script_saves_an_order_as_one_text(me, application):
    answers = {**kinds.ANSWERS, "queue": "t1:2 t3:1"}

    saved = me.post(f"{TASK}/draft", json={"answers": answers, "revision": 0})

    assert saved.status_code == 200
    assert attempt_of(application).draft["queue"] == "t1:2 t3:1"


def test_two_windows_with_two_orders_see_the_other_in_words(me):
    first = form_of(me.get(f"{TASK}/answer").text)
    me.post(f"{TASK}/draft", data=form_of(me.get(f"{TASK}/answer").text, queue="t2 t1 t3 t4"))

    answer = me.post(f"{TASK}/submit", data=first)

    assert answer.status_code == 409
    assert "1. Vera: praise\n2. Jon: password reset" in answer.text


def test_a_reason_is_asked_for_each_item(me):
    assert "Reason: Jon: password reset" in hand_in(me, queue__t1="").text


def test_messages_of_an_item_stand_beside_its_field(me):
    page = me.get(f"{TASK}/answer").text

    given, own = page.split('<form class="work-answer"')
    assert "Please show me how the day goes." in given
    assert "Love the new colours!" not in given
    assert own.index("Where is my invoice?") < own.index('id="answer-notes.ana"')


def test_the_receipt_shows_the_order_in_words(me):
    receipt = me.get(hand_in(me).location).text

    order = [receipt.index(name) for name in ("Rita: other invoices", "Jon: password reset", "Paul: refund")]
    assert order == sorted(order)
    assert '<li value="1">' in receipt


def test_the_desk_shows_the_order_as_a_numbered_list(me, application, reader):
    browser, assignment = reader(final_attempt(me, application))

    page = browser.get(f"/review/{assignment.code}").text

    assert re.search(r'<li value="1">\s*<b>Rita: other invoices</b>\s*<p[^>]*>Somebody&#39;s data is open.', page)


def test_items_without_a_place_are_shown_apart(me, application, reader):
    attempt = attempt_of(application)
    submissions.submit(attempt, {**kinds.ANSWERS, "queue": "t1:2 t3:1"}, "key", True, clock.now())
    db.session.commit()
    browser, assignment = reader(attempt)

    page = browser.get(f"/review/{assignment.code}").text

    assert "Without a place:" in page
    assert page.index("Without a place:") < page.index("<b>Vera: praise</b>")


# --- an address ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "address",
    [
        "example.com",
        "ftp://example.com",
        "javascript:alert(1)",
        "https://",
        "https://a b.example",
        "https://me:secret@example.com/",
        "http://[::1",
        "https://example.com:99999/",
    ],
)
def test_what_is_no_web_address_is_refused_at_hand_in_only(me, application, address):
    draft = me.post(f"{TASK}/draft", data=form_of(me.get(f"{TASK}/answer").text, dashboard=address))
    answer = hand_in(me, dashboard=address)

    assert draft.status_code == 303
    assert answer.status_code == 422
    assert "This is not a complete web address." in answer.text


def test_a_reviewer_never_sees_an_address(me, application, reader):
    browser, assignment = reader(final_attempt(me, application))

    page = browser.get(f"/review/{assignment.code}").text

    assert "mario-rossi" not in page
    assert "An address was given." in page


def test_a_manager_sees_the_address_with_the_name_and_not_before(me, application, sign_in):
    final_attempt(me, application)
    browser = sign_in(make.make_user(Duty.MANAGER))
    before = browser.get(f"/applications/{application.code}").text
    applications.change_stage(application, Stage.SHORTLISTED, SYSTEM, clock.now())
    db.session.commit()

    after = browser.get(f"/applications/{application.code}").text

    assert "mario-rossi" not in before
    assert "mario-rossi" in after
    assert 'href="https://mario-rossi' not in after


def test_a_reviewer_opens_what_was_frozen_without_its_host(me, application, reader, run_work, sign_in):
    attempt = final_attempt(me, application)
    run_work()
    browser, assignment = reader(attempt)
    address = f"/review/{assignment.code}/frozen/dashboard"

    page, frozen = browser.get(f"/review/{assignment.code}").text, browser.get(address)

    assert f'src="{address}"' in page
    assert "<h1>Board</h1>" in frozen.text
    assert "mario" not in (page + frozen.text).lower()
    assert frozen.headers["Content-Security-Policy"].startswith("sandbox; default-src 'none'")
    assert browser.get(f"/review/{assignment.code}/frozen/queue").status_code == 404
    assert sign_in(make.make_user(Duty.GRADER)).get(address).status_code == 404


# --- source and its preview ----------------------------------------------------------------------------------------


def test_the_preview_shows_the_saved_source_under_its_own_policy(me):
    me.post(f"{TASK}/draft", data=form_of(me.get(f"{TASK}/answer").text))

    answer = me.get(f"{TASK}/preview/widget")

    assert '<h1 class="top">On duty</h1>' in answer.text
    assert ".top { color: #a00 }" in answer.text
    policy = answer.headers["Content-Security-Policy"]
    assert policy.startswith("sandbox; default-src 'none'")
    assert "allow-" not in policy
    assert answer.headers["X-DNS-Prefetch-Control"] == "off"
    assert "<script" not in answer.text


def test_the_page_frames_the_preview_without_any_right(me):
    page = me.get(f"{TASK}/answer").text

    assert re.search(rf'<iframe class="preview-frame" sandbox title="[^"]+" src="{TASK}/preview/widget"', page)
    assert "srcdoc" not in page


def test_showing_what_one_has_without_script_saves_and_comes_back_to_it(me):
    answer = me.post(f"{TASK}/draft", data=form_of(me.get(f"{TASK}/answer").text, show="widget") | {"show": "widget"})

    assert answer.location == f"{TASK}/answer#preview-widget"


def test_a_preview_of_what_is_no_source_does_not_exist(me):
    assert me.get(f"{TASK}/preview/queue").status_code == 404
    assert me.get(f"{TASK}/preview/nothing").status_code == 404


def test_only_the_reader_of_an_answer_sees_its_preview(me, application, reader, sign_in):
    browser, assignment = reader(final_attempt(me, application))
    other = sign_in(make.make_user(Duty.GRADER))
    address = f"/review/{assignment.code}/preview/widget"

    assert "On duty" in browser.get(address).text
    assert f'src="{address}"' in browser.get(f"/review/{assignment.code}").text
    assert other.get(address).status_code == 404


def test_managers_see_the_preview_too(me, application, sign_in):
    final_attempt(me, application)
    address = f"/applications/{application.code}/preview/{kinds.SLUG}/widget"

    assert "On duty" in sign_in(make.make_user(Duty.MANAGER)).get(address).text
    assert sign_in(make.make_user(Duty.GRADER)).get(address).status_code == 404


# --- a bonus ---------------------------------------------------------------------------------------------------------


def test_a_bonus_is_said_to_be_one(me, application, reader, sign_in):
    browser, assignment = reader(final_attempt(me, application))
    manager = sign_in(make.make_user(Duty.MANAGER))

    assert "it adds points and can only help" in me.get(f"/jobs/{application.opening.slug}").text
    assert re.search(r'class="tag[^"]*">\s*bonus', browser.get(f"/review/{assignment.code}").text)
    assert re.search(r'class="tag[^"]*">\s*bonus', manager.get(f"/applications/{application.code}").text)


# --- a task that needs a computer ----------------------------------------------------------------------------------


def test_the_link_comes_by_mail_for_the_computer_and_not_twice_at_once(ctx, application, run_work):
    browser = ctx.test_client()
    token = invitations.open_session(application, clock.now(), by_link=True)
    db.session.commit()
    with browser.session_transaction() as session:
        session["candidate"] = token
    offer = browser.get(TASK)

    first = browser.post(f"{TASK}/mail", follow_redirects=True)
    second = browser.post(f"{TASK}/mail", follow_redirects=True)
    run_work()

    assert "Mail me this for my computer" in offer.text
    assert "on its way to your mailbox" in first.text
    assert "sent it a moment ago" in second.text
    mail = db.session.query(Mail).filter_by(message="computer").one()
    assert mail.subject == "For your computer: The whole desk"
    assert "/your-link/" in mail.body
    assert "%" not in mail.body


def test_a_job_says_that_its_task_needs_a_computer(ctx, application):
    page = ctx.test_client().get(f"/jobs/{application.opening.slug}").text

    assert "A computer with a keyboard" in page
    assert "for the task itself you need a computer" in page


def test_the_receipt_by_mail_says_the_order_in_words(me, run_work):
    hand_in(me)
    run_work()

    body = db.session.query(Mail).filter_by(message="receipt").one().body
    assert "1. Rita: other invoices\nSomebody's data is open.\n2. Jon: password reset\n" in body
    assert "HTML\n\n<h1" in body


# --- facts in words ------------------------------------------------------------------------------------------------


def facts_page(me, application, sign_in, run_work, **changes):
    final_attempt(me, application, **changes)
    run_work()
    return sign_in(make.make_user(Duty.MANAGER)).get(f"/applications/{application.code}").text


def test_facts_about_an_order_and_source_are_said_in_words(me, application, sign_in, run_work):
    page = facts_page(
        me,
        application,
        sign_in,
        run_work,
        queue="t1 t3 t2 t4",
        widget__html='<p>One</div>\n<img src="a.png"><b a=1 a=1>x</b>&zzz;',
        widget__css="p { color: red }\n}}",
    )

    assert "one of 5 pairs stands the other way round than in the agreed key" in page
    assert re.search(r"<ol>\s*<li>Rita: other invoices</li><li>Jon", page)
    assert re.search(r"line 1:\s*an end tag that comes too early", page)
    assert re.search(r"line 2:\s*the same attribute twice", page)
    assert re.search(r"line 2:\s*a bracket too many", page)
    assert "1 of 1 picture says nothing to those who cannot see it" in page
    assert "it answered, and what it showed was kept" in page


def test_the_agreed_key_is_shown_to_a_reviewer_only_after_rating(me, application, reader, run_work):
    browser, assignment = reader(final_attempt(me, application, queue="t2 t1 t3 t4"))
    run_work()
    before = browser.get(f"/review/{assignment.code}").text
    levels = {f"level-{key}": 2 for key in ("order", "widget", "style")}
    browser.post(f"/review/{assignment.code}", data=levels)

    after = browser.get(f"/review/{assignment.code}").text

    assert "agreed key" not in before
    assert "pairs stand the other way round" in after


def said_of(app, fact) -> str:
    source = '{% import "_facts.html" as facts with context %}{{ facts.list([group]) }}'
    with app.test_request_context("/"):
        return render_template_string(source, group=Group("", "en", (fact,), ()))


@pytest.mark.parametrize(
    ("note", "seen", "said"),
    [
        ("expected", ["en"], "the one that was asked for"),
        ("other", ["ru"], "seems to be another one: Русский"),
        ("unsure", None, "could be more than one"),
        ("short", None, "too few words to tell"),
    ],
)
def test_facts_about_the_language_are_said_in_words(ctx, note, seen, said):
    fact = {"check": "language", "kind": "language", "field": "reply", "seen": seen, "where": [], "note": note}

    assert said in said_of(ctx, fact)


@pytest.mark.parametrize(
    ("kind", "note", "seen", "said"),
    [
        ("order", "empty", None, "no text to look at"),
        ("order", "incomplete", None, "not every item has a place of its own"),
        ("order", "as_agreed", {"swapped": 0, "pairs": 14}, "as in the agreed key"),
        ("order", "differs", {"swapped": 3, "pairs": 14}, "3 of 14 pairs stand the other way round"),
        ("html", "clean", None, "no faults found"),
        ("html", "faults", ["3:some-new-code"], '<code translate="no">some-new-code</code>'),
        ("html", "faults", {"count": 60, "faults": ["3:duplicate-attribute"]}, "60 in all"),
        ("html", "faults", {"count": 1, "faults": ["3:duplicate-attribute"]}, "the same attribute twice"),
        ("css", "faults", ["3:}"], "a bracket too many"),
        ("pictures", "complete", {"pictures": 0, "missing": 0}, "none"),
        ("pictures", "complete", {"pictures": 2, "missing": 0}, "2, each with words"),
        ("pictures", "incomplete", {"pictures": 3, "missing": 2}, "2 of 3 pictures say nothing"),
        ("link", "alive", None, "it answered"),
        ("link", "refused", None, "it leads where we do not go"),
        ("link", "some_new_note", None, "some_new_note"),
    ],
)
def test_each_fact_is_said_in_words(ctx, kind, note, seen, said):
    fact = {"check": "one", "kind": kind, "field": "reply", "seen": seen, "where": [], "note": note}

    assert said in said_of(ctx, fact)
