"""The base install, as on a machine that only talks to a platform elsewhere."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement

Cli = Callable[..., subprocess.CompletedProcess[str]]
SOURCE = Path(__file__).parents[2] / "src" / "trainwright"


def base_distributions() -> dict[str, metadata.Distribution]:
    """Trainwright without any extra, and everything that this asks for."""
    found: dict[str, metadata.Distribution] = {}
    waiting = ["trainwright"]
    while waiting:
        name = waiting.pop()
        if name in found:
            continue
        found[name] = metadata.distribution(name)
        for text in found[name].requires or []:
            wanted = Requirement(text)
            if wanted.marker is None or wanted.marker.evaluate({"extra": ""}):
                waiting.append(wanted.name)
    return found


@pytest.fixture(scope="module")
def packages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that holds the base install and nothing else."""
    folder = tmp_path_factory.mktemp("base")
    (folder / "trainwright").symlink_to(SOURCE)
    for distribution in base_distributions().values():
        for top in {path.parts[0] for path in distribution.files or [] if path.parts[0] != ".."}:
            place, link = Path(str(distribution.locate_file(top))), folder / top
            if place.exists() and not link.exists() and top != "__pycache__":
                link.symlink_to(place)
    return folder


@pytest.fixture
def base(packages: Path, tmp_path: Path) -> Cli:
    """Runs the program of the base install."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith("TRAINWRIGHT_")}

    def run(*argv: str, **env: str) -> subprocess.CompletedProcess[str]:
        home = {"TRAINWRIGHT_HOME": str(tmp_path / "home"), "PYTHONPATH": str(packages)}
        return subprocess.run(
            [sys.executable, "-S", "-m", "trainwright", *argv],
            env=kept | home | env,
            cwd=tmp_path,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    return run


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """Address and token of a platform on another home."""
    home = tmp_path_factory.mktemp("elsewhere")
    supervisor = subprocess.Popen(
        [sys.executable, "-m", "trainwright", "up", "--port", "0", "--json"],
        env=os.environ | {"TRAINWRIGHT_HOME": str(home)},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert supervisor.stdout is not None
    yield json.loads(supervisor.stdout.readline())["url"], (home / "token").read_text()
    supervisor.send_signal(signal.SIGINT)
    supervisor.wait(60)


@pytest.mark.parametrize(
    "argv",
    [
        ["--help"],
        ["parse", "Classify handwritten digits with LeNet-5"],
        ["models", "show", "builtin/lenet5"],
        ["status"],
        ["doctor"],
    ],
)
def test_what_needs_no_platform_works(base: Cli, argv: list[str]) -> None:
    done = base(*argv)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    "argv",
    [
        ["train", "Classify handwritten digits with LeNet-5", "--yes"],
        ["runs", "list"],
        ["up"],
        ["db", "upgrade"],
        ["users", "list"],
        ["datasets", "validate", "."],
    ],
)
def test_what_needs_more_names_the_extra(base: Cli, argv: list[str]) -> None:
    done = base(*argv)
    assert done.returncode == 2, done.stdout + done.stderr
    assert "pip install 'trainwright[server" in done.stderr


@pytest.mark.integration
def test_a_platform_elsewhere_is_used_by_its_address_and_token(
    base: Cli, platform: tuple[str, str]
) -> None:
    url, token = platform
    there = {"TRAINWRIGHT_URL": url, "TRAINWRIGHT_TOKEN": token}
    sentence = "Classify handwritten digits with LeNet-5, 1 epoch, name it away"
    started = base("train", sentence, "--yes", "--detach", "--json", **there)
    assert started.returncode == 0, started.stdout + started.stderr
    listed = base("runs", "list", "--json", **there)
    assert [run["name"] for run in json.loads(listed.stdout)] == ["away"]
    assert base("runs", "stop", "away", "--now", **there).returncode == 0
    refused = base("runs", "list", **there | {"TRAINWRIGHT_TOKEN": "wrong"})
    assert refused.returncode == 2
    assert "TRAINWRIGHT_TOKEN" in refused.stderr


@pytest.mark.parametrize("url", ["127.0.0.1:8000", "ftp://x", "http://127.0.0.1:9"])
def test_an_address_where_no_platform_is(base: Cli, url: str) -> None:
    done = base("runs", "list", TRAINWRIGHT_URL=url)
    assert done.returncode == 2
    assert url in done.stderr
    assert "Traceback" not in done.stderr
