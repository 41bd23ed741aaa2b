"""An archive on its way to the platform, as a line that moves."""

from __future__ import annotations

from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    TextColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)

from trainwright.spec import TrainwrightError


class Sending:
    """How much was sent, how fast, and how long it will take.

    Args:
        console: Where the line stands.
        total: Bytes of the file.
    """

    def __init__(self, console: Console, total: int) -> None:
        self._console = console
        self._total = total
        self._bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            DownloadColumn(),
            TransferSpeedColumn(),
            TimeRemainingColumn(),
            console=console,
            transient=True,
        )
        self._task = self._bar.add_task("sending", total=total)
        self._sent = 0

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, _: BaseException | None, __: TracebackType | None
    ) -> None:
        self._bar.stop()
        if kind is KeyboardInterrupt and 0 < self._sent < self._total:
            self._console.print("what was sent is kept for a day: the same command goes on")

    def progress(self, sent: int) -> None:
        self._sent = sent
        if sent == self._total:
            self._bar.update(self._task, description="unpacking and looking at it", total=None)
        else:
            self._bar.update(self._task, description="sending", completed=sent, total=self._total)

    def wait(self, error: TrainwrightError) -> None:
        self._bar.update(self._task, description=f"waiting: {error.message}")
