"""Puts the web app into the wheel: built by Node, of the machine or of PyPI's wheel of it.

`TRAINWRIGHT_BUILD_WEB=1` brings Node at need, fails where the app cannot be built, and builds it
for an editable install, too; `TRAINWRIGHT_BUILD_WEB=0` leaves it out.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

WANTED = "TRAINWRIGHT_BUILD_WEB"


class WebBuildHook(BuildHookInterface):
    """Builds `web/` and packs it as `trainwright/web`."""

    def dependencies(self) -> list[str]:
        """Node's wheel, where one must be had and the machine has none."""
        if os.environ.get(WANTED) != "1" or self._tool("node", silent=True):
            return []
        return list(self.metadata.core.optional_dependencies["web"])

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build the app before the files are gathered."""
        wanted = os.environ.get(WANTED)
        if wanted == "0" or (version == "editable" and wanted != "1"):
            return
        if self._tool("build"):
            if version != "editable":
                build_data["force_include"][str(Path(self.root, "web", "dist"))] = "trainwright/web"
        elif wanted == "1":
            raise RuntimeError(f"the web app cannot be built, and {WANTED}=1 asks for it")
        else:
            self.app.display_warning("the web app was left out: it could not be built")

    def _tool(self, command: str, *, silent: bool = False) -> bool:
        output = subprocess.DEVNULL if silent else None
        tool = [sys.executable, str(Path(self.root, "scripts", "web.py")), command]
        return subprocess.run(tool, stdout=output, stderr=output, check=False).returncode == 0
