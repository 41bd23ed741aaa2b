"""Checks of the home folder: can it be written, is there room, are secrets private."""

from __future__ import annotations

import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from trainwright.doctor.installation import missing_packages
from trainwright.doctor.registry import Finding, Fix, check, fail, ok, warn
from trainwright.settings import Settings
from trainwright.spec import TrainwrightError, new_id

_LOW, _TOO_LOW = 5.0, 0.5  # GB
_PATIENCE = 5.0  # seconds for an object store to answer
_PROBE = b"written by trainwright doctor; may be deleted"


@check("home", "Home folder")
def home(settings: Settings) -> Iterator[Finding]:
    """Can it be written, and is there room?"""
    path = settings.home.path
    place = _existing(path)
    mend = "export TRAINWRIGHT_HOME=<a writable folder>"
    if not place.is_dir():
        yield fail(f"{place} is in the way: it is not a folder", mend=mend)
        return
    try:
        with tempfile.TemporaryFile(dir=place):
            pass
    except OSError as error:
        yield fail(f"{place} cannot be written: {os.strerror(error.errno or 0)}", mend=mend)
        return
    yield ok(f"{path} can be written" + ("" if path.exists() else " (made at first use)"))
    free = shutil.disk_usage(place).free / 1e9
    if free < _TOO_LOW:
        yield fail(f"only {free:.2f} GB free", mend="trainwright runs prune --status failed --now")
    elif free < _LOW:
        yield warn(f"only {free:.1f} GB free", mend="trainwright runs prune --status failed --now")
    else:
        yield ok(f"{free:.0f} GB free")


def _existing(path: Path) -> Path:
    """`path`, or its nearest ancestor that exists: where it would be made."""
    while not path.exists() and path != path.parent:
        path = path.parent
    return path


@check("secrets", "Token and secrets")
def secrets(settings: Settings) -> Iterator[Finding]:
    """Can nobody else read them?"""
    files = [f for f in (settings.home.token, settings.home.secrets) if f.exists()]
    if not files:
        yield ok("none yet (made when the platform first starts)")
    for file in files:
        mode = stat.S_IMODE(file.stat().st_mode)
        if mode & 0o077:
            yield fail(
                f"{file} can be read by others (mode {mode:04o})",
                mend=f"chmod 600 {file}",
                fix=Fix(f"make {file} private (mode 0600)", partial(file.chmod, 0o600)),
            )
        else:
            yield ok(f"{file.name} is private")


@check("objects", "Object store")
def objects(settings: Settings) -> Iterator[Finding]:
    """Can a probe be written to where runs are mirrored, read back, and deleted?"""
    yield from _half_set(settings)
    if missing_packages("server"):
        return  # `extras` has said so
    from trainwright.store.objects import is_elsewhere, open_objects  # noqa: PLC0415 (optional)

    if not is_elsewhere(settings):
        yield ok("none: what runs leave is in the home only")
        return

    key = f"probes/{new_id()}"
    try:
        store = open_objects(settings, patience=_PATIENCE)
        stored = store.put(key, _PROBE)
        store.get(key, sha256=stored.sha256)
        store.delete(key)
    except TrainwrightError as error:
        yield fail(error.message, mend=error.mend)
        return
    yield ok(f"{store.uri(key).rpartition('/probes/')[0]} takes, gives and deletes objects")


def _half_set(settings: Settings) -> Iterator[Finding]:
    """Settings that do nothing without another one."""
    key, secret = settings.aws_access_key_id, settings.aws_secret_access_key
    if settings.s3_endpoint and not settings.s3_bucket:
        yield warn(
            "S3_ENDPOINT is set without S3_BUCKET: datasets are read from there, and runs are "
            "not mirrored",
            mend="export S3_BUCKET=<a bucket>",
        )
    if bool(key) != bool(secret):
        lacking = "AWS_SECRET_ACCESS_KEY" if key else "AWS_ACCESS_KEY_ID"
        yield warn(f"{lacking} is not set, and its counterpart is", mend=f"export {lacking}=<…>")
