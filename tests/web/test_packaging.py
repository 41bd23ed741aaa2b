"""The web app on its way to people: its lock file, its build, and the wheel that brings it."""

from __future__ import annotations

import gzip
import json
import os
import re
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import httpx
import pytest

ROOT = Path(__file__).resolve().parents[2]
LOCK = ROOT / "web" / "package-lock.json"


def test_the_lock_names_every_platforms_packages_and_no_registry() -> None:
    packages = json.loads(LOCK.read_text())["packages"]
    missing = [
        name
        for place, one in packages.items()
        for name in one.get("optionalDependencies", {})
        if not {f"node_modules/{name}", f"{place}/node_modules/{name}"} & packages.keys()
    ]
    assert not missing, "run: node web/scripts/complete-lock.mjs"
    assert not [place for place, one in packages.items() if "resolved" in one]


def hatch(kind: str, out: Path, **environment: str) -> Path:
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", kind, "-d", str(out)],
        cwd=ROOT,
        env=os.environ | environment,
        check=True,
        capture_output=True,
    )
    (made,) = out.iterdir()
    return made


@pytest.mark.slow
@pytest.mark.integration
def test_a_wheel_serves_the_app_it_brings(tmp_path: Path) -> None:
    wheel = hatch("wheel", tmp_path / "wheel", TRAINWRIGHT_BUILD_WEB="1")
    place = tmp_path / "installed"
    with zipfile.ZipFile(wheel) as packed:
        packed.extractall(place)
    environment = {name: value for name, value in os.environ.items() if name != "TRAINWRIGHT_WEB"}
    environment |= {"PYTHONPATH": str(place), "TRAINWRIGHT_HOME": str(tmp_path / "home")}
    program = [sys.executable, "-m", "trainwright"]
    up = subprocess.Popen(
        [*program, "up", "--port", "0", "--json"],
        cwd=tmp_path,
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert up.stdout is not None
        said = json.loads(up.stdout.readline())
        link = httpx.URL(said["link"])
        with httpx.Client(base_url=said["url"]) as http:
            page = http.get("/runs/anything", headers={"accept": "text/html"})
            assert page.status_code == 200
            scripts = re.findall(r'src="(/assets/[^"]+)"', page.text)
            assert scripts
            for script in scripts:
                plain = http.get(script, headers={"accept-encoding": ""})
                with http.stream("GET", script, headers={"accept-encoding": "gzip"}) as packed:
                    assert packed.headers["content-encoding"] == "gzip"
                    assert gzip.decompress(b"".join(packed.iter_raw())) == plain.content
                assert (place / "trainwright" / "web" / f"{script[1:]}.br").is_file()
            code = link.fragment.removeprefix("code=")
            assert http.post("/api/v1/auth/sign-in", json={"code": code}).is_success
            assert http.get("/api/v1/auth/me").json()["role"] == "admin"
    finally:
        subprocess.run([*program, "down"], cwd=tmp_path, env=environment, check=False)
        up.communicate(timeout=30)


@pytest.mark.slow
def test_a_source_distribution_has_what_the_build_needs(tmp_path: Path) -> None:
    archive = hatch("sdist", tmp_path)
    with tarfile.open(archive) as packed:
        names = {name.partition("/")[2] for name in packed.getnames()}
    needed = {"hatch_build.py", "scripts/web.py", "web/package-lock.json", "web/index.html"}
    assert needed <= names
    assert any(name.startswith("web/src/") for name in names)
    assert not [n for n in names if n.startswith(("web/node_modules/", "web/dist/"))]


def test_without_any_node_it_is_said_what_to_do(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-S", str(ROOT / "scripts" / "web.py"), "node"],
        env={"PATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode != 0
    assert "Node 20.19" in done.stderr
