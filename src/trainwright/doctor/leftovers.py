"""Checks of what a crash has left: processes, locks, half of an upload."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from trainwright.doctor.installation import missing_packages
from trainwright.doctor.registry import Finding, Fix, check, ok, warn
from trainwright.platform import end_platform, find_platform, parts_left, supervisor_of
from trainwright.settings import Settings


@check("leftovers", "Left by a crash")
def leftovers(settings: Settings) -> Iterator[Finding]:
    """Parts of a platform that was killed, its lock, and uploads that were cut off."""
    found = [*_parts(settings), *_lock(settings), *_uploads(settings)]
    yield from found or [ok("nothing")]


def _parts(settings: Settings) -> Iterator[Finding]:
    if supervisor_of(settings.home) is not None:
        return  # they are its own
    left = parts_left(settings.home)
    if left:
        pids = ", ".join(str(one.pid) for one in left)
        yield warn(
            f"parts of a platform that was killed still run (pid {pids})",
            mend="trainwright down",
            fix=Fix(
                f"end what a killed platform left (pid {pids})",
                partial(end_platform, settings.home),
            ),
        )


def _lock(settings: Settings) -> Iterator[Finding]:
    """A lock file that nobody holds is no harm: only a held one keeps a platform from starting."""
    path = settings.home.lock
    if missing_packages("server") or not path.exists():
        return
    from filelock import FileLock, Timeout  # noqa: PLC0415 (optional extra)

    if supervisor_of(settings.home) or find_platform(settings):
        return
    try:
        with FileLock(path, timeout=0):
            return
    except Timeout:
        yield warn(
            f"{path} is held, but no platform answers: one is starting, or hangs",
            mend="trainwright down",
        )
    except OSError:
        return  # `home` tells of files that cannot be used


def _uploads(settings: Settings) -> Iterator[Finding]:
    if missing_packages("server"):
        return  # `extras` has said so
    from trainwright.server.uploads import Uploads  # noqa: PLC0415 (optional extra)

    uploads = Uploads(settings.home.uploads)
    if cut_off := uploads.cut_off():
        what = ", ".join(sorted(cut_off))
        yield warn(
            f"uploads that were cut off take room: {what}",
            mend="trainwright doctor --fix",
            fix=Fix(f"delete {what} below {settings.home.uploads}", uploads.sweep),
        )
