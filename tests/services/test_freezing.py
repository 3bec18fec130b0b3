"""A link is opened once, soon after it was handed in; what it showed is kept, and the checks say what came of it."""

from __future__ import annotations

import hashlib
import http.server
import socket
from datetime import timedelta

import pytest

from app import clock, jobs, outgoing
from app.extensions import db
from app.models import CheckFacts, FrozenPage, LinkState, Work, WorkState
from app.services import freezing, submissions
from app.services.catalog_types import Part, PartKind
from grading.checks import Check, CheckKind
from tests import factories as make
from tests.serving import serving

PAGE = b"<!doctype html><title>My dashboard</title><p>Tickets today: 12"
PUBLIC = "93.184.215.14"


class Site(http.server.BaseHTTPRequestHandler):
    """A site with one page; everything else answers with the status that its path names."""

    def do_GET(self):
        status = 200 if self.path == "/board" else int(self.path.strip("/"))
        self.send_response(status)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(PAGE)))
        self.end_headers()
        self.wfile.write(PAGE)

    def log_message(self, *_arguments):
        pass


@pytest.fixture
def site(monkeypatch):
    """A real server that the public name `boards.example` leads to; nothing else is replaced."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Site)
    real = outgoing.fetch

    def fetch(url, **options):
        return real(
            url,
            resolve=lambda host: [PUBLIC] if host == "boards.example" else [],
            connect=lambda _address, _port, timeout: socket.create_connection(server.server_address, timeout),
            **options,
        )

    monkeypatch.setattr(outgoing, "fetch", fetch)
    with serving(server):
        yield "http://boards.example"


def hand_in(url, **answers):
    """Somebody who hands in a link, and a text that is no link."""
    parts = (Part("board", PartKind.URL), Part("note", PartKind.REPLY, is_required=False))
    version = make.make_challenge(*parts, checks=[Check("board", CheckKind.LINK, ("board",))])
    opening = make.make_opening(make.make_role(challenges=[version]))
    attempt = make.make_attempt(make.make_invitation(make.make_application(opening)))
    return make.make_submission(attempt, {"board": url, "note": "http://elsewhere.example", **answers})


def note_of(submission):
    db.session.expire_all()
    version_id = submission.attempt.invitation.challenge_version_id
    facts = db.session.get(CheckFacts, (submission.id, version_id))
    return facts and facts.facts[0]["note"]


def test_what_a_link_shows_is_kept_with_its_hash_and_the_checks_follow(ctx, site):
    submission = hand_in(f"{site}/board")

    jobs.drain_work("slow")
    jobs.drain_work("quick")

    page = db.session.get(FrozenPage, (submission.id, "board"))
    assert (page.state, page.body, page.content_type) == (LinkState.ALIVE, PAGE, "text/html")
    assert page.sha256 == hashlib.sha256(PAGE).hexdigest()
    assert note_of(submission) == "alive"


def test_only_fields_for_links_are_opened(ctx, site):
    submission = hand_in(f"{site}/board")

    assert freezing.links_of(submission) == {"board": f"{site}/board"}


@pytest.mark.parametrize(
    ("path", "state", "reason"),
    [
        ("/404", LinkState.BROKEN, "status 404"),
        ("/410", LinkState.BROKEN, "status 410"),
    ],
)
def test_a_page_that_is_not_there_is_broken_at_once(ctx, site, path, state, reason):
    submission = hand_in(f"{site}{path}")

    jobs.drain_work("slow")

    page = db.session.get(FrozenPage, (submission.id, "board"))
    assert (page.state, page.reason, page.body) == (state, reason, None)


@pytest.mark.parametrize("url", ["http://127.0.0.1/", "ftp://boards.example/", "http://boards.example:8080/", "Ben"])
def test_where_winnow_does_not_go_is_refused_and_the_rest_of_the_answer_is_checked(ctx, site, url):
    submission = hand_in(url)

    jobs.drain_work("slow")
    jobs.drain_work("quick")

    assert db.session.get(FrozenPage, (submission.id, "board")).state is LinkState.REFUSED
    assert note_of(submission) == "refused"


@pytest.mark.parametrize("where", ["http://boards.example/503", "http://nobody.example/"])
def test_a_hiccup_is_tried_again_for_three_minutes_and_then_broken(ctx, site, where, monkeypatch):
    submission = hand_in(where)
    jobs.drain_work("slow")
    waiting = db.session.query(Work).filter_by(kind="freeze").one()
    first = (waiting.state, waiting.next_at > clock.now())

    later = clock.now() + freezing.TRY_FOR + timedelta(seconds=1)
    monkeypatch.setattr(clock, "now", lambda: later)
    jobs.drain_work("slow")
    jobs.drain_work("quick")

    assert first == (WorkState.PENDING, True)
    assert note_of(submission) == "broken"


def test_an_answer_without_a_link_is_checked_at_once(ctx):
    submission = hand_in("  ")

    jobs.drain_work("quick")

    assert note_of(submission) == "empty"
    assert db.session.query(Work).filter_by(kind="freeze").count() == 0


def test_running_twice_keeps_the_first_page(ctx, site):
    submission = hand_in(f"{site}/board")
    opened = freezing.open_links(submission.id)
    freezing.keep(submission.id, opened, clock.now())
    other = [freezing.Opened("board", LinkState.BROKEN, "timeout", None, None, None, None)]

    freezing.keep(submission.id, other, clock.now())

    assert freezing.pages_of(submission)["board"].state is LinkState.ALIVE
    assert submissions.standing(submission.attempt) == submission
