"""The owner whom the first start creates, and the local token that acts for them."""

from __future__ import annotations

from filelock import FileLock

from trainwright.files import storage_error, write_atomic
from trainwright.settings import Home
from trainwright.spec.api import LOCAL_OWNER
from trainwright.store import Database
from trainwright.store.models import Role
from trainwright.store.repositories import Tokens, Users


def ensure_owner(home: Home, database: Database) -> None:
    """Make the owner and the home's token, where they are not there yet.

    A token file whose token the database does not know (damaged, or older than the database) is
    replaced: whoever can write the home is the owner.

    Raises:
        StorageError: The home cannot be written.
    """
    try:
        with FileLock(home.token.with_suffix(".lock"), mode=0o600):
            exists = home.token.exists()
            token = home.token.read_text(errors="replace").strip() if exists else None
            if token and _is_known(database, token):
                return
            with database.session() as session:
                users, tokens = Users(session), Tokens(session)
                owner = users.find(LOCAL_OWNER) or users.add(LOCAL_OWNER, role=Role.ADMIN)
                _, token = tokens.create(owner.id, "local")
            write_atomic(home.token, token + "\n", mode=0o600)
    except OSError as error:
        raise storage_error(home.token, error) from error


def _is_known(database: Database, token: str) -> bool:
    # only read, so that a start does not wait for whoever writes
    with database.session(write=False) as session:
        return Tokens(session).find(token) is not None
