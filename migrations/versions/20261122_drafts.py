"""challenges written in the browser, and what is wrong in the library

Revision ID: 20261122_drafts
Revises: 20261122_files
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "20261122_drafts"
down_revision = "20261122_files"
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    op.create_table(
        "challenge_draft",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("slug", sa.String(length=60), nullable=False),
        sa.Column("version", NUMBER, nullable=False),
        sa.Column("content", JSON, nullable=False),
        sa.Column("locales", JSON, nullable=False),
        sa.Column("author_id", NUMBER, nullable=True),
        sa.Column("revision", NUMBER, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["author_id"], ["user.id"], name=op.f("fk_challenge_draft_author_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_challenge_draft")),
        sa.UniqueConstraint("slug", "version", name=op.f("uq_challenge_draft_slug_version")),
    )
    with op.batch_alter_table("challenge_draft", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_challenge_draft_author_id"), ["author_id"], unique=False)

    op.create_table(
        "library_fault",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("file", sa.String(length=500), nullable=False),
        sa.Column("line", NUMBER, nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_library_fault")),
    )


def downgrade() -> None:
    op.drop_table("library_fault")
    with op.batch_alter_table("challenge_draft", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_challenge_draft_author_id"))
    op.drop_table("challenge_draft")
