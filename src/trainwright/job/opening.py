"""Where in the log an agent begins: after what the spool tells of already."""

from __future__ import annotations

import time

from trainwright.job.journal import Journal
from trainwright.job.output import Output, Read
from trainwright.job.spool import Entry, Spool
from trainwright.job.trainer import Trainer
from trainwright.spec.errors import InvalidRequestError
from trainwright.spec.events import Alert
from trainwright.spec.rundir import Launch, RunDir


def open_output(
    run: RunDir, launch: Launch, spool: Spool, trainer: Trainer
) -> tuple[Output, list[Alert]]:
    """The attempt's share of the log, from the spool's last cursor on.

    Returns:
        It, and what to tell people about user patterns that are left out.
    """
    try:
        return _open(run, launch, spool, trainer), []
    except InvalidRequestError as error:
        plain = launch.model_copy(update={"metric_patterns": []})
        told = Alert(code="bad_pattern", message=error.message, hint=error.expected)
        is_new = spool.last_attempt != launch.attempt
        return _open(run, plain, spool, trainer), [told] if is_new else []


def _open(run: RunDir, launch: Launch, spool: Spool, trainer: Trainer) -> Output:
    if spool.last_attempt == launch.attempt:
        return Output.resumed(run.log, spool.cursor, launch.metric_patterns)
    return Output(run.log, beginning(run, trainer), launch.metric_patterns)


def beginning(run: RunDir, trainer: Trainer) -> int:
    """Byte of the log at which the attempt begins."""
    if trainer.record:
        return trainer.record.log_offset
    return run.log.stat().st_size if run.log.exists() else 0


def read_leftovers(run: RunDir, launch: Launch, journal: Journal, spool: Spool, end: int) -> None:
    """Spool what an earlier attempt printed and no agent lived to read.

    Args:
        run: Whose log it is.
        launch: Of the present attempt.
        journal: Where the events go, under the earlier attempt's number.
        spool: Says how far that attempt was read.
        end: Byte of the log at which the present attempt begins.
    """
    if spool.last_attempt == launch.attempt or spool.cursor.get("log", 0) >= end:
        return
    attempt = spool.last_attempt or launch.attempt - 1
    output = Output.resumed(run.log, spool.cursor) if spool.cursor else Output(run.log, 0)
    while read := output.read(until=end, at_end=True) or output.flush():
        journal.write(attempt, _entries(read), output.cursor())
        while not journal.flush():
            time.sleep(0.1)


def _entries(read: Read) -> list[Entry]:
    return [Entry(log) for log in read.logs] + [Entry(m) for m in read.metrics()]
