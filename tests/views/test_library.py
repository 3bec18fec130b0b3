"""The library of challenges and the editor, as hiring managers use them."""

from __future__ import annotations

import re
from dataclasses import replace
from html import unescape

import pytest

from app import clock, setup
from app.extensions import db
from app.models import ChallengeDraft, ChallengeVersion, CheckFacts, Duty, LibraryFault, Score
from app.services import authoring, catalog, draft_content, publishing, tasks
from app.services.catalog_types import DRAFT, PartKind
from tests import factories as make

SECTIONS = ("situation", "answer", "rubric", "examples", "checks", "languages", "publish")
HOSTILE = '"><script>alert(1)</script><img src=x onerror=alert(2)>{{ 7*7 }} [a](javascript:alert(3)) \u202e'


@pytest.fixture
def manager(ctx):
    return make.make_user(Duty.MANAGER, name="Mara Manager")


@pytest.fixture
def browser(manager, sign_in):
    return sign_in(manager)


@pytest.fixture
def draft(manager):
    made = authoring.create("Late parcel", manager.id, clock.now())
    db.session.commit()
    return made


@pytest.fixture
def copy(manager):
    made = authoring.copy(publishing.find("close-my-account", 1), manager.id, clock.now())
    db.session.commit()
    return made


def path_of(draft, section="situation") -> str:
    return f"/challenges/drafts/{draft.slug}/v{draft.version}/{section}"


def content_of(draft) -> draft_content.Content:
    db.session.refresh(draft)
    return authoring.content_of(draft)


def send(browser, draft, section, do="save", query="", **values):
    db.session.refresh(draft)
    fields = {"revision": draft.revision, "do": do, **{name.replace("__", "."): text for name, text in values.items()}}
    return browser.post(path_of(draft, section) + query, data=fields)


# --- the library -------------------------------------------------------------------------------------------------


def test_the_library_lists_challenges_with_what_they_ask_and_their_marks(browser, draft):
    page = browser.get("/challenges").text

    assert "Close my account" in page
    assert "about 15 minutes" in page
    assert "5 languages not yet reviewed" in page
    assert "Late parcel" in page
    assert "things missing" in page


@pytest.mark.parametrize(("language", "is_marked"), [("en", False), ("ru", True), ("xx", False)])
def test_one_challenge_shows_all_that_it_is_and_its_mark_by_language(browser, language, is_marked):
    page = browser.get(f"/challenges/close-my-account/v1?in={language}").text
    own = page.split("<h2>Examples</h2>")[0]

    assert (DRAFT in own) is is_marked
    assert page.count('class="anchors"') == 5
    assert page.count('class="example"') == len(catalog.load_all(catalog.SHIPPED).get("close-my-account", 1).examples)


@pytest.mark.parametrize(
    "path", ["none/v1", "close-my-account/v2", "close-my-account/v0", f"close-my-account/v{2**70}"]
)
def test_a_challenge_that_is_not_there_is_not_found(browser, path):
    assert browser.get(f"/challenges/{path}").status_code == 404
    assert browser.post(f"/challenges/{path}/copy").status_code == 404
    assert browser.get(f"/challenges/drafts/{path}/situation").status_code == 404


def test_make_your_own_from_this_opens_the_copy(browser):
    answer = browser.post("/challenges/close-my-account/v1/copy")

    assert answer.location == "/challenges/drafts/close-my-account-2/v1/situation"
    assert "Hi, please close my account - Ben" in browser.get(answer.location).text


@pytest.mark.parametrize("title", ["", "   ", "x" * 121, "a\0b"])
def test_a_new_challenge_needs_a_title(browser, title):
    assert browser.post("/challenges/new", data={"title": title}).status_code == 422
    assert db.session.query(ChallengeDraft).count() == 0


@pytest.mark.parametrize("duty", [Duty.GRADER, Duty.RECRUITER, Duty.AUDITOR, Duty.AGENCY])
def test_the_library_does_not_exist_for_others(sign_in, draft, duty):
    stranger = sign_in(make.make_user(duty))

    for path in ("/challenges", "/challenges/new", "/challenges/close-my-account/v1", *map_paths(draft)):
        assert stranger.get(path).status_code == 404, path
    for path in (path_of(draft, "publish"), path_of(draft, "discard"), path_of(draft, "sign/es")):
        assert stranger.post(path).status_code == 404, path


def map_paths(draft) -> list[str]:
    return [path_of(draft, section) for section in (*SECTIONS, "as-candidate", "as-reviewer", "discard")]


def test_a_stranger_is_asked_to_sign_in(client, draft):
    for path in ("/challenges", *map_paths(draft)):
        assert client.get(path).location.startswith("/sign-in"), path


# --- writing -----------------------------------------------------------------------------------------------------


def test_every_page_of_a_new_and_of_a_copied_draft_opens(browser, draft, copy):
    for one in (draft, copy):
        for path in map_paths(one):
            assert browser.get(path).status_code == 200, path


def test_what_is_typed_is_kept_though_it_is_not_right_yet(browser, draft):
    answer = send(browser, draft, "situation", minutes="soon", summary__en="One line", facts__0__words__en="Fact")
    page = browser.get(answer.location).text

    content = content_of(draft)
    assert answer.status_code == 303
    assert (content.minutes, content.summary["en"], content.facts[0].words["en"]) == ("soon", "One line", "Fact")
    assert "Please write a whole number from 1 to 240." in page
    assert 'id="minutes-errors"' in page


def test_faults_are_not_shown_on_a_page_that_nobody_has_filled_in(browser, draft):
    assert "Please fill this in." not in browser.get(path_of(draft)).text
    assert "Please fill this in." in browser.get(path_of(draft) + "?all=1").text


def test_save_and_go_on_leads_to_the_next_page(browser, draft):
    visited = [send(browser, draft, section, "next").location for section in SECTIONS[:-1]]

    assert visited == [path_of(draft, section) for section in SECTIONS[1:]]


@pytest.mark.parametrize(
    ("text", "words"),
    [("a\0b", "cannot be saved"), ("x" * 100_000, "100000 characters"), ("half \udfff", "cannot be saved")],
)
def test_what_no_database_keeps_is_refused_and_shown_again(browser, draft, text, words):
    sent = {"revision": 1, "do": "save", "title.en": "Typed title", "task.en": text.encode("utf-8", "surrogatepass")}

    answer = browser.post(path_of(draft), data=sent)

    assert answer.status_code in (303, 422)
    if answer.status_code == 422:
        assert words in answer.text
        assert "Typed title" in answer.text
        assert text[:3] in unescape(answer.text).replace("\ufffd", "\0") or "\0" in text
        assert english_title(draft) == "Late parcel"
    else:  # the form's decoder has replaced the half character
        assert "\udfff" not in content_of(draft).task["en"]


def english_title(draft) -> str:
    return content_of(draft).title["en"]


def test_right_to_left_marks_and_other_alphabets_stay(browser, draft):
    send(browser, draft, "situation", title__en="\u202eعنوان \u2066x\u2069 标题")

    assert english_title(draft) == "\u202eعنوان \u2066x\u2069 标题"
    assert authoring.look(draft).challenge.briefs["en"].title == "\u202eعنوان \u2066x\u2069 标题"


def test_rows_are_added_moved_and_removed_without_a_script_and_keep_what_was_typed(browser, draft):
    added = send(browser, draft, "situation", "add:facts", facts__0__words__en="First", facts__1__words__en="Second")
    send(browser, draft, "situation", "down:facts:0")
    send(browser, draft, "situation", "remove:facts:2")

    assert added.location.endswith("#facts")
    assert [row.words.get("en", "") for row in content_of(draft).facts] == ["Second", "First", ""]


@pytest.mark.parametrize(
    "do", ["", "nonsense", "add:", "add:nothing", "remove:facts", "up:facts:999", "remove:facts:x"]
)
def test_an_unknown_button_saves_and_changes_nothing_else(browser, draft, do):
    answer = send(browser, draft, "situation", do, title__en="Other title")

    assert answer.status_code == 303
    assert english_title(draft) == "Other title"
    assert len(content_of(draft).facts) == 3


def test_a_new_part_needs_a_label_and_brings_its_checks(browser, draft):
    nameless = send(browser, draft, "answer", "add:parts", new__kind="source")
    send(browser, draft, "answer", "add:parts", new__kind="source", new__parts="The widget")

    content = content_of(draft)
    assert nameless.status_code == 422
    assert [part.key for part in content.parts] == ["your_reply", "the_widget"]
    assert {one.kind.value for one in content.checks if one.looks_at.startswith("the_widget")} == {
        "html",
        "css",
        "pictures",
    }


def test_two_criteria_of_one_name_get_different_keys(browser, draft):
    for _ in range(2):
        send(browser, draft, "rubric", "add:criteria", new__criteria="Tone")

    assert [row.key for row in content_of(draft).criteria] == ["tone", "tone_2"]


def test_a_weight_of_zero_and_a_missing_anchor_are_shown_where_they_are(browser, copy):
    answer = send(browser, copy, "rubric", criteria__1__weight="0", criteria__2__levels__3__en="")
    page = browser.get(answer.location).text

    assert set(re.findall(r'id="(criteria[^"]+)-errors"', page)) == {"criteria.1.weight", "criteria.2.levels.3.en"}
    assert "2 things are missing" in browser.get(path_of(copy, "publish")).text


def test_two_managers_at_once_lose_nothing(browser, sign_in, draft):
    other = sign_in(make.make_user(Duty.LEAD))
    stale = draft.revision
    send(other, draft, "situation", title__en="Their title")

    answer = browser.post(path_of(draft), data={"revision": stale, "do": "save", "title.en": "My own title"})

    assert answer.status_code == 409
    assert "My own title" in answer.text and "Their title" in answer.text
    assert english_title(draft) == "Their title"


def test_a_language_is_added_translated_and_signed(browser, draft):
    send(browser, draft, "languages", locales="es")
    page = browser.get(path_of(draft, "languages")).text
    send(browser, draft, "languages", query="?in=es", locales="es", title__es="Un paquete tarde")
    unsigned = browser.post(
        path_of(draft, "sign/es"), data={"revision": 3, "name": "Lucía"}, follow_redirects=True
    ).text
    browser.post(path_of(draft, "sign/es"), data={"revision": 3, "name": "Lucía", "has_read": "y"})

    assert DRAFT in page
    assert "tick that you have read it" in unsigned
    content = content_of(draft)
    assert content.title == {"en": "Late parcel", "es": "Un paquete tarde"}
    assert content.brief_review["es"] == "Lucía"
    assert "read by Lucía" in browser.get(path_of(draft, "languages")).text


def test_a_draft_is_discarded_only_when_asked(browser, draft):
    asked = browser.get(path_of(draft, "discard"))
    browser.post(path_of(draft, "discard"))

    assert "Late parcel" in asked.text
    assert db.session.query(ChallengeDraft).count() == 0


@pytest.mark.parametrize("name", ["none/v1", "copied/v0", f"copied/v{2**70}"])
@pytest.mark.parametrize("section", [*SECTIONS, "discard", "as-candidate", "as-reviewer"])
def test_a_draft_that_is_not_there_does_not_exist(browser, section, name):
    assert browser.get(f"/challenges/drafts/{name}/{section}").status_code == 404


# --- previews ----------------------------------------------------------------------------------------------------


def test_previews_can_be_framed_by_this_site_alone_and_send_nothing(browser, copy):
    for room in ("as-candidate", "as-reviewer"):
        policy = browser.get(path_of(copy, room)).headers["Content-Security-Policy"]

        assert "frame-ancestors 'self'" in policy
        assert "form-action 'none'" in policy
    assert "frame-ancestors 'none'" in browser.get(path_of(copy, "publish")).headers["Content-Security-Policy"]


def test_a_preview_shows_the_language_that_was_asked_for_and_keeps_the_managers(browser, copy):
    page = browser.get(path_of(copy, "as-candidate") + "?in=es").text

    assert "Cierren mi cuenta" in page
    assert 'lang="es"' in page.split("<head>")[0]
    assert 'lang="en"' in browser.get("/challenges").text.split("<head>")[0]
    assert "autosave.js" not in page
    assert "Sign out" not in page


def test_the_reviewers_preview_shows_the_first_example_of_a_language(browser, copy):
    page = browser.get(path_of(copy, "as-reviewer") + "?in=es").text

    example = next(row for row in content_of(copy).examples if row.locale == "es")
    assert example.answers["reply"].strip()[:40] in unescape(page)
    assert "desk.js" not in page


@pytest.mark.parametrize("section", [*SECTIONS, "as-candidate", "as-reviewer"])
def test_hostile_words_are_shown_as_words_everywhere(browser, copy, section):
    content = draft_content.map_words(content_of(copy), lambda _path, words: dict.fromkeys(words, HOSTILE))
    examples = tuple(replace(row, answers={"reply": HOSTILE}, why=HOSTILE, review=HOSTILE) for row in content.examples)
    checks = tuple(replace(row, name=HOSTILE, phrases=dict.fromkeys(row.phrases, HOSTILE)) for row in content.checks)
    authoring.save(copy, replace(content, examples=examples, checks=checks), copy.revision, clock.now())

    page = browser.get(path_of(copy, section)).text

    assert "<script>alert" not in page
    assert "<img src=x" not in page
    assert 'href="javascript:' not in page
    assert "49" not in re.sub(r"[^\s]*\d{3,}[^\s]*|&#\d+;", "", page) or "{{ 7*7 }}" in unescape(page)


# --- publishing and using it -------------------------------------------------------------------------------------


def test_an_unfinished_draft_is_not_published(browser, draft):
    answer = browser.post(path_of(draft, "publish"), data={"revision": 1}, follow_redirects=True)

    assert "Some things are still missing" in answer.text
    assert publishing.find("late-parcel", 1) is None


def test_a_draft_that_somebody_saved_meanwhile_is_not_published(browser, copy):
    stale = copy.revision
    send(browser, copy, "situation", title__en="Changed since")

    browser.post(path_of(copy, "publish"), data={"revision": stale})

    assert db.session.query(ChallengeVersion).filter_by(slug=copy.slug).count() == 0


def test_a_published_draft_is_looked_at_and_not_written_any_more(browser, copy):
    answer = browser.post(path_of(copy, "publish"), data={"revision": copy.revision})

    assert answer.location == f"/challenges/{copy.slug}/v1"
    assert browser.get(path_of(copy)).location == answer.location
    assert browser.post(path_of(copy), data={"revision": 2, "title.en": "x"}).location == answer.location
    assert "your own" in browser.get("/roles/new").text


def write_challenge(browser) -> ChallengeDraft:
    """A challenge written through the pages, as a manager does."""
    browser.post("/challenges/new", data={"title": "A late parcel"})
    draft = db.session.query(ChallengeDraft).one()
    send(
        browser,
        draft,
        "situation",
        "next",
        summary__en="Reply to a customer whose parcel is late.",
        minutes="12",
        task__en="Write the reply to **Ana**.",
        messages__0__sender__en="Ana",
        messages__0__text__en="Where is my parcel?",
        facts__0__words__en="It comes on Friday.",
        facts__1__words__en="Shipping is paid back.",
        facts__2__words__en="Nobody has to sign.",
    )
    send(browser, draft, "rubric", "add:criteria", new__criteria="Says when")
    send(
        browser,
        draft,
        "rubric",
        **{
            "criteria.0.meaning.en": "Ana knows when it comes.",
            "criteria.0.weight": "3",
            **{f"criteria.0.levels.{level}.en": f"Anchor {level}" for level in range(4)},
            "follow_ups.0.words.en": "What did you leave out?",
            "follow_ups.1.words.en": "What if she writes again?",
            "guide_text.en": "Read it once as Ana.",
        },
    )
    send(browser, draft, "checks", "add:checks", new__check="says", new__check_name="Delivery day")
    place = len(content_of(draft).checks) - 1
    send(browser, draft, "checks", **{f"checks.{place}.name": "Delivery day", f"checks.{place}.phrases.any": "Friday"})
    send(browser, draft, "examples", "add:examples")
    send(
        browser,
        draft,
        "examples",
        **{
            "examples.0.quality": "excellent",
            "examples.0.answers.your_reply": "Dear Ana, it comes on Friday.",
            "examples.0.levels.says_when": "3",
            "examples.0.why": "Says the day.",
        },
    )
    return draft


def test_a_challenge_written_in_the_browser_goes_the_whole_way(browser, manager, run_work, sign_in):
    draft = write_challenge(browser)
    db.session.refresh(draft)
    assert "Everything is there." in browser.get(path_of(draft, "publish")).text
    browser.post(path_of(draft, "publish"), data={"revision": draft.revision})
    version = publishing.find("a-late-parcel", 1)

    made = browser.post(
        "/roles/new",
        data={"title": "Parcels", "challenges": version.id, "readers": 1, "line_percent": 60, "window_days": 5},
    )
    role = make.roles.by_slug(made.location.rpartition("/")[2])
    reader = make.make_user(Duty.GRADER)
    opening = make.make_opening(role)
    attempt = make.make_attempt(make.make_invitation(make.make_application(opening)))
    submission = make.make_submission(
        attempt, {"your_reply": "Dear Ana, your parcel comes on Friday. Kind regards, Robin"}
    )
    run_work()
    assignment = make.assignments.of_attempt(attempt.id)[0]
    desk = sign_in(reader)
    page = desk.get(f"/review/{assignment.code}").text
    desk.post("/review/next")
    desk.post(f"/review/{assignment.code}", data={"level-says_when": "2"})
    run_work()

    facts = {one["check"]: one["note"] for one in db.session.get(CheckFacts, (submission.id, version.id)).facts}
    assert facts["delivery_day"] == "found"
    assert facts["parts"] == "complete"
    assert "Where is my parcel?" in page and "Anchor 3" in page
    score = db.session.query(Score).one()
    assert (score.numerator, score.denominator) == (2, 3)
    assert tasks.top_example(publishing.challenge_of(version), "en").why == "Says the day."


# --- a broken challenge ------------------------------------------------------------------------------------------


def own_folder(tmp_path, ctx, monkeypatch):
    """A folder of one's own with one good challenge."""
    shipped = catalog.SHIPPED / "close-my-account" / "v1"
    target = tmp_path / "close-our-account" / "v1"
    for file in shipped.rglob("*"):
        if file.is_file():
            place = target / file.relative_to(shipped)
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(file.read_bytes())
    monkeypatch.setitem(ctx.config, "WINNOW", replace(ctx.config["WINNOW"], challenges=tmp_path))
    return target


def test_a_broken_challenge_is_left_out_named_to_administrators_alone_and_forgotten_when_mended(
    ctx, browser, sign_in, tmp_path, monkeypatch
):
    folder = own_folder(tmp_path, ctx, monkeypatch)
    setup.publish_challenges()
    good = (folder / "challenge.yaml").read_text("utf-8")
    (folder / "challenge.yaml").write_text(good.replace("minutes: 15", "minutes: soon"), "utf-8")
    admin = sign_in(make.make_user(Duty.ADMINISTRATOR))

    setup.publish_challenges()
    notice, listed = admin.get("/people").text, admin.get("/library-faults").text

    assert "Something is wrong with a challenge." in notice
    assert "close-our-account/v1/challenge.yaml" in listed
    assert browser.get("/library-faults").status_code == 404
    assert "close-our-account" not in browser.get("/roles").text
    assert browser.get("/challenges/close-our-account/v1").status_code == 200
    assert make.make_role("Still works") is not None

    (folder / "challenge.yaml").write_text(good, "utf-8")
    setup.publish_challenges()
    assert db.session.query(LibraryFault).count() == 0
    assert "Nothing is wrong" in admin.get("/library-faults").text
    assert "wrong with" not in admin.get("/people").text


def test_an_edited_published_challenge_is_a_fault_too(ctx, tmp_path, monkeypatch):
    folder = own_folder(tmp_path, ctx, monkeypatch)
    setup.publish_challenges()
    text = (folder / "challenge.yaml").read_text("utf-8")
    (folder / "challenge.yaml").write_text(text.replace("minutes: 15", "minutes: 16"), "utf-8")

    setup.publish_challenges()

    fault = db.session.query(LibraryFault).one()
    assert "v2" in fault.message
    assert catalog.from_content(publishing.find("close-our-account", 1).content).minutes == 15


def test_a_new_role_says_what_each_challenge_asks(browser):
    page = browser.get("/roles/new").text

    for words in ("Close my account", "Reply to a short e-mail", "about 15 minutes", "a phone is enough"):
        assert words in page
    assert str(PartKind.REPLY.value) == "reply" and "Reply to a message" in page
