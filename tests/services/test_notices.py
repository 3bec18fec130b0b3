"""The privacy notices: versions that never change, and each application with the one it agreed to."""

from __future__ import annotations

import pytest

from app import clock, locales
from app.extensions import db
from app.models import AuditEvent, Notice
from app.services import applications, company, notices
from app.services.audit import SYSTEM
from app.services.notices import BadNotice, NoticeMoved
from tests import factories as make

TEXTS = {"en": "We keep **little**.", "es": "Guardamos **poco**."}


@pytest.fixture
def region(ctx):
    return make.make_region("EMEA")


def write(region, texts=TEXTS, seen=1):
    return notices.write(region, texts, seen, SYSTEM, clock.now())


def test_every_language_has_a_shipped_text_with_the_same_points():
    texts = notices.shipped()

    assert set(texts) == set(locales.LOCALES)
    assert {text.count("\n- ") for text in texts.values()} == {4}
    assert len(set(texts.values())) == len(texts)


def test_until_somebody_writes_one_the_shipped_text_is_number_one(region):
    found = notices.in_force(region)

    assert (found.number, found.name, found.since) == (1, "EMEA 1", None)
    assert found.text("ro") == ("ro", notices.shipped()["ro"])
    assert db.session.query(Notice).count() == 0


def test_an_application_keeps_the_version_that_it_agreed_to(region):
    before = make.make_application()
    write(region)
    after = make.make_application(before.opening)

    assert (before.notice_version, after.notice_version) == ("EMEA 1", "EMEA 2")
    assert before.notice.texts == notices.shipped()
    assert after.notice.texts == TEXTS
    assert before.consented_at is not None


def test_the_shipped_text_is_kept_once(region):
    first, second = make.make_application(), make.make_application(make.make_opening(make.make_role("Other")))

    assert first.notice_id == second.notice_id


def test_old_versions_stay_readable(region):
    write(region)
    write(region, TEXTS | {"en": "Less still."}, seen=2)

    assert [version.number for version in notices.all_of(region)] == [3, 2, 1]
    assert notices.by_number(region, 2).texts == TEXTS
    assert notices.by_number(region, 1).texts == notices.shipped()
    assert notices.by_number(region, 4) is None


def test_a_reader_without_a_text_in_their_language_reads_english(region):
    write(region)

    assert notices.in_force(region).text("zh-Hans") == ("en", TEXTS["en"])


@pytest.mark.parametrize(
    "texts", [{}, {"es": "Solo."}, {"en": "  "}, {"en": "x" * 20_001}], ids=lambda one: str(one)[:20]
)
def test_a_version_that_cannot_be_read_by_all_is_refused(region, texts):
    with pytest.raises(BadNotice):
        write(region, texts)


def test_a_version_that_changes_nothing_is_none(region):
    with pytest.raises(BadNotice):
        write(region, notices.shipped())


def test_whoever_started_from_an_older_version_is_told(region):
    write(region)

    with pytest.raises(NoticeMoved):
        write(region, {"en": "Mine."}, seen=1)


def test_languages_that_are_not_ours_are_left_out(region):
    assert write(region, TEXTS | {"xx": "?"}).texts == TEXTS


def test_writing_is_audited_by_number_alone(region):
    notice = write(region)

    event = db.session.query(AuditEvent).filter_by(action="notice.write").one()
    assert (event.subject_id, event.detail) == (notice.id, {"number": 2})


def test_the_list_of_all_regions_asks_once(region, count_queries):
    write(region)
    regions = company.regions()

    with count_queries() as statements:
        found = notices.in_force_everywhere(regions)

    assert [(version.region.code, version.number) for version in found] == [("AMER", 1), ("EMEA", 2), ("APAC", 1)]
    assert len(statements) == 1


def test_a_region_without_openings_goes_with_its_notices(region):
    write(region)

    company.remove_region(region, SYSTEM, clock.now())
    db.session.flush()

    assert db.session.query(Notice).count() == 0


def test_an_application_is_unverified_until_its_link_is_used(ctx):
    application = make.make_application()

    assert not applications.is_verified(application)
