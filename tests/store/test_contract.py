"""The shipped suites, on every database and on local objects."""

from pathlib import Path

import pytest

from trainwright.spec import InvalidRequestError
from trainwright.store.objects import LocalObjects
from trainwright.testing.stores import ObjectStoreContract, StoreContract


class TestStore(StoreContract):
    pass


class TestLocalObjects(ObjectStoreContract):
    @pytest.fixture
    def objects(self, tmp_path: Path) -> LocalObjects:
        return LocalObjects(tmp_path / "objects")

    def test_a_link_never_leads_outside(self, objects: LocalObjects, tmp_path: Path) -> None:
        (tmp_path / "secret").write_text("s")
        objects.root.mkdir()
        (objects.root / "link").symlink_to(tmp_path)
        with pytest.raises(InvalidRequestError):
            objects.get("link/secret")
