"""The form of a role's weights, and a proposal as finished values for its page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.manager.forms import Section, Weighable, WeightsForm, weights_form
from app.models import ChallengeVersion, Role, RubricVersion
from app.services import applications, catalog, openings, proposals, publishing, roles, rubric_previews, scores
from app.services.catalog import CriterionView
from app.services.rubric_previews import Moved, Status


def form_for(role: Role, in_force: RubricVersion, locale: str) -> WeightsForm:
    """The form of a role, filled in with the weights in force."""
    several = len(role.challenges) > 1
    sections = tuple(_section(entry.challenge_version, in_force, several, locale) for entry in role.challenges)
    data: dict[str, Any] = {"line_percent": role.line_percent}
    for section in sections:
        weighed = in_force.weights[str(section.version_id)]
        if section.weight:
            data[section.weight] = weighed["weight"]
        for one in section.criteria:
            data[one.weight] = weighed["criteria"].get(one.key, 0)
            if one.use:
                data[one.use] = one.key in weighed["criteria"]
    return weights_form(sections, data)


def _section(version: ChallengeVersion, in_force: RubricVersion, several: bool, locale: str) -> Section:
    challenge = publishing.challenge_of(version)
    counted = in_force.weights[str(version.id)]["criteria"]
    return Section(
        version_id=version.id,
        title=catalog.text_for(challenge, locale).value.title,
        weight=f"challenge-{version.id}" if several else "",
        criteria=tuple(_criterion(version.id, view, counted) for view in catalog.criteria_for(challenge, locale)),
    )


def _criterion(version_id: int, view: CriterionView, counted: dict[str, int]) -> Weighable:
    return Weighable(
        key=view.key,
        name=view.name.value,
        meaning=view.meaning.value,
        is_bonus=view.is_bonus,
        is_left_out=view.key not in counted,
        weight=f"weight-{version_id}-{view.key}",
        use=f"use-{version_id}-{view.key}" if view.is_optional else "",
    )


# --- a proposal ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Compared:
    """One line of the comparison: what counts how much now and then. None: left out."""

    name: str
    now: int | None
    then: int | None


@dataclass(frozen=True)
class Comparison:
    """One challenge of the comparison. Its own weight is None where the role has no other challenge."""

    title: str
    now: int | None
    then: int | None
    criteria: tuple[Compared, ...]


@dataclass(frozen=True)
class Crossing:
    """One applicant who crosses the line, by code, with the scores before and after (0 to 1)."""

    code: str
    old: float
    new: float


@dataclass(frozen=True)
class Proposal:
    """A rubric version beside the one in force. `status` is None for one that never was a proposal."""

    version: RubricVersion
    in_force: RubricVersion
    proposed_by: str | None
    comparisons: tuple[Comparison, ...]
    status: Status | None
    going_up: tuple[Crossing, ...]
    going_down: tuple[Crossing, ...]
    # Region code, its name and how many change their place there.
    moved: tuple[tuple[str, str, int], ...]

    @property
    def is_waiting(self) -> bool:
        """Whether it can still be put in force or put away."""
        return self.version.in_force_at is None and self.version.discarded_at is None

    @property
    def decided_at(self) -> datetime | None:
        """When it was put in force or put away."""
        return self.version.in_force_at or self.version.discarded_at


def look(role: Role, version: RubricVersion, locale: str) -> Proposal:
    """Everything that the page of a rubric version says."""
    in_force = roles.rubric_in_force(role.id)
    status = rubric_previews.status(version)
    result = status.result if status else None
    regions = {opening.id: opening.region for opening in openings.of_role(role)}
    return Proposal(
        version=version,
        in_force=in_force,
        proposed_by=proposals.proposer(version),
        comparisons=tuple(_compared(entry.challenge_version, in_force, version, locale) for entry in role.challenges),
        status=status,
        going_up=_crossing(result.going_up) if result else (),
        going_down=_crossing(result.going_down) if result else (),
        moved=tuple(
            (regions[opening_id].code, regions[opening_id].name, number)
            for opening_id, number in (result.moved if result else {}).items()
            if number and opening_id in regions
        ),
    )


def _compared(version: ChallengeVersion, now: RubricVersion, then: RubricVersion, locale: str) -> Comparison:
    challenge = publishing.challenge_of(version)
    before, after = now.weights[str(version.id)], then.weights[str(version.id)]
    several = len(then.weights) > 1
    return Comparison(
        title=catalog.text_for(challenge, locale).value.title,
        now=before["weight"] if several else None,
        then=after["weight"] if several else None,
        criteria=tuple(
            Compared(view.name.value, before["criteria"].get(view.key), after["criteria"].get(view.key))
            for view in catalog.criteria_for(challenge, locale)
        ),
    )


def _crossing(moved: tuple[Moved, ...]) -> tuple[Crossing, ...]:
    """By code; whoever was deleted since is left out."""
    found = applications.codes_of([one.application_id for one in moved])
    return tuple(
        Crossing(found[one.application_id], one.old / scores.BILLION, one.new / scores.BILLION)
        for one in moved
        if one.application_id in found
    )
