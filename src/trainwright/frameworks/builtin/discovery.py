"""Where plug-ins are, and how the job process imports them. Light; the plug-ins may not be."""

from __future__ import annotations

import hashlib
import importlib
import importlib.util
import sys
from dataclasses import dataclass
from importlib.metadata import EntryPoint
from pathlib import Path

from trainwright.registry import entry_points
from trainwright.settings import Home

GROUPS = ("trainwright.models", "trainwright.datasets")
"""Entry points name a module (`package.module`) whose import registers things."""


@dataclass(frozen=True)
class Source:
    """One plug-in, not yet imported.

    Attributes:
        name: What people know it by.
        file: Its file in the plug-in folder; `None` for a package's.
        module: Its module; `None` for a file.
        key: Changes whenever its code may have.
    """

    name: str
    file: Path | None
    module: str | None
    key: str

    def load(self) -> None:
        """Import it, which registers what it offers."""
        if self.file:
            import_file(self.file)
        elif self.module:
            import_module(self.module)


def sources(home: Home) -> list[Source]:
    """Plug-ins of the user's folder, then those of installed packages."""
    files = sorted(home.plugins.glob("*.py")) if home.plugins.is_dir() else []
    found = [_of_file(f) for f in files if not f.name.startswith(("_", "."))]
    entries = {e.module: e for group in GROUPS for e in entry_points(group)}
    return found + [_of_entry(e) for _, e in sorted(entries.items())]


def _of_file(path: Path) -> Source:
    try:
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as error:  # reading it again in the child will say the same, in words
        digest = hashlib.sha256(f"{path}: {error}".encode()).hexdigest()
    return Source(path.name, path, None, digest)


def _of_entry(entry: EntryPoint) -> Source:
    version = entry.dist.version if entry.dist else ""
    key = f"{entry.module} {version} {_module_digest(entry.module)}"
    return Source(entry.module, None, entry.module, hashlib.sha256(key.encode()).hexdigest())


def _module_digest(module: str) -> str:
    # the top package only: finding a submodule's spec would import its parents
    spec = importlib.util.find_spec(module.partition(".")[0])
    if spec is None or spec.origin is None:
        return ""
    relative = module.partition(".")[2].replace(".", "/")
    base = Path(spec.origin)
    path = base.parent / f"{relative}.py" if relative else base
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""


def import_file(path: Path) -> None:
    """Import one file of the plug-in folder under a name of its own."""
    name = f"trainwright_plugin_{path.stem}"
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise ImportError(f"{path} is not a Python file")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[name]
        raise


def import_module(name: str) -> None:
    importlib.import_module(name)
