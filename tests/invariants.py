"""`assert_invariants()`: for the end of any test that has put the database through something."""

from __future__ import annotations

from app.extensions import db
from app.services import invariants
from app.services.invariant_rules import ALL


def broken_invariants() -> dict[str, tuple[int, ...]]:
    """The names of the invariants that do not hold now, each with ids of up to five rows that break it."""
    db.session.flush()
    found = invariants.look_at_all(ALL)
    return {finding.invariant.name: finding.examples for finding in found if finding.violations}


def assert_invariants() -> None:
    """Fail with the name, the sentence and some ids of every invariant that does not hold. Needs an app context."""
    broken = broken_invariants()
    sentences = {entry.name: entry.sentence for entry in ALL}
    assert not broken, "\n".join(f"{name}: not true of {ids}: {sentences[name]}" for name, ids in broken.items())
