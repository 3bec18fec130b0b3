"""Regions: their working hours."""

from __future__ import annotations

from datetime import UTC, datetime, time

import pytest

from app.services import company
from app.services.company import NoHours, RegionPlan
from tests import factories as make


@pytest.mark.parametrize(
    ("begins", "ends", "hour_in_singapore", "is_at_work"),
    [(9, 17, 9, True), (9, 17, 17, False), (9, 17, 8, False), (22, 6, 23, True), (22, 6, 5, True), (22, 6, 12, False)],
)
def test_a_region_is_at_work_by_its_own_clock_also_over_midnight(ctx, begins, ends, hour_in_singapore, is_at_work):
    region = make.make_region("APAC")
    region.works_from, region.works_until = time(begins), time(ends)

    now = datetime(2027, 1, 15, (hour_in_singapore - 8) % 24, tzinfo=UTC)

    assert company.is_at_work(region, now) is is_at_work


def test_a_working_day_has_hours(ctx):
    make.make_company()

    with pytest.raises(NoHours):
        company.add_region(RegionPlan("LATAM", "Latin America", "America/Bogota", 4, time(9), time(9)))
