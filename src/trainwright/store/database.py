"""The database: sessions, schema upgrades, and errors a person can act on."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, create_engine, inspect, make_url, text
from sqlalchemy.engine import Engine
from sqlalchemy.orm import Session

from trainwright.spec.errors import UnavailableError
from trainwright.store.documents import dumps
from trainwright.store.failures import translate_errors
from trainwright.store.migrations import HEAD, REVISIONS
from trainwright.store.sqlite import configure_sqlite
from trainwright.store.version import DataVersion

BUSY_SECONDS = 10.0
_UPGRADE_LOCK = 0x7472_6169_6E00


class Database:
    """One SQLite file or PostgreSQL database.

    Args:
        url: SQLAlchemy URL, as `Settings.database` gives it.
        busy_seconds: How long SQLite waits for another writer.

    """

    def __init__(self, url: str, *, busy_seconds: float = BUSY_SECONDS) -> None:
        self.url = make_url(url)
        self._busy_seconds = busy_seconds
        self.engine = self._create_engine()
        translate_errors(self.engine)
        # the readers' view of the same pool: they never wait for a writer
        self._reading = self.engine.execution_options(reading=True, postgresql_readonly=True)
        self._version = DataVersion(self.engine)

    @property
    def dialect(self) -> str:
        return self.engine.dialect.name

    @contextmanager
    def session(self, *, write: bool = True) -> Iterator[Session]:
        """A session in one transaction: committed at the end, rolled back on an error.

        Rows stay readable after the end. On SQLite a writing session takes the write lock at its
        first statement, so that two of them never deadlock.

        Args:
            write: False for a session that only reads; what it changes is not kept.

        Raises:
            StorageError: The database cannot be written or is damaged.
            UnavailableError: It cannot be reached, or stayed locked too long.
        """
        bind = self.engine if write else self._reading
        with Session(bind, expire_on_commit=False, autoflush=write) as session:
            yield session
            if write:
                session.commit()

    @property
    def is_local(self) -> bool:
        """Whether it is a file, to which no answer is a journey."""
        return self.dialect == "sqlite"

    def version(self) -> Hashable | None:
        """A value that equals an earlier one only if nothing was committed between the two.

        None while that cannot be told. Far cheaper than a session.
        """
        return self._version.read()

    def current(self) -> str | None:
        """The schema's revision; `None` for an empty database."""
        with self._reading.connect() as connection:
            return _revision(connection)

    def upgrade(self) -> None:
        """Bring the schema to the newest revision; quick when it is there already.

        Raises:
            UnavailableError: A newer version of the platform made the schema.
        """
        if self.current() != HEAD:
            self._migrate(HEAD, up=True)

    def downgrade(self, revision: str) -> None:
        """Take the schema back to `revision`; `base` removes every table."""
        self._migrate(revision, up=False)

    def dispose(self) -> None:
        """Close every connection."""
        self._version.close()
        self.engine.dispose()

    def _create_engine(self) -> Engine:
        if self.url.get_backend_name() == "sqlite":
            engine = create_engine(
                self.url,
                json_serializer=dumps,
                pool_size=20,
                max_overflow=40,
                connect_args={"timeout": self._busy_seconds, "check_same_thread": False},
            )
            configure_sqlite(engine)
            return engine
        return create_engine(
            self.url, json_serializer=dumps, pool_size=10, max_overflow=30, pool_pre_ping=True
        )

    def _migrate(self, revision: str, *, up: bool) -> None:
        with self.engine.connect() as connection:
            if self.dialect == "sqlite":
                # rebuilding a table must not cascade; the switch is without effect in a transaction
                connection.connection.driver_connection.execute("PRAGMA foreign_keys=OFF")  # type: ignore[union-attr]
            try:
                with connection.begin():
                    if self.dialect == "postgresql":
                        connection.execute(
                            text("SELECT pg_advisory_xact_lock(:key)"), {"key": _UPGRADE_LOCK}
                        )
                    _check_known(_revision(connection))
                    from trainwright.store.migrations.runner import run  # noqa: PLC0415 (slow)

                    run(connection, revision, up=up)
            finally:
                connection.invalidate()


def _revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    found: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
    return found


def _check_known(revision: str | None) -> None:
    if revision is not None and revision not in REVISIONS:
        raise UnavailableError(
            f"the database has schema {revision}, made by a newer version of trainwright",
            expected=f"schema {HEAD} or older",
            mend="pip install --upgrade trainwright",
        )
