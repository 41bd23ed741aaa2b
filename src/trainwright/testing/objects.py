# ruff: noqa: S101
"""What every place for objects must do. Subclass the suite with a fixture `objects`, empty."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable
from pathlib import Path

import pytest

from trainwright.spec import InvalidRequestError, NotFoundError
from trainwright.spec.errors import StorageError
from trainwright.store.objects import ObjectStore, fetch
from trainwright.store.objects.errors import ObjectDamagedError

LARGE = 20 << 20
"""Bytes of an object that is sent in several parts."""

WEIRD_KEYS = (
    "ab/한글 .pt",
    "a#b?c%20*[]~",
    "x&y=+;'\"",
    "..x/.y",
    "emoji😀",
    "%2e%2e/x",
)


def digest_of(data: bytes) -> str:
    """The SHA-256, in hexadecimal."""
    return hashlib.sha256(data).hexdigest()


class _Torn(io.RawIOBase):
    """Breaks off after so many bytes."""

    def __init__(self, size: int) -> None:
        self._left = size

    def read(self, size: int = -1) -> bytes:
        if self._left <= 0:
            raise ConnectionResetError
        self._left -= size
        return b"x" * size


class ObjectStoreContract:
    """Objects in any place."""

    def test_what_is_put_is_got(self, objects: ObjectStore, tmp_path: Path) -> None:
        data = bytes(range(256)) * 5000
        path = tmp_path / "source"
        path.write_bytes(data)
        for key, source in (("a/bytes", data), ("a/stream", io.BytesIO(data)), ("a/file", path)):
            stored = objects.put(key, source)
            assert stored.sha256 == digest_of(data)
            assert (stored.key, stored.size, objects.size(key)) == (key, len(data), len(data))
            assert objects.get(key) == objects.get(key, sha256=stored.sha256) == data
            with objects.open(key) as file:
                assert file.read(10) == data[:10]

    @pytest.mark.parametrize("key", WEIRD_KEYS)
    def test_keys_are_taken_as_they_are(self, objects: ObjectStore, key: str) -> None:
        objects.put(key, key.encode())
        assert list(objects.list()) == [key]
        assert objects.get(key) == key.encode()
        objects.delete(key)
        assert list(objects.list()) == []

    def test_what_is_large_goes_piece_by_piece(self, objects: ObjectStore, tmp_path: Path) -> None:
        piece = bytes(range(256)) * 4096
        stored = objects.put("large", io.BytesIO(piece * (LARGE // len(piece))))
        assert stored.size == objects.size("large") == LARGE
        kept = fetch(objects, "large", tmp_path / "deep" / "copy", sha256=stored.sha256)
        assert kept == stored
        again = objects.put("again", tmp_path / "deep" / "copy", sha256=stored.sha256)
        assert again.sha256 == stored.sha256

    def test_nothing_is_an_object_too(self, objects: ObjectStore) -> None:
        stored = objects.put("empty", b"")
        assert (stored.size, objects.get("empty", sha256=stored.sha256)) == (0, b"")

    def test_a_second_put_replaces_the_first(self, objects: ObjectStore) -> None:
        objects.put("k", b"long one")
        objects.put("k", b"2")
        assert (objects.get("k"), objects.size("k")) == (b"2", 1)

    @pytest.mark.parametrize("size", [0, LARGE])
    def test_a_put_that_fails_leaves_what_was_there(self, objects: ObjectStore, size: int) -> None:
        objects.put("k", b"whole")
        with pytest.raises(StorageError):
            objects.put("k", _Torn(size))  # type: ignore[arg-type]
        assert objects.get("k") == b"whole"
        assert list(objects.list()) == ["k"]

    @pytest.mark.parametrize("size", [10, LARGE])
    def test_other_content_than_was_meant_is_not_taken(
        self, objects: ObjectStore, size: int, tmp_path: Path
    ) -> None:
        objects.put("k", b"whole")
        path = tmp_path / "changed"
        path.write_bytes(bytes(size))
        for source in (path, path.read_bytes(), io.BytesIO(bytes(size))):
            with pytest.raises(ObjectDamagedError):
                objects.put("k", source, sha256=digest_of(b"meant"))
        assert objects.get("k") == b"whole"

    def test_an_object_that_was_changed_is_not_given(
        self, objects: ObjectStore, tmp_path: Path
    ) -> None:
        stored = objects.put("k", b"the model")
        objects.put("k", b"another's")
        into = tmp_path / "model"
        into.write_bytes(b"before")
        reads: tuple[Callable[[], object], ...] = (
            lambda: objects.get("k", sha256=stored.sha256),
            lambda: objects.open("k", sha256=stored.sha256).read(),
            lambda: fetch(objects, "k", into, sha256=stored.sha256),
        )
        for read in reads:
            with pytest.raises(ObjectDamagedError):
                read()
        assert into.read_bytes() == b"before"
        assert [p.name for p in tmp_path.iterdir() if p.is_file()] == ["model"]

    def test_lists_are_sorted_and_by_prefix(self, objects: ObjectStore) -> None:
        for key in ("b", "a/2", "a/1", "ab/한글 .pt"):
            objects.put(key, b"")
        assert list(objects.list()) == ["a/1", "a/2", "ab/한글 .pt", "b"]
        assert list(objects.list("a/")) == ["a/1", "a/2"]
        assert list(objects.list("a")) == ["a/1", "a/2", "ab/한글 .pt"]
        assert list(objects.list("zzz")) == list(objects.list("a/1/")) == []

    def test_deleting_twice_is_fine(self, objects: ObjectStore) -> None:
        objects.put("a/b", b"x")
        objects.delete("a/b")
        objects.delete("a/b")
        objects.delete("never")
        assert not objects.exists("a/b")
        assert list(objects.list()) == []

    def test_a_folder_goes_with_all_that_is_in_it(self, objects: ObjectStore) -> None:
        for key in ("runs/r1/a", "runs/r1/b/c", "runs/r10/a"):
            objects.put(key, b"x")
        assert objects.delete_prefix("runs/r1/") == 2
        assert objects.delete_prefix("runs/r1/") == 0
        assert list(objects.list()) == ["runs/r10/a"]
        for prefix in ("", "/", "runs/r1", "../", "runs//"):
            with pytest.raises(InvalidRequestError):
                objects.delete_prefix(prefix)
        assert list(objects.list()) == ["runs/r10/a"]

    def test_what_is_not_there_is_not_found(self, objects: ObjectStore) -> None:
        objects.put("folder/k", b"x")
        for key in ("none", "folder", "folder/k/below"):
            assert not objects.exists(key)
            for call in (objects.get, objects.open, objects.size):
                with pytest.raises(NotFoundError):
                    call(key)

    @pytest.mark.parametrize(
        "key",
        [
            "",
            "/etc/passwd",
            "../x",
            "a/../../x",
            "a//b",
            "a/",
            ".",
            "a\\b",
            "a\0b",
            "a\nb",
            "x" * 2000,
        ],
    )
    def test_a_key_never_leads_outside(self, objects: ObjectStore, key: str) -> None:
        for call in (objects.get, objects.delete, objects.exists, objects.size, objects.uri):
            with pytest.raises(InvalidRequestError):
                call(key)
        with pytest.raises(InvalidRequestError):
            objects.put(key, b"x")
