"""Numbers for Prometheus: what they say, and who may read them."""

from __future__ import annotations

from dataclasses import replace

import pytest
import redis
from prometheus_client.parser import text_string_to_metric_families

from app import clock, queue
from app.extensions import db
from app.services import work

TOKEN = "a-token-that-is-long-enough"
HERE = {"base_url": "http://127.0.0.1:8000"}
ELSEWHERE = {"base_url": "https://jobs.example.com", "environ_base": {"REMOTE_ADDR": "203.0.113.7"}}


@pytest.fixture
def with_token(ctx, monkeypatch):
    """An installation with a token for its numbers."""
    monkeypatch.setitem(ctx.config, "WINNOW", replace(ctx.config["WINNOW"], metrics_token=TOKEN))


def numbers(answer):
    """Every sample as (name, labels) → number."""
    return {
        (sample.name, *sorted(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


def test_the_numbers_are_those_of_the_work_table(client):
    now = clock.now()
    for subject_id in (1, 2, 3):
        queue.defer("check", subject_id, now, at=now)
    one, other = work.claim(["check"], 2, work.LEASE, now)
    work.succeed(one, now)
    work.fail(other, "No.", now)
    db.session.commit()

    answer = client.get("/metrics", **HERE)
    found = numbers(answer)

    check = ("kind", "check")
    assert answer.content_type.startswith("text/plain; version=0.0.4")
    assert found["winnow_work_waiting", check] == 1
    assert found["winnow_work_failed", check] == 1
    assert found["winnow_work_finished_total", check, ("outcome", "succeeded")] == 1
    assert found["winnow_work_finished_total", check, ("outcome", "failed")] == 1
    assert found["winnow_work_errors_total", check] == 1
    assert 0 <= found["winnow_work_oldest_waiting_seconds", check] < 60
    assert found["winnow_queue_server_up",] == 1


def test_every_kind_has_its_numbers_from_the_start(client):
    found = numbers(client.get("/metrics", **HERE))

    assert {labels[0][1] for name, *labels in found if name == "winnow_work_waiting"} == set(queue.CLASS_OF)
    assert sum(value for (name, *_labels), value in found.items() if name.startswith("winnow_work")) == 0


def test_a_dead_queue_server_is_a_number_too(ctx, monkeypatch):
    monkeypatch.setitem(ctx.extensions, "winnow_bell", redis.Redis.from_url("unix:///nowhere/at/all.sock"))

    found = numbers(ctx.test_client().get("/metrics", **HERE))

    assert found["winnow_queue_server_up",] == 0
    assert not any(name == "winnow_workers" for name, *_labels in found)


def test_the_numbers_are_never_kept_and_head_is_answered(client):
    answer = client.head("/metrics", **HERE)

    assert (answer.status_code, answer.text) == (200, "")
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": f"Bearer {TOKEN}"},
        {"Authorization": "Bearer "},
        {"Authorization": "Bearer None"},
    ],
)
def test_without_a_token_set_nobody_else_may_read_them(client, headers):
    nothing = client.get("/nowhere", **ELSEWHERE)

    answer = client.get("/metrics", headers=headers, **ELSEWHERE)

    assert (answer.status_code, answer.mimetype) == (nothing.status_code, nothing.mimetype) == (404, "text/html")


@pytest.mark.parametrize(("scheme", "status"), [("Bearer", 200), ("bearer", 200), ("Basic", 404)])
def test_whoever_has_the_token_may_read_them_from_anywhere(with_token, client, scheme, status):
    answer = client.get("/metrics", headers={"Authorization": f"{scheme} {TOKEN}"}, **ELSEWHERE)

    assert answer.status_code == status


@pytest.mark.parametrize("wrong", [TOKEN[:-1], TOKEN + "x", TOKEN.upper(), "", "é"])
def test_a_wrong_token_is_no_token(with_token, client, wrong):
    answer = client.get("/metrics", headers={"Authorization": f"Bearer {wrong}"}, **ELSEWHERE)

    assert answer.status_code == 404


@pytest.mark.parametrize(
    "asked",
    [
        {"base_url": "http://127.0.0.1:8000", "headers": {"X-Forwarded-For": "127.0.0.1"}},
        {"base_url": "http://127.0.0.1:8000", "headers": {"X-Real-IP": "127.0.0.1"}},
        {"base_url": "http://127.0.0.1:8000", "headers": {"Forwarded": "for=127.0.0.1"}},
        {"base_url": "https://jobs.example.com"},
        {"base_url": "http://127.0.0.1:8000", "environ_base": {"REMOTE_ADDR": "203.0.113.7"}},
        {"base_url": "http://127.0.0.1:8000", "environ_base": {"REMOTE_ADDR": ""}},
    ],
)
def test_who_comes_through_a_proxy_or_by_a_public_name_is_not_from_here(client, asked):
    assert client.get("/metrics", **asked).status_code == 404


@pytest.mark.parametrize("address", ["http://localhost:8000", "http://127.0.0.1", "http://[::1]:8000"])
def test_this_machine_has_several_names(client, address):
    assert client.get("/metrics", base_url=address).status_code == 200
