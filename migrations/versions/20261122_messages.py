"""messages between candidates and the team, and how fast they are answered

Revision ID: 20261122_messages
Revises: 20261122_devices
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "20261122_messages"
down_revision = "20261122_devices"
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
SENDER = sa.Enum("CANDIDATE", "STAFF", name="sender", native_enum=False, create_constraint=True, length=30)
WAITING = sa.text("waiting_since IS NOT NULL")


def _key(table: str, column: str, other: str, ondelete: str | None = None) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=op.f(f"fk_{table}_{column}"), ondelete=ondelete)


def upgrade() -> None:
    op.create_table(
        "message",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("application_id", NUMBER, nullable=False),
        sa.Column("sender", SENDER, nullable=False),
        sa.Column("user_id", NUMBER, nullable=True),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("sent_at", MOMENT, nullable=False),
        sa.Column("read_at", MOMENT, nullable=True),
        sa.CheckConstraint("sender = 'STAFF' OR user_id IS NULL", name=op.f("ck_message_candidates_are_no_users")),
        _key("message", "application_id", "application", "CASCADE"),
        _key("message", "user_id", "user", "SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message")),
        sa.UniqueConstraint("application_id", "key", name=op.f("uq_message_application_id_key")),
    )
    op.create_index("ix_message_application_id_id", "message", ["application_id", "id"])
    op.create_index("ix_message_user_id", "message", ["user_id"])
    op.create_table(
        "thread",
        sa.Column("application_id", NUMBER, autoincrement=False, nullable=False),
        sa.Column("region_id", NUMBER, nullable=False),
        sa.Column("last_message_id", NUMBER, nullable=False),
        sa.Column("waiting_since", MOMENT, nullable=True),
        sa.Column("opened_by_id", NUMBER, nullable=True),
        sa.Column("opened_at", MOMENT, nullable=True),
        _key("thread", "application_id", "application", "CASCADE"),
        _key("thread", "region_id", "region"),
        _key("thread", "last_message_id", "message"),
        _key("thread", "opened_by_id", "user", "SET NULL"),
        sa.PrimaryKeyConstraint("application_id", name=op.f("pk_thread")),
    )
    op.create_index(
        "ix_thread_waiting",
        "thread",
        ["region_id", "waiting_since", "application_id"],
        sqlite_where=WAITING,
        postgresql_where=WAITING,
    )
    op.create_index("ix_thread_region_id_last_message_id", "thread", ["region_id", "last_message_id"])
    op.create_index("ix_thread_last_message_id", "thread", ["last_message_id"])
    op.create_index("ix_thread_opened_by_id", "thread", ["opened_by_id"])
    op.create_table(
        "first_answer",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("region_id", NUMBER, nullable=False),
        sa.Column("application_id", NUMBER, nullable=True),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.Column("answered_at", MOMENT, nullable=False),
        _key("first_answer", "region_id", "region", "CASCADE"),
        _key("first_answer", "application_id", "application", "SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_first_answer")),
    )
    op.create_index("ix_first_answer_region_id_answered_at", "first_answer", ["region_id", "answered_at"])
    op.create_index("ix_first_answer_application_id", "first_answer", ["application_id"])
    op.create_table(
        "answer_speed",
        sa.Column("region_id", NUMBER, autoincrement=False, nullable=False),
        sa.Column("answers", NUMBER, nullable=False),
        sa.Column("median_seconds", NUMBER, nullable=True),
        sa.Column("counted_at", MOMENT, nullable=False),
        sa.CheckConstraint("(answers = 0) = (median_seconds IS NULL)", name=op.f("ck_answer_speed_median_of_some")),
        _key("answer_speed", "region_id", "region", "CASCADE"),
        sa.PrimaryKeyConstraint("region_id", name=op.f("pk_answer_speed")),
    )


def downgrade() -> None:
    op.drop_table("answer_speed")
    op.drop_table("first_answer")
    op.drop_table("thread")
    op.drop_table("message")
    op.execute("DELETE FROM counter WHERE name = 'waiting'")
    op.execute("DELETE FROM mail WHERE message IN ('answer', 'question')")
