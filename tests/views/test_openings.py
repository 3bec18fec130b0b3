"""The public room: what one reads before giving an address, and applying in one sitting."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from app import clock
from app.extensions import db
from app.models import Application, Candidate, CandidateSession, Duty, Mail, OpeningState, Touch
from app.services import company, notices, questions
from app.services.audit import SYSTEM
from app.services.catalog_types import Part, PartKind
from app.services.questions import Kind, Preset, Question
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
        "If you apply today: by",
        "What we keep, and for what",
        "Using AI",
        "Anywhere in the region",
    ):
        assert told in page
    assert "Refuses" not in page
    assert "levels" not in page


def test_what_a_job_tells_follows_what_was_set(client):
    alone = make.make_role("Alone", readers=1, challenges=[make.make_challenge(Part("text", PartKind.REPLY))])
    opening = make.make_opening(alone)
    opening.region.reply_days, alone.window_days = 3, 2
    db.session.commit()

    page = text_of(client.get(f"/jobs/{opening.slug}"))

    assert "one person" in page
    assert "about 10 minutes" in page
    assert "at most 3 days after" in page
    zone = clock.zone(opening.region.zone)
    expected = (clock.now().astimezone(zone) + timedelta(days=2 + 3)).date()
    assert f'datetime="{expected.isoformat()}T' in page


def test_the_minutes_of_several_tasks_are_added_up(client):
    parts = [make.make_challenge(Part("text", PartKind.REPLY), minutes=number) for number in (10, 25)]
    opening = make.make_opening(make.make_role("Two", challenges=parts))

    assert "about 35 minutes" in text_of(client.get(f"/jobs/{opening.slug}"))


def test_the_day_told_before_is_the_day_promised_after(client):
    opening = make.make_opening()
    db.session.commit()
    page = text_of(client.get(f"/jobs/{opening.slug}"))

    application = make.make_application(opening, zone=opening.region.zone)

    assert f'datetime="{application.reply_by.strftime("%Y-%m-%dT%H:%M:%SZ")}"' in page


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


# --- what the opening asks ------------------------------------------------------------------------------------------

ASKED = (
    questions.preset(Preset.WORK_PERMISSION, True),
    questions.preset(Preset.EXPECTED_PAY, False),
    Question(Kind.CHOICE, True, "Which <desk>?", ("Mail", "Chat")),
    Question(Kind.TEXT, False, "What did you read last?"),
)
ANSWERS = {"question-1": "yes", "question-2": "", "question-3": "Chat", "question-4": " A book "}


@pytest.fixture
def curious(ctx):
    opening = make.make_opening(questions=ASKED)
    db.session.commit()
    return opening


def test_what_an_opening_asks_is_kept_in_the_words_in_which_it_was_asked(client, curious):
    page = text_of(client.get(f"/jobs/{curious.slug}/apply"))
    apply(client, curious, **ANSWERS)

    assert "Which &lt;desk&gt;?" in page
    replies = questions.replies(db.session.query(Application).one().replies)
    assert [(reply.question, reply.answer) for reply in replies] == [
        ("May you work in the country where you live without a new permit?", "yes"),
        ("Which <desk>?", "Chat"),
        ("What did you read last?", "A book"),
    ]


def test_winnows_own_questions_are_asked_in_the_language_of_the_page(client, curious):
    english = text_of(client.get(f"/jobs/{curious.slug}/apply"))
    portuguese = text_of(client.get(f"/jobs/{curious.slug}/apply?lang=pt-BR"))

    assert "What pay do you expect?" in english
    assert "What pay do you expect?" not in portuguese
    assert "What did you read last?" in portuguese


@pytest.mark.parametrize(
    "changes",
    [
        {"question-1": ""},
        {"question-1": "perhaps"},
        {"question-2": "1" * 81},
        {"question-2": "1\x00"},
        {"question-3": ""},
        {"question-3": "Phone"},
        {"question-4": "x" * 501},
    ],
    ids=str,
)
def test_an_answer_of_another_shape_comes_back_with_all_that_was_typed(client, curious, changes):
    answer = apply(client, curious, **ANSWERS | {"question-4": "Typed with care"} | changes)

    assert answer.status_code == 422
    assert "Nothing is lost" in text_of(answer)
    assert "Typed with care" in text_of(answer) or "question-4" in changes
    assert 'value="17:30"' in text_of(answer)
    assert db.session.query(Application).count() == 0


def test_a_question_that_is_not_asked_is_not_taken(client, opening):
    apply(client, opening, **ANSWERS, replies="x", verified_at="2026-01-01", stage="HIRED", notice_id="9", is_demo="y")

    application = db.session.query(Application).one()
    assert application.replies == []
    assert (application.verified_at, application.stage.name) == (None, "APPLIED")
    assert application.notice.number == 1
    assert not application.candidate.is_demo


def test_a_repeated_address_changes_no_reply(ctx, curious):
    apply(ctx.test_client(), curious, **ANSWERS)
    apply(ctx.test_client(), curious, **ANSWERS | {"question-3": "Mail"})

    assert questions.replies(db.session.query(Application).one().replies)[1].answer == "Chat"


# --- the notice -----------------------------------------------------------------------------------------------------


def test_the_notice_is_read_before_and_after_one_agrees(client, opening):
    form = text_of(client.get(f"/jobs/{opening.slug}/apply"))
    apply(client, opening)
    status = text_of(client.get("/my"))

    for page in (form, status):
        assert "/privacy/EMEA/1" in page
    assert "no software decides about you" in form
    assert "no software decides about you" in text_of(client.get("/privacy/EMEA/1"))
    assert "no software decides about you" in text_of(client.get("/privacy/EMEA"))


def test_an_old_version_stays_readable_and_says_that_it_is_old(client, opening):
    apply(client, opening)
    notices.write(opening.region, {"en": "**New** words. <script>x</script>"}, 1, SYSTEM, clock.now())
    db.session.commit()

    now, old = text_of(client.get("/privacy/EMEA")), text_of(client.get("/privacy/EMEA/1"))

    assert "<strong>New</strong> words" in now
    assert "<script>x" not in now
    assert "This is an old version" in old
    assert "This is an old version" not in now


@pytest.mark.parametrize(
    "address", ["/privacy/NOWHERE", "/privacy/EMEA/2", "/privacy/EMEA/0", f"/privacy/EMEA/{10**30}"]
)
def test_a_notice_that_never_was_is_no_page(client, opening, address):
    assert client.get(address).status_code == 404


@pytest.mark.parametrize("seen", ["", "2", "x"])
def test_nobody_agrees_to_a_text_that_they_did_not_see(client, opening, seen):
    answer = apply(client, opening, notice=seen)

    assert answer.status_code == 422
    assert "has changed meanwhile" in text_of(answer)
    assert "Ana Lima" in text_of(answer)
    assert 'name="notice" type="hidden" value="1"' in text_of(answer)
    assert not re.search(
        r'<input[^>]*name="consent"[^>]*checked|<input[^>]*checked[^>]*name="consent"', text_of(answer)
    )
    assert db.session.query(Application).count() == 0


# --- how they came --------------------------------------------------------------------------------------------------


def touches_of() -> list[tuple[bool, str | None, str | None, str]]:
    rows = db.session.query(Touch).order_by(Touch.is_first.desc()).all()
    return [(row.is_first, row.token or row.utm_source, row.referrer, row.path) for row in rows]


def test_the_first_and_the_last_landing_are_kept_with_the_application(client, opening):
    client.get("/jobs?src=tok-1", headers={"Referer": "https://www.board.example/secret?q=ana"})
    client.get(f"/jobs/{opening.slug}", headers={"Referer": "http://localhost/jobs"})
    client.get(f"/jobs/{opening.slug}?utm_source=news&utm_medium=mail&utm_campaign=may")
    client.get(f"/jobs/{opening.slug}/apply")
    apply(client, opening)

    assert touches_of() == [
        (True, "tok-1", "www.board.example", "/jobs"),
        (False, "news", None, f"/jobs/{opening.slug}"),
    ]


def test_an_address_that_leads_elsewhere_remembers_too(client, opening):
    client.get("/?src=tok-1")
    apply(client, opening)

    assert [(token, path) for _first, token, _host, path in touches_of()] == [("tok-1", "/"), ("tok-1", "/")]


def test_sending_the_form_is_no_landing(client, opening):
    client.get("/jobs?src=tok-1")
    client.post(f"/jobs/{opening.slug}/apply?src=tok-1", data=FORM)

    assert {path for _first, _token, _host, path in touches_of()} == {"/jobs"}


def test_what_was_remembered_before_they_asked_not_to_be_tracked_is_not_used(client, opening):
    client.get("/jobs?src=before")
    client.post(f"/jobs/{opening.slug}/apply", data=FORM, headers={"DNT": "1"})

    assert touches_of() == []


def test_a_direct_visit_leaves_nothing(client, opening):
    answers = [client.get("/jobs"), client.get(f"/jobs/{opening.slug}"), client.get(f"/jobs/{opening.slug}/apply")]
    apply(client, opening)

    assert not any("-came" in cookie for answer in answers for cookie in answer.headers.getlist("Set-Cookie"))
    assert touches_of() == []


def test_without_cookies_the_form_itself_still_says_the_way(client, opening):
    client.post(f"/jobs/{opening.slug}/apply?src=tok-1", data=FORM)

    assert [token for _first, token, _host, _path in touches_of()] == ["tok-1", "tok-1"]


def cookie_of(answer) -> str:
    (cookie,) = [one for one in answer.headers.getlist("Set-Cookie") if "-came=" in one]
    return cookie


def test_the_cookie_is_signed_lasts_thirty_days_and_no_script_reads_it(client, opening):
    cookie = cookie_of(client.get("/jobs?src=tok-1"))

    assert "Max-Age=2592000" in cookie
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie


@pytest.mark.parametrize("header", [{"DNT": "1"}, {"Sec-GPC": "1"}])
def test_whoever_asks_not_to_be_tracked_leaves_only_this_visits_last_landing(client, opening, header):
    client.get("/jobs?src=before")
    cookie = cookie_of(client.get("/jobs?src=tok-1", headers={"Referer": "https://board.example/", **header}))
    client.post(f"/jobs/{opening.slug}/apply", data=FORM, headers=header)

    assert "Max-Age" not in cookie
    assert "Expires" not in cookie
    assert touches_of() == [(False, "tok-1", None, "/jobs")]


@pytest.mark.parametrize("value", ["", "x", "eyJmaXJzdCI6IHt9fQ.aaa.bbb", "\x00", "é" * 50])
def test_a_cookie_that_we_did_not_write_is_none(client, opening, value):
    client.set_cookie("winnow-came", value)

    assert apply(client, opening).status_code == 303
    assert touches_of() == []


def test_the_longest_cookie_fits_a_browser(client, opening):
    long = "".join(chr(0x4E00 + number * 37) for number in range(60))
    query = {"src": "a" * 64, "utm_source": long, "utm_medium": long[::-1], "utm_campaign": long[5:] + long[:5]}
    header = {"Referer": f"https://{'a-b.' * 29}example/"}
    client.get("/jobs", query_string=query, headers=header)

    cookie = cookie_of(client.get(f"/jobs/{opening.slug}", query_string=query, headers=header))

    assert len(cookie) < 4096


def test_a_head_or_a_page_that_is_none_remembers_nothing(client, opening):
    answers = [client.head("/jobs?src=a"), client.get("/jobs/none?src=a"), client.get("/logo?src=a")]

    assert not any("-came" in cookie for answer in answers for cookie in answer.headers.getlist("Set-Cookie"))


def test_a_repeated_address_keeps_its_first_way(ctx, opening):
    for token in ("one", "two"):
        browser = ctx.test_client()
        browser.get(f"/jobs?src={token}")
        apply(browser, opening)

    assert {token for _first, token, _host, _path in touches_of()} == {"one"}


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
