"""The pages about time: practice, adjustments and their queue, the verifier, late answers, the choice at the start."""

from __future__ import annotations

import io
import re
from datetime import timedelta

import pytest

from app import clock, jobs
from app.extensions import db
from app.models import (
    Accommodation,
    AccommodationState,
    Adjustment,
    Attempt,
    Duty,
    Heartbeat,
    IdentitySeen,
    Mail,
    Submission,
    Work,
)
from app.services import accommodations, invitations, outages, submissions
from app.services.catalog_types import Part, PartKind
from tests import factories as make

TASK = "/my/close-my-account"


def browser_of(ctx, application):
    browser = ctx.test_client()
    token = invitations.open_session(application, clock.now(), by_link=True)
    db.session.commit()
    with browser.session_transaction() as session:
        session["candidate"] = token
    return browser


@pytest.fixture
def application(ctx):
    application = make.make_application()
    db.session.commit()
    return application


@pytest.fixture
def me(ctx, application):
    return browser_of(ctx, application)


@pytest.fixture
def recruiter(ctx):
    return make.make_user(Duty.RECRUITER, region=make.make_region("EMEA"))


@pytest.fixture
def desk(recruiter, sign_in):
    return sign_in(recruiter)


def ask(application, kind=Adjustment.MORE_TIME, percent=50, words="zzwish"):
    asked = accommodations.ask(application, kind, percent, words, clock.now())
    db.session.commit()
    return asked


def answer(desk, asked, does="grant", hours="24", percent="0", words="It is arranged."):
    fields = {"does": does, "extra_hours": hours, "more_percent": percent, "answer": words}
    data = {f"{asked.code}-{name}": value for name, value in fields.items()}
    return desk.post(f"/desk/EMEA/adjustments/{asked.code}?names=yes", data=data)


# --- practice ------------------------------------------------------------------------------------------------------


def test_a_practice_answer_is_shown_once_and_kept_nowhere(me, application):
    before = {model.__name__: db.session.query(model).count() for model in (Attempt, Submission, Mail, Work)}

    page = me.post(f"{TASK}/practice", data={"answer-practice-reply": "zzpractice", "revision": "0"})

    assert page.status_code == 200
    assert "That worked." in page.text
    assert "zzpractice" in page.text
    assert before == {model.__name__: db.session.query(model).count() for model in (Attempt, Submission, Mail, Work)}
    assert "zzpractice" not in me.get(f"{TASK}/practice").text


def test_an_empty_practice_answer_says_what_the_real_one_would(me):
    page = me.post(f"{TASK}/practice", data={"answer-practice-reply": "", "revision": "0"})

    assert page.status_code == 422
    assert "Nothing is written here yet." in page.text


def test_practice_does_not_touch_a_draft_that_was_begun(me, application):
    me.post(f"{TASK}/start")
    me.post(f"{TASK}/draft", json={"answers": {"reply": "the real one"}, "revision": 0})

    me.post(f"{TASK}/practice", data={"answer-practice-reply": "only practice", "revision": "1"})

    assert submissions.attempt_of(invitations.of(application)[0]).draft == {"reply": "the real one"}


def test_practice_has_every_kind_of_field_that_the_task_has(ctx):
    parts = [
        Part("a", PartKind.TEXTS, items=("one", "two", "three")),
        Part("b", PartKind.ORDERING, items=("x", "y", "z", "w"), has_reasons=True),
        Part("c", PartKind.URL),
        Part("d", PartKind.SOURCE, items=("html", "css")),
        Part("e", PartKind.FILE, types=("png", "txt")),
        Part("f", PartKind.REWRITE),
        Part("g", PartKind.REWRITE),
    ]
    version = make.make_challenge(*parts)
    application = make.make_application(make.make_opening(make.make_role(challenges=[version])))
    me, path = browser_of(ctx, application), f"/my/{version.slug}/practice"

    page = me.get(path)
    data = {
        "revision": "0",
        "answer-practice-reply": "From 7 to 10.",
        "answer-practice-texts.first": "1",
        "answer-practice-texts.second": "2",
        "answer-practice-ordering": "second first third",
        "answer-practice-url": "https://example.com",
        "answer-practice-source.html": "<p>x</p>",
        "answer-practice-rewrite": "Breakfast is from 7.",
        "file-practice-file": (io.BytesIO(b"hello"), "zzname.txt"),
    }
    done = me.post(path, data=data, content_type="multipart/form-data")

    names = set(re.findall(r'name="(?:answer|file)-(practice-\w+)', page.text))
    assert names == {"practice-reply", *(f"practice-{part.kind.value}" for part in parts)}
    assert done.status_code == 200, re.findall(r'class="errors".*?</div>', done.text, re.S)
    assert "zzname.txt" in done.text
    assert page.text.count("formaction") == 0


def test_a_file_that_would_be_refused_is_refused_in_practice(ctx):
    version = make.make_challenge(Part("e", PartKind.FILE, types=("png",)))
    application = make.make_application(make.make_opening(make.make_role(challenges=[version])))
    me = browser_of(ctx, application)

    data = {"revision": "0", "file-practice-file": (io.BytesIO(b"MZ"), "virus.exe")}
    page = me.post(f"/my/{version.slug}/practice", data=data, content_type="multipart/form-data")

    assert page.status_code == 422


# --- the start -----------------------------------------------------------------------------------------------------


def test_the_choice_for_the_end_is_made_before_the_start(me, application):
    page = me.get(TASK)
    me.post(f"{TASK}/start", data={"has_choice": "y"})

    assert "If time runs out, hand in what I have." in page.text
    assert submissions.attempt_of(invitations.of(application)[0]).hand_in_draft is False


@pytest.mark.parametrize("data", [{}, {"has_choice": "y", "hand_in_draft": "y"}])
def test_a_ticked_box_and_none_at_all_hand_the_draft_in(me, application, data):
    me.post(f"{TASK}/start", data=data)

    assert submissions.attempt_of(invitations.of(application)[0]).hand_in_draft is True


# --- adjustments ---------------------------------------------------------------------------------------------------


def test_a_candidate_asks_for_an_adjustment_and_is_told_who_reads_it(me, application):
    page = me.get("/my/adjustments")
    done = me.post("/my/adjustments", data={"kind": "MORE_TIME", "percent": "50", "words": ""})

    asked = db.session.query(Accommodation).one()
    assert "The recruiters of the region EMEA" in page.text or "Europe" in page.text
    assert done.status_code == 303
    assert (asked.kind, asked.wished_percent, asked.state) == (Adjustment.MORE_TIME, 50, AccommodationState.ASKED)
    assert "You have asked for an adjustment." in me.get("/my").text


@pytest.mark.parametrize(
    "data", [{}, {"kind": "OTHER", "words": " "}, {"kind": "MORE_TIME"}, {"kind": "NONE"}, {"kind": "OTHER\x00"}]
)
def test_a_request_says_what_would_help(me, data):
    answer = me.post("/my/adjustments", data=data)

    assert answer.status_code == 422
    assert db.session.query(Accommodation).count() == 0


def test_a_second_request_waits_for_the_first_and_no_word_is_lost(me, application):
    ask(application)

    page = me.post("/my/adjustments", data={"kind": "OTHER", "words": "zzsecond"})

    assert page.status_code == 409
    assert db.session.query(Accommodation).count() == 1


def test_the_recruiter_grants_and_the_candidate_has_more_time(me, desk, application, run_work):
    me.post(f"{TASK}/start")
    attempt = submissions.attempt_of(invitations.of(application)[0])
    before, asked = attempt.cutoff_at, ask(application)
    board = desk.get("/desk/EMEA").text

    done = answer(desk, asked)
    run_work()
    db.session.expire_all()

    letter = db.session.query(Mail).filter_by(message="adjustment").one()
    assert "1 waits" in board
    assert done.status_code == 303
    assert attempt.cutoff_at == before + timedelta(days=1)
    assert "It is arranged." in me.get("/my").text
    assert "It is arranged." in letter.body
    assert me.get(f"{TASK}/clock").json["seconds_left"] > (before - clock.now()).total_seconds() + 80_000


def test_a_request_can_be_declined_in_kind_words(me, desk, application):
    asked = ask(application)

    answer(desk, asked, does="decline", hours="0", words="We cannot, but you can use a computer of ours.")
    again = answer(desk, asked, does="grant")

    assert "We cannot, but you can use a computer of ours." in me.get("/my/adjustments").text
    assert again.status_code == 409
    assert "A colleague has answered" in again.text


@pytest.mark.parametrize("changes", [{"words": ""}, {"hours": "-1"}, {"hours": "0"}, {"percent": "100000"}])
def test_an_answer_that_is_not_whole_keeps_what_was_typed(desk, application, changes):
    asked = ask(application)

    page = answer(desk, asked, **({"words": "zzkept"} | changes))

    assert page.status_code == 422
    assert "words" in changes or "zzkept" in page.text
    db.session.refresh(asked)
    assert asked.state is AccommodationState.ASKED


def test_another_regions_recruiter_sees_nothing_of_it(sign_in, application):
    asked = ask(application)
    other = sign_in(make.make_user(Duty.RECRUITER, region=make.make_region("APAC")))

    assert other.get("/desk/EMEA/adjustments").status_code == 404
    assert answer(other, asked).status_code == 404
    assert other.post(f"/desk/APAC/adjustments/{asked.code}", data={}).status_code == 404
    assert "zzwish" not in other.get("/desk/APAC/adjustments").text


def test_whoever_also_reads_answers_sees_requests_only_with_the_names(ctx, sign_in, application):
    user = make.make_user(Duty.RECRUITER, Duty.GRADER, region=make.make_region("EMEA"))
    browser, asked = sign_in(user), ask(application)

    hidden = browser.get("/desk/EMEA/adjustments", buffered=True).text
    seen_before = db.session.query(IdentitySeen).filter_by(user_id=user.id).count()
    shown = browser.get("/desk/EMEA/adjustments?names=yes", buffered=True).text

    assert "zzwish" not in hidden
    assert seen_before == 0
    assert "zzwish" in shown
    assert db.session.query(IdentitySeen).filter_by(user_id=user.id).one().application_id == asked.application_id


def test_the_queue_goes_page_by_page_with_a_constant_number_of_questions(desk, monkeypatch, count_queries):
    monkeypatch.setattr("app.recruiter.adjustments.PAGE", 3)
    opening = make.make_opening()
    numbers = []
    for _ in range(2):
        for number in range(2):
            ask(make.make_application(opening), words=f"zz{number}")
        desk.get("/desk/EMEA/adjustments", buffered=True)  # names are noted once
        with count_queries() as statements:
            page = desk.get("/desk/EMEA/adjustments").text
        numbers.append(len(statements))

    address = re.search(r'href="(/desk/EMEA/adjustments\?after=\d+[^"]*)"', page).group(1).replace("&amp;", "&")
    second = desk.get(address).text
    assert numbers[1] <= numbers[0] + 1
    assert (page.count('id="asked-'), second.count('id="asked-')) == (3, 1)


def test_what_was_answered_stays_readable(desk, application):
    answer(desk, ask(application), words="zzanswer")

    assert "zzanswer" not in desk.get("/desk/EMEA/adjustments").text
    assert "zzanswer" in desk.get("/desk/EMEA/adjustments?answered=yes").text


def test_no_page_of_a_reviewer_or_manager_tells_of_an_adjustment(ctx, sign_in, application):
    asked = ask(application, Adjustment.OTHER, None, "zzwish")
    accommodations.grant(asked, 0, 60 * 24, "zzanswer", make.SYSTEM, clock.now())
    submission = make.make_submission(make.make_attempt(make.make_invitation(application)))
    reader, manager = make.make_user(Duty.GRADER), make.make_user(Duty.MANAGER)
    held = make.make_assignment(reader, submission)
    db.session.commit()
    while jobs.drain_work("quick"):
        pass
    desk, room = sign_in(reader), sign_in(manager)

    pages = [desk.get("/review"), desk.post("/review/next"), desk.get(f"/review/{held.code}")]
    opening = application.opening
    pages += [room.get(f"/applications/{application.code}")]
    pages += [room.get(f"/roles/{opening.role.slug}/{opening.region.code}")]

    for page in pages:
        said = page.text.lower()
        assert [word for word in ("zzwish", "zzanswer", "adjust", "accommod", "extra time") if word in said] == []


# --- outages -------------------------------------------------------------------------------------------------------


def test_status_workspace_and_start_say_that_we_were_away(me, application):
    me.post(f"{TASK}/start")
    db.session.query(Heartbeat).delete()
    outages.beat(clock.now() + timedelta(seconds=1))
    outages.beat(clock.now() + timedelta(minutes=7, seconds=2))
    db.session.commit()

    pages = [me.get("/my").text, me.get(f"{TASK}/answer").text]

    assert all("We were away for 7 minutes" in page for page in pages)


# --- late ----------------------------------------------------------------------------------------------------------


def test_a_manager_sees_how_late_it_was_and_lets_it_count(ctx, me, sign_in, application):
    me.post(f"{TASK}/start")
    attempt = submissions.attempt_of(invitations.of(application)[0])
    attempt.started_at = clock.now() - timedelta(hours=1)
    attempt.cutoff_at = clock.now() - timedelta(minutes=14)
    db.session.commit()
    me.post(f"{TASK}/submit", data={"answer-reply": "zzlate", "revision": "0", "key": "k"})
    browser, submission = sign_in(make.make_user(Duty.MANAGER)), db.session.query(Submission).one()
    path = f"/applications/{application.code}"

    before = browser.get(path).text
    empty = browser.post(f"{path}/late/{submission.code}", data={"reason": " "})
    done = browser.post(f"{path}/late/{submission.code}", data={"reason": "zzreason"})
    after = browser.get(path).text

    assert "Handed in 14 minutes after the end." in before
    assert "zzlate" not in before
    assert (empty.status_code, done.status_code) == (422, 303)
    assert "zzlate" in after
    assert "zzreason" in after
    assert "lets it count" in me.get(f"/my/receipts/{submission.code}").text


def test_somebody_elses_late_answer_is_not_found(sign_in, application):
    other = make.make_submission()
    browser = sign_in(make.make_user(Duty.MANAGER))

    answer = browser.post(f"/applications/{application.code}/late/{other.code}", data={"reason": "x"})

    assert answer.status_code == 404


# --- receipts ------------------------------------------------------------------------------------------------------


@pytest.fixture
def signed(me):
    """The lines of one's own receipt, and the answers as a file."""
    me.post(f"{TASK}/start")
    address = me.post(f"{TASK}/submit", data={"answer-reply": "Hello Ben", "revision": "0", "key": "k"}).location
    lines = re.search(r'<pre class="signed"[^>]*>([^<]+)</pre>', me.get(address).text).group(1)
    return lines, me.get(f"{address}/answers.json").text


def test_anybody_can_check_a_receipt_and_learns_nothing_of_the_person(client, signed, application):
    lines, answers = signed

    page = client.post("/receipts/verify", data={"receipt": lines, "answers": answers}).text

    assert "This receipt is genuine." in page
    assert "The answers are those that were handed in." in page
    assert application.candidate.name not in page
    assert application.candidate.email not in page


def test_a_changed_receipt_and_other_answers_are_told_so(client, signed):
    lines, answers = signed

    changed = client.post("/receipts/verify", data={"receipt": lines.replace("in-time", "late")}).text
    other = client.post("/receipts/verify", data={"receipt": lines, "answers": answers.replace("Ben", "Bob")}).text
    broken = client.post("/receipts/verify", data={"receipt": lines, "answers": "[" * 100_000}).text

    assert "This receipt is not genuine." in changed
    assert "The answers are others." in other
    assert "The answers are others." in broken


@pytest.mark.parametrize("receipt", ["", "hello", "x" * 30_000])
def test_what_is_no_receipt_is_told_kindly(client, receipt):
    answer = client.post("/receipts/verify", data={"receipt": receipt})

    assert answer.status_code == 422


def test_the_mail_carries_the_same_signed_lines(me, signed, client, run_work):
    run_work()
    letter = db.session.query(Mail).filter_by(message="receipt").one().body

    page = client.post("/receipts/verify", data={"receipt": letter}).text

    assert signed[0] in letter
    assert "This receipt is genuine." in page


def test_somebody_elses_answers_are_not_to_be_had(ctx, signed, me):
    submission = make.make_submission()
    db.session.commit()

    assert me.get(f"/my/receipts/{submission.code}/answers.json").status_code == 404
