"""A trash for datasets, where names may be those of others."""

import sqlalchemy as sa
from alembic import op

from trainwright.store.models.base import UtcDateTime

revision = "0007"
down_revision = "0006"

_IN_USE = sa.text("deleted_at IS NULL")


def upgrade() -> None:
    with op.batch_alter_table("datasets") as datasets:
        datasets.add_column(sa.Column("purging_at", UtcDateTime(), nullable=True))
        datasets.drop_constraint("uq_datasets_name", type_="unique")
    op.create_index(
        "uq_datasets_name_in_use",
        "datasets",
        ["name"],
        unique=True,
        sqlite_where=_IN_USE,
        postgresql_where=_IN_USE,
    )
    # until now, what was marked had no files any more
    op.execute("UPDATE datasets SET purging_at = deleted_at WHERE deleted_at IS NOT NULL")


def downgrade() -> None:
    # the older version keeps the names of deleted datasets apart from those in use
    op.execute(
        "UPDATE datasets SET name = substr(name, 1, 199 - length(id)) || '~' || id "
        "WHERE deleted_at IS NOT NULL"
    )
    op.drop_index("uq_datasets_name_in_use", "datasets")
    with op.batch_alter_table("datasets") as datasets:
        datasets.create_unique_constraint("uq_datasets_name", ["name"])
        datasets.drop_column("purging_at")
