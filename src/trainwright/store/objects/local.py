"""Objects as files below one folder."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from trainwright.files import contained, storage_error
from trainwright.store.objects.base import (
    PARTIAL,
    Checked,
    Source,
    Stored,
    as_file,
    check_key,
    check_prefix,
    chunks_of,
    missing,
    write_whole,
)


class LocalObjects:
    """Objects as files below `root`, which is made at need."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def put(self, key: str, source: Source, *, sha256: str | None = None) -> Stored:
        path = self._path(key)
        content = Checked(key, chunks_of(source), sha256)
        write_whole(path, content)
        return content.stored

    def get(self, key: str, *, sha256: str | None = None) -> bytes:
        with self.open(key, sha256=sha256) as file:
            return file.read()

    def open(self, key: str, *, sha256: str | None = None) -> BinaryIO:
        path = self._path(key)
        if not path.is_file():
            raise missing(key)
        if sha256 is None:
            return path.open("rb")
        return as_file(Checked(key, chunks_of(path), sha256))

    def delete(self, key: str) -> None:
        path = self._path(key)
        if not path.is_file():
            return
        try:
            path.unlink(missing_ok=True)
            for folder in path.parents:
                if folder == self.root or any(folder.iterdir()):
                    break
                folder.rmdir()
        except OSError as error:
            raise storage_error(path, error) from error

    def delete_prefix(self, prefix: str) -> int:
        check_prefix(prefix)
        keys = list(self.list(prefix))
        for key in keys:
            self.delete(key)
        return len(keys)

    def list(self, prefix: str = "") -> Iterator[str]:
        folder = self.root / prefix.rpartition("/")[0]
        keys = (
            path.relative_to(self.root).as_posix()
            for path in folder.rglob("*")
            if path.is_file() and not path.name.startswith(PARTIAL)
        )
        yield from sorted(key for key in keys if key.startswith(prefix))

    def exists(self, key: str) -> bool:
        return self._path(key).is_file()

    def size(self, key: str) -> int:
        if not self.exists(key):
            raise missing(key)
        return self._path(key).stat().st_size

    def uri(self, key: str) -> str:
        return self._path(key).as_uri()

    def presign(self, key: str, seconds: int) -> str | None:  # noqa: ARG002
        check_key(key)
        return None

    def _path(self, key: str) -> Path:
        check_key(key)
        return contained(self.root, key)
