"""Files that a run has left."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from trainwright.api.panel.words import size
from trainwright.spec.api import ArtifactView


def file_table(files: Sequence[ArtifactView]) -> RenderableType:
    """One line a file; with its place in the mirror, where there is one."""
    if not files:
        return Text("The run has left no files.", style="dim")
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    table.add_column("file", overflow="fold")
    table.add_column("size", justify="right")
    mirrored = any(file.uri for file in files)
    if mirrored:
        table.add_column("mirrored at", overflow="fold")
    for file in files:
        place = [Text(file.uri) if file.uri else Text("not yet", style="dim")]
        table.add_row(Text(file.path), size(file.bytes), *(place if mirrored else []))
    return table
