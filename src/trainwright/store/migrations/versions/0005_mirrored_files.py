"""Files of runs that the object store has too."""

import sqlalchemy as sa
from alembic import op

from trainwright.store.models.base import UtcDateTime

revision = "0005"
down_revision = "0004"

_ENDED = "('completed', 'failed', 'stopped', 'paused')"


def upgrade() -> None:
    with op.batch_alter_table("runs") as runs:
        runs.add_column(
            sa.Column("mirror_due", sa.Boolean(), server_default=sa.false(), nullable=False)
        )
        runs.create_index("ix_runs_mirror", ["mirror_due"])
    # what earlier runs left is mirrored as soon as there is somewhere to mirror it to
    op.execute(f"UPDATE runs SET mirror_due = true WHERE status IN {_ENDED}")  # noqa: S608
    with op.batch_alter_table("artifacts") as artifacts:
        artifacts.drop_column("object_key")
    op.create_table(
        "mirrored_files",
        sa.Column("run_id", sa.String(length=32), nullable=False),
        sa.Column("path", sa.String(length=1000), nullable=False),
        sa.Column("bytes", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("mirrored_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["run_id"],
            ["runs.id"],
            name=op.f("fk_mirrored_files_run_id_runs"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("run_id", "path", name=op.f("pk_mirrored_files")),
    )


def downgrade() -> None:
    op.drop_table("mirrored_files")
    with op.batch_alter_table("artifacts") as artifacts:
        artifacts.add_column(sa.Column("object_key", sa.String(length=1000), nullable=True))
    with op.batch_alter_table("runs") as runs:
        runs.drop_index("ix_runs_mirror")
        runs.drop_column("mirror_due")
