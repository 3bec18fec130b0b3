"""what is kept of answers to find near-copies, and the pairs found

Revision ID: 20261122_near_copies
Revises: 20261122_rescoring
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "20261122_near_copies"
down_revision = "20261122_rescoring"
branch_labels = None
depends_on = None

WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "shingle",
        sa.Column("hash", WHOLE, autoincrement=False, nullable=False),
        sa.Column("submission_id", WHOLE, autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(
            ["submission_id"], ["submission.id"], name=op.f("fk_shingle_submission_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("hash", "submission_id", name=op.f("pk_shingle")),
    )
    with op.batch_alter_table("shingle") as batch_op:
        batch_op.create_index("ix_shingle_submission_id", ["submission_id"])
    op.create_table(
        "likeness",
        sa.Column("earlier_id", WHOLE, autoincrement=False, nullable=False),
        sa.Column("later_id", WHOLE, autoincrement=False, nullable=False),
        sa.Column("field", sa.String(length=81), nullable=False),
        sa.Column("numerator", WHOLE, nullable=False),
        sa.Column("denominator", WHOLE, nullable=False),
        sa.Column("found_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("earlier_id < later_id", name=op.f("ck_likeness_one_order")),
        sa.CheckConstraint("numerator BETWEEN 1 AND denominator", name=op.f("ck_likeness_share_is_a_share")),
        sa.ForeignKeyConstraint(
            ["earlier_id"], ["submission.id"], name=op.f("fk_likeness_earlier_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["later_id"], ["submission.id"], name=op.f("fk_likeness_later_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("earlier_id", "later_id", "field", name=op.f("pk_likeness")),
    )
    with op.batch_alter_table("likeness") as batch_op:
        batch_op.create_index("ix_likeness_later_id", ["later_id"])
    # Answers that were final before are compared as well, when the workers have nothing else to do.
    op.execute(
        "INSERT INTO work (kind, subject_id, key, state, attempt, deaths, fence, next_at, created_at) "
        "SELECT 'sketch', s.id, 'sketch:' || s.id, 'PENDING', 0, 0, 0, CURRENT_TIMESTAMP, CURRENT_TIMESTAMP "
        "FROM submission s JOIN attempt a ON a.id = s.attempt_id WHERE a.final_at IS NOT NULL AND NOT s.is_late "
        "AND NOT EXISTS (SELECT 1 FROM submission n "
        "WHERE n.attempt_id = s.attempt_id AND n.number > s.number AND NOT n.is_late)"
    )


def downgrade() -> None:
    op.execute("DELETE FROM work WHERE kind IN ('sketch', 'compare')")
    op.execute("DELETE FROM work_tally WHERE kind IN ('sketch', 'compare')")
    op.drop_table("likeness")
    op.drop_table("shingle")
