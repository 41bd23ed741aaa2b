"""Walking a folder of a stranger: in a stable order, never out of it, never into devices."""

from __future__ import annotations

import errno
import os
import re
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

IGNORED = frozenset({"__MACOSX", "Thumbs.db", "desktop.ini", "lost+found"})
"""What operating systems leave behind; never counted, never reported. Nor is what is hidden."""

_DIGITS = re.compile(r"([0-9]+)")


@dataclass(frozen=True, slots=True)
class Skipped:
    """Something in the folder that is left out.

    Attributes:
        path: Relative to the root.
        reason: In words.
        code: Stable snake_case word, such as `truncated`.
    """

    path: Path
    reason: str
    code: str


@dataclass(frozen=True, slots=True)
class FoundFile:
    """A regular file that may be read.

    Attributes:
        path: Relative to the root.
        size: Bytes.
        mtime_ns: Time of the last change.
    """

    path: Path
    size: int
    mtime_ns: int


def natural_key(name: str) -> tuple[tuple[tuple[int, int, str], ...], str]:
    """Sort key by which `img2` comes before `img10`, whatever the locale."""
    parts = _DIGITS.split(name.casefold())
    key = tuple(_number(p) if i % 2 else (1, 0, p) for i, p in enumerate(parts) if p)
    return key, name


def _number(digits: str) -> tuple[int, int, str]:
    # compared by length first: Python refuses to make a number of very many digits
    digits = digits.lstrip("0")
    return 0, len(digits), digits


def is_hidden(name: str) -> bool:
    return name.startswith(".") or name in IGNORED


def children(
    root: Path, folder: Path, skip: Callable[[Skipped], None]
) -> tuple[list[str], list[FoundFile]]:
    """Names of the folders and the readable files right inside `root / folder`, both sorted.

    Args:
        root: Resolved root, which nothing may lead out of.
        folder: Relative to the root.
        skip: Told of everything visible that is left out.
    """
    folders: list[str] = []
    files: list[FoundFile] = []
    try:
        with os.scandir(root / folder) as entries:
            names = sorted((e.name for e in entries if not is_hidden(e.name)), key=natural_key)
    except OSError as error:
        skip(Skipped(folder, f"the folder cannot be read: {_words(error)}", _code(error)))
        return [], []
    for name in names:
        found = _look(root, folder, name)
        if isinstance(found, Skipped):
            skip(found)
        elif isinstance(found, FoundFile):
            files.append(found)
        else:
            folders.append(found)
    return folders, files


def walk(root: Path, folder: Path, skip: Callable[[Skipped], None]) -> Iterator[FoundFile]:
    """Every readable file below `root / folder`, depth first, in a stable order."""
    waiting = [folder]
    while waiting:
        current = waiting.pop()
        folders, files = children(root, current, skip)
        yield from files
        waiting.extend(current / name for name in reversed(folders))


def _look(root: Path, folder: Path, name: str) -> str | FoundFile | Skipped:
    """What `name` is: a folder (its name), a readable file, or something to skip."""
    path = folder / name
    if not _is_text(name):
        shown = os.fsencode(name).decode(errors="backslashreplace")
        return Skipped(folder / shown, "its name is not valid UTF-8", "bad_name")
    try:
        info = os.lstat(f"{root}/{path}")  # many a second: making a path takes twice as long
        if stat.S_ISLNK(info.st_mode):
            return _look_through(root, path)
    except OSError as error:
        return Skipped(path, f"it cannot be read: {_words(error)}", _code(error))
    return name if stat.S_ISDIR(info.st_mode) else _regular(path, info)


def _look_through(root: Path, link: Path) -> FoundFile | Skipped:
    try:
        target = (root / link).resolve(strict=True)
    except FileNotFoundError:
        return Skipped(link, "the link leads nowhere", "broken_link")
    except RuntimeError:  # Python before 3.13 says so of a link that leads to itself
        return Skipped(link, "the link leads to itself", "broken_link")
    except OSError as error:
        if error.errno == errno.ELOOP:
            return Skipped(link, "the link leads to itself", "broken_link")
        raise
    if not target.is_relative_to(root):
        return Skipped(link, "the link leads outside the folder", "outside_root")
    info = target.stat()
    if stat.S_ISDIR(info.st_mode):
        return Skipped(link, "links to folders are not followed", "linked_folder")
    return _regular(link, info)


def _regular(path: Path, info: os.stat_result) -> FoundFile | Skipped:
    if not stat.S_ISREG(info.st_mode):
        return Skipped(path, "not a regular file", "not_a_file")
    return FoundFile(path, info.st_size, info.st_mtime_ns)


def _is_text(name: str) -> bool:
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


def _words(error: OSError) -> str:
    return os.strerror(error.errno) if error.errno else str(error)


def _code(error: OSError) -> str:
    return "permission_denied" if isinstance(error, PermissionError) else "unreadable"
