"""Backups that were damaged, cut off, or made by somebody who means harm."""

from __future__ import annotations

import io
import shutil
import tarfile
from collections.abc import Iterable
from pathlib import Path

import pytest
import zstandard
from backup_rig import ROOM, Place, settings_of, write
from hypothesis import given
from hypothesis import strategies as st

from trainwright.backup import create, restore
from trainwright.backup.manifest import BackupError
from trainwright.backup.sources import verify
from trainwright.spec.errors import DiskFullError


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> bytes:
    """A small backup, to be harmed."""
    folder = tmp_path_factory.mktemp("harm")
    settings = settings_of(folder / "home")
    write(settings.home.runs / "r1" / "spec.yaml", "a: 1\n")
    shutil.copy(sqlite_template, settings.home.database)
    return create(settings, folder / "b.tar.zst").path.read_bytes()


@given(place=st.floats(0, 1), bit=st.integers(0, 7))
def test_a_flipped_bit_never_passes_for_a_backup(
    archive: bytes, tmp_path: Path, place: float, bit: int
) -> None:
    path = tmp_path / "b.tar.zst"
    data = bytearray(archive)
    data[min(int(place * len(data)), len(data) - 1)] ^= 1 << bit
    path.write_bytes(data)
    try:
        verify(path, ROOM)
    except (BackupError, DiskFullError):
        return
    # a bit that means nothing, as in padding: everything of it is as it was
    whole = tmp_path / "whole.tar.zst"
    whole.write_bytes(archive)
    assert verify(path, ROOM) == verify(whole, ROOM)


@given(length=st.floats(0, 0.999))
def test_one_that_was_cut_off_is_refused(archive: bytes, tmp_path: Path, length: float) -> None:
    path = tmp_path / "b.tar.zst"
    path.write_bytes(archive[: int(length * len(archive))])
    with pytest.raises(BackupError):
        verify(path, ROOM)


def packed(path: Path, members: Iterable[tuple[tarfile.TarInfo, bytes]]) -> Path:
    """An archive as an attacker would make it."""
    with (
        zstandard.open(path, "wb") as file,
        tarfile.open(fileobj=file, mode="w|", format=tarfile.PAX_FORMAT) as tar,
    ):
        for info, data in members:
            tar.addfile(info, io.BytesIO(data) if data else None)
    return path


def info(name: str, size: int = 0, **fields: object) -> tarfile.TarInfo:
    made = tarfile.TarInfo(name)
    made.size = size
    for field, value in fields.items():
        setattr(made, field, value)
    return made


@pytest.mark.parametrize(
    "name",
    ["../x", "/etc/x", "home/../../x", "home//x", "home/./x", "elsewhere/x", "home/a\nb", "x"],
)
def test_names_that_lead_elsewhere(tmp_path: Path, name: str) -> None:
    path = packed(tmp_path / "b.tar.zst", [(info(name, 1), b"x")])
    with pytest.raises(BackupError, match="unsafe name"):
        verify(path, ROOM)


@pytest.mark.parametrize(
    "kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.FIFOTYPE]
)
def test_links_and_devices(tmp_path: Path, kind: bytes) -> None:
    path = packed(tmp_path / "b.tar.zst", [(info("home/x", type=kind, linkname="/etc"), b"")])
    with pytest.raises(BackupError, match="link or a device"):
        verify(path, ROOM)


def test_bombs(tmp_path: Path) -> None:
    zeros = bytes(64 << 20)
    large = packed(tmp_path / "a.tar.zst", [(info("home/x", len(zeros)), zeros)])
    assert large.stat().st_size < 10_000
    with pytest.raises(DiskFullError):
        verify(large, 1 << 20)
    long = info("home/x", pax_headers={"comment": "x" * (8 << 20)})
    with pytest.raises(BackupError, match="absurd"):
        verify(packed(tmp_path / "b.tar.zst", [(long, b"")]), ROOM)


def test_a_folder_that_was_changed(place: Place, tmp_path: Path) -> None:
    created = create(place.settings, tmp_path / "b")
    spec = created.path / "home" / "runs" / place.runs["completed"] / "spec.yaml"
    for harm in (
        lambda: write(spec, "other content!!!!!!!!!"),
        lambda: write(created.path / "home" / "extra", ""),
        spec.unlink,
        lambda: (created.path / "link").symlink_to("/etc/passwd"),
    ):
        kept = tmp_path / "kept"
        shutil.copytree(created.path, kept, symlinks=True)
        harm()
        with pytest.raises(BackupError):
            restore(settings_of(tmp_path / "new"), created.path)
        shutil.rmtree(created.path)
        kept.rename(created.path)
    assert not (tmp_path / "new").exists()
    verify(created.path, ROOM)
