"""Archives of strangers, honest and not."""

from __future__ import annotations

import bz2
import gzip
import io
import os
import struct
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from trainwright.datasets.archives import ArchiveError, Limits, extract, is_archive, safe_name
from trainwright.spec import ConflictError, StorageError

FILES = {"set/cat/1.png": b"one", "set/dog/zwei ü\u202f2.png": b"two", "set/empty": b""}


def make_zip(path: Path, files: dict[str, bytes], **options: int) -> Path:
    with zipfile.ZipFile(path, "w", **options) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return path


def make_tar(path: Path, members: list[tuple[tarfile.TarInfo, bytes]], mode: str = "w") -> Path:
    with tarfile.open(path, mode) as archive:
        for info, data in members:
            info.size = info.size or len(data)
            archive.addfile(info, io.BytesIO(data))
    return path


def member(name: str, kind: bytes = tarfile.REGTYPE, target: str = "") -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type = kind
    info.linkname = target
    return info


def contents(root: Path) -> dict[str, bytes]:
    return {p.relative_to(root).as_posix(): p.read_bytes() for p in root.rglob("*") if p.is_file()}


def refused(archive: Path, reason: str, limits: Limits | None = None) -> None:
    """It is refused for the reason, and nothing is left anywhere."""
    before = set(archive.parent.rglob("*"))
    with pytest.raises(ArchiveError) as error:
        extract(archive, archive.parent / "out", limits or Limits())
    assert error.value.reason == reason
    assert set(archive.parent.rglob("*")) == before


@pytest.mark.parametrize("mode", ["w", "w:gz", "w:bz2", "w:xz"])
def test_tar(tmp_path: Path, mode: str) -> None:
    archive = make_tar(tmp_path / "a", [(member(n), d) for n, d in FILES.items()], mode)
    assert is_archive(archive)
    assert extract(archive, tmp_path / "deep" / "out") == 3
    assert contents(tmp_path / "deep" / "out") == FILES
    assert [p.name for p in (tmp_path / "deep").iterdir()] == ["out"]


@pytest.mark.parametrize(
    "method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA]
)
def test_zip(tmp_path: Path, method: int) -> None:
    archive = make_zip(tmp_path / "a.zip", FILES, compression=method)
    assert is_archive(archive)
    assert extract(archive, tmp_path / "out") == 3
    assert contents(tmp_path / "out") == FILES


def test_permissions_are_plain(tmp_path: Path) -> None:
    info = member("tool")
    info.mode = 0o6777
    extract(make_tar(tmp_path / "a.tar", [(info, b"x")]), tmp_path / "out")
    assert (tmp_path / "out" / "tool").stat().st_mode & 0o7111 == 0


def test_a_tar_that_ends_in_a_zip_is_a_tar(tmp_path: Path) -> None:
    inner = make_zip(tmp_path / "inner.zip", {"x": b"1"}).read_bytes()
    archive = make_tar(tmp_path / "a.tar", [(member("inner.zip"), inner)])
    extract(archive, tmp_path / "out")
    assert contents(tmp_path / "out") == {"inner.zip": inner}


NAMES = [
    "../evil",
    "a/../../evil",
    "/evil",
    "\\evil",
    "..\\evil",
    "C:\\evil",
    "c:evil",
    "a/b\nc",
    "x" * 300,
    "/".join("d" * 40),
]


@pytest.mark.parametrize("name", NAMES)
def test_names_may_not_lead_out(tmp_path: Path, name: str) -> None:
    refused(
        make_tar(tmp_path / "a.tar", [(member("fine"), b"x"), (member(name), b"x")]), "bad_name"
    )
    refused(make_zip(tmp_path / "a.zip", {"fine": b"x", name: b"x"}), "bad_name")


@pytest.mark.parametrize(
    "kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.BLKTYPE, tarfile.FIFOTYPE]
)
def test_links_and_devices_in_a_tar(tmp_path: Path, kind: bytes) -> None:
    refused(make_tar(tmp_path / "a.tar", [(member("x", kind, "/etc/passwd"), b"")]), "not_a_file")


def test_a_link_in_a_zip(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        info = zipfile.ZipInfo("link")
        info.create_system = 3
        info.external_attr = 0o120777 << 16
        archive.writestr(info, "/etc")
        archive.writestr("link/passwd", "x")
    refused(tmp_path / "a.zip", "not_a_file")


@pytest.mark.parametrize("names", [["a", "a"], ["a", "a/b"], ["a/b", "a"], ["a", "./a"], [""]])
def test_a_name_may_not_come_twice(tmp_path: Path, names: list[str]) -> None:
    archive = make_tar(tmp_path / "a.tar", [(member(n), b"x") for n in names])
    refused(archive, "listed_twice")


SMALL = Limits(files=5, bytes=10_000_000)


def test_too_many_files(tmp_path: Path) -> None:
    archive = make_tar(tmp_path / "a.tar", [(member(str(i)), b"") for i in range(6)])
    refused(archive, "too_many_files", SMALL)


def test_a_zip_that_announces_too_much(tmp_path: Path) -> None:
    archive = make_zip(tmp_path / "a.zip", {"x": bytes(11_000_000)}, compression=8)
    refused(archive, "too_large", SMALL)


def test_a_tar_that_is_too_much(tmp_path: Path) -> None:
    archive = make_tar(tmp_path / "a.tgz", [(member("x"), bytes(11_000_000))], "w:gz")
    refused(archive, "bomb", SMALL)


def test_a_bomb_by_its_ratio(tmp_path: Path) -> None:
    zeros = bytes(70 << 20)
    archive = make_zip(tmp_path / "a.zip", {"x": zeros}, compression=8)
    refused(archive, "bomb", Limits(ratio=10))


def test_a_zip_that_lies_about_sizes(tmp_path: Path) -> None:
    archive = make_zip(tmp_path / "a.zip", {"x": bytes(100_000)}, compression=8)
    data = bytearray(archive.read_bytes())
    entry = data.rindex(b"PK\x01\x02")
    data[entry + 24 : entry + 28] = (10).to_bytes(4, "little")
    archive.write_bytes(data)
    refused(archive, "broken")


def test_a_header_that_would_fill_the_memory(tmp_path: Path) -> None:
    info = member("././@LongLink", tarfile.GNUTYPE_LONGNAME)
    info.size = 8 << 30
    with gzip.open(tmp_path / "a.tgz", "wb") as file:
        file.write(member("first").tobuf())
        file.write(info.tobuf(tarfile.GNU_FORMAT))
        file.write(bytes(1 << 20))
    refused(tmp_path / "a.tgz", "bomb")


def test_a_list_of_files_that_would_fill_the_memory(tmp_path: Path) -> None:
    length = 200 << 20
    with (tmp_path / "a.zip").open("wb") as file:
        file.write(b"PK\x03\x04")
        file.truncate(length)
        file.seek(length)
        file.write(struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 1, 1, length, 0, 0))
    refused(tmp_path / "a.zip", "too_many_files")
    assert is_archive(tmp_path / "a.zip")


def test_a_map_of_holes_that_would_fill_the_memory(tmp_path: Path) -> None:
    info = member("holes")
    info.pax_headers = {"GNU.sparse.major": "1", "GNU.sparse.minor": "0", "GNU.sparse.name": "x"}
    holes = b"1000000000\n" + b"0\n" * (1 << 20)
    archive = tmp_path / "a.tgz"
    with tarfile.open(archive, "w:gz", format=tarfile.PAX_FORMAT) as tar:
        info.size = len(holes)
        tar.addfile(info, io.BytesIO(holes))
    refused(archive, "bomb")
    assert is_archive(archive)


def peak_megabytes(archive: Path, limits: Limits) -> float:
    """The most memory that refusing an archive takes, whoever allocates it."""
    script = (
        "import resource, sys\n"
        "from pathlib import Path\n"
        "from trainwright.datasets.archives import ArchiveError, Limits, extract\n"
        "archive = Path(sys.argv[1])\n"
        "before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "try:\n"
        "    extract(archive, archive.parent / 'out', Limits(bytes=int(sys.argv[2])))\n"
        "except ArchiveError as error:\n"
        "    assert error.reason == 'bomb', error\n"
        "    print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024)\n"
    )
    command = [sys.executable, "-c", script, str(archive), str(limits.bytes)]
    return float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def zeros_in_bzip2(megabytes: int) -> bytes:
    """A file of a few hundred bytes."""
    packer = bz2.BZ2Compressor()
    return b"".join(packer.compress(bytes(1 << 20)) for _ in range(megabytes)) + packer.flush()


def test_a_bomb_in_bzip2_takes_no_memory(tmp_path: Path) -> None:
    packed = zeros_in_bzip2(256)
    info = member("zeros")
    info.size = 256 << 20
    (tmp_path / "a.tar.bz2").write_bytes(bz2.compress(info.tobuf()) + packed)
    zipped = make_zip(tmp_path / "a.zip", {"zeros": packed})
    data = bytearray(zipped.read_bytes())
    data[8] = zipfile.ZIP_BZIP2
    entry = data.rindex(b"PK\x01\x02")
    data[entry + 10] = zipfile.ZIP_BZIP2
    data[entry + 24 : entry + 28] = (1000).to_bytes(4, "little")
    zipped.write_bytes(data)
    for archive in (tmp_path / "a.tar.bz2", zipped):
        assert peak_megabytes(archive, SMALL) < 128


def test_encrypted(tmp_path: Path) -> None:
    archive = make_zip(tmp_path / "a.zip", {"x": b"secret"})
    data = bytearray(archive.read_bytes())
    for place in (data.index(b"PK\x03\x04") + 6, data.index(b"PK\x01\x02") + 8):
        data[place] |= 1
    archive.write_bytes(data)
    refused(archive, "encrypted")


@pytest.mark.parametrize("data", [b"", b"words", b"\x1f\x8b\x08broken"])
def test_no_archive(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "a").write_bytes(data)
    assert not is_archive(tmp_path / "a")
    refused(tmp_path / "a", "not_an_archive")


Make = Callable[[Path], Path]


def big_tar(path: Path) -> Path:
    return make_tar(path, [(member(str(i)), os.urandom(20_000)) for i in range(20)], "w:gz")


def test_a_zip_that_is_cut_off_is_said_to_be(tmp_path: Path) -> None:
    archive = make_zip(tmp_path / "a.zip", {"1.png": bytes(1000)})
    archive.write_bytes(archive.read_bytes()[:600])
    assert is_archive(archive)
    refused(archive, "broken")


def test_cut_off_in_the_middle(tmp_path: Path) -> None:
    archive = big_tar(tmp_path / "a.tgz")
    archive.write_bytes(archive.read_bytes()[:200_000])
    refused(archive, "broken")


def test_a_flipped_bit_in_a_zip(tmp_path: Path) -> None:
    archive = make_zip(tmp_path / "a.zip", {"x": os.urandom(1000)})
    data = bytearray(archive.read_bytes())
    data[500] ^= 1
    archive.write_bytes(data)
    refused(archive, "broken")


def test_what_is_there_is_never_touched(tmp_path: Path) -> None:
    archive = make_zip(tmp_path / "a.zip", FILES)
    (tmp_path / "out").mkdir()
    with pytest.raises(ConflictError):
        extract(archive, tmp_path / "out")
    assert list((tmp_path / "out").iterdir()) == []


def test_a_place_that_cannot_be_written(tmp_path: Path) -> None:
    archive = make_zip(tmp_path / "a.zip", FILES)
    with pytest.raises(StorageError):
        extract(archive, tmp_path / "a.zip" / "out")


@given(st.text(max_size=40))
def test_safe_names_stay_inside(name: str) -> None:
    try:
        path = safe_name(name)
    except ArchiveError:
        return
    assert not path.is_absolute()
    assert ".." not in path.parts


@given(st.binary(max_size=600), st.integers(0, 400))
@example(b"\x00\x00\x00", 313)  # an entry without a name
def test_any_bytes_are_unpacked_or_refused(tmp_path: Path, junk: bytes, place: int) -> None:
    archive = tmp_path / "a"
    whole = make_zip(tmp_path / "whole.zip", FILES).read_bytes()
    archive.write_bytes(whole[:place] + junk + whole[place + len(junk) :])
    out = tmp_path / "out"
    try:
        extract(archive, out)
    except ArchiveError:
        assert not out.exists()
    else:
        for path in sorted(out.rglob("*"), reverse=True):
            path.rmdir() if path.is_dir() else path.unlink()
        out.rmdir()
    assert not [p for p in tmp_path.iterdir() if p.name.startswith(".out")]


def zip_in_charset(path: Path, names: list[str], charset: str) -> Path:
    """A zip as a system of that charset writes it, without the mark of UTF-8."""
    with zipfile.ZipFile(path, "w") as archive:
        for name in names:
            info = zipfile.ZipInfo("x" * len(name.encode(charset)))
            archive.writestr(info, b"data")
    data = path.read_bytes()
    for name in names:
        raw = name.encode(charset)
        data = data.replace(b"x" * len(raw), raw)
    path.write_bytes(data)
    return path


@pytest.mark.parametrize(
    ("names", "charset"),
    [
        (["사진/고양이/얼룩 1.png", "사진/개/똠.png"], "cp949"),
        (["사진/고양이/1.png", "étoile/2.png"], "utf-8"),
        (["étoile/1.png", "été.png"], "cp437"),
        (["plain/1.png"], "ascii"),
    ],
)
def test_names_in_the_charset_of_whoever_packed_it(
    tmp_path: Path, names: list[str], charset: str
) -> None:
    extract(zip_in_charset(tmp_path / "a.zip", names, charset), tmp_path / "out")
    assert sorted(contents(tmp_path / "out")) == sorted(names)


def test_korean_names_in_a_tar(tmp_path: Path) -> None:
    archive = tmp_path / "a.tar"
    with tarfile.open(archive, "w", encoding="cp949", format=tarfile.GNU_FORMAT) as tar:
        tar.addfile(member("사진/고양이.png"), io.BytesIO())
    extract(archive, tmp_path / "out")
    assert list(contents(tmp_path / "out")) == ["사진/고양이.png"]


def test_names_that_differ_by_case_are_two_files(tmp_path: Path) -> None:
    files = {"Cat/a.png": b"1", "Cat/A.png": b"2"}
    extract(make_zip(tmp_path / "a.zip", files), tmp_path / "out")
    assert contents(tmp_path / "out") == files


def test_an_archive_inside_is_left_as_it_is(tmp_path: Path) -> None:
    inner = make_zip(tmp_path / "inner.zip", {"../evil.png": b"x"}).read_bytes()
    extract(make_zip(tmp_path / "a.zip", {"inner.zip": inner}), tmp_path / "out")
    assert contents(tmp_path / "out") == {"inner.zip": inner}
