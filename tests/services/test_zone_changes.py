"""New zone data: what was promised on a wall clock stays promised, and nobody loses time."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from app import clock, setup
from app.cli import deadlines as command
from app.extensions import db
from app.models import AuditEvent, Mail
from app.services import zone_changes
from tests import factories as make

HOUR = timedelta(hours=1)
NOW = clock.now()


def invitation_of_old_data(apart=HOUR):
    """An invitation whose instant came from data by which the wall time was `apart` earlier than it is now."""
    invitation = make.make_invitation()
    invitation.closes_at -= apart
    invitation.closes_tzdata = "2025b"
    db.session.flush()
    return invitation


def follow() -> list[zone_changes.Change]:
    db.session.commit()
    return setup.follow_the_zones()


def test_a_new_invitation_keeps_its_wall_time_its_zone_and_the_version(ctx):
    invitation = make.make_invitation(make.make_application(zone="Asia/Kathmandu"))

    local = datetime.fromisoformat(invitation.closes_local)

    assert (invitation.closes_zone, invitation.closes_tzdata) == ("Asia/Kathmandu", clock.tzdata_version())
    assert (local.hour, local.minute, local.second) == (23, 59, 59)
    assert clock.stored_deadline_utc(invitation.closes_zone, local) == invitation.closes_at


def test_an_end_that_is_later_by_new_data_moves_and_its_owner_is_told(ctx):
    invitation = invitation_of_old_data(HOUR)
    attempt = make.make_attempt(invitation)
    before = invitation.closes_at

    changes = follow()

    assert [(change.kind, change.id, change.moves) for change in changes] == [("invitation", invitation.id, True)]
    assert invitation.closes_at == attempt.cutoff_at == before + HOUR
    assert invitation.closes_tzdata == clock.tzdata_version()
    assert db.session.query(Mail).filter_by(message="moved").count() == 1
    assert db.session.query(AuditEvent).filter_by(action="deadline.move").one().detail["seconds"] == 3600


def test_an_end_that_is_earlier_by_new_data_stays_and_is_listed_once(ctx):
    invitation = invitation_of_old_data(-HOUR)
    before = invitation.closes_at

    changes, again = follow(), follow()

    assert [change.moves for change in changes] == [False]
    assert again == []
    assert invitation.closes_at == before
    assert db.session.query(Mail).filter_by(message="moved").count() == 0
    assert db.session.query(AuditEvent).filter_by(action="deadline.keep").count() == 1


def test_new_data_that_changes_nothing_is_noted_silently(ctx):
    invitation = invitation_of_old_data(timedelta())

    assert follow() == []
    assert invitation.closes_tzdata == clock.tzdata_version()


def test_openings_move_as_well(ctx):
    opening = make.make_opening()
    before = opening.closes_at
    opening.closes_at -= HOUR
    opening.closes_tzdata = "2025b"

    changes = follow()

    assert [change.kind for change in changes] == ["opening"]
    assert opening.closes_at == before


def test_what_has_ended_is_not_told_anything(ctx):
    invitation = invitation_of_old_data(HOUR)
    for name in ("opens_at", "closes_at"):
        setattr(invitation, name, getattr(invitation, name) - timedelta(days=30))
    invitation.closes_local = (datetime.fromisoformat(invitation.closes_local) - timedelta(days=30)).isoformat()

    follow()

    assert db.session.query(Mail).filter_by(message="moved").count() == 0


def test_every_slice_is_looked_at(ctx, monkeypatch):
    monkeypatch.setattr(zone_changes, "CHUNK", 2)
    application = make.make_application()
    rows = [invitation_of_old_data() for _ in range(5)]

    changes = follow()

    assert {change.id for change in changes} == {row.id for row in rows}
    assert application.id


def test_the_command_lists_without_moving_and_moves_when_asked(ctx):
    invitation = invitation_of_old_data(HOUR)
    before = invitation.closes_at
    db.session.commit()
    runner = ctx.test_cli_runner()

    listed = runner.invoke(command, []).output
    unmoved = invitation.closes_at
    moved = runner.invoke(command, ["--move"]).output
    db.session.expire_all()

    assert "1 deadlines differ" in listed
    assert f"invitation {invitation.id}" in listed
    assert "moved to" in moved
    assert (unmoved, invitation.closes_at) == (before, before + HOUR)


@pytest.mark.parametrize(
    ("zone", "local", "by_2025b"),
    [
        ("America/Vancouver", "2026-11-30T23:59:59", "2026-12-01T07:59:59Z"),
        ("Africa/Casablanca", "2026-11-30T23:59:59", "2026-11-30T22:59:59Z"),
    ],
)
def test_the_changes_of_2026_move_only_later(ctx, zone, local, by_2025b):
    invitation = invitation_of_old_data()
    invitation.closes_zone, invitation.closes_local = zone, local
    invitation.closes_at = was = datetime.fromisoformat(by_2025b)
    db.session.flush()

    follow()

    assert invitation.closes_at == max(was, clock.deadline_utc(zone, datetime.fromisoformat(local)))
