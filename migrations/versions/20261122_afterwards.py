"""second reviews, words to the candidate, the survey, reasons for leaving, speed of replies, deleted data

Revision ID: 20261122_afterwards
Revises: 20261122_on_time
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "20261122_afterwards"
down_revision = "20261122_on_time"
branch_labels = None
depends_on = None

WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
OPEN = sa.text("state IN ('ASKED', 'READ')")
UNDER_WAY = sa.text("done_at IS NULL")


def codes(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=30)


def upgrade() -> None:
    with op.batch_alter_table("role") as batch_op:
        batch_op.add_column(sa.Column("appeal_points", WHOLE, nullable=True))
        batch_op.add_column(sa.Column("appeal_days", WHOLE, nullable=False, server_default="7"))
        batch_op.create_check_constraint(op.f("ck_role_appeal_points_sane"), "appeal_points BETWEEN 1 AND 50")
        batch_op.create_check_constraint(op.f("ck_role_appeal_days_sane"), "appeal_days BETWEEN 1 AND 60")
    with op.batch_alter_table("assignment") as batch_op:
        batch_op.add_column(sa.Column("is_appeal", sa.Boolean(), nullable=False, server_default=sa.false()))
        batch_op.create_check_constraint(op.f("ck_assignment_appeal_is_third"), "is_third OR NOT is_appeal")
    with op.batch_alter_table("candidate") as batch_op:
        batch_op.add_column(sa.Column("erased_at", MOMENT, nullable=True))
    # The models give these values; the rows that were there have them now.
    with op.batch_alter_table("role") as batch_op:
        batch_op.alter_column("appeal_days", server_default=None)
    with op.batch_alter_table("assignment") as batch_op:
        batch_op.alter_column("is_appeal", server_default=None)
    _about_outcomes()
    _about_leaving()


def _about_outcomes() -> None:
    op.create_table(
        "appeal",
        sa.Column("application_id", WHOLE, autoincrement=False, nullable=False),
        sa.Column("opening_id", WHOLE, nullable=False),
        sa.Column("state", codes("appealstate", "ASKED", "READ", "CONFIRMED", "CHANGED", "ENDED"), nullable=False),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.Column("reply_by", MOMENT, nullable=False),
        sa.Column("score_id", WHOLE, nullable=True),
        sa.Column("read_at", MOMENT, nullable=True),
        sa.Column("settled_at", MOMENT, nullable=True),
        sa.CheckConstraint("state <> 'ASKED' OR read_at IS NULL", name=op.f("ck_appeal_read_when_read")),
        sa.CheckConstraint("state <> 'READ' OR read_at IS NOT NULL", name=op.f("ck_appeal_read_has_moment")),
        sa.CheckConstraint(
            "(state IN ('CONFIRMED', 'CHANGED', 'ENDED')) = (settled_at IS NOT NULL)",
            name=op.f("ck_appeal_settled_once"),
        ),
        sa.ForeignKeyConstraint(
            ["application_id"], ["application.id"], name=op.f("fk_appeal_application_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["opening_id"], ["opening.id"], name=op.f("fk_appeal_opening_id")),
        sa.ForeignKeyConstraint(["score_id"], ["score.id"], name=op.f("fk_appeal_score_id"), ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("application_id", name=op.f("pk_appeal")),
    )
    op.create_index("ix_appeal_open", "appeal", ["opening_id", "asked_at"], sqlite_where=OPEN, postgresql_where=OPEN)
    op.create_index("ix_appeal_score_id", "appeal", ["score_id"])
    op.create_table(
        "outcome_comment",
        sa.Column("application_id", WHOLE, autoincrement=False, nullable=False),
        sa.Column("slug", sa.String(length=60), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("written_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["application_id"], ["application.id"], name=op.f("fk_outcome_comment_application_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("application_id", "slug", name=op.f("pk_outcome_comment")),
    )
    op.create_table(
        "reply_speed",
        sa.Column("region_id", WHOLE, autoincrement=False, nullable=False),
        sa.Column("told", WHOLE, nullable=False),
        sa.Column("days", WHOLE, nullable=True),
        sa.Column("counted_at", MOMENT, nullable=False),
        sa.CheckConstraint("(told = 0) = (days IS NULL)", name=op.f("ck_reply_speed_days_of_some")),
        sa.ForeignKeyConstraint(
            ["region_id"], ["region.id"], name=op.f("fk_reply_speed_region_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("region_id", name=op.f("pk_reply_speed")),
    )


def _about_leaving() -> None:
    op.create_table(
        "survey",
        sa.Column("application_id", WHOLE, autoincrement=False, nullable=False),
        sa.Column("opening_id", WHOLE, nullable=False),
        sa.Column("moment", codes("surveymoment", "HANDED_IN", "TOLD"), nullable=False),
        sa.Column("fair", WHOLE, nullable=False),
        sa.Column("minutes", WHOLE, nullable=False),
        sa.Column("words", sa.Text(), nullable=True),
        sa.Column("answered_at", MOMENT, nullable=False),
        sa.CheckConstraint("fair BETWEEN 1 AND 5", name=op.f("ck_survey_fair_on_scale")),
        sa.CheckConstraint("minutes BETWEEN 1 AND 1440", name=op.f("ck_survey_minutes_sane")),
        sa.ForeignKeyConstraint(
            ["application_id"], ["application.id"], name=op.f("fk_survey_application_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["opening_id"], ["opening.id"], name=op.f("fk_survey_opening_id")),
        sa.PrimaryKeyConstraint("application_id", name=op.f("pk_survey")),
    )
    op.create_index("ix_survey_opening_id_fair", "survey", ["opening_id", "fair"])
    op.create_index("ix_survey_opening_id_minutes", "survey", ["opening_id", "minutes"])
    op.create_table(
        "leaving",
        sa.Column("application_id", WHOLE, autoincrement=False, nullable=False),
        sa.Column("reason", codes("reason", "TOO_LONG", "NO_COMPUTER", "PAY", "FOUND_A_JOB", "OTHER"), nullable=False),
        sa.Column("said_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["application_id"], ["application.id"], name=op.f("fk_leaving_application_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("application_id", name=op.f("pk_leaving")),
    )
    op.create_table(
        "erasure",
        sa.Column("candidate_id", WHOLE, autoincrement=False, nullable=False),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.Column("mail_id", WHOLE, nullable=True),
        sa.Column("done_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["candidate_id"], ["candidate.id"], name=op.f("fk_erasure_candidate_id")),
        sa.ForeignKeyConstraint(["mail_id"], ["mail.id"], name=op.f("fk_erasure_mail_id"), ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("candidate_id", name=op.f("pk_erasure")),
    )
    op.create_index(
        "ix_erasure_under_way", "erasure", ["candidate_id"], sqlite_where=UNDER_WAY, postgresql_where=UNDER_WAY
    )
    op.create_index("ix_erasure_mail_id", "erasure", ["mail_id"])


def downgrade() -> None:
    for table in ("erasure", "leaving", "survey", "reply_speed", "outcome_comment", "appeal"):
        op.drop_table(table)
    with op.batch_alter_table("candidate") as batch_op:
        batch_op.drop_column("erased_at")
    with op.batch_alter_table("assignment") as batch_op:
        batch_op.drop_constraint(op.f("ck_assignment_appeal_is_third"), type_="check")
        batch_op.drop_column("is_appeal")
    with op.batch_alter_table("role") as batch_op:
        batch_op.drop_constraint(op.f("ck_role_appeal_days_sane"), type_="check")
        batch_op.drop_constraint(op.f("ck_role_appeal_points_sane"), type_="check")
        batch_op.drop_column("appeal_days")
        batch_op.drop_column("appeal_points")
