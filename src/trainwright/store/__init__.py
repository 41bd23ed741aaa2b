"""SQL tables, repositories, migrations, and the object store."""

from trainwright.store.database import Database

__all__ = ["Database"]
