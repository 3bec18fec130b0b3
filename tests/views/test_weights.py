"""Changing a role's weights on its pages: form, preview, putting in force, and what the ranking says meanwhile."""

from __future__ import annotations

import pytest

from app import clock, jobs
from app.extensions import db
from app.models import Duty, RubricVersion, User
from app.services import assignments, proposals, ratings, rescoring, roles
from tests import factories as make


@pytest.fixture
def manager(ctx) -> User:
    return make.make_user(Duty.MANAGER, name="Mara Manager")


@pytest.fixture
def browser(manager, sign_in):
    return sign_in(manager)


@pytest.fixture
def scored(ctx, run_work):
    """An application that was read by two people, level 2 everywhere but for tone: 3."""
    for _ in range(2):
        make.make_user(Duty.GRADER)
    submission = make.make_submission()
    run_work()
    for assignment in assignments.of_attempt(submission.attempt_id):
        levels = dict.fromkeys(ratings.criteria_of(assignment), 2) | {"tone": 3}
        ratings.record(assignment, assignment.grader_id, levels, {}, clock.now())
    run_work()
    return submission.attempt.invitation.application


def fields(role, **changes: object) -> dict[str, object]:
    """What the form sends when only these weights are changed."""
    sent: dict[str, object] = {"line_percent": role.line_percent}
    for key, weighed in roles.rubric_in_force(role.id).weights.items():
        for name, weight in weighed["criteria"].items():
            sent[f"weight-{key}-{name}"] = changes.get(name, weight)
            sent[f"use-{key}-{name}"] = "y"
    return sent


def path_of(role) -> str:
    return f"/roles/{role.slug}/weights"


def test_weights_are_changed_looked_at_and_put_in_force(browser, scored, run_work):
    role = scored.opening.role
    form = browser.get(path_of(role))
    proposed = browser.post(path_of(role), data=fields(role, tone=10) | {"line_percent": 80})
    waiting = browser.get(proposed.location)
    run_work()
    preview = browser.get(proposed.location)
    put = browser.post(proposed.location + "/in-force", follow_redirects=True)
    ranking = f"/roles/{role.slug}/{scored.opening.region.code}"
    meanwhile = browser.get(ranking)
    run_work()
    afterwards = browser.get(ranking)
    dossier = browser.get(f"/applications/{scored.code}")

    assert "Does it and says so" in form.text
    assert (proposed.status_code, proposed.location) == (303, path_of(role) + "/2")
    assert "Being worked out" in waiting.text
    assert "Put in force" not in waiting.text
    assert "1 up, 0 down" not in preview.text
    assert "Cross the line" in preview.text
    assert "The new weights are in force." in put.text
    assert "0 of 1 applicants are scored under version 2" in meanwhile.text
    assert "73.3%" in meanwhile.text
    assert "are scored under version" not in afterwards.text
    # Tone 3 at weight 10, level 2 at weights of 8 together: 46 of 54.
    assert "85.2%" in afterwards.text
    assert "Every score so far" in dossier.text
    assert "Rubric version 1" in dossier.text


def test_the_part_that_waits_asks_for_itself_alone(browser, scored):
    role = scored.opening.role
    address = browser.post(path_of(role), data=fields(role, tone=10)).location

    part = browser.get(address, headers={"HX-Request": "true"}).text

    assert 'hx-get="' + address in part
    assert "<html" not in part


@pytest.mark.parametrize("wrong", ["11", "-1", "", "many", "1.5"])
def test_a_weight_that_cannot_be_keeps_what_was_typed(browser, scored, wrong):
    role = scored.opening.role

    answer = browser.post(path_of(role), data=fields(role, tone=wrong, action=7))

    assert answer.status_code == 422
    assert "Nothing is lost." in answer.text
    assert 'value="7"' in answer.text
    assert db.session.query(RubricVersion).count() == 1


def test_what_the_rules_refuse_is_said_on_the_form(browser, scored):
    role = scored.opening.role

    answer = browser.post(path_of(role), data=fields(role))

    assert answer.status_code == 422
    assert "These are the weights that are in force already." in answer.text


def test_only_the_fields_of_the_form_are_read(browser, scored):
    role = scored.opening.role
    extra = {"weight-999-tone": 5, "in_force_at": "2020-01-01", "number": 77, "bonus": "tone", "readers": 5}

    browser.post(path_of(role), data=fields(role, tone=10) | extra)

    proposal = proposals.by_number(role, 2)
    assert list(proposal.weights) == list(roles.rubric_in_force(role.id).weights)
    assert proposal.in_force_at is None
    assert role.readers == 2


def test_an_optional_criterion_is_left_out_by_its_box(browser, scored):
    role = scored.opening.role
    sent = {name: value for name, value in fields(role).items() if not (name.startswith("use-") and "language" in name)}

    browser.post(path_of(role), data=sent)

    (weighed,) = proposals.by_number(role, 2).weights.values()
    assert "language" not in weighed["criteria"]


def test_the_second_manager_is_told(browser, scored, run_work, sign_in):
    role = scored.opening.role
    address = browser.post(path_of(role), data=fields(role, tone=10)).location
    run_work()
    other = sign_in(make.make_user(Duty.MANAGER))

    browser.post(address + "/in-force")
    second = other.post(address + "/in-force", follow_redirects=True)

    assert "Somebody has put these weights in force already." in second.text


def test_a_proposal_can_be_worked_out_again_and_put_away(browser, scored, run_work):
    role = scored.opening.role
    address = browser.post(path_of(role), data=fields(role, tone=10)).location
    run_work()

    again = browser.post(address + "/again", follow_redirects=True)
    away = browser.post(address + "/discard", follow_redirects=True)
    gone = browser.post(address + "/again")

    assert "Being worked out" in again.text
    assert "The proposal is put away." in away.text
    assert "Put away" in browser.get(address).text
    assert gone.status_code == 404
    assert roles.rubric_in_force(role.id).number == 1


def test_a_lead_of_one_region_does_not_change_the_rankings_of_others(scored, sign_in):
    role = scored.opening.role
    here = sign_in(make.make_user(Duty.LEAD, region=scored.opening.region))
    elsewhere = sign_in(make.make_user(Duty.LEAD, region=make.make_region("APAC")))
    make.make_opening(role, make.make_region("AMER"))

    assert here.get(path_of(role)).status_code == 404
    assert elsewhere.get(path_of(role)).status_code == 404
    assert "Change the weights" not in here.get(f"/roles/{role.slug}").text


def test_a_role_of_two_challenges_weighs_them_against_each_other(browser):
    versions = [make.publishing.find("close-my-account", 1), make.publishing.find("same-question-again", 1)]
    role = make.make_role(challenges=versions)
    sent = fields(role) | {f"challenge-{versions[0].id}": 3, f"challenge-{versions[1].id}": 1}

    browser.post(path_of(role), data=sent)

    weights = proposals.by_number(role, 2).weights
    assert [weights[str(version.id)]["weight"] for version in versions] == [3, 1]


# --- the command --------------------------------------------------------------------------------------------------


def in_force(role, manager, run_work) -> RubricVersion:
    (key,) = roles.rubric_in_force(role.id).weights
    criteria = roles.rubric_in_force(role.id).weights[key]["criteria"] | {"tone": 10}
    proposal = proposals.propose(role, {int(key): proposals.Weighing(1, criteria)}, 60, manager.id, clock.now())
    run_work()
    proposals.put_in_force(role, proposal, manager.id, clock.now())
    db.session.commit()
    return proposal


def test_the_command_helps_out_until_everybody_is_scored(ctx, scored, manager, run_work):
    role = scored.opening.role
    in_force(role, manager, run_work)

    result = ctx.test_cli_runner().invoke(args=["rescore", role.slug, "--help-out"])
    again = ctx.test_cli_runner().invoke(args=["rescore", role.slug, "--help-out"])

    assert result.exit_code == 0, result.output
    assert "1 applications are scored under version 2." in result.output
    assert (again.exit_code, rescoring.progress(role.id).done) == (0, 1)


def test_the_command_knows_its_roles(ctx, scored):
    result = ctx.test_cli_runner().invoke(args=["rescore", "nothing"])

    assert result.exit_code == 1
    assert scored.opening.role.slug in result.output


def test_the_command_asks_for_what_nobody_asked_for_yet(ctx, scored):
    result = ctx.test_cli_runner().invoke(args=["rescore", scored.opening.role.slug, "--help-out"])

    assert "1 applications are scored under version 1." in result.output
    assert jobs.drain_work("slow") == 0
