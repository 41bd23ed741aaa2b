"""Datasets in S3: fetched once, whole, and never half."""

import io
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from trainwright.datasets.archives import ArchiveError, Limits
from trainwright.datasets.s3 import S3Dataset
from trainwright.settings import Settings
from trainwright.spec import DataError
from trainwright.store.objects import S3Objects
from trainwright.store.objects.errors import (
    BucketMissingError,
    ObjectStoreDeniedError,
    ObjectStoreUnreachableError,
)
from trainwright.testing.s3 import S3Server

pytestmark = pytest.mark.integration

CATS = {"cat/1.png": b"one", "cat/2.png": b"two" * 1000, "dog/개 1.png": b"three"}


@pytest.fixture(scope="module")
def running_server() -> Iterator[S3Server]:
    with S3Server() as server:
        yield server


@pytest.fixture
def server(running_server: S3Server) -> Iterator[S3Server]:
    yield running_server
    running_server.faults.truncate = None
    running_server.faults.away = False


@pytest.fixture
def settings(server: S3Server, tmp_path: Path) -> Settings:
    return server.settings(trainwright_home=tmp_path / "home")


@pytest.fixture
def bucket(server: S3Server, settings: Settings) -> S3Objects:
    objects = server.objects(settings.s3_bucket)
    for name, data in CATS.items():
        objects.put(f"photos/{name}", data)
    objects.put("photos2/other/1.png", b"not of it")
    return objects


@pytest.fixture
def dataset(bucket: S3Objects, settings: Settings) -> S3Dataset:
    return S3Dataset(f"s3://{settings.s3_bucket}/photos", settings)


def content(folder: Path) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*.png")}


def gets(server: S3Server, since: int) -> list[str]:
    return [r for r in server.faults.seen[since:] if r.startswith("GET") and ".png" in r]


def test_it_is_fetched_once(dataset: S3Dataset, server: S3Server, settings: Settings) -> None:
    listing = dataset.look()
    assert (set(listing.entries), listing.bytes) == (set(CATS), 3008)
    assert dataset.latest() is None
    folder = dataset.fetch()
    assert content(folder) == CATS
    assert folder.is_relative_to(settings.home.datasets)
    since = len(server.faults.seen)
    assert dataset.fetch() == dataset.latest() == folder
    assert not gets(server, since)
    slashed = S3Dataset(f"{dataset.uri}/", settings)
    assert slashed.look().fingerprint == listing.fingerprint


def test_what_changes_there_makes_another_snapshot(
    dataset: S3Dataset, bucket: S3Objects, server: S3Server
) -> None:
    first = dataset.fetch()
    bucket.put("photos/cat/1.png", b"ONE")
    bucket.put("photos/cat/3.png", b"new")
    bucket.delete("photos/dog/개 1.png")
    since = len(server.faults.seen)
    second = dataset.fetch()
    assert len(gets(server, since)) == 2
    changed = {"cat/1.png": b"ONE", "cat/2.png": b"two" * 1000, "cat/3.png": b"new"}
    assert content(second) == changed
    assert content(first) == CATS
    assert dataset.latest() == second
    dataset.forget()
    assert not first.exists() and dataset.latest() is None


def test_it_goes_on_where_it_was_cut(
    dataset: S3Dataset, bucket: S3Objects, server: S3Server
) -> None:
    large = bytes(range(256)) * 20_000
    bucket.put("photos/cat/large.png", large)
    chunks = 0

    def interrupt() -> None:
        nonlocal chunks
        chunks += 1
        if chunks > 3:
            raise InterruptedError

    with pytest.raises(Exception):  # noqa: B017
        dataset.fetch(interrupt)
    assert dataset.latest() is None
    since = len(server.faults.seen)
    assert content(dataset.fetch())["cat/large.png"] == large
    assert len(gets(server, since)) < len(CATS) + 1


def test_downloads_that_are_cut_go_on_or_are_no_data(
    dataset: S3Dataset, bucket: S3Objects, server: S3Server
) -> None:
    listing = dataset.look()
    server.faults.truncate = 0
    with pytest.raises(ObjectStoreUnreachableError):
        list(bucket.resume(listing.entries["cat/2.png"], 0))
    server.faults.truncate = 2500  # of listings, and of 3,000 bytes
    assert content(dataset.fetch()) == CATS


def test_an_archive_is_unpacked(bucket: S3Objects, settings: Settings) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, data in CATS.items():
            archive.writestr(name, data)
    bucket.put("packed/photos.zip", packed.getvalue())
    dataset = S3Dataset(f"s3://{settings.s3_bucket}/packed/photos.zip", settings)
    assert dataset.look().is_archive
    folder = dataset.fetch()
    assert content(folder / "photos") == CATS
    assert not list(folder.rglob("*.zip"))
    bucket.put("packed/photos.zip", b"PK no archive")
    with pytest.raises(ArchiveError) as caught:
        dataset.fetch()
    assert caught.value.message.startswith(f"{dataset.uri}: ")
    assert dataset.latest() == folder


@pytest.mark.parametrize(
    ("place", "told"),
    [
        ("nothing/here", "there is nothing at"),
        ("photos/cat/1.png", "is one object"),
        ("../photos", "names no place"),
        ("a//b", "names no place"),
    ],
)
def test_what_is_no_dataset_is_told(
    bucket: S3Objects, settings: Settings, place: str, told: str
) -> None:
    with pytest.raises(DataError, match=told) as caught:
        S3Dataset(f"s3://{settings.s3_bucket}/{place}", settings).fetch()
    assert caught.value.expected


def test_too_much_is_refused_before_it_is_fetched(dataset: S3Dataset, settings: Settings) -> None:
    with pytest.raises(DataError, match="more than 2 objects"):
        dataset.look(Limits(files=2))
    with pytest.raises(DataError, match=r"has 0\.0 GB"):
        dataset.look(Limits(bytes=3000))
    assert not settings.home.datasets.exists()


def test_names_that_lead_out_or_clash_are_refused(
    dataset: S3Dataset, bucket: S3Objects, settings: Settings
) -> None:
    bucket.put("photos/cat", b"a file")
    with pytest.raises(DataError, match="both as a file and as a folder"):
        dataset.fetch()
    bucket.delete("photos/cat")
    import obstore

    obstore.put(bucket._store, "photos/a\\..\\b.png", b"x")
    with pytest.raises(DataError, match="cannot be a file"):
        dataset.fetch()
    assert not settings.home.datasets.exists()


def test_who_may_not_read_is_told_so(dataset: S3Dataset, settings: Settings) -> None:
    stranger = settings.model_copy(update={"aws_secret_access_key": "wrong"})
    with pytest.raises(ObjectStoreDeniedError):
        S3Dataset(dataset.uri, stranger).fetch()
    with pytest.raises(BucketMissingError):
        S3Dataset("s3://no-such-bucket/photos", settings).fetch()
