"""What holds for every page: headers, errors, health, and a dead queue server that no page notices."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
import redis
from sqlalchemy.exc import OperationalError

from app import clock, queue
from app.extensions import db
from app.models import Mail, Region
from app.services import company


def test_every_answer_carries_the_security_headers(client):
    answer = client.get("/nowhere")

    assert answer.status_code == 404
    assert "default-src 'self'" in answer.headers["Content-Security-Policy"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "no-store"


def test_the_error_page_says_that_nothing_was_lost(client):
    page = client.get("/nowhere").get_data(as_text=True)

    assert "There is no such page" in page


def test_alive_and_ready(client):
    assert client.get("/healthz").json == {"status": "ok"}
    assert client.get("/readyz").json["checks"] == {"database": "ok", "queue": "ok", "work": "ok"}


def test_not_ready_while_work_waits_for_long(client):
    queue.defer("check", 1, clock.now(), at=clock.now() - timedelta(minutes=6))
    db.session.commit()

    answer = client.get("/readyz")

    assert answer.status_code == 503
    assert "of kind check has waited 36" in answer.json["checks"]["work"]


def test_a_dead_queue_server_stops_no_one(ctx, monkeypatch):
    dead = redis.Redis.from_url("unix:///nowhere/at/all.sock")
    monkeypatch.setitem(ctx.extensions, "winnow_bell", dead)

    queue.defer("check", 1, clock.now())
    db.session.commit()

    assert ctx.test_client().get("/readyz").json["checks"]["queue"] == "ConnectionError"


def test_a_get_cannot_write(ctx):
    company.found("Example", clock.now())
    db.session.commit()
    with ctx.test_request_context("/", method="GET"):
        ctx.preprocess_request()
        db.session.add(Mail(message="x", user_id=1, created_at=clock.now()))
        with pytest.raises(RuntimeError, match="only reads"):
            db.session.flush()
        db.session.rollback()


def test_languages_are_chosen_by_link_and_kept(client):
    first = client.get("/nowhere?lang=pt-BR").get_data(as_text=True)
    then = client.get("/nowhere").get_data(as_text=True)

    assert 'lang="pt-BR"' in first
    assert 'lang="pt-BR"' in then


def test_an_unknown_language_is_ignored(client):
    assert 'lang="en"' in client.get("/nowhere?lang=xx").get_data(as_text=True)


def test_the_regions_follow_the_sun(ctx):
    company.found("Example", clock.now())

    assert [region.code for region in db.session.query(Region).order_by(Region.id)] == ["AMER", "EMEA", "APAC"]


def test_a_database_that_does_not_answer_is_told_kindly(ctx, monkeypatch):
    def away(*_args, **_kwargs):
        raise OperationalError("SELECT 1", {}, Exception("disk I/O error"))

    monkeypatch.setattr(company, "get", away)

    answer = ctx.test_client().get("/jobs")
    missing = ctx.test_client().get("/nowhere-at-all")

    assert (answer.status_code, missing.status_code) == (503, 404)
    assert "nothing saved before is lost" in answer.get_data(as_text=True)


def test_static_files_are_kept_for_a_year_under_their_fingerprint(client):
    page = client.get("/nowhere").get_data(as_text=True)
    address = re.search(r"/static/tokens\.css\?v=[0-9a-f]{10}", page).group()

    with client.get(address) as answer:
        assert answer.status_code == 200

    assert "max-age=31536000" in answer.headers["Cache-Control"]


def test_a_host_that_is_not_ours_gets_no_page(ctx, monkeypatch):
    monkeypatch.setitem(ctx.config, "TRUSTED_HOSTS", ["jobs.example.com"])

    answer = ctx.test_client().get("/jobs", headers={"Host": "evil.test"})

    assert (answer.status_code, answer.mimetype) == (400, "text/plain")
