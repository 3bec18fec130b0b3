"""The public room: what one reads before giving an address, and applying in one sitting."""

from __future__ import annotations

from datetime import timedelta

import pytest

from app import clock
from app.extensions import db
from app.models import Application, Candidate, CandidateSession, Duty, Mail, OpeningState
from app.services import company
from tests import factories as make
from tests.pages import without_token

FORM = {
    "name": "Ana Lima",
    "email": "ana@example.org",
    "country": "BR",
    "zone": "America/Sao_Paulo",
    "languages": "Portuguese, English, Portuguese",
    "shifts": ["nights", "weekends"],
    "mon-starts": "09:00",
    "mon-ends": "17:30",
    "consent": "y",
    "notice": "1",
}


@pytest.fixture
def opening(ctx):
    opening = make.make_opening()
    db.session.commit()
    return opening


def apply(browser, opening, **changes):
    return browser.post(f"/jobs/{opening.slug}/apply", data=FORM | changes)


def text_of(answer) -> str:
    return answer.get_data(as_text=True)


# --- reading -----------------------------------------------------------------------------------------------------


def test_the_first_address_leads_to_the_jobs(client):
    assert client.get("/").location == "/jobs"


def test_no_job_says_so(client):
    assert "No open job today" in text_of(client.get("/jobs"))


def test_jobs_are_filtered_by_region_with_plain_links(client, opening):
    role = make.make_role("Night agent")
    make.make_opening(role, make.make_region("APAC"))
    db.session.commit()

    here, everywhere = text_of(client.get("/jobs?region=APAC")), text_of(client.get("/jobs"))

    assert opening.slug not in here
    assert "night-agent-apac" in here
    assert opening.slug in everywhere
    assert "night-agent-apac" in everywhere


@pytest.mark.parametrize("query", ["region=NOWHERE", "before=x", "before=2026-01-01_1", "before=2026-01-01T00:00Z_-4"])
def test_a_list_address_that_is_not_ours_is_no_page(client, opening, query):
    assert client.get(f"/jobs?{query}").status_code == 404


def test_the_list_pages_through_every_job_once_with_few_queries(client, count_queries):
    now = clock.now()
    for number in range(25):
        make.make_opening(make.make_role(f"Agent {number}"), now=now + timedelta(seconds=number))
    db.session.commit()
    db.session.expunge_all()

    with count_queries() as statements:
        first = text_of(client.get("/jobs"))
    address = first.split('rel="next"')[0].rsplit('href="', 1)[1].split('"')[0].replace("&amp;", "&")
    second = text_of(client.get(address))

    assert len(statements) <= 4, statements
    shown = [f"agent-{number}-emea" for number in range(25)]
    assert [slug for slug in shown if f"/{slug}" in first] == shown[5:]
    assert [slug for slug in shown if f"/{slug}" in second] == shown[:5]


def test_a_job_tells_everything_before_it_asks_for_an_address(client, opening):
    page = text_of(client.get(f"/jobs/{opening.slug}"))

    for told in (
        "€2,400 to €2,900 a month",
        "about 15 minutes",
        "a phone is enough",
        "two people",
        "without your name",
        "Data and billing",
        "at most 7 days after",
        "Using AI",
        "Anywhere in the region",
    ):
        assert told in page
    assert "Refuses" not in page
    assert "levels" not in page


def test_pay_that_nobody_stated_is_said_to_be_not_stated(client, opening):
    opening.pay = None
    db.session.commit()

    assert "not stated" in text_of(client.get(f"/jobs/{opening.slug}"))
    assert "Pay: not stated" in text_of(client.get("/jobs"))


def test_a_description_is_markdown_without_html(client, opening):
    opening.description = (
        "# Hello\n**you** <script>alert(1)</script> ![x](http://example.com/x.png) [bad](javascript:1)"
    )
    db.session.commit()

    page = text_of(client.get(f"/jobs/{opening.slug}"))

    assert "<h2>Hello</h2>" in page
    assert "<strong>you</strong>" in page
    assert "<script>alert" not in page
    assert "<img" not in page
    assert 'href="javascript' not in page


@pytest.mark.parametrize("state", [OpeningState.DRAFT, OpeningState.PAUSED])
@pytest.mark.parametrize("page", ["", "/apply", "/applied"])
def test_what_is_not_open_does_not_exist_for_the_public(client, state, page):
    opening = make.make_opening(state=state)
    db.session.commit()

    assert client.get(f"/jobs/{opening.slug}{page}").status_code == 404


def test_a_closed_job_says_that_it_is_closed(client):
    opening = make.make_opening(state=OpeningState.CLOSED)
    db.session.commit()

    for answer in (client.get(f"/jobs/{opening.slug}"), apply(client, opening)):
        assert answer.status_code == 410
        assert "This job is closed" in text_of(answer)
    assert db.session.query(Application).count() == 0


def test_a_job_whose_date_has_passed_is_closed(client, opening):
    opening.closes_at = clock.now() - timedelta(seconds=1)
    db.session.commit()

    assert client.get(f"/jobs/{opening.slug}").status_code == 410
    assert opening.slug not in text_of(client.get("/jobs"))


def test_a_job_that_never_was_is_no_page(client):
    assert client.get("/jobs/none").status_code == 404
    assert client.get("/jobs/none/apply").status_code == 404


# --- applying ----------------------------------------------------------------------------------------------------


def test_somebody_new_applies_and_starts_in_one_sitting(client, opening):
    sent = apply(client, opening)
    thanks = client.get(sent.location)
    task = client.get("/my/close-my-account")

    assert (sent.status_code, sent.location) == (303, f"/jobs/{opening.slug}/applied")
    assert "/my/close-my-account" in text_of(thanks)
    assert task.status_code == 200
    candidate = db.session.query(Candidate).one()
    assert (candidate.name, candidate.country, candidate.zone) == ("Ana Lima", "BR", "America/Sao_Paulo")
    assert candidate.hours == {"mon": ["09:00", "17:30"]}
    assert candidate.shifts == ["nights", "weekends"]
    assert candidate.languages == ["Portuguese", "English"]
    assert candidate.phone is None


@pytest.mark.parametrize(
    "changes",
    [
        {"name": "  "},
        {"name": "A\x00na"},
        {"email": "nobody"},
        {"country": "XX"},
        {"zone": "Mars/Base"},
        {"zone": ""},
        {"consent": ""},
        {"shifts": ["always"]},
        {"mon-ends": ""},
        {"mon-ends": "09:00"},
        {"mon-starts": "25:00"},
        {"languages": "x" * 60},
        {"phone": "1" * 41},
    ],
    ids=str,
)
def test_a_form_of_another_shape_comes_back_with_what_was_typed(client, opening, changes):
    answer = apply(client, opening, **changes)

    assert answer.status_code == 422
    assert "Nothing is lost" in text_of(answer)
    assert "17:30" in text_of(answer) or "mon-ends" in changes
    assert db.session.query(Application).count() == 0


def test_names_of_countries_follow_the_language_of_the_page(client, opening):
    page = text_of(client.get(f"/jobs/{opening.slug}/apply?lang=es"))

    assert ">Alemania</option>" in page
    assert ">Germany</option>" not in page


def test_old_names_of_zones_are_known_to_the_list(client, opening):
    assert 'data-aliases="Asia/Calcutta"' in text_of(client.get(f"/jobs/{opening.slug}/apply"))


def test_a_repeated_address_gets_the_same_page_byte_by_byte(ctx, opening):
    def sitting():
        browser = ctx.test_client()
        sent = apply(browser, opening)
        return sent.status_code, sent.location, sent.text, without_token(browser.get(sent.location).text)

    assert sitting() == sitting()
    assert db.session.query(Application).count() == 1


def test_a_repeated_address_gets_a_cookie_of_the_same_shape(ctx, opening):
    cookies = []
    for _ in range(2):
        browser = ctx.test_client()
        apply(browser, opening)
        with browser.session_transaction() as session:
            cookies.append(dict(session))

    assert cookies[0].keys() == cookies[1].keys()
    assert len(cookies[0]["candidate"]) == len(cookies[1]["candidate"])


def test_a_stranger_with_a_known_address_never_gets_its_pages(ctx, opening):
    apply(ctx.test_client(), opening)
    other_job = make.make_opening(make.make_role("Night agent"))
    db.session.commit()

    for job in (opening, other_job):
        stranger = ctx.test_client()
        sent = apply(stranger, job, name="Somebody Else")
        assert stranger.get(sent.location).status_code == 200
        assert stranger.get("/my").location == "/send-link"
        assert stranger.get("/my/close-my-account").location == "/send-link"
    assert db.session.query(CandidateSession).count() == 1
    assert db.session.query(Candidate).one().name == "Ana Lima"


def test_the_owner_may_apply_to_a_second_job_in_the_same_browser(client, opening):
    apply(client, opening)
    other_job = make.make_opening(make.make_role("Night agent"))
    db.session.commit()

    apply(client, other_job)

    assert "Support agent" in text_of(client.get("/my"))
    assert client.get("/my/close-my-account").status_code == 200
    assert db.session.query(Application).count() == 2


def test_the_link_is_not_mailed_again_and_again(client, opening, ctx):
    for _ in range(4):
        apply(ctx.test_client(), opening)

    assert db.session.query(Mail).filter_by(message="link").count() == 1


def test_the_mail_holds_the_link_and_the_times_with_their_zone(client, opening, run_work):
    apply(client, opening)

    run_work()

    mail = db.session.query(Mail).one()
    assert mail.subject == "Your link: Support agent"
    assert "/your-link/" in mail.body
    assert "Sao Paulo (UTC−03:00)" in mail.body
    assert " UTC\n" in mail.body


# --- staff, logo -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("duty", "code", "status"),
    [
        (Duty.RECRUITER, "EMEA", 200),
        (Duty.MANAGER, "EMEA", 200),
        (Duty.RECRUITER, "APAC", 404),
        (Duty.GRADER, "EMEA", 404),
    ],
)
def test_the_staff_of_a_region_see_its_draft_as_a_candidate_would(sign_in, duty, code, status):
    opening = make.make_opening(state=OpeningState.DRAFT)
    user = make.make_user(duty, region=make.make_region(code))
    db.session.commit()

    answer = sign_in(user).get(f"/jobs/{opening.slug}/preview")

    assert answer.status_code == status
    assert user.name not in text_of(answer) or status == 404
    if status == 200:
        assert "about 15 minutes" in text_of(answer)
        assert "frame-ancestors 'self'" in answer.headers["Content-Security-Policy"]


def test_a_preview_asks_strangers_to_sign_in(client, opening):
    assert "/sign-in" in client.get(f"/jobs/{opening.slug}/preview").location


def test_a_preview_of_nothing_is_no_page(sign_in, ctx):
    user = make.make_user(Duty.MANAGER)
    db.session.commit()

    assert sign_in(user).get("/jobs/none/preview").status_code == 404


def test_the_logo_is_served_as_what_it_is(client):
    founded = make.make_company()
    db.session.commit()
    assert client.get("/logo").status_code == 404

    company.set_logo(founded, b"\x89PNG\r\n\x1a\n123")
    db.session.commit()
    answer = client.get("/logo")

    assert answer.data == b"\x89PNG\r\n\x1a\n123"
    assert answer.content_type == "image/png"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "private, max-age=86400"
