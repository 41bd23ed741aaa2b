"""Archives and images sent by the client to the real API."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from server_rig import Live

from trainwright.client import Client
from trainwright.spec import InvalidRequestError, NotFoundError
from trainwright.testing.images import make_messy_folder

pytestmark = pytest.mark.integration


@pytest.fixture
def client(live: Live) -> Iterator[Client]:
    with Client(live.url, live.people["user"][1]) as found:
        yield found


def test_an_archive_is_sent_told_of_and_deleted(client: Client, tmp_path: Path) -> None:
    messy = make_messy_folder(tmp_path / "in" / "shapes", per_class=12)
    archive = Path(shutil.make_archive(str(tmp_path / "mine"), "zip", tmp_path / "in"))
    told: list[int] = []
    dataset = client.upload_dataset(archive, on_progress=told.append)
    assert told == sorted(told)
    assert told[-1] == archive.stat().st_size
    assert dataset.name == "mine"
    assert dataset.uploaded
    assert dataset.class_names == messy.class_names
    assert client.validate_dataset("mine").ok
    assert client.upload_dataset(archive, name="other").name == "other"
    for name in ("mine", "other"):
        place = Path(client.dataset(name).location or "")
        client.delete_dataset(name)
        assert place.exists()
        client.delete_dataset(client.restore_dataset(name).id, now=True)
        assert not place.exists()
    with pytest.raises(NotFoundError):
        client.dataset("mine")


def test_what_cannot_be_sent(client: Client, tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match=r"cannot read .*missing\.zip"):
        client.upload_dataset(tmp_path / "missing.zip")
    (tmp_path / "text.zip").write_text("no archive")
    with pytest.raises(InvalidRequestError, match=r"text\.zip: it is neither a zip nor a tar"):
        client.upload_dataset(tmp_path / "text.zip")


def test_only_files_that_are_missing_need_no_model(client: Client, tmp_path: Path) -> None:
    paths = [tmp_path / "a.png", tmp_path / "b.png"]
    found = client.predict("any-run", paths)
    assert [one.input for one in found] == list(map(str, paths))
    assert all(one.error and "cannot read" in one.error.message for one in found)
    with pytest.raises(NotFoundError, match=r"cannot read .*a\.png"):
        client.predict("any-run", paths[:1])
    assert client.predict("any-run", []) == []
