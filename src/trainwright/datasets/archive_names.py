"""Names in archives, whatever charset they were packed in."""

from __future__ import annotations

import tarfile
import zipfile

_UTF8 = 0x800
"""The flag of a zip entry whose name is in UTF-8."""


def name_in_zip(member: zipfile.ZipInfo) -> str:
    """The name; without the mark of UTF-8 it is in whatever charset the packing system had."""
    if member.flag_bits & _UTF8:
        return member.filename
    try:
        # what the library read it as; the way back loses nothing
        raw = member.filename.encode("cp437")
    except UnicodeEncodeError:
        return member.filename
    return _guessed(raw) or member.filename


def name_in_tar(member: tarfile.TarInfo) -> str:
    """The name; where it is not UTF-8, in whatever charset the packing system had."""
    try:
        member.name.encode()
    except UnicodeEncodeError:
        return _guessed(member.name.encode("utf-8", "surrogateescape")) or member.name
    return member.name


def _guessed(raw: bytes) -> str | None:
    """A name in UTF-8, or in CP949 as Korean systems write it."""
    for charset in ("utf-8", "cp949"):
        try:
            text = raw.decode(charset)
        except UnicodeDecodeError:
            continue
        if charset == "utf-8" or _is_korean(text):
            return text
    return None


def _is_korean(text: str) -> bool:
    """Whether it reads like Korean: accented letters, taken for CP949, give rare syllables only."""
    foreign = [letter for letter in text if not letter.isascii()]
    common = [c for c in foreign if "가" <= c <= "힣" and min(c.encode("cp949")) > 0xA0]
    return 2 * len(common) >= len(foreign)
