"""Near-copies: found by their wording, once for each pair, at a cost that does not grow with the number of answers."""

from __future__ import annotations

import itertools
import json
import random
import re
from fractions import Fraction

import pytest
from sqlalchemy import select, text

from app import clock, jobs
from app.extensions import db
from app.models import Likeness, Shingle, Submission, Work, WorkState
from app.services import applications, catalog, copies, deadlines, publishing, submissions
from app.services.catalog_types import Label, Part, PartKind
from app.services.work import Held
from grading.copies import ALIKE, SKETCH, near_copy, sketch
from tests import factories as make
from tests.invariants import assert_invariants

REPLY = make.GOOD_REPLY
REWORDED = make.REWORDED_REPLY


def hand_in(reply=REPLY, opening=None, **person) -> Submission:
    """Somebody's final answer to Ben."""
    application = make.make_application(opening, **person)
    return make.make_submission(make.make_attempt(make.make_invitation(application)), {"reply": reply})


def pairs() -> list[tuple[int, int, str, Fraction]]:
    rows = db.session.query(Likeness).order_by(Likeness.earlier_id, Likeness.later_id, Likeness.field)
    return [(one.earlier_id, one.later_id, one.field, Fraction(one.numerator, one.denominator)) for one in rows]


@pytest.fixture
def opening(ctx):
    return make.make_opening()


# --- what is found -----------------------------------------------------------------------------------------------


def test_a_copy_with_some_words_replaced_is_found_with_its_exact_share(opening, run_work):
    first, second = hand_in(opening=opening), hand_in(REWORDED, opening)

    run_work()

    [copy] = near_copy(REWORDED, {"": REPLY}, copies.quoted(catalog.load(catalog.SHIPPED / "close-my-account" / "v1")))
    assert Fraction(1, 2) <= copy.share < 1
    assert pairs() == [(first.id, second.id, "reply", copy.share)]
    assert_invariants()


@pytest.mark.parametrize("slug", sorted(path.name for path in catalog.SHIPPED.iterdir() if (path / "v1").is_dir()))
def test_answers_by_different_people_are_a_pair_only_where_they_share_half(ctx, run_work, slug):
    version = publishing.find(slug, 1)
    challenge = publishing.challenge_of(version)
    opening = make.make_opening(make.make_role(challenges=[version]))
    prose = [field for part in challenge.parts for field in part.prose_fields]
    handed_in = {}
    for example in challenge.examples:
        attempt = make.make_attempt(make.make_invitation(make.make_application(opening)))
        written = {field: example.answers.get(field, "") for field in prose}
        handed_in[make.make_submission(attempt, written).id] = written

    run_work()

    prompt = copies.quoted(challenge)
    expected = {
        (one, other, field, copy.share)
        for one, other in itertools.combinations(handed_in, 2)
        for field in prose
        for copy in near_copy(handed_in[one][field], {"": handed_in[other][field]}, prompt)
    }
    assert set(pairs()) == expected


def test_two_honest_people_who_answer_ben_are_no_pair(opening, run_work):
    challenge = catalog.load(catalog.SHIPPED / "close-my-account" / "v1")
    for example in challenge.examples:
        hand_in(example.answers["reply"], opening)

    run_work()

    assert pairs() == []


def test_fewer_than_forty_words_are_never_compared(opening, run_work):
    for _ in range(2):
        hand_in("Hi Ben, your account is closed. Nothing else is needed from you. Kind regards, Robin", opening)

    run_work()

    assert pairs() == []
    assert db.session.query(Shingle).count() == 0
    assert_invariants()


def test_chinese_answers_are_compared(opening, run_work):
    reply = (
        "您好，您的账户已经关闭，您不需要再做任何事情。之后不会再扣费，三十号之前您仍然可以照常登录。"
        "您的数据我们会再保留一个月，之后就彻底清除；如果需要一份副本，回信告诉我，我马上发给您。"
    )
    hand_in(reply, opening, locale="zh-Hans")
    hand_in(reply.replace("照常登录", "使用"), opening, locale="zh-Hans")

    run_work()

    assert [field for _one, _other, field, _share in pairs()] == ["reply"]


def test_one_person_at_two_jobs_copies_nobody(opening, run_work):
    person = {"email": "twice@example.org"}
    hand_in(opening=opening, **person)
    hand_in(opening=make.make_opening(make.make_role("Night shift")), **person)

    run_work()

    assert pairs() == []


def test_people_at_two_jobs_with_the_same_challenge_are_compared(opening, run_work):
    hand_in(opening=opening)
    hand_in(opening=make.make_opening(make.make_role("Night shift")))

    run_work()

    assert len(pairs()) == 1


def test_the_same_words_under_another_question_are_no_pair(ctx, run_work):
    notes = Part("notes", PartKind.TEXTS, items=("ana", "tom"))
    opening = make.make_opening(make.make_role(challenges=[make.make_challenge(notes)]))
    for field in ("notes.ana", "notes.tom"):
        attempt = make.make_attempt(make.make_invitation(make.make_application(opening)))
        make.make_submission(attempt, {field: REPLY})

    run_work()

    assert pairs() == []


def test_a_new_version_of_a_challenge_asks_the_same_question(ctx, run_work):
    reply = Part("reply", PartKind.REPLY)
    old = make.make_challenge(reply)
    brief = publishing.challenge_of(old).briefs["en"]
    new = make.make_challenge(reply, slug=old.slug, version=2, briefs={"en": brief})
    for version in (old, new):
        hand_in(opening=make.make_opening(make.make_role(f"With {version.version}", challenges=[version])))

    run_work()

    assert len(pairs()) == 1
    assert_invariants()


def test_what_the_challenge_says_is_nobodys_own(ctx, run_work):
    """Two people who hand the text back that they were to rewrite have not copied from each other."""
    part = Part("better", PartKind.REWRITE)
    brief = publishing.challenge_of(make.make_challenge(part)).briefs["en"]
    given = type(brief)(brief.title, brief.summary, (), {}, {"better": Label("Better", "", REPLY)}, brief.task)
    opening = make.make_opening(make.make_role(challenges=[make.make_challenge(part, briefs={"en": given})]))
    for _ in range(2):
        attempt = make.make_attempt(make.make_invitation(make.make_application(opening)))
        make.make_submission(attempt, {"better": REPLY})

    run_work()

    assert pairs() == []


# --- what stands -------------------------------------------------------------------------------------------------


def test_what_can_still_be_changed_is_compared_with_nobody(opening, run_work):
    hand_in(opening=opening)
    attempt = make.make_attempt(make.make_invitation(make.make_application(opening)))
    make.make_submission(attempt, {"reply": REPLY}, is_final=False)
    run_work()
    before = pairs()

    own = make.make_submission(attempt, {"reply": "Dear Ben, " + "in my own words " * 3}, is_final=True)
    run_work()

    assert before == pairs() == []
    assert db.session.query(Work).filter_by(kind="sketch", subject_id=own.id).one().state is WorkState.SUCCEEDED
    assert_invariants()


def test_an_answer_that_stands_when_the_time_ends_is_compared(opening, run_work, monkeypatch):
    first = hand_in(opening=opening)
    attempt = make.make_attempt(make.make_invitation(make.make_application(opening)))
    second = make.make_submission(attempt, {"reply": REPLY}, is_final=False)
    over = attempt.cutoff_at + deadlines.GRACE
    monkeypatch.setattr(clock, "now", lambda: over)

    submissions.close(attempt.id, None, over)
    run_work()

    assert [found[:2] for found in pairs()] == [(first.id, second.id)]


def test_a_late_answer_is_compared_with_nobody(opening, run_work):
    hand_in(opening=opening)
    attempt = make.make_attempt(make.make_invitation(make.make_application(opening)))
    submissions.submit(attempt, {"reply": REPLY}, "late", True, attempt.cutoff_at + 2 * submissions.GRACE)

    run_work()

    assert pairs() == []
    assert_invariants()


def test_who_withdraws_keeps_what_was_found(opening, run_work):
    first = hand_in(opening=opening)
    hand_in(opening=opening)
    run_work()

    applications.withdraw(first.attempt.invitation.application, clock.now())
    run_work()

    assert len(pairs()) == 1
    assert_invariants()


def test_who_is_deleted_takes_the_wording_and_the_pairs_along(opening, run_work):
    first, second = hand_in(opening=opening), hand_in(opening=opening)
    run_work()

    db.session.delete(second)
    db.session.flush()

    assert pairs() == []
    assert set(db.session.scalars(select(Shingle.submission_id))) == {first.id}


# --- work --------------------------------------------------------------------------------------------------------


def held(kind: str, submission: Submission) -> Held:
    work = db.session.query(Work).filter_by(key=f"{kind}:{submission.id}").one()
    return Held(work.id, kind, submission.id, work.fence, 1, work.key)


def test_done_twice_it_changes_nothing(opening, run_work):
    both = [hand_in(opening=opening), hand_in(REWORDED, opening)]
    run_work()
    before = pairs(), db.session.query(Shingle).count(), db.session.query(Work).count()

    for one in both:
        copies.keep_sketches([held("sketch", one)], copies.sketch_all([one.id]), clock.now())
        copies.keep_pairs([held("compare", one)], copies.compare_all([one.id]), clock.now())

    assert (pairs(), db.session.query(Shingle).count(), db.session.query(Work).count()) == before
    assert_invariants()


def test_two_answers_that_come_in_at_once_find_each_other(opening, run_work):
    """Both workers have looked before either has written: whoever compares last finds the pair all the same."""
    one, other = hand_in(opening=opening), hand_in(opening=opening)
    hashes = [copies.sketch_all([entry.id]) for entry in (one, other)]

    for entry, sketched in zip((one, other), hashes, strict=True):
        copies.keep_sketches([held("sketch", entry)], sketched, clock.now())
    run_work()

    assert [found[:2] for found in pairs()] == [(one.id, other.id)]


@pytest.mark.parametrize("kind", ["sketch", "compare"])
def test_a_worker_that_dies_before_the_commit_has_done_nothing_and_loses_nothing(opening, run_work, monkeypatch, kind):
    hand_in(opening=opening), hand_in(opening=opening)
    bulk = jobs.BULK[kind]

    def dying(*given):
        bulk.apply(*given)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setitem(jobs.BULK, kind, jobs.Bulk(bulk.prepare, dying))
        with pytest.raises(KeyboardInterrupt):
            run_work()
    before = pairs()
    lapse()
    run_work()

    assert (len(before), len(pairs())) == (0, 1)
    assert_invariants()


def lapse() -> None:
    """The lease of what a dead worker held runs out."""
    past = clock.now() - jobs.BULK["compare"].lease
    db.session.query(Work).filter_by(state=WorkState.RUNNING).update({"lease_until": past})
    jobs.tick()


def test_an_answer_that_was_deleted_meanwhile_needs_nothing(opening, run_work):
    one, other = hand_in(opening=opening), hand_in(opening=opening)
    db.session.commit()
    jobs.drain_work("quick")
    sketched = copies.sketch_all([one.id, other.id])
    copies.keep_sketches([held("sketch", one), held("sketch", other)], sketched, clock.now())
    found = copies.compare_all([one.id])
    job = held("compare", one)
    db.session.delete(other)
    db.session.flush()

    copies.keep_pairs([job], found, clock.now())

    assert len(found[one.id]) == 1
    assert pairs() == []


# --- the cost ----------------------------------------------------------------------------------------------------


def words(seed: int, count: int = 60) -> str:
    chosen = random.Random(seed)
    return " ".join(f"w{chosen.randrange(10**6)}" for _ in range(count))


def store(number: int, mine: Submission, stock: str = "") -> None:
    """So many answers of other people, as their hashes alone; `stock` are words that stand in every one of them."""
    other = hand_in("Too short.", mine.attempt.invitation.application.opening)
    rows = [
        {
            "code": f"{other.code}{place}"[-16:],
            "attempt_id": other.attempt_id,
            "number": 2 + place,
            "key": f"k{place}",
            "answers": {"reply": f"{stock} {words(place)}"},
            "content_hash": "0" * 64,
            "received_at": clock.now(),
        }
        for place in range(number)
    ]
    inserted = db.insert(Submission).returning(Submission.id, sort_by_parameter_order=True)
    ids = db.session.scalars(inserted, rows).all()
    hashes = [
        {"hash": entry, "submission_id": submission_id}
        for submission_id, row in zip(ids, rows, strict=True)
        for entry in sketch(row["answers"]["reply"], about="close-my-account/reply")
    ]
    db.session.execute(db.insert(Shingle), hashes)
    db.session.execute(text("ANALYZE"))


def rows_read(call) -> int:
    """What a call costs the database, as a number without a clock: SQLite's steps, or PostgreSQL's rows and loops."""
    connection = db.session.connection()
    if connection.dialect.name == "sqlite":
        counted = itertools.count()
        raw = connection.connection.driver_connection
        raw.set_progress_handler(lambda: next(counted) and 0, 1)
        call()
        raw.set_progress_handler(None, 0)
        return next(counted)
    # A table as small as a test's is read as a whole, because that is cheaper there.
    connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
    statements = []
    listen = lambda _c, _cur, statement, values, *_: statements.append((statement, values))  # noqa: E731
    db.event.listen(connection, "before_cursor_execute", listen)
    call()
    db.event.remove(connection, "before_cursor_execute", listen)
    return sum(_rows(connection, *entry) for entry in statements)


def _rows(connection, statement, values) -> int:
    plan = connection.exec_driver_sql(f"EXPLAIN (ANALYZE, FORMAT JSON) {statement}", values).scalar_one()
    plan = json.loads(plan) if isinstance(plan, str) else plan

    def count(node) -> float:
        read = node["Actual Rows"] + node.get("Rows Removed by Filter", 0)
        return read * node["Actual Loops"] + sum(count(one) for one in node.get("Plans", ()))

    return int(count(plan[0]["Plan"]))


@pytest.mark.parametrize("stock", ["", words(10**6, 30)], ids=["all different", "a phrase in every answer"])
def test_one_look_costs_the_same_among_two_hundred_and_two_thousand_answers(opening, run_work, stock):
    mine = hand_in(f"{stock} {words(10**7, 40)}", opening)
    run_work()
    hashes = sketch(mine.answers["reply"], about="close-my-account/reply")
    costs = []

    for number in (200, 1_800):
        store(number, mine, stock=stock)
        copies.candidates(mine, hashes)  # What SQLAlchemy reads once.
        costs.append(rows_read(lambda: copies.candidates(mine, hashes)))

    assert costs[1] <= 1.15 * costs[0] + 200, costs


def test_no_table_is_read_as_a_whole(opening, run_work, count_queries):
    mine = hand_in(opening=opening)
    run_work()
    store(500, mine)
    if db.session.get_bind().dialect.name != "sqlite":
        pytest.skip("the plan of a small table says nothing on PostgreSQL; the rows read are counted above")

    with count_queries() as statements:
        copies.candidates(mine, sketch(mine.answers["reply"], about="close-my-account/reply"))

    plans = []
    for statement in statements:
        filled = statement.replace("?", "1")
        plans += [row[3] for row in db.session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {filled}")]
    scanned = {re.sub(r"_\d+$", "", step.split()[1]) for step in plans if step.startswith("SCAN ")}
    assert not scanned & set(db.metadata.tables), plans
    assert sum("SEARCH shingle" in step for step in plans) == SKETCH, plans


def test_at_most_fifty_are_compared_those_that_share_most_first(opening, run_work, monkeypatch):
    for _ in range(7):
        hand_in(opening=opening)
    nearly = hand_in(REWORDED, opening)
    mine = hand_in(REWORDED, opening)
    run_work()
    monkeypatch.setattr(copies, "MOST_COMPARED", 3)

    chosen = copies.candidates(mine, copies._sketches(mine)["reply"])

    assert len(chosen) == 3
    assert nearly in chosen


def test_a_stock_phrase_alone_makes_nobody_a_candidate(opening, run_work):
    phrase = "thank you very much for your message and for your patience"
    for place in range(12):
        hand_in(f"{phrase} {words(place, 60)}", opening)
    mine = hand_in(f"{phrase} {words(99, 60)}", opening)
    run_work()

    assert copies.candidates(mine, copies._sketches(mine)["reply"]) == []


def test_an_answer_that_thousands_have_used_is_still_found_beside_a_newer_one(opening, run_work, monkeypatch):
    monkeypatch.setattr(copies, "NEWEST", 2)
    old = [hand_in(opening=opening) for _ in range(4)]
    run_work()

    newest = hand_in(opening=opening)
    run_work()

    assert {one for one, other, _field, _share in pairs() if other == newest.id} <= {entry.id for entry in old}
    assert any(other == newest.id for _one, other, _field, _share in pairs())


def test_half_of_the_hashes_is_what_half_of_the_wording_shares():
    assert ALIKE * SKETCH == 16
