"""an opening's own questions, versions of the privacy notice, how people came, answers taken over

Revision ID: 20261122_applying
Revises: 20261122_messages
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "20261122_applying"
down_revision = "20261122_messages"
branch_labels = None
depends_on = None

WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
ANY_JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    op.create_table(
        "notice",
        sa.Column("id", WHOLE, nullable=False),
        sa.Column("region_id", WHOLE, nullable=False),
        sa.Column("number", WHOLE, nullable=False),
        sa.Column("texts", ANY_JSON, nullable=False),
        sa.Column("written_by_id", WHOLE, nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["region_id"], ["region.id"], name=op.f("fk_notice_region_id")),
        sa.ForeignKeyConstraint(
            ["written_by_id"], ["user.id"], name=op.f("fk_notice_written_by_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice")),
        sa.UniqueConstraint("region_id", "number", name=op.f("uq_notice_region_id_number")),
    )
    op.create_index("ix_notice_written_by_id", "notice", ["written_by_id"])
    with op.batch_alter_table("opening") as batch_op:
        batch_op.add_column(sa.Column("questions", ANY_JSON, nullable=False, server_default="[]"))
    with op.batch_alter_table("application") as batch_op:
        batch_op.add_column(sa.Column("replies", ANY_JSON, nullable=False, server_default="[]"))
        batch_op.add_column(sa.Column("notice_id", WHOLE, nullable=True))
        batch_op.create_index("ix_application_notice_id", ["notice_id"])
        batch_op.create_foreign_key(op.f("fk_application_notice_id"), "notice", ["notice_id"], ["id"])
    op.create_table(
        "touch",
        sa.Column("application_id", WHOLE, nullable=False),
        sa.Column("is_first", sa.Boolean(), nullable=False),
        sa.Column("token", sa.String(length=64), nullable=True),
        sa.Column("utm_source", sa.String(length=60), nullable=True),
        sa.Column("utm_medium", sa.String(length=60), nullable=True),
        sa.Column("utm_campaign", sa.String(length=60), nullable=True),
        sa.Column("path", sa.String(length=120), nullable=False),
        sa.Column("referrer", sa.String(length=120), nullable=True),
        sa.Column("landed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["application_id"], ["application.id"], name=op.f("fk_touch_application_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("application_id", "is_first", name=op.f("pk_touch")),
    )
    op.create_index("ix_touch_token", "touch", ["token"])
    with op.batch_alter_table("submission") as batch_op:
        batch_op.add_column(sa.Column("reused_from_id", WHOLE, nullable=True))
        batch_op.create_index("ix_submission_reused_from_id", ["reused_from_id"])
        batch_op.create_foreign_key(
            op.f("fk_submission_reused_from_id"), "submission", ["reused_from_id"], ["id"], ondelete="SET NULL"
        )


def downgrade() -> None:
    with op.batch_alter_table("submission") as batch_op:
        batch_op.drop_constraint(op.f("fk_submission_reused_from_id"), type_="foreignkey")
        batch_op.drop_index("ix_submission_reused_from_id")
        batch_op.drop_column("reused_from_id")
    op.drop_table("touch")
    with op.batch_alter_table("application") as batch_op:
        batch_op.drop_constraint(op.f("fk_application_notice_id"), type_="foreignkey")
        batch_op.drop_index("ix_application_notice_id")
        batch_op.drop_column("notice_id")
        batch_op.drop_column("replies")
    with op.batch_alter_table("opening") as batch_op:
        batch_op.drop_column("questions")
    op.drop_table("notice")
