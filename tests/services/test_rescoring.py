"""Other weights: proposed, looked at in advance, put in force; and everybody scored again, once."""

from __future__ import annotations

import random
from datetime import timedelta
from fractions import Fraction

import pytest
from sqlalchemy import func, select

from app import clock, jobs, queue
from app.extensions import db
from app.models import (
    Assignment,
    AuditEvent,
    Duty,
    Moderation,
    Preview,
    PreviewPart,
    Rescoring,
    RubricVersion,
    Score,
    Standing,
    Work,
    WorkState,
)
from app.queue import BULK
from app.refusals import Refused
from app.services import (
    assignments,
    operations,
    proposals,
    ranking,
    ratings,
    rescoring,
    roles,
    rubric_previews,
    scores,
    work,
)
from app.services.proposals import Overtaken, Unfit, Weighing
from tests import factories as make
from tests.invariants import assert_invariants


@pytest.fixture
def readers(ctx):
    return [make.make_user(Duty.GRADER) for _ in range(4)]


def weights_of(role, **changes: int | None) -> dict[int, Weighing]:
    """The weights in force with some changed; None leaves a criterion out. Every challenge gets the same changes."""
    found = {}
    for key, weighed in roles.rubric_in_force(role.id).weights.items():
        criteria = {name: weight for name, weight in (weighed["criteria"] | changes).items() if weight is not None}
        found[int(key)] = Weighing(weighed["weight"], criteria)
    return found


def propose(role, line: int | None = 60, by: int | None = None, **changes: int | None) -> RubricVersion:
    by = by or make.make_user(Duty.MANAGER).id
    return proposals.propose(role, weights_of(role, **changes), line, by, clock.now())


def in_force(run_work, role, line: int | None = 60, **changes: int | None) -> RubricVersion:
    """Proposed, looked at and put in force; nobody is scored again yet."""
    proposal = propose(role, line, **changes)
    run_work()
    proposals.put_in_force(role, proposal, proposal.proposed_by_id, clock.now())
    return proposal


def make_read(run_work, opening, *levels):
    """An application whose answer was read; each entry of `levels` is one reader's, 2 where nothing is said."""
    submission = make.make_submission(make.make_attempt(make.make_invitation(make.make_application(opening))))
    run_work()
    for assignment, given in zip(assignments.of_attempt(submission.attempt_id), levels, strict=True):
        rate(assignment, **given)
    run_work()
    return submission.attempt.invitation.application


def rate(assignment: Assignment, **levels: int | None) -> None:
    given = dict.fromkeys(ratings.criteria_of(assignment), 2) | levels
    ratings.record(assignment, assignment.grader_id, given, {}, clock.now())


def exact(application) -> Fraction:
    db.session.expire_all()
    return ranking.dossier(application).exact


# --- proposing ---------------------------------------------------------------------------------------------------


def test_a_proposal_is_a_new_version_that_nothing_is_scored_by(readers, run_work):
    opening = make.make_opening()
    role = opening.role
    first = roles.rubric_in_force(role.id)

    proposal = propose(role, tone=8)

    assert (proposal.number, proposal.in_force_at) == (2, None)
    assert roles.rubric_in_force(role.id).id == first.id
    assert role.line_percent == 60


def test_the_same_proposal_twice_is_one(readers):
    role = make.make_role()

    assert propose(role, tone=8).id == propose(role, tone=8).id


@pytest.mark.parametrize(
    "changes",
    [{"tone": 11}, {"tone": -1}, {"tone": True}, {"tone": 1.5}, {"tone": None}, {"invented": 3}],
    ids=lambda changes: str(changes),
)
def test_weights_that_cannot_be_are_refused(readers, changes):
    role = make.make_role()

    with pytest.raises(Unfit):
        propose(role, **changes)

    assert len(proposals.versions(role)) == 1


def test_weights_that_change_nothing_are_refused(readers):
    with pytest.raises(Unfit, match="in force already"):
        propose(make.make_role())


def test_something_but_a_bonus_must_count(readers):
    role = make.make_role()
    every = dict.fromkeys(next(iter(roles.rubric_in_force(role.id).weights.values()))["criteria"], 0)

    with pytest.raises(Unfit, match="above 0"):
        propose(role, **every)


def test_a_bonus_stays_a_bonus(readers):
    version = make.publishing.find("dashboard-widget", 1)
    role = make.make_role(challenges=[version])
    before = roles.rubric_in_force(role.id).weights[str(version.id)]
    assert before["bonus"]

    proposal = propose(role, **{before["bonus"][0]: 9})

    weighed = proposal.weights[str(version.id)]
    assert weighed["bonus"] == before["bonus"]
    assert set(weighed["criteria"]) == set(before["criteria"])


def test_a_challenge_of_another_role_is_refused(readers):
    role, other = make.make_role(), make.publishing.find("dashboard-widget", 1)
    weighing = weights_of(role) | {other.id: Weighing(1, {"tone": 1})}

    with pytest.raises(Unfit, match="no other"):
        proposals.propose(role, weighing, 60, make.make_user(Duty.MANAGER).id, clock.now())


def test_what_nobody_was_asked_to_rate_cannot_be_weighed_later(readers, run_work):
    role = make.make_role(without_optional=True)
    may_still = propose(role, language=1)
    make_read(run_work, make.make_opening(role), {}, {})

    with pytest.raises(Unfit, match="nobody was asked"):
        propose(role, language=2)
    with pytest.raises(Unfit, match="nobody was asked"):
        proposals.put_in_force(role, may_still, may_still.proposed_by_id, clock.now())


def test_what_was_left_out_comes_back_while_every_reading_has_it(readers, run_work):
    opening = make.make_opening()
    application = make_read(run_work, opening, {"language": 0}, {"language": 0})
    before = exact(application)
    in_force(run_work, opening.role, language=None)
    run_work()
    without = exact(application)

    in_force(run_work, opening.role, language=1)
    run_work()

    assert without == Fraction(2, 3)
    assert exact(application) == before < without


# --- the preview -------------------------------------------------------------------------------------------------


def test_the_preview_says_who_crosses_the_line_and_writes_no_score(readers, run_work):
    opening = make.make_opening()
    up = make_read(run_work, opening, {"tone": 3, "action": 0}, {"tone": 3, "action": 0})
    down = make_read(run_work, opening, {"tone": 1}, {"tone": 1})
    before = (db.session.query(Score).count(), {up.id: exact(up), down.id: exact(down)})

    proposal = propose(opening.role, line=65, tone=10)
    run_work()
    status = rubric_previews.status(proposal)

    assert before[1] == {up.id: Fraction(16, 30), down.id: Fraction(18, 30)}
    assert (db.session.query(Score).count(), {up.id: exact(up), down.id: exact(down)}) == before
    result = status.result
    assert (result.affected, result.changed, result.up, result.down) == (2, 2, 1, 1)
    assert [one.application_id for one in result.going_up] == [up.id]
    assert [one.application_id for one in result.going_down] == [down.id]
    assert (status.newer_readings, status.is_outdated) == (0, False)


def test_the_preview_says_that_more_was_read_and_works_it_out_again(readers, run_work):
    opening = make.make_opening()
    make_read(run_work, opening, {}, {})
    proposal = propose(opening.role, tone=10)
    run_work()
    make_read(run_work, opening, {"tone": 0}, {"tone": 0})
    stale = rubric_previews.status(proposal)

    rubric_previews.begin(proposal, roles.rubric_in_force(opening.role_id), clock.now())
    run_work()
    fresh = rubric_previews.status(proposal)

    assert (stale.newer_readings, stale.result.affected) == (2, 1)
    assert (fresh.newer_readings, fresh.result.affected) == (0, 2)


def test_the_preview_says_when_some_readings_were_not_scored_yet(readers, run_work):
    opening = make.make_opening()
    make_read(run_work, opening, {}, {})
    second = make.make_submission(make.make_attempt(make.make_invitation(make.make_application(opening))))
    run_work()
    for assignment in assignments.of_attempt(second.attempt_id):
        rate(assignment, tone=0)
    proposal = propose(opening.role, tone=10)
    db.session.commit()
    while jobs.drain_work("slow"):
        pass
    run_work()

    status = rubric_previews.status(proposal)

    assert (status.result.affected, status.newer_readings, status.newer_scores) == (1, 0, 1)


def test_a_preview_is_worked_out_piece_by_piece_and_leaves_only_its_result(readers, run_work, monkeypatch):
    monkeypatch.setattr(rubric_previews, "CHUNK", 2)
    opening = make.make_opening()
    for tone in (0, 1, 2, 3, 3):
        make_read(run_work, opening, {"tone": tone}, {"tone": tone})

    proposal = propose(opening.role, tone=9)
    run_work()

    assert rubric_previews.status(proposal).result.affected == 5
    assert db.session.query(Work).filter_by(kind="preview").count() == 4
    assert db.session.query(PreviewPart).count() == 0


def test_a_piece_of_an_older_run_is_refused(readers, run_work):
    opening = make.make_opening()
    make_read(run_work, opening, {}, {})
    proposal = propose(opening.role, tone=10)
    piece = rubric_previews.look(proposal.id)
    rubric_previews.begin(proposal, roles.rubric_in_force(opening.role_id), clock.now())

    rubric_previews.keep(proposal.id, piece, clock.now())

    preview = db.session.get(Preview, proposal.id, populate_existing=True)
    assert (preview.run, preview.looked_at) == (2, 0)


def test_who_could_not_be_judged_any_more_loses_the_score(readers, run_work):
    opening = make.make_opening()
    criteria = next(iter(roles.rubric_in_force(opening.role_id).weights.values()))["criteria"]
    nothing_else = dict.fromkeys(set(criteria) - {"language"})
    application = make_read(run_work, opening, nothing_else, nothing_else)
    assert exact(application) == Fraction(2, 3)

    proposal = in_force(run_work, opening.role, language=None)
    predicted = rubric_previews.Result.from_json(db.session.get(Preview, proposal.id).result)
    run_work()

    assert (predicted.lost, predicted.changed) == (1, 0)
    assert exact(application) is None
    assert db.session.get(Standing, application.id) is None


# --- putting in force --------------------------------------------------------------------------------------------


def test_weights_in_force_score_everybody_again_beside_the_old_scores(readers, run_work):
    opening = make.make_opening()
    application = make_read(run_work, opening, {"tone": 3}, {"tone": 2})
    before = exact(application)

    proposal = in_force(run_work, opening.role, line=70, tone=10)
    waiting = exact(application)
    run_work()

    # Tone now weighs 10 and the others 8 together: level 2 everywhere, 5/2 for tone.
    assert exact(application) == Fraction(8 * 2 + 10 * Fraction(5, 2), 3 * 18)
    assert waiting == before
    assert [(one.rubric.number, one.exact, one.counts) for one in ranking.dossier(application).scores] == [
        (2, exact(application), True),
        (1, before, False),
    ]
    assert opening.role.line_percent == 70
    assert roles.rubric_in_force(opening.role_id).id == proposal.id
    assert db.session.query(AuditEvent).filter_by(action="rubric.put_in_force").count() == 1


def test_nobody_puts_in_force_what_nobody_has_seen(readers):
    role = make.make_role()
    proposal = propose(role, tone=10)

    with pytest.raises(Refused, match="wait for the preview"):
        proposals.put_in_force(role, proposal, proposal.proposed_by_id, clock.now())


def test_of_two_managers_the_second_is_told(readers, run_work):
    role = make.make_role()
    proposal = in_force(run_work, role, tone=10)

    with pytest.raises(Overtaken):
        proposals.put_in_force(role, proposal, make.make_user(Duty.MANAGER).id, clock.now())

    assert db.session.query(AuditEvent).filter_by(action="rubric.put_in_force").count() == 1


def test_a_preview_against_weights_that_are_gone_does_not_count(readers, run_work):
    role = make.make_role()
    mine = propose(role, tone=10)
    in_force(run_work, role, tone=5)

    with pytest.raises(Overtaken, match="since this preview"):
        proposals.put_in_force(role, mine, mine.proposed_by_id, clock.now())

    rubric_previews.begin(mine, roles.rubric_in_force(role.id), clock.now())
    run_work()
    proposals.put_in_force(role, mine, mine.proposed_by_id, clock.now())
    assert roles.rubric_in_force(role.id).id == mine.id


def test_what_is_put_away_is_never_in_force_and_its_number_is_not_given_again(readers, run_work):
    role = make.make_role()
    proposal = propose(role, tone=10)
    run_work()
    proposals.discard(proposal, proposal.proposed_by_id, clock.now())

    with pytest.raises(Overtaken):
        proposals.put_in_force(role, proposal, proposal.proposed_by_id, clock.now())

    assert propose(role, tone=9).number == 3


def test_a_clock_that_was_set_back_does_not_bring_old_weights_back(readers, run_work):
    role = make.make_role()
    proposal = propose(role, tone=10)
    run_work()

    proposals.put_in_force(role, proposal, proposal.proposed_by_id, clock.now() - timedelta(days=1))

    assert roles.rubric_in_force(role.id).id == proposal.id


# --- scoring again -----------------------------------------------------------------------------------------------


def everything() -> list:
    """What re-scoring writes, without the moments."""
    rows = db.session.execute(
        select(
            Score.application_id, Score.rubric_version_id, Score.ratings_revision, Score.numerator, Score.denominator
        )
    )
    standings = db.session.execute(select(Standing.application_id, Standing.score_id, Standing.order_key))
    return [sorted(map(tuple, rows)), sorted(map(tuple, standings)), db.session.query(Moderation).count()]


def crowd(run_work, count: int = 5):
    opening = make.make_opening()
    for number in range(count):
        make_read(run_work, opening, {"tone": number % 4}, {"tone": (number + 1) % 4})
    return opening


def test_running_it_twice_changes_nothing(readers, run_work):
    opening = crowd(run_work)
    rubric = in_force(run_work, opening.role, tone=10)
    run_work()
    before = everything()

    again = rescoring.begin(rubric, clock.now())
    ids = rescoring.scored(opening.role_id, 0, 100)
    scores.keep_scores(scores.compute_all(ids), clock.now())
    run_work()

    assert again is False
    assert everything() == before


def test_weights_may_come_into_force_in_another_order_than_their_numbers(readers, run_work):
    opening = crowd(run_work)
    second = propose(opening.role, tone=7)
    in_force(run_work, opening.role, tone=10)
    run_work()
    previews_again(run_work, opening.role, second)
    proposals.put_in_force(opening.role, second, second.proposed_by_id, clock.now())
    run_work()

    standing = db.session.scalars(select(Score.rubric_version_id).join(Standing, Standing.score_id == Score.id)).all()

    assert set(standing) == {second.id}
    assert_invariants()


def previews_again(run_work, role, proposal) -> None:
    rubric_previews.begin(proposal, roles.rubric_in_force(role.id), clock.now())
    run_work()


def test_a_kill_in_the_middle_loses_nothing_and_doubles_nothing(readers, run_work, monkeypatch):
    monkeypatch.setattr(rescoring, "CHUNK", 2)
    monkeypatch.setattr(jobs, "BULK_BATCH", 2)
    opening = crowd(run_work)
    rubric = in_force(run_work, opening.role, tone=10)
    db.session.commit()
    # One process asks for the first two and dies over the next; another computes two runs and dies before writing.
    (spread,) = work.claim(["spread"], 1, work.LEASE, clock.now())
    db.session.commit()
    jobs.do(spread, clock.now())
    lapsed = timedelta(seconds=-1)
    held = work.claim(["rescore"], 2, lapsed, clock.now())
    computed = scores.compute_all([one.subject_id for one in held])
    dead = work.claim(["spread"], 1, lapsed, clock.now())
    work.expire(clock.now())
    db.session.commit()

    run_work()
    late = work.succeed_all([*held, *dead], clock.now())

    assert (len(held), len(computed), len(dead), late) == (2, 2, 1, [])
    done = db.session.get(Rescoring, rubric.id, populate_existing=True)
    assert (done.asked, done.done) == (5, 5)
    assert db.session.query(Score).filter_by(rubric_version_id=rubric.id).count() == 5
    assert rescoring.progress(opening.role_id).is_finished


def test_one_run_that_fails_does_not_stop_the_others(readers, run_work, monkeypatch):
    opening = crowd(run_work, 3)
    rubric = in_force(run_work, opening.role, tone=10)
    bad = rescoring.scored(opening.role_id, 0, 1)[0]
    whole = scores.compute_all

    def faulty(ids):
        if bad in ids:
            raise ValueError("one of them is broken")
        return whole(ids)

    monkeypatch.setitem(jobs.BULK, "rescore", jobs.Bulk(faulty, rescoring.keep))
    db.session.commit()
    while jobs.drain_work("slow"):
        pass

    done = db.session.get(Rescoring, rubric.id, populate_existing=True)
    waiting = db.session.query(Work).filter_by(kind="rescore", subject_id=bad).one()
    assert (done.asked, done.done) == (3, 2)
    assert (waiting.state, waiting.reason) == (WorkState.PENDING, "ValueError: one of them is broken")
    assert not rescoring.progress(opening.role_id).is_finished


def test_an_application_that_was_deleted_meanwhile_needs_no_score(readers, run_work):
    opening = crowd(run_work, 2)
    rubric = in_force(run_work, opening.role, tone=10)
    db.session.commit()
    queue.defer_many("rescore", {rescoring.key_of(rubric.id, 999_999): 999_999}, clock.now())
    db.session.get(Rescoring, rubric.id).asked = 1

    run_work()

    assert rescoring.progress(opening.role_id).is_finished


def test_a_score_computed_under_the_old_weights_is_computed_anew(readers, run_work):
    opening = make.make_opening()
    application = make_read(run_work, opening, {"tone": 3}, {"tone": 3})
    old = scores.compute(application.id)
    in_force(run_work, opening.role, tone=10)
    run_work()
    new = exact(application)

    with pytest.raises(work.NotYet):
        scores.keep_score(application.id, old, clock.now())

    assert exact(application) == new != old.score


def test_two_readers_on_both_sides_of_the_new_line_open_a_third_review(readers, run_work):
    opening = make.make_opening()
    application = make_read(run_work, opening, {}, {"tone": 1})
    assert db.session.query(Moderation).count() == 0

    proposal = in_force(run_work, opening.role, line=66, tone=2, action=2)
    predicted = rubric_previews.Result.from_json(db.session.get(Preview, proposal.id).result)
    run_work()

    assert predicted.thirds == 1
    assert db.session.query(Moderation).one().straddles_line
    assert db.session.get(Standing, application.id, populate_existing=True).has_open_third


def test_what_a_third_reader_has_settled_stays_settled_under_other_weights(readers, run_work):
    opening = make.make_opening(make.make_role(line_percent=66))
    application = make_read(run_work, opening, {}, {"tone": 1})
    attempt_id = db.session.query(Moderation).one().attempt_id
    third = next(entry for entry in assignments.of_attempt(attempt_id) if entry.is_third)
    rate(third, tone=3)
    run_work()
    settled = exact(application)

    in_force(run_work, opening.role, line=10, action=2)
    run_work()

    # Both readers are above the new line, so nothing is in question any more; the third reader's levels still count.
    assert settled == Fraction(2 * 8 + 3 * 2, 30)
    assert exact(application) == Fraction(2 * 7 + 3 * 2, 27)
    assert db.session.query(Moderation).count() == 1


def test_a_hundred_thousand_runs_delay_no_fresh_submission(readers, run_work):
    opening = crowd(run_work, 3)
    rubric = roles.rubric_in_force(opening.role_id)
    earlier = clock.now() - timedelta(hours=1)
    ids = rescoring.scored(opening.role_id, 0, 100)
    queue.defer_many("rescore", {rescoring.key_of(rubric.id, one): one for one in ids}, earlier)
    queue.defer("freeze", 1, clock.now())
    db.session.commit()

    quick = jobs._claim([kind for kind, name in queue.CLASS_OF.items() if name == "quick"], jobs.BATCH, clock.now())
    slow = jobs._claim([kind for kind, name in queue.CLASS_OF.items() if name == "slow"], jobs.BATCH, clock.now())

    # Fresh submissions are checked and scored by other workers; and what slow workers do for them comes first.
    assert quick == []
    assert [held.kind for held in slow] == ["freeze"]
    assert set(jobs.BULK) == BULK
    # Old runs that wait their turn are no sign that nobody works.
    assert operations.overdue(clock.now()) == []


# --- what was foreseen is what happens ------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(3))
def test_the_numbers_of_the_preview_are_what_happens(readers, run_work, seed):
    chance = random.Random(seed)
    versions = [make.publishing.find("close-my-account", 1), make.publishing.find("same-question-again", 1)]
    role = make.make_role(line_percent=chance.choice((None, 50, 60)), challenges=versions[: 1 + seed % 2])
    openings = [make.make_opening(role, make.make_region(code)) for code in ("EMEA", "APAC")]
    for number in range(8):
        read_by_chance(run_work, openings[number % 2], chance)
    before = {row.application_id: row for row in standings()}
    changes = {key: chance.randint(0, 10) for key in weighed_criteria(role)} | {"language": chance.choice((None, 2))}
    line = chance.choice((55, 65))
    old_line = roles.line(role)
    moderations = db.session.query(Moderation).count()

    proposal = in_force(run_work, role, line, **changes)
    foreseen = rubric_previews.Result.from_json(db.session.get(Preview, proposal.id).result)
    with_score = rescoring.scored(role.id, 0, 100)
    while jobs.drain_work("slow"):
        pass

    after = {row.application_id: row for row in standings()}
    both = before.keys() & after.keys()
    new_line = Fraction(line, 100)
    crossed = [(before[one].exact >= old_line, after[one].exact >= new_line) for one in both if old_line is not None]
    assert foreseen.affected == len(with_score)
    assert foreseen.changed == sum(before[one].exact != after[one].exact for one in both)
    assert (foreseen.lost, foreseen.gained) == (len(before.keys() - after.keys()), len(after.keys() - before.keys()))
    assert (foreseen.up, foreseen.down) == (crossed.count((False, True)), crossed.count((True, False)))
    assert foreseen.thirds == db.session.query(Moderation).count() - moderations
    assert sum(foreseen.moved.values()) == sum(before[one].place != after[one].place for one in both)


def weighed_criteria(role) -> set[str]:
    """Those that every challenge of the role has, so that one change fits them all; the optional one apart."""
    keys = [set(entry["criteria"]) for entry in roles.rubric_in_force(role.id).weights.values()]
    return set.intersection(*keys) - {"language"}


class Stood:
    """Where an application stood: its score and its place among those of its opening."""

    def __init__(self, application_id: int, exact: Fraction, place: int) -> None:
        self.application_id, self.exact, self.place = application_id, exact, place


def standings() -> list[Stood]:
    rows = db.session.execute(
        select(
            Standing.application_id,
            Score.numerator,
            Score.denominator,
            func.rank().over(partition_by=Standing.opening_id, order_by=Standing.order_key.desc()),
        ).join(Score, Score.id == Standing.score_id)
    )
    return [Stood(row[0], Fraction(row[1], row[2]), row[3]) for row in rows]


def read_by_chance(run_work, opening, chance: random.Random) -> None:
    """One more applicant with levels drawn at random; most third reviews that open are read too."""
    application = make.make_application(opening)
    for invitation in make.invitations.of(application):
        answers = {"reply": make.GOOD_REPLY}
        make.make_submission(make.make_attempt(invitation), answers)
    run_work()
    for round_ in range(2):
        for entry in waiting_of(application):
            if round_ == 0 or chance.random() < 0.7:
                criteria = ratings.criteria_of(entry)
                rate(entry, **{key: chance.choice((0, 1, 1, 2, 2, 3, 3, None)) for key in criteria})
        run_work()


def waiting_of(application) -> list[Assignment]:
    attempts = [make.submissions.attempt_of(one) for one in make.invitations.of(application)]
    entries = [entry for attempt in attempts if attempt for entry in assignments.of_attempt(attempt.id)]
    return [entry for entry in entries if entry.state in assignments.WAITING]
