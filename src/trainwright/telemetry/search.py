"""Searching a log: words right here, a stranger's expression in a process that can be ended."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from threading import BoundedSemaphore

from trainwright.spec.errors import InvalidRequestError, UnavailableError
from trainwright.telemetry import scan
from trainwright.telemetry.scan import Found, Query, Scan

PATTERN_SECONDS = 5.0
WAIT_SECONDS = 0.5
_AT_ONCE = BoundedSemaphore(2)


def scan_words(path: Path, words: str, *, line: int, offset: int, limit: int) -> Scan:
    """Look for words as they are, from the beginning of a line on."""
    return scan.scan(path, Query(words), line=line, offset=offset, limit=limit)


def scan_pattern(
    path: Path,
    pattern: str,
    *,
    line: int,
    offset: int,
    limit: int,
    seconds: float = PATTERN_SECONDS,
) -> Scan:
    """Look for a regular expression, from the beginning of a line on.

    Raises:
        InvalidRequestError: It is none, or it takes too long.
        UnavailableError: Too many others search so just now.
    """
    if not _AT_ONCE.acquire(timeout=WAIT_SECONDS):
        raise UnavailableError(
            "others are searching logs by patterns just now", mend="search again in a moment"
        )
    asked = {"path": str(path), "wanted": pattern, "line": line, "offset": offset, "limit": limit}
    try:
        done = subprocess.run(
            [sys.executable, "-I", "-S", scan.__file__],
            input=json.dumps(asked),
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=seconds,
            check=True,
        )
    except (subprocess.TimeoutExpired, subprocess.CalledProcessError):
        raise InvalidRequestError(
            f"looking for that pattern takes more than {seconds:g} s, or too much memory",
            field="search",
            expected="words, or a pattern without repeats inside repeats",
        ) from None
    finally:
        _AT_ONCE.release()
    answer = json.loads(done.stdout)
    if isinstance(answer, dict):
        raise InvalidRequestError(
            f"the pattern is not a regular expression: {answer['error']}", field="search"
        )
    found, line, offset = answer
    return Scan([Found(*each) for each in found], line, offset)
