"""a tally of finished work, and indexes of reasons

Revision ID: 20261122_operators
Revises: 20261122_drafts
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "20261122_operators"
down_revision = "20261122_drafts"
branch_labels = None
depends_on = None

PUT_BACK = sa.text("state = 'PENDING' AND reason IS NOT NULL")
FAILED = sa.text("state = 'FAILED'")
WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "work_tally",
        sa.Column("minute", WHOLE, autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column(
            "outcome",
            sa.Enum(
                "SUCCEEDED",
                "FAILED",
                "CANCELLED",
                "RETRIED",
                "DIED",
                "FENCED",
                name="outcome",
                native_enum=False,
                create_constraint=True,
                length=30,
            ),
            nullable=False,
        ),
        sa.Column("slot", WHOLE, autoincrement=False, nullable=False),
        sa.Column("number", WHOLE, nullable=False),
        sa.PrimaryKeyConstraint("minute", "kind", "outcome", "slot", name=op.f("pk_work_tally")),
    )
    # What was finished before there was a tally.
    op.execute(
        "INSERT INTO work_tally (minute, kind, outcome, slot, number) SELECT 0, kind, state, 0, count(*) FROM work "
        "WHERE state IN ('SUCCEEDED', 'FAILED', 'CANCELLED') GROUP BY kind, state"
    )
    for name, where in (("ix_work_put_back", PUT_BACK), ("ix_work_failed", FAILED)):
        op.create_index(
            name, "work", ["kind", "reason", "id"], unique=False, sqlite_where=where, postgresql_where=where
        )


def downgrade() -> None:
    for name, where in (("ix_work_put_back", PUT_BACK), ("ix_work_failed", FAILED)):
        op.drop_index(name, table_name="work", sqlite_where=where, postgresql_where=where)
    op.drop_table("work_tally")
