"""Uploads: what is taken and what is not, what reviewers get to read of it, and what never leaves."""

from __future__ import annotations

import contextlib
import io
import json
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from werkzeug.datastructures import FileStorage
from werkzeug.test import encode_multipart

from app import clock, files
from app.bleaching import Unreadable, bleach, without_notes
from app.extensions import db
from app.file_types import LARGEST, BadFile, TooLarge, clean_name, type_of
from app.models import Duty, StoredFile
from app.services import applications, assignments, invitations, submissions, uploads
from app.services.catalog_types import Part, PartKind
from tests import factories as make
from tests.files import MARK, REFUSED, TAKEN, huge_png, jpg, pdf, png

ROOT = Path(__file__).resolve().parents[2]
VECTORS = json.loads((ROOT / "tests/vectors/uploads.json").read_text("utf-8"))
NAMES = [row["name"] for row in VECTORS["names"]]
TYPES = ("pdf", "png", "jpg", "txt", "md", "csv")


@pytest.mark.parametrize("name", REFUSED)
def test_each_trick_is_refused_with_words(name):
    with pytest.raises(BadFile) as refusal:
        type_of(*REFUSED[name], TYPES)

    assert refusal.value.status == (413 if "one byte more" in name else 400)
    assert str(refusal.value).endswith(".")


@pytest.mark.parametrize("name", TAKEN)
def test_sound_files_are_taken(name):
    assert type_of(*TAKEN[name], TYPES) in TYPES


def test_only_what_is_asked_for_is_taken():
    with pytest.raises(BadFile, match="Choose one of these: pdf"):
        type_of("photo.png", png(), ("pdf",))


def test_pixels_are_judged_before_anything_is_decoded():
    started = time.process_time()

    with pytest.raises(BadFile, match="too many pixels"):
        type_of("huge.png", huge_png(60_000, 60_000), TYPES)

    assert time.process_time() - started < 0.1


@pytest.mark.parametrize("name", NAMES)
def test_a_name_is_shown_without_folders_and_hidden_signs(name):
    shown = clean_name(name)

    assert shown
    assert not set(shown) & set("/\\\r\n\0\u202e")


@given(st.text())
def test_any_name_can_be_shown(name):
    assert 0 < len(clean_name(name)) <= 150


@given(st.binary(max_size=300), st.sampled_from([b"", png()[:60], jpg()[:80], b"%PDF-1.7\n"]), st.sampled_from(TYPES))
def test_any_bytes_are_taken_or_refused(tail, head, kind):
    with contextlib.suppress(BadFile):
        assert type_of(f"a.{kind}", head + tail, TYPES) == kind


# --- copies for reviewers -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("kind", "data"), [("png", png(note=MARK)), ("jpg", jpg(MARK)), ("pdf", pdf(MARK))])
def test_a_copy_does_not_say_who_made_it(kind, data):
    assert MARK.encode() in data

    copy = bleach(kind, data)

    assert MARK.encode() not in copy
    assert type_of(f"a.{kind}", copy, TYPES) == kind
    assert not any(word in copy for word in (b"/JavaScript", b"/EmbeddedFile", b"Exif"))


def test_a_photograph_is_turned_as_the_camera_noted():
    with Image.open(io.BytesIO(bleach("jpg", jpg(width=40, height=30)))) as copy:
        assert copy.size == (30, 40)
        assert not copy.getexif()


@pytest.mark.parametrize(
    ("kind", "data"), [("png", huge_png(6000, 6000)), ("jpg", jpg()[:200]), ("pdf", b"%PDF-%%EOF")]
)
def test_what_cannot_be_read_is_said_to_be_so(kind, data):
    with pytest.raises(Unreadable):
        bleach(kind, data)


def test_a_picture_inside_a_pdf_keeps_its_pixels():
    before, after = jpg(MARK), without_notes(jpg(MARK))

    assert MARK.encode() not in after
    with Image.open(io.BytesIO(before)) as one, Image.open(io.BytesIO(after)) as other:
        assert one.tobytes() == other.tobytes()


@given(st.binary(max_size=200))
def test_leaving_notes_out_never_fails(data):
    assert isinstance(without_notes(b"\xff\xd8" + data), bytes)


# --- on the disk ----------------------------------------------------------------------------------------------------


def test_the_same_bytes_are_kept_once_and_whole(ctx):
    first, second = files.put(b"same"), files.put(b"same")

    folder = ctx.config["WINNOW"].home / "files" / first[:2]
    assert first == second
    assert files.read(first) == b"same"
    assert not list(folder.glob(".new-*"))


def test_a_file_that_was_changed_on_the_disk_is_noticed(ctx):
    digest = files.put(b"true")
    (ctx.config["WINNOW"].home / "files" / digest[:2] / digest).write_bytes(b"false")

    with pytest.raises(ValueError, match="changed"):
        files.read(digest)


def test_only_a_digest_is_a_place(ctx):
    with pytest.raises(ValueError, match="SHA-256"):
        files.read("../../etc/passwd")


# --- over HTTP ------------------------------------------------------------------------------------------------------


@pytest.fixture
def application(ctx):
    paper = Part("paper", PartKind.FILE, types=TYPES)
    words = Part("words", PartKind.REWRITE)
    version = make.make_challenge(paper, words)
    application = make.make_application(make.make_opening(make.make_role(challenges=[version], readers=1)))
    db.session.commit()
    return application


@pytest.fixture
def enter(ctx):
    def entered(application):
        browser = ctx.test_client()
        token = invitations.open_session(application, clock.now(), by_link=True)
        db.session.commit()
        with browser.session_transaction() as session:
            session["candidate"] = token
        browser.post(f"{task_of(application)}/start")
        return browser

    return entered


@pytest.fixture
def me(enter, application):
    return enter(application)


def task_of(application) -> str:
    return f"/my/{invitations.of(application)[0].challenge_version.slug}"


def attempt_of(application):
    return submissions.attempt_of(invitations.of(application)[0])


def post(browser, address, fields):
    """Post a form with files. Encoded here: the test client would leave a temporary file open."""
    files = {name: FileStorage(*value) for name, value in fields.items() if isinstance(value, tuple)}
    boundary, body = encode_multipart(fields | files)
    return browser.post(address, data=body, content_type=f'multipart/form-data; boundary="{boundary}"')


def send(browser, application, name, data, field="paper"):
    return post(browser, f"{task_of(application)}/files/{field}", {"file": (io.BytesIO(data), name)})


def final(me, application, name, data, run_work):
    code = send(me, application, name, data).json["code"]
    submissions.submit(attempt_of(application), {"paper": code, "words": "x"}, "key", True, clock.now())
    run_work()
    return code


@pytest.fixture
def reading(application, sign_in):
    """A reviewer's browser with this application's answer, and its address."""

    def opened():
        user = make.make_user(Duty.GRADER)
        attempt = attempt_of(application)
        assignments.offer(attempt.id, (user.id,), clock.now())
        db.session.commit()
        mine = next(one for one in assignments.of_attempt(attempt.id) if one.grader_id == user.id)
        return sign_in(user), f"/review/{mine.code}"

    return opened


def test_a_file_is_sent_at_once_and_named_by_its_code(me, application):
    answer = send(me, application, "../résumé.pdf", pdf())

    assert answer.status_code == 201
    assert answer.json["name"] == "résumé.pdf"
    saved = me.post(
        f"{task_of(application)}/draft",
        json={"answers": {"paper": answer.json["code"], "words": ""}, "revision": 0},
    )
    assert saved.status_code == 200
    assert "résumé.pdf" in me.get(f"{task_of(application)}/answer").text


@pytest.mark.parametrize(
    "name", ["up15 nothing at all", "up16 one byte more than allowed", "up21 program that says it is a picture"]
)
def test_a_refusal_comes_with_words(me, application, name):
    answer = send(me, application, *REFUSED[name])

    assert answer.status_code in (400, 413)
    assert answer.json["error"].endswith(".")
    assert db.session.query(StoredFile).count() == 0


def test_the_same_file_twice_is_one_file(me, application):
    first, second = send(me, application, "a.png", png()), send(me, application, "b.png", png())

    assert first.json["code"] == second.json["code"]


def test_nobody_sends_a_file_into_another_answer(me, application, enter):
    other = make.make_application(application.opening)
    db.session.commit()
    theirs = send(enter(other), other, "theirs.png", png()).json["code"]

    saved = me.post(f"{task_of(application)}/draft", json={"answers": {"paper": theirs, "words": ""}, "revision": 0})

    assert saved.status_code == 422
    assert me.get(f"/my/files/{theirs}").status_code == 404
    assert me.post("/my/close-my-account/files/paper", data={}).status_code == 404
    assert send(me, application, "a.png", png(), field="words").status_code == 404


def test_a_stranger_sends_no_file(ctx, me, application):
    assert send(ctx.test_client(), application, "a.png", png()).status_code == 403


def test_a_body_that_is_packed_is_not_unpacked(me, application):
    answer = me.post(
        f"{task_of(application)}/draft", data=b"\x1f\x8b" + bytes(50), headers={"Content-Encoding": "gzip"}
    )

    assert answer.status_code == 415


def form_of(application, **changes):
    attempt = attempt_of(application)
    db.session.refresh(attempt)
    return {
        "revision": str(attempt.draft_revision),
        "key": "k1",
        "answer-words": "Typed words",
        "answer-paper": "",
    } | changes


def test_without_script_a_file_goes_with_the_form_and_stays_with_the_draft(me, application):
    task = task_of(application)
    me.post(f"{task}/draft", data=form_of(application, **{"file-paper": (io.BytesIO(png()), "shot.png")}))
    code = attempt_of(application).draft["paper"]

    handed_in = me.post(f"{task}/submit", data=form_of(application, **{"answer-paper": code}))
    receipt = me.get(handed_in.location).text

    assert "shot.png" in receipt
    assert db.session.query(StoredFile).one().sha256 in receipt
    own = me.get(f"/my/files/{code}")
    assert own.data == png()
    assert own.headers["Content-Disposition"] == "attachment; filename=shot.png"


def test_without_script_a_file_is_taken_out(me, application):
    task = task_of(application)
    me.post(f"{task}/draft", data=form_of(application, **{"file-paper": (io.BytesIO(png()), "shot.png")}))

    me.post(f"{task}/draft", data=form_of(application, **{"answer-paper": "x", "drop-paper": "y"}))

    db.session.refresh(attempt_of(application))
    assert attempt_of(application).draft["paper"] == ""


@pytest.mark.parametrize(("name", "data", "status"), [("a.exe", b"MZ", 400), ("a.txt", b"a" * (LARGEST + 9), 413)])
@pytest.mark.parametrize("act", ["draft", "submit"])
def test_a_file_that_is_refused_costs_no_word(me, application, name, data, status, act):
    sent = form_of(application, **{"file-paper": (io.BytesIO(data), name)})

    answer = post(me, f"{task_of(application)}/{act}", sent)

    assert answer.status_code == status
    assert "Typed words" in answer.text
    assert "Nothing is lost." in answer.text


def test_a_missing_word_costs_no_file(me, application):
    sent = form_of(application, **{"file-paper": (io.BytesIO(png()), "shot.png"), "answer-words": ""})

    answer = me.post(f"{task_of(application)}/submit", data=sent)

    code = db.session.query(StoredFile).one().code
    assert answer.status_code == 422
    assert f'value="{code}"' in answer.text


def test_a_request_beyond_all_measure_gets_the_kind_page(me, application):
    sent = {"answer-words": "x", "file-paper": (io.BytesIO(bytes(files.LARGEST_REQUEST)), "a.png")}

    answer = post(me, f"{task_of(application)}/draft", sent)

    assert answer.status_code == 413
    assert "what you typed is still in this browser" in answer.text


def test_other_pages_take_no_large_bodies(me):
    large = {"email": (io.BytesIO(bytes(5 * 1024 * 1024)), "a")}

    assert post(me, "/send-link", large).status_code == 413


@pytest.mark.parametrize(
    ("name", "data"), [(f"{MARK}.png", png(note=MARK)), (f"{MARK}.jpg", jpg(MARK)), (f"{MARK}.pdf", pdf(MARK))]
)
def test_a_reviewer_reads_a_copy_that_does_not_say_whose_it_is(me, application, reading, run_work, name, data):
    code = final(me, application, name, data, run_work)
    browser, address = reading()

    page, file = browser.get(address), browser.get(f"{address}/files/paper")

    assert file.status_code == 200
    assert MARK.encode() not in page.data + file.data + str(file.headers).encode()
    assert code not in page.text
    assert file.headers["Content-Disposition"] == f"attachment; filename=paper.{name[-3:]}"
    assert file.headers["Content-Security-Policy"].startswith("sandbox; default-src 'none'")
    assert file.headers["X-Content-Type-Options"] == "nosniff"


def test_text_is_given_as_text_whatever_it_holds(me, application, reading, run_work):
    final(me, application, "answer.txt", b"<script>alert(1)</script>", run_work)
    browser, address = reading()

    file = browser.get(f"{address}/files/paper")

    assert file.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert file.headers["Content-Disposition"].startswith("attachment")


def test_the_original_is_sealed_where_no_copy_can_be_made(me, application, reading, run_work, sign_in):
    broken = png()[:-12].replace(b"IDAT", b"IDAX") + png()[-12:]
    final(me, application, f"{MARK}.png", broken, run_work)
    browser, address = reading()
    manager = sign_in(make.make_user(Duty.MANAGER))
    theirs = f"/applications/{application.code}/files/{task_of(application)[4:]}/paper"

    assert browser.get(f"{address}/files/paper").status_code == 404
    assert "No copy of this file can be made" in browser.get(address).text
    assert manager.get(theirs).status_code == 404
    assert application.stage not in applications.NAMED


def test_only_the_reader_of_an_answer_gets_its_file(me, application, reading, run_work, sign_in):
    final(me, application, "a.png", png(), run_work)
    _browser, address = reading()

    assert sign_in(make.make_user(Duty.GRADER)).get(f"{address}/files/paper").status_code == 404
    assert (
        sign_in(make.make_user(Duty.GRADER))
        .get(f"/applications/{application.code}/files/{task_of(application)[4:]}/paper")
        .status_code
        == 404
    )


def test_an_answer_that_is_final_takes_no_more_files(me, application, run_work):
    final(me, application, "a.png", png(), run_work)

    assert send(me, application, "b.txt", b"later").status_code == 410


def test_one_attempt_cannot_fill_the_disk(me, application, monkeypatch):
    monkeypatch.setattr(uploads, "MOST_FILES", 2)
    answers = [send(me, application, "a.txt", f"{number}".encode()).status_code for number in range(3)]

    assert answers == [201, 201, 400]
    with pytest.raises(TooLarge):
        type_of("a.txt", b"a" * (LARGEST + 1), TYPES)
