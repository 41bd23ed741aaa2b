"""Runs beside one training: starts it once, reads it, watches it, and tells the platform.

Run as `python -m trainwright.job.agent RUN_DIR`. It may be killed at any moment and started
again: the spool's last cursor says where reading goes on, so nothing is lost and nothing doubled.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Any

from trainwright.job import lock, process
from trainwright.job.control import STOPPING, TERM_SECONDS, ControlFile, Stopper, outcome_of
from trainwright.job.ending import End, has_no_room, last_lines
from trainwright.job.history import History
from trainwright.job.journal import Journal
from trainwright.job.observer import Observer
from trainwright.job.opening import beginning, open_output, read_leftovers
from trainwright.job.records import read_record
from trainwright.job.shipper import Shipper
from trainwright.job.spool import Entry, Spool
from trainwright.job.status import StatusFile
from trainwright.job.trainer import Ended, Trainer
from trainwright.spec.events import TrainingComplete
from trainwright.spec.rundir import AgentConfig, Control, Launch, Outcome, Phase, RunDir

TICK_SECONDS = 0.025

SHIP_PATIENCE = 600.0
"""Seconds without an answer after which an agent whose trainer has ended goes too. The platform
starts another one when it is back."""


class Agent:
    """One attempt of one run, from wherever an earlier agent left it."""

    def __init__(self, run: RunDir, launch: Launch, config: AgentConfig) -> None:
        self._run = run
        self._launch = launch
        self._history = History()
        self._spool = Spool(run.events, config.run_id, self._history.visit)
        self._shipper = Shipper(run, self._spool)
        self._journal = Journal(self._spool, self._shipper.wake)
        self._ships = bool(config.api_url or config.platform_file)
        self._status = StatusFile(run, launch, config)
        self._trainer = Trainer(run, launch)
        read_leftovers(run, launch, self._journal, self._spool, beginning(run, self._trainer))
        self._history.begin(launch.attempt)
        output, alerts = open_output(run, launch, self._spool, self._trainer)
        going_on = self._spool.last_attempt == launch.attempt
        reports = self._spool.cursor.get("reports", ()) if going_on else ()
        self._observer = Observer(
            run,
            launch,
            config,
            trainer=self._trainer,
            history=self._history,
            output=output,
            reports=reports,
        )
        for alert in alerts:
            self._observer.say(alert)
        self._control = ControlFile(run.control, launch.attempt)
        self._stopper = Stopper(
            self._trainer.signal,
            saves=launch.saves_on_stop,
            asked_before=bool(set(self._history.alerts) & set(STOPPING.values())),
        )

    def live(self) -> None:
        """Live through the attempt."""
        if self._ships:
            self._shipper.start()
        end = self._train()
        self._beat(Phase.DRAINING)
        if end.asked:  # children that ignored the request go with their parent
            patience = 0.0 if end.was_killed else TERM_SECONDS
            mark = process.mark_of(self._run)
            process.end(process.family(self._trainer.record, mark), patience=patience)
        self._read_rest()
        self._speak_last_words(end)
        self._beat(Phase.DRAINING, outcome=end.outcome)
        if self._ship_rest(end.outcome):
            self._beat(Phase.DONE, outcome=end.outcome)

    def _train(self) -> End:
        """See the trainer through to its end."""
        while True:
            request = self._control.read()
            if not self._trainer.started:
                if request:
                    return End(None, asked=outcome_of(request))
                try:
                    self._trainer.start()
                except OSError as error:
                    return End(None, trouble=str(error))
            if ended := self._trainer.poll():
                return self._judge(ended, request)
            if request and self._trainer.id and (alert := self._stopper.act(request)):
                self._observer.say(alert)
            self._tell()
            self._beat(self._phase())
            if not self._observer.has_more:
                time.sleep(TICK_SECONDS)

    def _phase(self) -> Phase:
        if self._trainer.id is None:
            return Phase.STARTING
        return Phase.SAVING if self._stopper.saving else Phase.TRAINING

    def _judge(self, ended: Ended, request: Control | None) -> End:
        record = self._trainer.record
        asked = request and (
            self._stopper.asked
            or (ended.exit is not None and ended.exit.ended_at >= request.requested_at)
        )
        try:
            written = self._run.result.stat().st_mtime
        except OSError:
            written = 0.0
        return End(
            ended.exit,
            asked=outcome_of(request) if request and asked else None,
            # file times come from a coarser clock, which runs a little behind
            has_result=record is not None and written >= record.started_at.timestamp() - 0.05,
            trouble=ended.trouble,
            # the shim waits for room to write down the end, so that there may be some again
            disk_full=(ended.exit is not None and ended.exit.disk_full)
            or has_no_room(self._run.path),
        )

    def _tell(self) -> None:
        """Spool what is new, unless an older batch still waits for the disk."""
        if not self._journal.flush():
            return
        entries = self._observer.collect()
        if self._observer.seen_life:
            self._status.lives()
        self._write(entries)

    def _write(self, entries: list[Entry]) -> None:
        if entries:
            self._journal.write(self._launch.attempt, entries, self._observer.cursor())

    def _read_rest(self) -> None:
        """Spool all that the trainer has left: the rest of its log, and its last checkpoints."""
        # a child that the trainer left behind may go on printing for ever
        end = self._run.log.stat().st_size if self._run.log.exists() else 0
        self._drain(end)
        self._observer.finish_checkpoints()
        while self._observer.is_hashing:
            self._drain(end)
            self._beat(Phase.DRAINING)
            time.sleep(TICK_SECONDS)
        self._drain(end)

    def _drain(self, end: int) -> None:
        self._settle()
        while entries := self._observer.collect_rest(end):
            self._write(entries)
            self._settle()
            self._beat(self._status.phase)

    def _settle(self) -> None:
        """Wait until nothing is kept back from the spool."""
        while not self._journal.flush():
            self._beat(self._status.phase)
            time.sleep(TICK_SECONDS)

    def _speak_last_words(self, end: End) -> None:
        if self._history.ended:
            return
        if end.outcome is Outcome.COMPLETED:
            words = TrainingComplete(
                duration_seconds=end.exit.duration_seconds if end.exit else None,
                metrics=self._history.latest,
            )
            self._write([Entry(words)])
        elif end.outcome is Outcome.FAILED:
            lines = last_lines(self._run.log, since=beginning(self._run, self._trainer))
            self._write([Entry(end.explain(lines))])
        self._settle()

    def _ship_rest(self, outcome: Outcome) -> bool:
        """Stay until everything is shipped; give up when nobody has answered for long."""
        since = time.monotonic()
        while self._ships and not self._shipper.done:
            if time.monotonic() - max(since, self._shipper.succeeded_at) > SHIP_PATIENCE:
                return False
            self._beat(Phase.DRAINING, outcome=outcome)
            time.sleep(TICK_SECONDS)
        return True

    def _beat(self, phase: Phase, **changes: Any) -> None:
        record = self._trainer.record
        self._status.beat(
            phase=phase,
            child=record.shim if record else None,
            trainer=record.trainer if record else None,
            stalled=self._observer.stalled,
            last_seq=self._spool.last_seq,
            shipped_seq=self._shipper.shipped_seq,
            **changes,
        )


def main(argv: list[str]) -> int:
    """Exit status: 0 done, or another agent lives; 2 when there is nothing to start."""
    if len(argv) != 2:
        print("usage: python -m trainwright.job.agent RUN_DIR", file=sys.stderr)
        return 2
    run = RunDir(Path(argv[1]).resolve())
    if lock.take(run.lock) is None:
        return 0
    launch = read_record(run.command, Launch)
    if launch is None:
        print(f"{run.command} is not there, or is not a launch", file=sys.stderr)
        return 2
    config = read_record(run.agent, AgentConfig) or AgentConfig(run_id=run.run_id)
    Agent(run, launch, config).live()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv))
