"""Files that are written whole or not at all."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from trainwright.files import write_atomic
from trainwright.spec.errors import StorageError

pytestmark = pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="needs Linux's /proc")


class Disk:
    """Notes what the operating system is asked to bring to disk, and may refuse."""

    def __init__(self, refuses: dict[str, int] | None = None) -> None:
        self.synced: list[str] = []
        self._refuses = refuses or {}
        self._fsync = os.fsync

    def fsync(self, fd: int) -> None:
        kind = "folder" if Path(f"/proc/self/fd/{fd}").is_dir() else "file"
        self.synced.append(kind)
        if kind in self._refuses:
            raise OSError(self._refuses[kind], os.strerror(self._refuses[kind]))
        self._fsync(fd)


def test_the_file_is_brought_to_disk_and_then_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk = Disk()
    monkeypatch.setattr(os, "fsync", disk.fsync)
    write_atomic(tmp_path / "new" / "a.json", "{}", mode=0o600)
    assert disk.synced == ["file", "folder"]
    assert (tmp_path / "new" / "a.json").read_text() == "{}"
    assert (tmp_path / "new" / "a.json").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("code", [errno.EINVAL, errno.ENOTSUP])
def test_file_systems_that_sync_no_folders_will_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    monkeypatch.setattr(os, "fsync", Disk({"folder": code}).fsync)
    write_atomic(tmp_path / "a", "new")
    assert (tmp_path / "a").read_text() == "new"


def test_a_failing_disk_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a").write_text("old")
    for part in ("file", "folder"):
        monkeypatch.setattr(os, "fsync", Disk({part: errno.EIO}).fsync)
        with pytest.raises(StorageError, match="Input/output error"):
            write_atomic(tmp_path / "a", "new")
        assert [path.name for path in tmp_path.iterdir()] == ["a"]
