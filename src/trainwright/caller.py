"""Who asked, from where: the command, the folder, and the state of the code around it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

MAX_DIFF = 1_000_000
_MAX_UNTRACKED = 200
_MAX_WORDS, _MAX_WORD = 200, 2_000
_GIT_SECONDS = 10


def describe() -> dict[str, Any]:
    """This process, as it is kept with what it asks for."""
    folder = Path.cwd()
    return {
        "command": [word[:_MAX_WORD] for word in sys.orig_argv[:_MAX_WORDS]],
        "cwd": str(folder),
        "git": git_state(folder),
    }


def git_state(folder: Path) -> dict[str, Any] | None:
    """Commit and uncommitted diff of the repository around `folder`; `None` outside one."""
    commit = _git(folder, "rev-parse", "HEAD")
    if commit is None:
        return None
    diff = _git(folder, "diff", "HEAD", "--no-ext-diff", "--no-textconv") or ""
    listed = _git(folder, "ls-files", "--others", "--exclude-standard", "--full-name", ":/") or ""
    untracked = listed.splitlines()
    return {
        "commit": commit.strip(),
        "branch": (_git(folder, "rev-parse", "--abbrev-ref", "HEAD") or "").strip(),
        "dirty": bool(diff),
        "diff": diff[:MAX_DIFF],
        "diff_cut": len(diff) > MAX_DIFF,
        "untracked": untracked[:_MAX_UNTRACKED],
    }


def _git(folder: Path, *arguments: str) -> str | None:
    try:
        done = subprocess.run(
            ["git", "-C", str(folder), *arguments],  # noqa: S607 (the user's own git)
            capture_output=True,
            timeout=_GIT_SECONDS,
            check=True,
            env=os.environ | {"GIT_OPTIONAL_LOCKS": "0"},
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.decode(errors="replace")
