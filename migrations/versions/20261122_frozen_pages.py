"""links frozen, a product named

Revision ID: 20261122_library
Revises: 20261122_house
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "20261122_library"
down_revision = "20261122_house"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "frozen_page",
        sa.Column("submission_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("field", sa.String(length=81), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "ALIVE", "BROKEN", "REFUSED", name="linkstate", native_enum=False, create_constraint=True, length=30
            ),
            nullable=False,
        ),
        sa.Column("reason", sa.String(length=40), nullable=True),
        sa.Column("url", sa.Text(), nullable=True),
        sa.Column("content_type", sa.String(length=100), nullable=True),
        sa.Column("body", sa.LargeBinary(), nullable=True),
        sa.Column("size", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("sha256", sa.String(length=64), nullable=True),
        sa.Column("fetched_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["submission_id"], ["submission.id"], name=op.f("fk_frozen_page_submission_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("submission_id", "field", name=op.f("pk_frozen_page")),
    )
    with op.batch_alter_table("company") as batch_op:
        batch_op.add_column(sa.Column("product_name", sa.String(length=80), nullable=True))
        batch_op.add_column(sa.Column("product_address", sa.String(length=500), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("company") as batch_op:
        batch_op.drop_column("product_address")
        batch_op.drop_column("product_name")

    op.drop_table("frozen_page")
