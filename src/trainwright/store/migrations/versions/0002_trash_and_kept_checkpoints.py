"""A trash for runs, and checkpoints that are kept."""

import sqlalchemy as sa
from alembic import op

from trainwright.store.models.base import UtcDateTime

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    with op.batch_alter_table("runs") as runs:
        runs.add_column(sa.Column("purging_at", UtcDateTime(), nullable=True))
    # until now, what was marked was on its way out already
    op.execute("UPDATE runs SET purging_at = deleted_at WHERE deleted_at IS NOT NULL")
    with op.batch_alter_table("checkpoints") as checkpoints:
        checkpoints.add_column(
            sa.Column("kept", sa.Boolean(), server_default=sa.false(), nullable=False)
        )


def downgrade() -> None:
    with op.batch_alter_table("checkpoints") as checkpoints:
        checkpoints.drop_column("kept")
    # the older version knows no trash and would remove what is in it
    op.execute("UPDATE runs SET deleted_at = NULL WHERE purging_at IS NULL")
    with op.batch_alter_table("runs") as runs:
        runs.drop_column("purging_at")
