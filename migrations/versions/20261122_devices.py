"""remembered devices, the code for a further one, quiet sessions, and when a link was issued

Revision ID: 20261122_devices
Revises: 20261122_near_copies
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "20261122_devices"
down_revision = "20261122_near_copies"
branch_labels = None
depends_on = None

WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
# Until now both moments were the one at which the row was made.
ADDED = (("candidate_session", "seen_at"), ("invitation", "link_issued_at"))


def upgrade() -> None:
    for table, column in ADDED:
        with op.batch_alter_table(table) as batch_op:
            batch_op.add_column(sa.Column(column, sa.DateTime(timezone=True), nullable=True))
        op.execute(f"UPDATE {table} SET {column} = created_at")
        with op.batch_alter_table(table) as batch_op:
            batch_op.alter_column(column, existing_type=sa.DateTime(timezone=True), nullable=False)
    op.create_table(
        "candidate_device",
        sa.Column("id", WHOLE, nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("application_id", WHOLE, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["application_id"],
            ["application.id"],
            name=op.f("fk_candidate_device_application_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_candidate_device")),
        sa.UniqueConstraint("token_hash", "application_id", name=op.f("uq_candidate_device_token_hash_application_id")),
    )
    op.create_index(op.f("ix_candidate_device_application_id"), "candidate_device", ["application_id"])
    op.create_table(
        "entry_code",
        sa.Column("application_id", WHOLE, autoincrement=False, nullable=False),
        sa.Column("number", WHOLE, nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("code_hash", sa.String(length=64), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("tries", WHOLE, nullable=False),
        sa.Column("locked_until", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(code_hash IS NULL) = (expires_at IS NULL)", name=op.f("ck_entry_code_expires_if_it_holds")
        ),
        sa.ForeignKeyConstraint(
            ["application_id"], ["application.id"], name=op.f("fk_entry_code_application_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("application_id", name=op.f("pk_entry_code")),
    )


def downgrade() -> None:
    op.drop_table("entry_code")
    op.drop_index(op.f("ix_candidate_device_application_id"), table_name="candidate_device")
    op.drop_table("candidate_device")
    for table, column in reversed(ADDED):
        with op.batch_alter_table(table) as batch_op:
            batch_op.drop_column(column)
