"""Alembic migrations, packaged; `Database.upgrade` runs them."""

REVISIONS = ("0001", "0002", "0003", "0004", "0005", "0006", "0007", "0008")
"""Every revision, oldest first: known here so that a current database costs no Alembic import."""

HEAD = REVISIONS[-1]
