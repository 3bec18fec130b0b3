"""Administration and set-up through their pages."""

from __future__ import annotations

import html
import re
from datetime import time
from io import BytesIO

import pytest

from app import clock
from app.admin.views import pieces
from app.extensions import db
from app.models import (
    AuditEvent,
    Company,
    Duty,
    IdentitySeen,
    Mail,
    OneTimeLink,
    Opening,
    OpeningState,
    Region,
    Role,
    User,
)
from app.services import audit, company, mails, notices
from app.services.audit import Actor
from tests import factories as make
from tests.pages import without_token

PNG = b"\x89PNG\r\n\x1a\n" + b"picture"
PERSON = {
    "name": "Noor Haddad",
    "email": "noor@example.com",
    "duties": ["grader:*"],
    "locale": "es",
    "zone": "Asia/Amman",
}
REGION = {
    "code": "latam",
    "name": "Latin America",
    "zone": "America/Bogota",
    "works_from": "08:00",
    "works_until": "16:00",
    "reply_days": "5",
}
PAGES = (
    "/people",
    "/people/new",
    "/notices",
    "/notices/EMEA",
    "/mail",
    "/audit",
    "/work",
    "/set-up",
    "/set-up/company",
    "/set-up/regions",
    "/set-up/role",
    "/set-up/opening",
)


@pytest.fixture
def user(ctx):
    """An administrator."""
    return make.make_user(Duty.ADMINISTRATOR, name="Ada Admin")


@pytest.fixture
def admin(user, sign_in):
    """Their browser."""
    return sign_in(user)


def follow(browser, url):
    """Every page of a list, to its end."""
    pages = []
    while url:
        pages.append(browser.get(url).text)
        following = re.search(r'href="([^"]+)" rel="next"', pages[-1])
        url = html.unescape(following[1]) if following else None
    return pages


# --- Who may ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("page", PAGES)
def test_a_stranger_is_asked_to_sign_in(client, page):
    assert client.get(page).location.startswith("/sign-in?next=")


@pytest.mark.parametrize("duty", [Duty.MANAGER, Duty.RECRUITER, Duty.GRADER])
def test_for_others_administration_does_not_exist(sign_in, duty):
    make.make_company()
    browser = sign_in(make.make_user(duty))
    nothing = without_token(browser.get("/nowhere").text)

    for page in (*PAGES, "/mail/1"):
        answer = browser.get(page)
        assert answer.status_code == 404, page
        assert without_token(answer.text) == nothing, page
    assert browser.post("/people/new", data=PERSON).status_code == 404
    assert browser.post("/set-up/regions/EMEA/remove").status_code == 404


@pytest.mark.parametrize("page", PAGES)
def test_pages_write_nothing(admin, count_queries, page):
    make.make_opening(state=OpeningState.DRAFT)
    db.session.commit()

    with count_queries() as statements:
        assert admin.get(page).status_code in (200, 302)

    assert all(statement.lstrip().upper().startswith("SELECT") for statement in statements)


# --- People ----------------------------------------------------------------------------------------------------------


def test_people_are_listed_with_what_they_do_and_where(admin):
    make.make_user(Duty.RECRUITER, region=make.make_region("APAC"), name="Rin Recruiter")

    page = admin.get("/people").text

    assert "Rin Recruiter" in page
    assert "APAC" in page
    assert "Ada Admin" in page
    assert "Invited" in page


def test_people_come_page_by_page(admin, monkeypatch):
    monkeypatch.setattr("app.admin.views.PAGE", 2)
    for number in range(4):
        make.make_user(Duty.GRADER, name=f"Reviewer number {number}")

    pages = follow(admin, "/people")

    assert len(pages) == 3
    assert [sum(f"Reviewer number {number}" in page for page in pages) for number in range(4)] == [1, 1, 1, 1]


def test_a_long_list_of_people_asks_as_often_as_a_short_one(admin, count_queries):
    make.make_user(Duty.GRADER)
    admin.get("/people")  # the sign-in is looked up once in a test
    db.session.expunge_all()
    with count_queries() as few:
        admin.get("/people")
    for _ in range(10):
        make.make_user(Duty.GRADER, Duty.RECRUITER, region=make.make_region("APAC"))
    db.session.commit()
    db.session.expunge_all()
    with count_queries() as many:
        admin.get("/people")

    assert len(many) == len(few)


def test_a_new_person_gets_duties_and_a_link_by_mail(admin, run_work):
    make.make_company()

    answer = admin.post("/people/new", data=PERSON | {"duties": ["grader:*", "recruiter:EMEA", "recruiter:APAC"]})

    added = db.session.query(User).filter_by(email="noor@example.com").one()
    duties = {(entry.duty, entry.region.code if entry.region else None) for entry in added.memberships}
    assert answer.location == "/people"
    assert duties == {(Duty.GRADER, None), (Duty.RECRUITER, "EMEA"), (Duty.RECRUITER, "APAC")}
    assert (added.locale, added.zone, added.password) == ("es", "Asia/Amman", None)
    run_work()
    mail = db.session.query(Mail).filter_by(user_id=added.id).one()
    assert "/welcome/" in mail.body
    assert db.session.query(OneTimeLink).filter_by(user_id=added.id).count() == 1


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"name": " "}, "This field is required"),
        ({"name": "a\0b"}, "cannot be saved"),
        ({"email": "nobody"}, "Invalid email"),
        ({"email": "ada@example.com"}, "works here already"),
        ({"duties": []}, "choose at least one duty"),
        ({"duties": ["king:*"]}, "not a valid choice"),
        ({"duties": ["administrator:EMEA"]}, "not a valid choice"),
        ({"zone": "Europe/Atlantis"}, "Not a valid choice"),
    ],
)
def test_a_form_that_is_not_right_comes_back_with_what_was_typed(sign_in, change, words):
    make.make_company()
    browser = sign_in(make.make_user(Duty.ADMINISTRATOR, email="ada@example.com"))

    answer = browser.post("/people/new", data=PERSON | change)

    assert answer.status_code == 422
    assert words in answer.text
    assert 'value="Asia/Amman"' in answer.text
    assert db.session.query(User).count() == 1


# --- Mail ------------------------------------------------------------------------------------------------------------


def test_the_mailbox_shows_what_would_have_been_sent(admin, run_work):
    make.make_application(email="ana@example.org", name="Ana Souza")
    run_work()
    mail = db.session.query(Mail).one()

    page = admin.get("/mail").text
    letter = admin.get(f"/mail/{mail.id}").text

    assert "Mail stays on this computer" in page
    assert mail.subject in html.unescape(page)
    assert "ana@example.org" in page
    assert "because no mail server is set" in letter
    assert re.search(r'<a href="http://127\.0\.0\.1:8000/[^"]+"', letter)


def test_mail_that_waits_says_so(admin):
    make.make_application()

    assert "on its way" in admin.get("/mail").text


def test_mail_comes_page_by_page_the_newest_first(admin, user, monkeypatch):
    monkeypatch.setattr("app.admin.views.PAGE", 2)
    ids = [mails.post("welcome", user, clock.now()).id for _ in range(5)]

    pages = follow(admin, "/mail")
    found = [int(number) for page in pages for number in re.findall(r'href="/mail/(\d+)"', page)]

    assert found == sorted(ids, reverse=True)


def test_a_long_mailbox_asks_as_often_as_a_short_one(admin, count_queries):
    opening = make.make_opening()
    make.make_application(opening)
    admin.get("/mail")
    with count_queries() as few:
        admin.get("/mail")
    for _ in range(10):
        make.make_application(opening)
    with count_queries() as many:
        admin.get("/mail")

    assert len(many) == len(few)


def test_only_addresses_of_our_own_become_links():
    base = "http://127.0.0.1:8000"
    text = f"Open {base}/welcome/abc. Not http://127.0.0.1:8000.evil.example/x nor https://example.org/ nor {base}"

    links = [url for _, url in pieces(text, base) if url]

    assert links == [f"{base}/welcome/abc"]
    assert "".join(words for words, _ in pieces(text, base)) == text


def test_what_somebody_wrote_is_never_markup_in_the_mailbox(admin, user):
    mail = mails.post("welcome", user, clock.now())
    mail.sent_at, mail.subject, mail.body = clock.now(), "<b>Hi</b>", "<script>alert(1)</script>"
    db.session.commit()

    page = admin.get(f"/mail/{mail.id}").text

    assert "<script>alert" not in page
    assert "<b>Hi</b>" not in page


@pytest.mark.parametrize("path", ["/mail/999999", "/mail/99999999999999999999", "/mail?before=x", "/audit?before=-1"])
def test_a_mail_or_place_that_does_not_exist(admin, path):
    assert admin.get(path).status_code == 404


def test_reading_an_applicants_address_is_remembered(admin, user):
    application = make.make_application()

    admin.get("/mail", buffered=True)

    assert [(row.application_id, row.user_id) for row in db.session.query(IdentitySeen)] == [(application.id, user.id)]


def test_an_administrator_who_reviews_answers_sees_no_applicant_by_accident(sign_in):
    browser = sign_in(make.make_user(Duty.ADMINISTRATOR, Duty.GRADER))
    application = make.make_application(name="Ana Souza", email="ana@example.org")

    pages = browser.get("/mail", buffered=True).text + browser.get("/audit", buffered=True).text

    assert "ana@example.org" not in pages
    assert "Ana Souza" not in pages
    assert db.session.query(IdentitySeen).count() == 0
    browser.get(f"/mail/{db.session.query(Mail).one().id}", buffered=True)
    assert [row.application_id for row in db.session.query(IdentitySeen)] == [application.id]


# --- Audit trail ----------------------------------------------------------------------------------------------------


def test_the_audit_trail_joins_names_when_it_is_read(admin, user):
    make.make_application(name="Ana Souza")
    audit.record(Actor.user(user.id), "staff.add", "user", user.id, clock.now(), duties="grader")
    audit.record(Actor.candidate(987654), "application.apply", "application", 1, clock.now())
    db.session.commit()

    page = admin.get("/audit").text

    assert "Ada Admin" in page
    assert "Ana Souza" in page
    assert "staff.add" in page
    assert "duties=grader" in page
    assert "somebody who was erased" in page


def test_the_audit_trail_comes_page_by_page(admin, monkeypatch):
    monkeypatch.setattr("app.admin.views.PAGE", 3)
    for number in range(7):
        audit.record(Actor("system"), f"test.number{number}", "company", 1, clock.now())
    total = db.session.query(AuditEvent).count()

    pages = follow(admin, "/audit")

    assert len(pages) == -(-total // 3)
    assert all(sum(f"test.number{number}<" in page for page in pages) == 1 for number in range(7))


# --- Set-up ---------------------------------------------------------------------------------------------------------


def test_the_set_up_begins_with_the_company_and_goes_on_where_it_was_left(admin):
    assert admin.get("/set-up").location == "/set-up/company"
    make.make_company()
    assert admin.get("/set-up").location == "/set-up/regions"
    opening = make.make_opening(state=OpeningState.DRAFT)
    db.session.commit()
    assert admin.get("/set-up").location == "/set-up/opening"
    make.openings.change_state(opening, OpeningState.OPEN, Actor("system"), clock.now())
    db.session.commit()
    assert admin.get("/set-up").location == "/set-up/company"


def test_without_a_company_later_steps_lead_to_the_first(admin):
    for step in ("regions", "role"):
        assert admin.get(f"/set-up/{step}").location == "/set-up/company"
    assert admin.get("/set-up/opening").location == "/set-up/role"


def test_the_company_is_founded_with_its_logo_and_three_regions(admin):
    answer = admin.post("/set-up/company", data={"name": " Example Ltd ", "logo": (BytesIO(PNG), "logo.png")})

    founded = db.session.query(Company).one()
    assert answer.location == "/set-up/regions"
    assert (founded.name, founded.logo_type, founded.logo) == ("Example Ltd", "image/png", PNG)
    assert db.session.query(Region).count() == 3


def test_the_company_is_renamed_and_keeps_its_logo(admin):
    company.set_logo(make.make_company(), PNG)

    admin.post("/set-up/company", data={"name": "Other Ltd"})

    founded = db.session.query(Company).one()
    assert (founded.name, founded.logo) == ("Other Ltd", PNG)
    assert db.session.query(AuditEvent).filter_by(action="company.rename").count() == 1


@pytest.mark.parametrize(
    ("content", "words"), [(b"GIF89a", "not a PNG or JPEG"), (PNG + b"0" * 200_000, "at most 200 kB")]
)
def test_a_logo_that_cannot_be_shown_is_refused_and_nothing_is_half_saved(admin, content, words):
    answer = admin.post("/set-up/company", data={"name": "Example Ltd", "logo": (BytesIO(content), "logo.png")})

    assert answer.status_code == 422
    assert words in answer.text
    assert 'value="Example Ltd"' in answer.text
    assert company.get() is None


def test_a_company_needs_a_name(admin):
    assert admin.post("/set-up/company", data={"name": "  "}).status_code == 422
    assert company.get() is None


def test_a_region_is_renamed_and_gets_another_clock(admin):
    region = make.make_region("EMEA")
    page = admin.get("/set-up/regions?change=EMEA").text
    assert 'value="Europe/London" selected' in page or 'selected value="Europe/London"' in page

    answer = admin.post("/set-up/regions?change=EMEA", data=REGION | {"name": "Europe", "zone": "Europe/Paris"})

    assert answer.location == "/set-up/regions"
    assert (region.code, region.name, region.zone) == ("EMEA", "Europe", "Europe/Paris")
    assert (region.works_from, region.works_until, region.reply_days) == (time(8), time(16), 5)


def test_a_region_is_added(admin):
    make.make_company()

    answer = admin.post("/set-up/regions?add=yes", data=REGION)

    added = company.region_by_code("LATAM")
    assert answer.status_code == 303
    assert (added.name, added.zone, added.colour) == ("Latin America", "America/Bogota", 4)
    assert db.session.query(AuditEvent).filter_by(action="region.add", subject_id=added.id).count() == 1


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"code": "EMEA"}, "There is a region EMEA already"),
        ({"code": "a b"}, "Use two to twelve letters"),
        ({"name": ""}, "This field is required"),
        ({"zone": "EST"}, "Not a valid choice"),
        ({"works_until": "08:00"}, "ends when it begins"),
        ({"works_from": "soon"}, "Not a valid time"),
        ({"reply_days": "0"}, "between 1 and 60"),
    ],
)
def test_a_region_that_cannot_be_is_refused(admin, change, words):
    make.make_company()

    answer = admin.post("/set-up/regions?add=yes", data=REGION | change)

    assert answer.status_code == 422
    assert words in answer.text
    assert db.session.query(Region).count() == 3


def test_a_region_that_does_not_exist_cannot_be_changed(admin):
    make.make_company()

    assert admin.get("/set-up/regions?change=MOON").status_code == 404
    assert admin.post("/set-up/regions/MOON/remove").status_code == 404


def test_an_unused_region_can_be_removed(admin):
    make.make_company()

    answer = admin.post("/set-up/regions/APAC/remove")

    assert answer.location == "/set-up/regions"
    assert company.region_by_code("APAC") is None


def test_a_region_with_openings_or_people_stays(admin):
    make.make_opening(region=make.make_region("EMEA"))
    make.make_user(Duty.RECRUITER, region=make.make_region("APAC"))
    db.session.commit()

    assert admin.post("/set-up/regions/EMEA/remove").status_code == 409
    assert admin.post("/set-up/regions/APAC/remove").status_code == 409
    assert db.session.query(Region).count() == 3


def test_the_first_role_takes_bens_challenge(admin):
    make.make_company()

    answer = admin.post("/set-up/role", data={"title": "Support agent", "readers": "2", "line_percent": ""})

    role = db.session.query(Role).one()
    assert answer.location == f"/set-up/opening?role={role.slug}"
    assert (role.title, role.readers, role.line_percent) == ("Support agent", 2, None)
    assert role.challenges[0].challenge_version.slug == "close-my-account"


@pytest.mark.parametrize("change", [{"title": ""}, {"readers": "0"}, {"readers": "six"}, {"line_percent": "101"}])
def test_a_role_that_cannot_be_is_refused(admin, change):
    make.make_company()

    answer = admin.post("/set-up/role", data={"title": "Agent", "readers": "2", "line_percent": "60"} | change)

    assert answer.status_code == 422
    assert db.session.query(Role).count() == 0


def test_the_role_is_opened_looked_at_and_published_without_leaving_the_set_up(admin):
    make.make_company()
    role = make.make_role()
    opened_from = f"/desk/EMEA/open?role={role.slug}&from=set-up"
    assert html.escape(opened_from) in admin.get("/set-up/opening").text

    plan = {"title": "Agent", "description": "Help.", "place": "Remote", "headcount": "1"}
    answer = admin.post(opened_from, data=plan | {"closes_on": "2031-03-14", "closes_time": "18:00"})
    opening = db.session.query(Opening).one()
    assert answer.location == f"/set-up/opening?role={role.slug}&region=EMEA"
    assert f'<iframe src="/jobs/{opening.slug}/preview"' in admin.get(answer.location).text

    answer = admin.post(f"/desk/EMEA/openings/{opening.slug}/state?from=set-up", data={"state": "open"})
    assert answer.location == f"/set-up/opening?role={role.slug}&region=EMEA"
    assert opening.state is OpeningState.OPEN


def test_a_role_that_does_not_exist_cannot_be_opened(admin):
    make.make_company()

    assert admin.get("/set-up/opening?role=none").status_code == 404


# --- Privacy notices -------------------------------------------------------------------------------------------------

EMPTY = {"text-pt-BR": "", "text-ro": "", "text-ru": "", "text-zh-Hans": ""}
NOTICE = EMPTY | {"text-en": "We keep **little**.", "text-es": "Poco.", "seen": "1"}


def test_a_new_version_counts_for_the_region_and_names_its_writer(admin, user):
    make.make_company()
    form = admin.get("/notices/EMEA").text

    saved = admin.post("/notices/EMEA", data=NOTICE)
    listed = admin.get("/notices").text

    assert "no software decides about you" in form
    assert saved.status_code == 303
    assert "EMEA 2" in listed
    assert "APAC 1" in listed
    region = make.make_region("EMEA")
    assert notices.in_force(region).texts == {"en": "We keep **little**.", "es": "Poco."}
    assert notices.agreed_to(region, clock.now()).written_by_id == user.id


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"text-en": ""}, "This field is required"),
        ({"text-en": "a\x00"}, "cannot be saved"),
        ({"text-ru": "x" * 20_001}, "20000"),
        ({"seen": "0"}, "Somebody else has written a newer version"),
    ],
    ids=str,
)
def test_a_version_that_is_refused_keeps_what_was_typed(admin, changes, reason):
    make.make_company()

    answer = admin.post("/notices/EMEA", data=NOTICE | changes)

    assert answer.status_code == 422
    assert reason in answer.text
    assert "Poco." in answer.text
    assert notices.in_force(make.make_region("EMEA")).number == 1


def test_whoever_was_overtaken_saves_with_the_second_press(admin):
    region = make.make_region("EMEA")
    notices.write(region, {"en": "A colleague's."}, 1, Actor("system"), clock.now())

    page = admin.post("/notices/EMEA", data=NOTICE).text
    seen = re.search(r'name="seen"[^>]*value="(\d+)"', page)[1]
    admin.post("/notices/EMEA", data=NOTICE | {"seen": seen})

    assert notices.in_force(region).number == 3
    assert notices.by_number(region, 2).texts == {"en": "A colleague's."}


def test_no_region_has_no_notice(admin):
    make.make_company()

    assert admin.get("/notices/NOWHERE").status_code == 404
