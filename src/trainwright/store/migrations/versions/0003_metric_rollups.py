"""Roll-ups of long metric series. Series that are there already are rolled up as they grow."""

import sqlalchemy as sa
from alembic import op

from trainwright.store.models.base import BigId

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.create_table(
        "metric_rollups",
        sa.Column("series_id", BigId, nullable=False),
        sa.Column("level", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("place", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("least_step", sa.BigInteger(), nullable=True),
        sa.Column("greatest_step", sa.BigInteger(), nullable=True),
        sa.Column("stepless", sa.BigInteger(), nullable=False),
        sa.Column("epoch", sa.Double(), nullable=True),
        sa.Column("mean", sa.Double(), nullable=True),
        sa.Column("minimum", sa.Double(), nullable=True),
        sa.Column("maximum", sa.Double(), nullable=True),
        sa.Column("nans", sa.BigInteger(), nullable=False),
        sa.Column("infinities", sa.BigInteger(), nullable=False),
        sa.Column("minus_infinities", sa.BigInteger(), nullable=False),
        sa.Column("first", sa.Double(), nullable=True),
        sa.Column("first_special", sa.SmallInteger(), nullable=False),
        sa.Column("last", sa.Double(), nullable=True),
        sa.Column("last_special", sa.SmallInteger(), nullable=False),
        sa.Column("timestamp_us", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["series_id"],
            ["metric_series.id"],
            name=op.f("fk_metric_rollups_series_id_metric_series"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("series_id", "level", "place", name=op.f("pk_metric_rollups")),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("metric_series", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("rolled", sa.BigInteger(), server_default="0", nullable=False)
        )


def downgrade() -> None:
    with op.batch_alter_table("metric_series", schema=None) as batch_op:
        batch_op.drop_column("rolled")
    op.drop_table("metric_rollups")
