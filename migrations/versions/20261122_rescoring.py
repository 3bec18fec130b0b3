"""weights proposed, looked at in advance, put in force, and applications scored again

Revision ID: 20261122_rescoring
Revises: 20261122_operators
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "20261122_rescoring"
down_revision = "20261122_operators"
branch_labels = None
depends_on = None

WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
ANY_JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    with op.batch_alter_table("rubric_version") as batch_op:
        batch_op.add_column(sa.Column("line_percent", WHOLE, nullable=True))
        batch_op.add_column(sa.Column("proposed_by_id", WHOLE, nullable=True))
        batch_op.add_column(sa.Column("in_force_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("discarded_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.create_index("ix_rubric_version_proposed_by_id", ["proposed_by_id"])
        batch_op.create_foreign_key(
            op.f("fk_rubric_version_proposed_by_id"), "user", ["proposed_by_id"], ["id"], ondelete="SET NULL"
        )
    # Until now a version was in force from the moment that it was made, under the line of its role.
    op.execute(
        "UPDATE rubric_version SET in_force_at = created_at, "
        "line_percent = (SELECT role.line_percent FROM role WHERE role.id = rubric_version.role_id)"
    )
    with op.batch_alter_table("rubric_version") as batch_op:
        batch_op.create_check_constraint(
            op.f("ck_rubric_version_in_force_or_discarded"), "in_force_at IS NULL OR discarded_at IS NULL"
        )

    op.create_table(
        "preview",
        sa.Column("rubric_version_id", WHOLE, nullable=False),
        sa.Column("against_id", WHOLE, nullable=False),
        sa.Column("run", WHOLE, nullable=False),
        sa.Column("after", WHOLE, nullable=False),
        sa.Column("looked_at", WHOLE, nullable=False),
        sa.Column("readings_seen", WHOLE, nullable=False),
        sa.Column("scores_seen", WHOLE, nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("result", ANY_JSON, nullable=False),
        sa.ForeignKeyConstraint(
            ["rubric_version_id"],
            ["rubric_version.id"],
            name=op.f("fk_preview_rubric_version_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["against_id"], ["rubric_version.id"], name=op.f("fk_preview_against_id")),
        sa.PrimaryKeyConstraint("rubric_version_id", name=op.f("pk_preview")),
    )
    with op.batch_alter_table("preview") as batch_op:
        batch_op.create_index("ix_preview_against_id", ["against_id"])
    op.create_table(
        "preview_part",
        sa.Column("rubric_version_id", WHOLE, nullable=False),
        sa.Column("run", WHOLE, autoincrement=False, nullable=False),
        sa.Column("after", WHOLE, autoincrement=False, nullable=False),
        sa.Column("rows", ANY_JSON, nullable=False),
        sa.ForeignKeyConstraint(
            ["rubric_version_id"],
            ["preview.rubric_version_id"],
            name=op.f("fk_preview_part_rubric_version_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("rubric_version_id", "run", "after", name=op.f("pk_preview_part")),
    )
    op.create_table(
        "rescoring",
        sa.Column("rubric_version_id", WHOLE, nullable=False),
        sa.Column("after", WHOLE, nullable=False),
        sa.Column("asked", WHOLE, nullable=False),
        sa.Column("done", WHOLE, nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("done <= asked", name=op.f("ck_rescoring_done_were_asked")),
        sa.ForeignKeyConstraint(
            ["rubric_version_id"],
            ["rubric_version.id"],
            name=op.f("fk_rescoring_rubric_version_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("rubric_version_id", name=op.f("pk_rescoring")),
    )


def downgrade() -> None:
    op.drop_table("rescoring")
    op.drop_table("preview_part")
    op.drop_table("preview")
    # What was never in force is unknown to the code before; it takes the highest number, so later ones must go.
    op.execute("DELETE FROM rubric_version WHERE in_force_at IS NULL")
    with op.batch_alter_table("rubric_version") as batch_op:
        batch_op.drop_constraint(op.f("ck_rubric_version_in_force_or_discarded"), type_="check")
    with op.batch_alter_table("rubric_version") as batch_op:
        batch_op.drop_constraint(op.f("fk_rubric_version_proposed_by_id"), type_="foreignkey")
        batch_op.drop_index("ix_rubric_version_proposed_by_id")
        batch_op.drop_column("discarded_at")
        batch_op.drop_column("in_force_at")
        batch_op.drop_column("proposed_by_id")
        batch_op.drop_column("line_percent")
