"""Who asked for a run, from where."""

import sqlalchemy as sa
from alembic import op

from trainwright.store.models.base import Json

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    with op.batch_alter_table("runs") as runs:
        runs.add_column(sa.Column("caller", Json, nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("runs") as runs:
        runs.drop_column("caller")
