"""What a platform stands on: room on the disk, and a Temporal database that is whole."""

from __future__ import annotations

import logging
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

from trainwright.settings import Home
from trainwright.spec.errors import StorageError

log = logging.getLogger(__name__)

ROOM_FOR_A_NEW_HOME = 16 << 20
ROOM_TO_GO_ON = 1 << 20
"""So little that runs can still be deleted through a platform on a disk that is all but full."""


def check_room(home: Home) -> None:
    """Refuse a disk that has no room for the platform's databases.

    Raises:
        StorageError: There is too little room.
    """
    wanted = ROOM_TO_GO_ON if home.temporal_database.exists() else ROOM_FOR_A_NEW_HOME
    free = shutil.disk_usage(home.path).free
    if free < wanted:
        raise StorageError(
            f"the disk of {home.path} is full: {free / 2**20:.1f} MiB free",
            expected=f"at least {wanted >> 20} MiB",
            mend="export TRAINWRIGHT_HOME=<a folder with room>  (or free some)",
        )


def set_aside_unfinished(database: Path) -> bool:
    """Move a Temporal database away that Temporal could never start on.

    Temporal makes its tables in a new file only, one by one. Killed or out of room before it is
    done, it leaves a file that ends every later start. Without a namespace, there are no workflows
    in it to lose; of one that is damaged, the platform starts the owed workflows anew.

    Returns:
        Whether it was moved.
    """
    return _set_aside_unless(database, "SELECT 1 FROM namespaces")


def set_aside_damaged(database: Path) -> bool:
    """Move a Temporal database away that is damaged anywhere; reads the whole of it.

    For when Temporal has died. What was in it is in the runs' rows too, from which the worker
    starts the owed workflows anew.

    Returns:
        Whether it was moved.
    """
    sound = "SELECT 1 FROM namespaces, pragma_quick_check(1) WHERE quick_check = 'ok'"
    return _set_aside_unless(database, sound)


def _set_aside_unless(database: Path, sound: str) -> bool:
    """Move a database away for which the query `sound` gives no row."""
    if not database.exists() or _gives_a_row(database, sound):
        return False
    log.warning("set aside: %s cannot be used", database)
    for suffix in ("-journal", "-wal", "-shm"):
        database.with_name(database.name + suffix).unlink(missing_ok=True)
    database.replace(database.with_name(database.name + ".damaged"))
    return True


def _gives_a_row(database: Path, query: str) -> bool:
    try:
        with closing(sqlite3.connect(database)) as connection:
            return connection.execute(query).fetchone() is not None
    except sqlite3.OperationalError as error:
        return "no such table" not in str(error)  # anything else may pass
    except sqlite3.DatabaseError:
        return False
