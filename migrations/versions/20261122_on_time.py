"""requests for more time, outages, wall times of windows, late answers that count

Revision ID: 20261122_on_time
Revises: 20261122_applying
"""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from alembic import op
from tzdata import IANA_VERSION

revision = "20261122_on_time"
down_revision = "20261122_applying"
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
ASKED = sa.text("state = 'ASKED'")
WAITING, ANSWERED = sa.text("answered_at IS NULL"), sa.text("answered_at IS NOT NULL")
UNSETTLED = sa.text("settled_at IS NULL")
SLICE = 1_000


def upgrade() -> None:
    op.create_table(
        "heartbeat",
        sa.Column("id", NUMBER, autoincrement=False, nullable=False),
        sa.Column("beat_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_heartbeat")),
    )
    op.create_table(
        "outage",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("after", NUMBER, nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("ended_at > began_at", name=op.f("ck_outage_has_length")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outage")),
        sa.UniqueConstraint("began_at", name=op.f("uq_outage_began_at")),
    )
    with op.batch_alter_table("outage", schema=None) as batch_op:
        batch_op.create_index(
            "ix_outage_unsettled", ["id"], unique=False, sqlite_where=UNSETTLED, postgresql_where=UNSETTLED
        )

    op.create_table(
        "accommodation",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("code", sa.String(length=12), nullable=False),
        sa.Column("application_id", NUMBER, nullable=False),
        sa.Column("region_id", NUMBER, nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "MORE_TIME",
                "OTHER_FORMAT",
                "OTHER",
                name="adjustment",
                native_enum=False,
                create_constraint=True,
                length=30,
            ),
            nullable=False,
        ),
        sa.Column("wished_percent", NUMBER, nullable=True),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "ASKED",
                "GRANTED",
                "DECLINED",
                name="accommodationstate",
                native_enum=False,
                create_constraint=True,
                length=30,
            ),
            nullable=False,
        ),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("more_percent", NUMBER, nullable=False),
        sa.Column("extra_minutes", NUMBER, nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("answered_by_id", NUMBER, nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(state = 'ASKED') = (answered_at IS NULL)", name=op.f("ck_accommodation_answered_once")),
        sa.CheckConstraint("more_percent >= 0 AND extra_minutes >= 0", name=op.f("ck_accommodation_only_longer")),
        sa.ForeignKeyConstraint(
            ["answered_by_id"], ["user.id"], name=op.f("fk_accommodation_answered_by_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["application_id"], ["application.id"], name=op.f("fk_accommodation_application_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["region_id"], ["region.id"], name=op.f("fk_accommodation_region_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_accommodation")),
        sa.UniqueConstraint("code", name=op.f("uq_accommodation_code")),
    )
    with op.batch_alter_table("accommodation", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_accommodation_answered_by_id"), ["answered_by_id"], unique=False)
        batch_op.create_index("ix_accommodation_application_id_id", ["application_id", "id"], unique=False)
        batch_op.create_index(
            "ix_accommodation_open", ["application_id"], unique=True, sqlite_where=ASKED, postgresql_where=ASKED
        )
        for name, where in (("ix_accommodation_waiting", WAITING), ("ix_accommodation_answered", ANSWERED)):
            batch_op.create_index(name, ["region_id", "id"], unique=False, sqlite_where=where, postgresql_where=where)

    op.create_table(
        "outage_credit",
        sa.Column("invitation_id", NUMBER, nullable=False),
        sa.Column("outage_id", NUMBER, nullable=False),
        sa.Column("seconds", NUMBER, nullable=False),
        sa.Column("credited_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("seconds > 0", name=op.f("ck_outage_credit_gives_time")),
        sa.ForeignKeyConstraint(
            ["invitation_id"], ["invitation.id"], name=op.f("fk_outage_credit_invitation_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["outage_id"], ["outage.id"], name=op.f("fk_outage_credit_outage_id")),
        sa.PrimaryKeyConstraint("invitation_id", "outage_id", name=op.f("pk_outage_credit")),
    )
    with op.batch_alter_table("outage_credit", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_outage_credit_outage_id"), ["outage_id"], unique=False)

    with op.batch_alter_table("attempt", schema=None) as batch_op:
        batch_op.add_column(sa.Column("lost_seconds", NUMBER, nullable=False, server_default="0"))
    with op.batch_alter_table("invitation", schema=None) as batch_op:
        batch_op.add_column(sa.Column("closes_local", sa.String(length=26), nullable=True))
        batch_op.add_column(sa.Column("closes_zone", sa.String(length=64), nullable=True))
        batch_op.add_column(sa.Column("closes_tzdata", sa.String(length=12), nullable=True))
        batch_op.add_column(sa.Column("more_percent", NUMBER, nullable=False, server_default="0"))
        batch_op.add_column(sa.Column("lost_seconds", NUMBER, nullable=False, server_default="0"))
    _write_wall_times()
    with op.batch_alter_table("attempt", schema=None) as batch_op:
        batch_op.alter_column("lost_seconds", server_default=None)
    with op.batch_alter_table("invitation", schema=None) as batch_op:
        for name in ("closes_local", "closes_zone", "closes_tzdata"):
            batch_op.alter_column(name, nullable=False)
        for name in ("more_percent", "lost_seconds"):
            batch_op.alter_column(name, server_default=None)
        batch_op.create_check_constraint(
            batch_op.f("ck_invitation_only_longer"),
            "extra_minutes >= 0 AND more_percent >= 0 AND lost_seconds >= 0",
        )

    with op.batch_alter_table("submission", schema=None) as batch_op:
        batch_op.add_column(sa.Column("counted_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("counted_by_id", NUMBER, nullable=True))
        batch_op.add_column(sa.Column("counted_because", sa.Text(), nullable=True))
        batch_op.create_index(batch_op.f("ix_submission_counted_by_id"), ["counted_by_id"], unique=False)
        batch_op.create_foreign_key(
            batch_op.f("fk_submission_counted_by_id"), "user", ["counted_by_id"], ["id"], ondelete="SET NULL"
        )


def _write_wall_times() -> None:
    """The window of every invitation as its candidate was told: wall time in their zone, by the zone data of today."""
    connection, low = op.get_bind(), 0
    ends = sa.text(
        "SELECT i.id, i.closes_at, c.zone FROM invitation i JOIN application a ON a.id = i.application_id "
        "JOIN candidate c ON c.id = a.candidate_id WHERE i.id > :low ORDER BY i.id LIMIT :slice"
    ).columns(id=NUMBER, closes_at=sa.DateTime(timezone=True), zone=sa.String)
    keep = sa.text(
        "UPDATE invitation SET closes_local = :local, closes_zone = :zone, closes_tzdata = :tzdata WHERE id = :id"
    )
    while rows := connection.execute(ends, {"low": low, "slice": SLICE}).all():
        low = rows[-1].id
        told = [(row.id, row.zone, _utc(row.closes_at).astimezone(ZoneInfo(row.zone))) for row in rows]
        connection.execute(
            keep,
            [
                {"id": row_id, "zone": zone, "tzdata": IANA_VERSION, "local": local.replace(tzinfo=None).isoformat()}
                for row_id, zone, local in told
            ],
        )


def _utc(moment: datetime) -> datetime:
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment


def downgrade() -> None:
    with op.batch_alter_table("submission", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_submission_counted_by_id"), type_="foreignkey")
        batch_op.drop_index(batch_op.f("ix_submission_counted_by_id"))
        batch_op.drop_column("counted_because")
        batch_op.drop_column("counted_by_id")
        batch_op.drop_column("counted_at")

    with op.batch_alter_table("invitation", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("ck_invitation_only_longer"), type_="check")
        batch_op.drop_column("lost_seconds")
        batch_op.drop_column("more_percent")
        batch_op.drop_column("closes_tzdata")
        batch_op.drop_column("closes_zone")
        batch_op.drop_column("closes_local")

    with op.batch_alter_table("attempt", schema=None) as batch_op:
        batch_op.drop_column("lost_seconds")

    with op.batch_alter_table("outage_credit", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_outage_credit_outage_id"))

    op.drop_table("outage_credit")
    with op.batch_alter_table("accommodation", schema=None) as batch_op:
        for name, where in (("ix_accommodation_waiting", WAITING), ("ix_accommodation_answered", ANSWERED)):
            batch_op.drop_index(name, sqlite_where=where, postgresql_where=where)
        batch_op.drop_index("ix_accommodation_open", sqlite_where=ASKED, postgresql_where=ASKED)
        batch_op.drop_index("ix_accommodation_application_id_id")
        batch_op.drop_index(batch_op.f("ix_accommodation_answered_by_id"))

    op.drop_table("accommodation")
    with op.batch_alter_table("outage", schema=None) as batch_op:
        batch_op.drop_index("ix_outage_unsettled", sqlite_where=UNSETTLED, postgresql_where=UNSETTLED)

    op.drop_table("outage")
    op.drop_table("heartbeat")
