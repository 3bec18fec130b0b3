"""The regional desk through its pages."""

from __future__ import annotations

import html
import re
from datetime import UTC, datetime, timedelta

import pytest

from app import clock
from app.extensions import db
from app.models import AuditEvent, Duty, IdentitySeen, Opening, OpeningState, Stage
from app.services import applications, decisions, questions, touches
from app.services.audit import SYSTEM
from app.services.questions import Kind, Preset, Question, Reply
from app.services.touches import Came
from tests import factories as make
from tests.pages import without_token

PLAN = {
    "title": "Support agent",
    "description": "Help people.",
    "place": "Remote, Europe",
    "pay": "",
    "headcount": "2",
    "closes_on": "2031-03-14",
    "closes_time": "18:00",
}


@pytest.fixture
def desk(sign_in):
    """A browser of a recruiter for EMEA alone."""
    return sign_in(make.make_user(Duty.RECRUITER, region=make.make_region("EMEA")))


def seen_by(user):
    return {row.application_id for row in db.session.query(IdentitySeen).filter_by(user_id=user.id)}


# --- Regions -------------------------------------------------------------------------------------------------------


def test_a_stranger_is_asked_to_sign_in(client):
    answer = client.get("/desk")

    assert answer.status_code == 302
    assert answer.location.startswith("/sign-in?next=/desk")


def test_somebody_with_one_region_goes_straight_to_its_board(desk):
    answer = desk.get("/desk")

    assert answer.status_code == 302
    assert answer.location == "/desk/EMEA"


def test_the_list_shows_only_ones_own_regions_with_their_clocks_and_numbers(sign_in):
    user = make.make_user(Duty.RECRUITER, region=make.make_region("EMEA"))
    from_apac = make.make_region("APAC")
    make.staff.give(user, Duty.LEAD, from_apac, clock.now())
    make.make_application(make.make_opening(region=from_apac))

    page = sign_in(user).get("/desk").text

    assert "Asia and Pacific" in page
    assert "Singapore" in page
    assert "1 opening takes applications" in page
    assert "<b>1</b> <span>Applied</span>" in page
    assert "Americas" not in page


def test_a_reviewer_has_no_desk(sign_in):
    reviewer = sign_in(make.make_user(Duty.GRADER))

    assert reviewer.get("/desk").status_code == 404


def test_another_region_answers_as_one_that_does_not_exist(desk):
    opening = make.make_opening(region=make.make_region("APAC"))

    for theirs, none in (
        ("/desk/APAC", "/desk/NOWHERE"),
        ("/desk/APAC/applied", "/desk/NOWHERE/applied"),
        ("/desk/APAC/open", "/desk/NOWHERE/open"),
        (f"/desk/APAC/openings/{opening.slug}", "/desk/NOWHERE/openings/none"),
        (f"/desk/EMEA/openings/{opening.slug}", "/desk/EMEA/openings/none"),
    ):
        answer, nothing = desk.get(theirs), desk.get(none)
        assert answer.status_code == nothing.status_code == 404, theirs
        assert without_token(answer.text) == without_token(nothing.text), theirs


# --- The board -----------------------------------------------------------------------------------------------------


def test_the_board_shows_who_stands_where(desk):
    application = make.make_application(name="Ana Souza", zone="America/Sao_Paulo")

    page = desk.get("/desk/EMEA").text

    assert "Ana Souza" in page
    assert application.code in page
    assert "Sao Paulo" in page
    assert 'id="applied"' in page


def test_an_empty_board_says_what_to_do(desk):
    assert "Nobody has applied here yet" in desk.get("/desk/EMEA").text


def test_names_on_the_board_are_remembered_after_the_page(sign_in):
    recruiter = make.make_user(Duty.RECRUITER)
    application = make.make_application()
    browser = sign_in(recruiter)

    browser.get("/desk/EMEA", buffered=True)

    assert seen_by(recruiter) == {application.id}


def test_looking_again_remembers_nothing_new(sign_in):
    recruiter = make.make_user(Duty.RECRUITER)
    make.make_application()
    browser = sign_in(recruiter)
    browser.get("/desk/EMEA", buffered=True)
    (first,) = [row.seen_at for row in db.session.query(IdentitySeen)]

    browser.get("/desk/EMEA", buffered=True)

    assert [row.seen_at for row in db.session.query(IdentitySeen)] == [first]


def test_whoever_also_reviews_answers_sees_codes_until_they_ask(sign_in):
    both = make.make_user(Duty.RECRUITER, Duty.GRADER)
    application = make.make_application(name="Ana Souza")
    browser = sign_in(both)

    page = browser.get("/desk/EMEA", buffered=True).text
    assert "Ana Souza" not in page
    assert "Sao Paulo" not in page
    assert application.code in page
    assert seen_by(both) == set()

    assert "Ana Souza" in browser.get("/desk/EMEA?names=yes", buffered=True).text
    assert seen_by(both) == {application.id}


def test_the_board_asks_as_often_for_many_as_for_one(desk, count_queries):
    opening = make.make_opening()
    make.make_application(opening)
    desk.get("/desk/EMEA")  # the sign-in is looked up once in a test
    with count_queries() as few:
        desk.get("/desk/EMEA")
    for _ in range(5):
        make.make_application(opening)
    with count_queries() as many:
        desk.get("/desk/EMEA")

    assert len(many) == len(few)


def test_the_board_writes_nothing_in_its_own_request(desk, count_queries):
    make.make_application()

    with count_queries() as statements:
        desk.get("/desk/EMEA")

    assert all(statement.lstrip().upper().startswith(("SELECT", "WITH")) for statement in statements)


# --- One stage -----------------------------------------------------------------------------------------------------


def test_a_stage_is_shown_page_by_page_without_gaps(desk, monkeypatch):
    monkeypatch.setattr("app.recruiter.views.PAGE", 2)
    opening = make.make_opening()
    codes = [make.make_application(opening).code for _ in range(5)]

    found, url = [], "/desk/EMEA/applied"
    while url:
        page = desk.get(url).text
        found += [code for code in codes if code in page]
        following = re.search(r'href="([^"]+)" rel="next"', page)
        url = html.unescape(following[1]) if following else ""

    assert sorted(found) == sorted(codes)
    assert len(found) == 5


def test_a_stage_page_asks_as_often_for_many_as_for_one(desk, count_queries):
    opening = make.make_opening()
    make.make_application(opening)
    desk.get("/desk/EMEA/applied")  # the sign-in is looked up once in a test
    with count_queries() as few:
        desk.get("/desk/EMEA/applied")
    for _ in range(5):
        make.make_application(opening)
    with count_queries() as many:
        desk.get("/desk/EMEA/applied")

    assert len(many) == len(few)


@pytest.mark.parametrize("rest", ["nothing", "applied?after=x", "applied?after=2026-01-01~1"])
def test_a_stage_or_place_that_does_not_exist(desk, rest):
    assert desk.get(f"/desk/EMEA/{rest}").status_code == 404


# --- Moving --------------------------------------------------------------------------------------------------------


def test_a_move_is_one_form_and_shows_on_the_board(desk):
    application = make.make_application()

    answer = desk.post(f"/applications/{application.code}/move", data={"to": "in-assessment", "seen": "applied"})

    assert answer.status_code == 303
    assert application.stage is Stage.IN_ASSESSMENT
    assert "In assessment" in desk.get("/desk/EMEA").text


def test_decisions_and_withdrawing_are_not_offered(desk):
    application = make.make_application()
    applications.move(application, Stage.IN_ASSESSMENT, SYSTEM, clock.now())

    page = desk.get("/desk/EMEA").text

    assert 'value="shortlisted"' not in page.partition("<details")[2]
    assert "The hiring manager makes them" in page


@pytest.mark.parametrize("to", ["shortlisted", "not-selected", "withdrawn", "hired"])
def test_a_move_that_is_not_the_recruiters_is_refused(desk, to):
    application = make.make_application()
    applications.move(application, Stage.IN_ASSESSMENT, SYSTEM, clock.now())

    desk.post(f"/applications/{application.code}/move", data={"to": to, "seen": "in-assessment"})

    assert application.stage is Stage.IN_ASSESSMENT


def test_a_decision_is_not_undone_by_moving(desk):
    application = make.make_application()
    applications.move(application, Stage.IN_ASSESSMENT, SYSTEM, clock.now())
    decisions.decide(application, Stage.NOT_SELECTED, "Too many hoops.", make.make_user(Duty.MANAGER).id, clock.now())

    answer = desk.post(
        f"/applications/{application.code}/move",
        data={"to": "in-assessment", "seen": "not-selected"},
        follow_redirects=True,
    )

    assert application.stage is Stage.NOT_SELECTED
    assert "A decision stands for this applicant" in answer.text


def test_of_two_who_move_the_same_card_the_second_is_told(desk):
    application = make.make_application()
    applications.move(application, Stage.IN_ASSESSMENT, SYSTEM, clock.now())

    answer = desk.post(
        f"/applications/{application.code}/move", data={"to": "in-assessment", "seen": "applied"}, follow_redirects=True
    )

    assert "Somebody else has moved this applicant" in answer.text


def test_a_move_to_a_stage_that_does_not_exist_is_refused(desk):
    application = make.make_application()

    answer = desk.post(f"/applications/{application.code}/move", data={"to": "promoted", "seen": "applied"})

    assert answer.status_code == 409
    assert application.stage is Stage.APPLIED


def test_an_applicant_of_another_region_cannot_be_moved(desk):
    application = make.make_application(make.make_opening(region=make.make_region("APAC")))

    theirs = desk.post(f"/applications/{application.code}/move", data={"to": "in-assessment", "seen": "applied"})
    nothing = desk.post("/applications/none/move", data={"to": "in-assessment", "seen": "applied"})

    assert theirs.status_code == nothing.status_code == 404
    assert without_token(theirs.text) == without_token(nothing.text)
    assert application.stage is Stage.APPLIED


# --- Opening a role ------------------------------------------------------------------------------------------------


def test_a_role_without_an_opening_here_can_be_chosen(desk):
    taken = make.make_opening().role
    free = make.make_role("Night shift agent")

    page = desk.get("/desk/EMEA/open").text

    assert f"role={free.slug}" in page
    assert f"role={taken.slug}" not in page.replace(free.slug, "")


def test_a_role_is_opened_as_a_draft_that_closes_by_the_regions_clocks(desk):
    role = make.make_role()

    answer = desk.post(f"/desk/EMEA/open?role={role.slug}", data=PLAN)

    opening = db.session.query(Opening).one()
    assert answer.location == f"/desk/EMEA/openings/{opening.slug}"
    assert (opening.state, opening.pay, opening.headcount) == (OpeningState.DRAFT, None, 2)
    assert opening.closes_at == datetime(2031, 3, 14, 18, tzinfo=UTC)
    assert opening.closes_zone == "Europe/London"


def test_the_form_starts_with_the_roles_title(desk):
    role = make.make_role("Night shift agent")

    page = desk.get(f"/desk/EMEA/open?role={role.slug}").text

    assert 'value="Night shift agent"' in page
    assert 'value="23:59"' in page


def test_a_closing_time_that_the_clocks_skip_offers_the_next_one(desk):
    role = make.make_role()

    answer = desk.post(
        f"/desk/EMEA/open?role={role.slug}", data=PLAN | {"closes_on": "2031-03-30", "closes_time": "01:30"}
    )

    assert answer.status_code == 422
    assert "The clocks are put forward over this time" in answer.text
    assert 'value="02:00"' in answer.text
    assert db.session.query(Opening).count() == 0


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("title", "", "Nothing is lost"),
        ("title", "   ", "This field is required"),
        ("description", "a\0b", "cannot be saved"),
        ("headcount", "0", "Number must be between"),
        ("closes_on", "2020-01-01", "has passed"),
        ("closes_on", "9999-12-31", "nearer"),
        ("closes_on", "soon", "Not a valid date"),
    ],
)
def test_what_was_typed_stays_when_the_form_is_not_right(desk, field, value, words):
    role = make.make_role()

    answer = desk.post(f"/desk/EMEA/open?role={role.slug}", data=PLAN | {"place": "Kept words", field: value})

    assert answer.status_code == 422
    assert words in answer.text
    assert "Kept words" in answer.text
    assert db.session.query(Opening).count() == 0


def test_a_role_that_does_not_exist_cannot_be_opened(desk):
    assert desk.get("/desk/EMEA/open?role=none").status_code == 404


def test_opening_a_role_twice_leads_to_the_first(desk):
    opening = make.make_opening()

    answer = desk.post(f"/desk/EMEA/open?role={opening.role.slug}", data=PLAN)

    assert answer.location == f"/desk/EMEA/openings/{opening.slug}"
    assert db.session.query(Opening).count() == 1


# --- An opening ----------------------------------------------------------------------------------------------------


def test_an_opening_shows_its_address_its_numbers_and_what_can_be_done(desk):
    opening = make.make_opening()
    make.make_application(opening)

    page = desk.get(f"/desk/EMEA/openings/{opening.slug}").text

    assert f"/{opening.slug}" in page
    assert "<b>1</b> <span>Applied</span>" in page
    assert 'value="paused"' in page
    assert 'value="closed"' in page
    assert "Publish again" not in page


def test_an_opening_is_published_paused_resumed_and_closed(desk):
    opening = make.make_opening(state=OpeningState.DRAFT)

    for state in ("open", "paused", "open", "closed"):
        answer = desk.post(f"/desk/EMEA/openings/{opening.slug}/state", data={"state": state})
        assert answer.status_code == 303
        assert opening.state.value == state

    actions = [row.action for row in db.session.query(AuditEvent).filter_by(subject_kind="opening")]
    assert actions == ["opening.draft", "opening.open", "opening.paused", "opening.open", "opening.closed"]


@pytest.mark.parametrize("state", ["draft", "gone", ""])
def test_a_state_that_cannot_be_reached_is_refused(desk, state):
    opening = make.make_opening()

    answer = desk.post(f"/desk/EMEA/openings/{opening.slug}/state", data={"state": state})

    assert answer.status_code == 409
    assert opening.state is OpeningState.OPEN


def test_an_opening_whose_time_is_over_is_not_published(desk):
    opening = make.make_opening(state=OpeningState.DRAFT)
    opening.closes_at = clock.now() - timedelta(days=1)
    db.session.commit()

    answer = desk.post(f"/desk/EMEA/openings/{opening.slug}/state", data={"state": "open"})

    assert answer.status_code == 409


# --- What an opening asks -------------------------------------------------------------------------------------------

OWN = {
    "work_permission": "required",
    "expected_pay": "optional",
    "own-0-text": "Which desk?",
    "own-0-kind": "choice",
    "own-0-choices": "Mail\r\n\r\n Chat \r\n",
    "own-0-is_required": "y",
    "own-1-text": "",
    "own-1-kind": "yes_no",
    "own-1-is_required": "y",
}
ASKED = [
    questions.preset(Preset.WORK_PERMISSION, True),
    questions.preset(Preset.EXPECTED_PAY, False),
    Question(Kind.CHOICE, True, "Which desk?", ("Mail", "Chat")),
]


def test_a_recruiter_sets_what_else_is_asked(desk):
    role = make.make_role()

    page = desk.get(f"/desk/EMEA/open?role={role.slug}").text
    answer = desk.post(f"/desk/EMEA/open?role={role.slug}", data=PLAN | OWN)

    assert "Never ask about health" in page
    assert answer.status_code == 303
    assert questions.read(db.session.query(Opening).one().questions) == ASKED
    shown = desk.get(answer.location).text
    assert "Permission to work" in shown
    assert "Which desk?" in shown


@pytest.mark.parametrize(
    "changes",
    [
        {"own-0-choices": "Mail"},
        {"own-0-text": "x" * 201},
        {"own-0-text": "a\x00"},
        {"own-0-kind": "essay"},
        {"work_permission": "perhaps"},
        {"own-0-choices": "\n".join(str(number) for number in range(11))},
    ],
    ids=str,
)
def test_a_question_that_cannot_be_asked_comes_back_with_everything_typed(desk, changes):
    role = make.make_role()

    answer = desk.post(f"/desk/EMEA/open?role={role.slug}", data=PLAN | OWN | {"place": "Typed here"} | changes)

    assert answer.status_code == 422
    assert "Nothing is lost" in answer.text
    assert "Typed here" in answer.text
    assert '<details open id="own">' in answer.text
    assert db.session.query(Opening).count() == 0


def test_more_questions_than_the_form_has_are_not_taken(desk):
    role = make.make_role()

    desk.post(f"/desk/EMEA/open?role={role.slug}", data=PLAN | {f"own-{n}-text": f"Q{n}" for n in range(7)})

    assert [one.text for one in questions.read(db.session.query(Opening).one().questions)] == [
        f"Q{n}" for n in range(5)
    ]


def test_a_draft_is_changed_and_keeps_what_was_not_touched(desk):
    opening = make.make_opening(state=OpeningState.DRAFT, questions=ASKED)
    page = desk.get(f"/desk/EMEA/openings/{opening.slug}/edit").text

    answer = desk.post(f"/desk/EMEA/openings/{opening.slug}/edit", data=PLAN | OWN | {"title": "Night agent"})

    assert "Mail\nChat" in page
    assert answer.status_code == 303
    assert (opening.title, opening.state) == ("Night agent", OpeningState.DRAFT)
    assert questions.read(opening.questions) == ASKED


def test_what_was_published_is_not_changed_any_more(desk):
    opening = make.make_opening()

    for answer in (
        desk.get(f"/desk/EMEA/openings/{opening.slug}/edit"),
        desk.post(f"/desk/EMEA/openings/{opening.slug}/edit", data=PLAN | {"title": "Other"}),
    ):
        assert answer.status_code == 303
    assert opening.title == "Support agent"


def test_another_regions_draft_is_not_there(desk):
    opening = make.make_opening(region=make.make_region("APAC"), state=OpeningState.DRAFT)

    for code in ("APAC", "EMEA"):
        assert desk.get(f"/desk/{code}/openings/{opening.slug}/edit").status_code == 404
        assert desk.post(f"/desk/{code}/openings/{opening.slug}/edit", data=PLAN).status_code == 404


# --- One applicant --------------------------------------------------------------------------------------------------


def curious_application():
    opening = make.make_opening(questions=ASKED)
    given = [
        Reply(Kind.YES_NO, "Você pode?", "no", Preset.WORK_PERMISSION),
        Reply(Kind.AMOUNT, "Quanto?", "R$ 4.000", Preset.EXPECTED_PAY),
        Reply(Kind.CHOICE, "Which desk?", "Chat"),
    ]
    moments = {"tok-1": clock.now() - timedelta(days=2), "tok-2": clock.now()}
    landings = [touches.landing("/jobs", {"src": token}, "board.example", at) for token, at in moments.items()]
    details = make.make_details(name="Ana Souza", hours={"mon": ["09:00", "17:00"]}, shifts=["nights"])
    came = Came(*landings)
    return applications.apply(opening, details, clock.now(), replies=given, came=came).application


def test_a_recruiter_reads_what_somebody_said_and_how_they_came(desk):
    application = curious_application()

    board = desk.get("/desk/EMEA").text
    page = desk.get(f"/desk/EMEA/applicants/{application.code}").text

    assert f"/desk/EMEA/applicants/{application.code}" in board
    for told in (
        "Ana Souza",
        "Brazil",
        "Permission to work",
        ">No<",
        "R$ 4.000",
        "Which desk?",
        "Chat",
        "Monday 09:00–17:00",
        "at night",
        "tok-1",
        "tok-2",
        "board.example",
        "EMEA 1",
    ):
        assert told in page, told
    assert " object at 0x" not in page


def test_an_address_that_nobody_confirmed_is_said_to_be_so(desk):
    application = curious_application()
    places = ("/desk/EMEA", "/desk/EMEA/applied", f"/desk/EMEA/applicants/{application.code}")

    before = [desk.get(place).text.lower() for place in places]
    application.verified_at = clock.now()
    after = [desk.get(place).text.lower() for place in places]

    assert all("address not confirmed yet" in page for page in before)
    assert not any("address not confirmed yet" in page for page in after)


def test_looking_at_an_applicant_is_noted(sign_in):
    recruiter, application = make.make_user(Duty.RECRUITER), curious_application()

    sign_in(recruiter).get(f"/desk/EMEA/applicants/{application.code}", buffered=True)

    assert seen_by(recruiter) == {application.id}


def test_whoever_also_reviews_sees_nothing_of_the_person_until_they_ask(sign_in):
    both, application = make.make_user(Duty.RECRUITER, Duty.GRADER), curious_application()
    browser = sign_in(both)

    page = browser.get(f"/desk/EMEA/applicants/{application.code}", buffered=True).text

    assert application.code in page
    for kept_back in ("Ana Souza", "Brazil", "R$ 4.000", "tok-1", "board.example", application.candidate.email):
        assert kept_back not in page
    assert seen_by(both) == set()


def test_an_applicant_of_another_region_is_not_there(desk):
    application = make.make_application(make.make_opening(region=make.make_region("APAC")))

    for code in ("APAC", "EMEA"):
        assert desk.get(f"/desk/{code}/applicants/{application.code}").status_code == 404
    assert desk.get("/desk/EMEA/applicants/NOBODY").status_code == 404
