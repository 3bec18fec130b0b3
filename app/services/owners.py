"""What hangs on a candidate: how each table leads to the person, and what a declaration says about its columns."""

from __future__ import annotations

import enum
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.orm import InstrumentedAttribute

from app.extensions import Base
from app.models import Application, Assignment, Attempt, Invitation, Submission


class Owner(enum.Enum):
    """What a row hangs on; each leads to the person."""

    CANDIDATE = enum.auto()
    APPLICATION = enum.auto()
    INVITATION = enum.auto()
    ATTEMPT = enum.auto()
    SUBMISSION = enum.auto()
    ASSIGNMENT = enum.auto()


Key = InstrumentedAttribute[Any]
_ABOVE: dict[Owner, tuple[type[Base], Key, Key, Owner]] = {
    Owner.APPLICATION: (Application, Application.id, Application.candidate_id, Owner.CANDIDATE),
    Owner.INVITATION: (Invitation, Invitation.id, Invitation.application_id, Owner.APPLICATION),
    Owner.ATTEMPT: (Attempt, Attempt.id, Attempt.invitation_id, Owner.INVITATION),
    Owner.SUBMISSION: (Submission, Submission.id, Submission.attempt_id, Owner.ATTEMPT),
    Owner.ASSIGNMENT: (Assignment, Assignment.id, Assignment.attempt_id, Owner.ATTEMPT),
}


@dataclass(frozen=True)
class Table:
    """A table with rows about candidates. `key` is the column that leads to the `owner`.

    `personal` is {column: what stands there after an erasure}; with `goes` the rows are deleted instead. `plain` says
    nothing about anybody once the personal columns are empty. `told` is what the person gets in an export, `told_later`
    what they get once they were told the outcome; `only` leaves rows out of the export.
    """

    model: type[Base]
    owner: Owner
    key: Key
    personal: Mapping[str, Any]
    plain: str = ""
    told: str = ""
    told_later: str = ""
    goes: bool = False
    only: ColumnElement[bool] | None = field(default=None, compare=False)

    @property
    def name(self) -> str:
        """As the database calls it."""
        return str(self.model.__tablename__)

    @property
    def columns(self) -> set[str]:
        """Every column that is declared."""
        return {*self.personal, *self.plain.split()}

    def of(self, candidate_id: int) -> ColumnElement[bool]:
        """The rows of one person."""
        if self.owner is Owner.CANDIDATE:
            return self.key == candidate_id
        return self.key.in_(ids(self.owner, candidate_id))

    def path(self) -> Iterator[tuple[type[Base], ColumnElement[bool]]]:
        """The tables between this one and the person, with how they are joined."""
        owner, key = self.owner, self.key
        while owner is not Owner.CANDIDATE:
            model, own, above, higher = _ABOVE[owner]
            yield model, own == key
            owner, key = higher, above


def ids(owner: Owner, candidate_id: int) -> Select[int]:
    """The ids of everything of one kind that hangs on a person."""
    _model, own, above, higher = _ABOVE[owner]
    if higher is Owner.CANDIDATE:
        return select(own).where(above == candidate_id)
    return select(own).where(above.in_(ids(higher, candidate_id)))


def gone(*names: str) -> dict[str, None]:
    """Columns of rows that are deleted, or that are empty afterwards."""
    return dict.fromkeys(names)
