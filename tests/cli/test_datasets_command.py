"""`trainwright datasets add`, as a person uses it."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from trainwright.platform import Platform, start_platform
from trainwright.settings import Settings
from trainwright.testing.images import make_messy_folder

Cli = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.mark.parametrize("name", ["missing.zip", "words.zip"])
def test_what_is_no_dataset_is_named_before_a_platform_is_started(
    run_cli: Cli, tmp_path: Path, name: str
) -> None:
    (tmp_path / "words.zip").write_text("no archive")
    done = run_cli("datasets", "add", str(tmp_path / name))
    assert done.returncode == 2
    assert name in done.stderr
    assert "expected: a folder, or a zip or tar archive" in done.stderr
    assert not (tmp_path / "home" / "platform.json").exists()


@pytest.fixture
def platform(home_path: Path) -> Iterator[Platform]:
    """One for all commands of a test, which would start and end one each."""
    platform = start_platform(Settings(trainwright_home=home_path))
    yield platform
    platform.stop()


@pytest.mark.integration
@pytest.mark.slow
@pytest.mark.usefixtures("platform")
def test_an_archive_is_added_listed_and_deleted(run_cli: Cli, tmp_path: Path) -> None:
    messy = make_messy_folder(tmp_path / "in" / "shapes", per_class=12)
    archive = shutil.make_archive(str(tmp_path / "mine"), "gztar", tmp_path / "in")
    done = run_cli("datasets", "add", archive)
    assert done.returncode == 0, done.stderr
    assert "mine is registered as d" in done.stdout
    assert f"{sum(messy.usable.values())} samples in 4 classes, 5 files left out" in done.stdout
    assert "truncated.jpg" in done.stdout
    listed = json.loads(run_cli("datasets", "list", "--search", "mine", "--json").stdout)
    [found] = [d for d in listed if d["uploaded"]]
    assert Path(found["location"]).is_dir()
    assert run_cli("datasets", "delete", "mine").returncode == 2
    assert Path(found["location"]).is_dir()
    done = run_cli("datasets", "delete", "mine", "--yes")
    assert done.returncode == 0
    assert f"trainwright datasets restore {found['id']}" in done.stdout
    assert Path(found["location"]).is_dir()
    assert run_cli("datasets", "show", "mine").returncode == 2
    assert run_cli("datasets", "restore", found["id"]).returncode == 0
    assert run_cli("datasets", "show", "mine").returncode == 0
    assert run_cli("datasets", "delete", "mine", "--now", "--yes").returncode == 0
    assert not Path(found["location"]).exists()
