"""The founding challenge works with the company's own product and without any, and its extras are really extra."""

from dataclasses import replace

import pytest

from app.locales import LOCALES
from app.services import catalog

CHALLENGE = catalog.load(catalog.SHIPPED / "dashboard-widget" / "v1")
EXTRAS = {"polling", "push", "style"}


@pytest.mark.parametrize("locale", LOCALES)
def test_the_brief_has_a_text_with_the_product_and_one_without(locale):
    brief = CHALLENGE.briefs[locale]

    assert brief.product.count("{name}") >= 1
    assert brief.product.count("{address}") == 1
    assert "{" not in brief.product.replace("{name}", "").replace("{address}", "")
    assert "{" not in brief.no_product


def test_nothing_has_to_be_published_and_no_extra_has_to_be_written():
    required = [name for part in CHALLENGE.parts for name in part.required_fields]

    assert required == ["widget.html", "reply"]
    assert {criterion.key for criterion in CHALLENGE.criteria if criterion.is_bonus} == EXTRAS
    assert CHALLENGE.points == 39


def test_an_answer_without_extras_can_reach_every_point():
    [example] = [one for one in CHALLENGE.examples if one.name == "03-excellent.en"]
    plain = {key: 0 if key in EXTRAS else level for key, level in example.levels.items()}

    assert catalog.share(CHALLENGE, replace(example, levels=plain)) == 1
