"""What packages register is read once, and again as soon as one comes, changes or goes."""

import importlib.metadata
import shutil
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from trainwright.registry import entry_points

GROUP = "trainwright.test_things"


def install(site: Path, name: str, *things: str) -> Path:
    info = site / f"{name}-1.0.dist-info"
    shutil.rmtree(info, ignore_errors=True)
    info.mkdir(parents=True)
    (info / "METADATA").write_text(f"Name: {name}\nVersion: 1.0\n")
    lines = [f"{thing} = {name}:{thing}" for thing in things]
    (info / "entry_points.txt").write_text("\n".join([f"[{GROUP}]", *lines, ""]))
    return info


def names() -> list[str]:
    return sorted(e.name for e in entry_points(GROUP))


def test_packages_that_come_change_and_go_are_seen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert names() == []
    install(tmp_path, "one", "a")
    monkeypatch.syspath_prepend(str(tmp_path))
    assert names() == ["a"]
    install(tmp_path, "two", "b")
    assert names() == ["a", "b"]
    install(tmp_path, "one", "c")
    assert names() == ["b", "c"]
    shutil.rmtree(tmp_path / "two-1.0.dist-info")
    assert names() == ["c"]


def test_while_nothing_is_installed_nothing_is_read_again() -> None:
    def seconds(read: Callable[[], object]) -> float:
        began = time.process_time()
        for _ in range(20):
            read()
        return time.process_time() - began

    entry_points(GROUP)
    each_time = seconds(lambda: importlib.metadata.entry_points(group=GROUP))
    assert seconds(lambda: entry_points(GROUP)) < each_time / 2
