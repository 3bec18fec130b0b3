"""files in answers

Revision ID: 20261122_files
Revises: 20261122_library
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "20261122_files"
down_revision = "20261122_library"
branch_labels = None
depends_on = None


def upgrade() -> None:
    number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "stored_file",
        sa.Column("id", number, nullable=False),
        sa.Column("code", sa.String(length=24), nullable=False),
        sa.Column("attempt_id", number, nullable=False),
        sa.Column("field", sa.String(length=81), nullable=False),
        sa.Column("original_name", sa.String(length=150), nullable=False),
        sa.Column("type", sa.String(length=8), nullable=False),
        sa.Column("size", number, nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("copy_sha256", sa.String(length=64), nullable=True),
        sa.Column("bleached_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("stored_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["attempt_id"], ["attempt.id"], name=op.f("fk_stored_file_attempt_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stored_file")),
        sa.UniqueConstraint("code", name=op.f("uq_stored_file_code")),
    )
    for column in ("attempt_id", "sha256", "copy_sha256"):
        op.create_index(op.f(f"ix_stored_file_{column}"), "stored_file", [column])


def downgrade() -> None:
    op.drop_table("stored_file")
