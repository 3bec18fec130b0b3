"""Making ready: challenges are published, and one that is broken or edited takes nothing else down."""

from __future__ import annotations

from dataclasses import replace

from app import setup
from app.extensions import db
from app.models import ChallengeVersion, Duty, StaffRole
from app.services import catalog
from tests import factories as make


def with_own(ctx, monkeypatch, folder):
    monkeypatch.setitem(ctx.config, "WINNOW", replace(ctx.config["WINNOW"], challenges=folder))


def test_publishing_again_changes_nothing(ctx):
    done = setup.publish_challenges()

    assert done.new == done.refused == ()
    assert "close-my-account/v1" in done.unchanged


def test_an_edited_version_is_refused_with_advice_and_the_published_one_stays(ctx):
    before = db.session.query(ChallengeVersion).count()
    row = db.session.query(ChallengeVersion).filter_by(slug="close-my-account").one()
    row.fingerprint = "0" * 64
    db.session.commit()

    done = setup.publish_challenges()

    assert len(done.refused) == 1
    assert "v2" in done.refused[0]
    assert db.session.query(ChallengeVersion).count() == before


def test_a_broken_challenge_of_ones_own_is_named_with_its_line_and_the_others_are_published(ctx, monkeypatch, tmp_path):
    (tmp_path / "broken" / "v1").mkdir(parents=True)
    (tmp_path / "broken" / "v1" / "challenge.yaml").write_text("minutes: [")
    with_own(ctx, monkeypatch, tmp_path)

    done = setup.publish_challenges()

    assert any("challenge.yaml:" in line for line in done.refused)
    assert "close-my-account/v1" in done.unchanged


def test_a_challenge_of_ones_own_is_published_beside_the_shipped_ones(ctx, monkeypatch, tmp_path):
    shipped = catalog.SHIPPED / "close-my-account" / "v1"
    target = tmp_path / "close-our-account" / "v1"
    for file in shipped.rglob("*"):
        if file.is_file():
            copy = target / file.relative_to(shipped)
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_bytes(file.read_bytes())
    with_own(ctx, monkeypatch, tmp_path)

    done = setup.publish_challenges()

    assert done.new == ("close-our-account/v1",)


def test_the_commands_say_what_they_did(ctx):
    runner = ctx.test_cli_runner()

    checked, published = runner.invoke(args=["challenges", "check"]), runner.invoke(args=["challenges", "publish"])

    assert checked.exit_code == published.exit_code == 0
    assert "close-my-account/v1" in checked.output
    assert "close-my-account/v1: unchanged" in published.output


def test_a_first_link_works_on_a_database_that_was_only_migrated(ctx):
    db.session.query(StaffRole).delete()
    runner = ctx.test_cli_runner()

    address = runner.invoke(args=["first-link"]).output.strip()
    path = "/welcome/" + address.rpartition("/")[2]
    form = {"name": "Kim", "email": "kim@example.com", "password": "a long sentence", "again": "a long sentence"}

    assert ctx.test_client().post(path, data=form).status_code == 303


def test_a_first_link_is_refused_in_one_line_once_somebody_works_here(ctx):
    make.make_user(Duty.MANAGER)

    result = ctx.test_cli_runner().invoke(args=["first-link"])

    assert result.exit_code == 1
    assert "has people already" in result.output
