"""Safe file writing and path containment, shared by every room."""

from __future__ import annotations

import errno
import hashlib
import os
import tempfile
from pathlib import Path

from trainwright.spec.errors import DiskFullError, InvalidRequestError, StorageError


def write_atomic(path: Path, data: str | bytes, *, mode: int = 0o644) -> None:
    """Write a file whole or not at all, to outlast a power cut: temporary file, fsync, rename.

    Raises:
        StorageError: The disk is full, read-only or failing; what is there is whole.
    """
    raw = data.encode() if isinstance(data, str) else data
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        fd, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        try:
            with os.fdopen(fd, "wb") as file:
                file.write(raw)
                file.flush()
                os.fsync(file.fileno())
            os.chmod(name, mode)  # noqa: PTH101
            os.replace(name, path)  # noqa: PTH105
            sync_folder(path.parent)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise storage_error(path, error) from error


def expanded(path: str | Path) -> Path:
    """`path` with the home folder for `~`; one of an unknown user stays as it is."""
    return Path(os.path.expanduser(path))  # noqa: PTH111 (pathlib's raises there)


def sync_folder(folder: Path) -> None:
    """Bring to disk what was made, renamed or removed in a folder, where the platform can.

    Raises:
        OSError: The disk is failing.
    """
    try:
        opened = os.open(folder, os.O_RDONLY)
    except PermissionError:
        return  # Windows opens no folders, and one that may be written need not be readable
    try:
        os.fsync(opened)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.ENOTSUP):  # of some network file systems
            raise
    finally:
        os.close(opened)


def sha256_of(path: Path) -> str:
    """The SHA-256 of a file's content, in hexadecimal.

    Raises:
        OSError: It is gone or cannot be read.
    """
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def storage_error(path: Path, error: OSError) -> StorageError:
    """The error a person can act on, for a write that failed."""
    message = f"cannot write {path}: {os.strerror(error.errno or 0)}"
    if is_full(error):
        return DiskFullError(message, mend="trainwright runs prune --status failed --now")
    return StorageError(message, mend="export TRAINWRIGHT_HOME=<a writable folder>")


def is_full(error: OSError) -> bool:
    """Whether there was no room on the disk, or none left for this user."""
    return error.errno in (errno.ENOSPC, errno.EDQUOT)


def contained(root: Path, relative: str) -> Path:
    """`root / relative`, refused when it would leave `root` (also through a symlink).

    Raises:
        InvalidRequestError: The path is absolute or leads outside.
    """
    path = (root / relative).resolve()
    if not path.is_relative_to(root.resolve()) or Path(relative).is_absolute():
        raise InvalidRequestError(
            f"{relative!r} leads outside {root.name}/", expected="a path inside"
        )
    return path
