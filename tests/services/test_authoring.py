"""Challenges written in the browser: the draft, its files, its faults, and publishing."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app import clock
from app.extensions import db
from app.models import AuditEvent, ChallengeDraft, Duty
from app.refusals import DraftConflict, Refused
from app.services import authoring, catalog, draft_content, draft_rows, publishing
from app.services.audit import Actor
from app.services.catalog_types import DRAFT, PartKind
from app.services.draft_content import Content, english, map_words
from app.services.draft_copies import copied
from app.services.draft_faults import GAP, look
from app.services.draft_files import write
from app.services.draft_rows import Move
from grading.checks import CheckKind
from tests import factories as make

SHIPPED = catalog.load_all(catalog.SHIPPED).challenges
BEN = next(one for one in SHIPPED if one.slug == "close-my-account")


@pytest.fixture
def author(ctx):
    return make.make_user(Duty.MANAGER, name="Mara Manager")


@pytest.fixture
def draft(author):
    return authoring.create("Late parcel", author.id, clock.now())


def faults_of(content: Content) -> dict[str, str]:
    return {fault.path: fault.message for fault in look("a-draft", 1, draft_content.plain(content)).faults}


def ben() -> Content:
    return copied(BEN)


def small() -> Content:
    """Ben's challenge in English alone, with one example and no word lists: what is read in a moment."""
    example = next(row for row in ben().examples if row.locale == "en")
    checks = tuple(one for one in ben().checks if one.kind in (CheckKind.PARTS, CheckKind.LENGTH))
    return replace(ben(), locales=("en",), examples=(replace(example, facts={}, misread=()),), checks=checks)


# --- one format and one loader ------------------------------------------------------------------------------


@pytest.mark.parametrize("challenge", SHIPPED, ids=lambda one: one.name)
def test_a_shipped_challenge_becomes_a_draft_and_the_same_challenge_again(challenge):
    content = copied(challenge)

    kept = draft_content.read(draft_content.plain(content))
    again = catalog.parse(challenge.name, write(kept).files)

    assert kept == content
    assert again == challenge
    assert catalog.fingerprint(again) == catalog.fingerprint(challenge)


@given(st.text(max_size=300).filter(lambda text: text.strip() and not any("\ud800" <= one <= "\udfff" for one in text)))
def test_any_text_comes_out_as_it_went_in_or_is_a_fault_at_its_field(text):
    content = replace(small(), title={"en": text}, task={"en": text})

    found = look("a-draft", 1, draft_content.plain(content))

    if found.faults:
        assert {fault.path for fault in found.faults} <= {"title.en", "task.en"}
    else:
        assert found.challenge.briefs["en"].title == text.strip()


@pytest.mark.parametrize("word", ["no", "null", "1.10", "12:30", "~", "- x", "a: b", "# c", "&a", "*b", "!c", "{"])
def test_words_that_yaml_would_misread_stay_words(word):
    content = map_words(ben(), lambda _path, words: dict.fromkeys(words, word))

    found = look("a-draft", 1, draft_content.plain(content)).challenge

    assert found.briefs["en"].title == word
    assert set(found.briefs["es"].facts.values()) == {word}


# --- faults at their fields ---------------------------------------------------------------------------------


def test_every_empty_text_is_a_fault_at_its_own_field():
    paths: list[str] = []
    blank = map_words(ben(), lambda path, words: (paths.append(path), {})[1])
    may_be_empty = ("subject", "address", "hint")

    found = set(faults_of(replace(blank, locales=("en",), examples=ben().examples[:1])))

    assert found >= {f"{path}.en" for path in paths if path.rpartition(".")[2] not in may_be_empty}


def test_faults_of_the_frame_and_of_the_texts_are_shown_at_once():
    broken = replace(ben(), minutes="soon", title={**ben().title, "en": " "})

    assert {"minutes", "title.en"} <= set(faults_of(broken))


@pytest.mark.parametrize("weight", ["0", "11", "many", "", "-1", "1.5", "٣"])
def test_a_weight_outside_one_to_ten_is_a_fault_at_its_criterion(weight):
    criteria = (ben().criteria[0], replace(ben().criteria[1], weight=weight), *ben().criteria[2:])

    assert set(faults_of(replace(ben(), criteria=criteria))) == {"criteria.1.weight"}


def test_a_missing_anchor_is_a_fault_at_its_level():
    one = ben().criteria[2]
    levels = (one.levels[0], {**one.levels[1], "en": ""}, *one.levels[2:])
    criteria = (*ben().criteria[:2], replace(one, levels=levels), *ben().criteria[3:])

    assert set(faults_of(replace(ben(), criteria=criteria))) == {"criteria.2.levels.1.en"}


def test_an_example_with_a_level_that_is_none_is_a_fault_there():
    one = ben().examples[0]
    examples = (replace(one, levels={**one.levels, "tone": "4"}), *ben().examples[1:])

    assert set(faults_of(replace(ben(), examples=examples))) == {"examples.0.levels.tone"}


def test_a_check_that_lacks_a_language_says_which():
    checks = tuple(
        replace(one, phrases={tag: text for tag, text in one.phrases.items() if tag != "ru"})
        if one.key == "copy"
        else one
        for one in ben().checks
    )
    place = [one.key for one in checks].index("copy")

    assert set(faults_of(replace(ben(), checks=checks))) == {f"checks.{place}.phrases.ru"}


def test_items_need_a_place_each_in_the_agreed_order():
    with_queue = draft_rows.add_part(ben(), PartKind.ORDERING, "Queue")
    for ticket in ("First", "Second", "Third"):
        with_queue = draft_rows.add_item(with_queue, 1, ticket)
    content = draft_rows.settled(ben(), with_queue)
    items = tuple(
        replace(item, label=dict.fromkeys(content.locales, f"Ticket {place}"))
        for place, item in enumerate(content.parts[1].items)
    )
    labelled = replace(content.parts[1], label=dict.fromkeys(content.locales, "Queue"), items=items)
    place = next(at for at, one in enumerate(content.checks) if one.kind is CheckKind.ORDER)

    def with_places(*numbers: str) -> Content:
        given = dict(zip([item.key for item in items], numbers, strict=True))
        check = replace(content.checks[place], places=given, swaps="2 3")
        checks = (*content.checks[:place], check, *content.checks[place + 1 :])
        return replace(content, parts=(content.parts[0], labelled), checks=checks)

    assert f"checks.{place}.places" in faults_of(with_places("1", "1", "2"))
    good = look("a-draft", 1, draft_content.plain(with_places("3", "1", "2"))).challenge
    order = next(one for one in good.checks if one.kind is CheckKind.ORDER)
    assert order.order == (items[1].key, items[2].key, items[0].key)
    assert order.swaps == ((items[2].key, items[0].key),)


def test_a_new_draft_can_be_shown_at_once_with_its_gaps_marked(draft):
    found = authoring.look(draft)

    assert found.challenge.briefs["en"].title == "Late parcel"
    assert found.challenge.briefs["en"].task == GAP
    assert {"task.en", "messages.0.text.en", "criteria", "examples"} <= {one.path for one in found.faults}


@pytest.mark.parametrize("kind", PartKind)
def test_a_draft_with_any_kind_of_part_can_be_shown(kind):
    content = draft_rows.settled(Content(), draft_rows.add_part(Content(), kind, "Label"))

    assert look("a-draft", 1, draft_content.plain(content)).challenge.parts[0].kind is kind


def test_an_empty_draft_can_be_shown():
    assert look("a-draft", 1, draft_content.plain(Content())).challenge is not None


# --- keys and rows ------------------------------------------------------------------------------------------


@given(st.lists(st.text(max_size=60), max_size=12))
def test_keys_are_well_formed_and_each_is_alone(names):
    taken: list[str] = []

    for name in names:
        taken.append(draft_rows.key_of(name, taken, "criterion"))

    assert len(set(taken)) == len(taken)
    assert all(draft_rows.key_of(key, [], "x") == key and len(key) <= 40 for key in taken)


def test_equal_labels_get_different_keys_and_a_key_stays_when_its_words_change():
    same = draft_rows.add_criterion(draft_rows.add_criterion(Content(), "Tone"), "Tone")

    first = draft_rows.settled(Content(), same)
    renamed = replace(first, criteria=tuple(replace(row, name={"en": "Voice"}) for row in first.criteria))

    assert [row.key for row in first.criteria] == ["tone", "tone_2"]
    assert [row.key for row in draft_rows.settled(first, renamed).criteria] == ["tone", "tone_2"]


def test_rows_move_and_go_and_a_place_that_is_not_there_changes_nothing():
    assert draft_rows.moved("abc", 0, Move.DOWN) == ("b", "a", "c")
    assert draft_rows.moved("abc", 0, Move.UP) == ("a", "b", "c")
    assert draft_rows.moved("abc", 2, Move.REMOVE) == ("a", "b")
    assert draft_rows.moved("abc", 3, Move.REMOVE) == ("a", "b", "c")


def test_a_new_field_gets_the_checks_that_suit_it_and_takes_them_along_when_it_goes():
    before = ben()
    added = draft_rows.settled(before, draft_rows.add_part(before, PartKind.SOURCE, "Widget"))
    gone = draft_rows.settled(added, draft_rows.move_row(added, "parts", 1, Move.REMOVE))

    new = {(one.kind, one.looks_at.rpartition(".")[2]) for one in added.checks[len(before.checks) :]}
    assert new == {(CheckKind.HTML, "html"), (CheckKind.PICTURES, "html"), (CheckKind.CSS, "css")}
    assert gone.checks == before.checks


def test_what_checks_were_expected_to_see_is_forgotten_when_the_answer_changes():
    before = ben()
    edited = replace(before.examples[0], answers={"reply": "Other words"})

    kept = draft_rows.settled(before, replace(before, examples=(edited, *before.examples[1:])))

    assert before.examples[0].facts
    assert kept.examples[0].facts == {}
    assert kept.examples[1:] == before.examples[1:]


# --- drafts -------------------------------------------------------------------------------------------------


def test_a_copy_of_a_shipped_challenge_is_a_challenge_of_ones_own(author):
    version = publishing.find("close-my-account", 1)

    first, second = (authoring.copy(version, author.id, clock.now()) for _ in range(2))

    assert (first.slug, first.version) == ("close-my-account-2", 1)
    assert (second.slug, second.version) == ("close-my-account-3", 1)
    assert first.locales == list(BEN.locales)
    assert authoring.look(first).faults == ()
    assert all(one.signed_by is None for one in authoring.languages(authoring.content_of(first))[1:])


def test_a_copy_of_ones_own_challenge_is_its_next_version(author):
    first = authoring.copy(publishing.find("close-my-account", 1), author.id, clock.now())
    version = authoring.publish(first, Actor.user(author.id), 1, clock.now())

    second = authoring.copy(version, author.id, clock.now())

    assert (second.slug, second.version) == (first.slug, 2)


@pytest.mark.parametrize(
    "title", ["Close my account", "  close-my ACCOUNT! ", "我的账户", "Role", "\u202eabc", "x" * 300]
)
def test_a_name_never_collides(author, title):
    made = {authoring.create(title, author.id, clock.now()).slug for _ in range(3)}

    assert len(made) == 3
    assert not made & {one.slug for one in SHIPPED}
    assert all(len(slug) <= 60 for slug in made)


def test_two_managers_at_once_lose_nothing(draft):
    content = authoring.content_of(draft)

    authoring.save(draft, replace(content, minutes="20"), 1, clock.now())
    with pytest.raises(DraftConflict):
        authoring.save(draft, replace(content, minutes="30"), 1, clock.now())

    assert (draft.revision, authoring.content_of(draft).minutes) == (2, "20")


def test_publishing_needs_a_draft_without_faults(draft, author):
    with pytest.raises(authoring.NotReady):
        authoring.publish(draft, Actor.user(author.id), 1, clock.now())

    assert draft.published_at is None


def test_publishing_freezes_exactly_what_was_written_and_says_who_did(author):
    draft = authoring.copy(publishing.find("close-my-account", 1), author.id, clock.now())

    version = authoring.publish(draft, Actor.user(author.id), draft.revision, clock.now())

    found = publishing.challenge_of(version)
    assert replace(found, slug=BEN.slug, examples=BEN.examples) == BEN
    assert draft.published_at is not None
    events = db.session.query(AuditEvent).filter_by(actor_id=author.id).order_by(AuditEvent.id).all()
    assert [event.action for event in events] == ["draft.create", "draft.publish"]
    with pytest.raises(Refused):
        authoring.save(draft, authoring.content_of(draft), draft.revision, clock.now())
    with pytest.raises(Refused):
        authoring.discard(draft, Actor.user(author.id), clock.now())


def test_a_number_that_was_published_from_a_folder_meanwhile_is_left_alone(author):
    draft = authoring.copy(publishing.find("close-my-account", 1), author.id, clock.now())
    theirs, _ = publishing.publish(replace(BEN, slug=draft.slug, minutes=16), clock.now())

    version = authoring.publish(draft, Actor.user(author.id), draft.revision, clock.now())

    assert (theirs.version, version.version) == (1, 2)


def test_a_discarded_draft_is_gone_and_the_act_is_kept(draft, author):
    authoring.discard(draft, Actor.user(author.id), clock.now())
    db.session.flush()

    assert db.session.query(ChallengeDraft).count() == 0
    assert db.session.query(AuditEvent).filter_by(action="draft.discard").count() == 1


# --- languages ----------------------------------------------------------------------------------------------


def signed(author):
    draft = authoring.copy(publishing.find("close-my-account", 1), author.id, clock.now())
    authoring.sign(draft, "es", "Lucía Romero", Actor.user(author.id), draft.revision, clock.now())
    return draft


def test_a_native_speaker_signs_a_language(author):
    draft = signed(author)

    found = {one.locale: one.signed_by for one in authoring.languages(authoring.content_of(draft))}

    assert (found["es"], found["ru"]) == ("Lucía Romero", None)
    assert authoring.look(draft).challenge.briefs["es"].review == "Lucía Romero"


def test_a_signature_goes_when_the_signed_words_change_and_stays_otherwise(author):
    draft = signed(author)
    content = authoring.content_of(draft)

    other = authoring.save(draft, replace(content, title={**content.title, "ru": "Иначе"}), 2, clock.now())
    changed = authoring.save(draft, replace(other, title={**other.title, "es": "Otra cosa"}), 3, clock.now())

    assert other.brief_review["es"] == "Lucía Romero"
    assert changed.brief_review["es"] == DRAFT


def test_english_stays_and_a_language_that_comes_back_has_its_words(author):
    content = ben()

    less = authoring.set_locales(content, ["es"])
    more = authoring.set_locales(less, ["es", "ro", "xx"])

    assert less.locales == ("en", "es")
    assert more.locales == ("en", "es", "ro")
    assert english(more.title) and more.title["ro"] == content.title["ro"]
    assert faults_of(less) == {}


def test_saving_and_showing_a_draft_in_six_languages_is_quick(author):
    draft = authoring.copy(publishing.find("close-my-account", 1), author.id, clock.now())
    began = clock.now()

    authoring.look(draft)
    authoring.look(draft)

    assert clock.now() - began < timedelta(seconds=10)
