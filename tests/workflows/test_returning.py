"""A run whose directory was lost goes on under numbers that are free."""

from pathlib import Path

import pytest

from trainwright.job.spool import Entry, Spool, read_lines
from trainwright.spec.events import Alert
from trainwright.spec.rundir import RunDir
from trainwright.store.models import Run
from trainwright.workflows.returning import catch_up

NEWS = Entry(Alert(code="stalled", message="nothing moves"))


def told(directory: RunDir, *, lines: int) -> None:
    """A spool as an earlier attempt left it."""
    spool = Spool(directory.events, directory.run_id)
    for _ in range(lines):
        spool.append(1, [NEWS], {"log": 0, "base": 0, "parser": {}})
    spool.close()


@pytest.mark.parametrize("left", [0, 3])
def test_the_next_agent_counts_beyond_what_is_known(tmp_path: Path, left: int) -> None:
    directory = RunDir(tmp_path / "r1")
    if left:
        directory.path.mkdir()
        told(directory, lines=left)
    catch_up(directory, Run(id="r1", attempt=3, agent_seq=41))
    spool = Spool(directory.events, "r1")
    assert (spool.last_seq, spool.last_attempt) == (41, 2)
    spool.append(3, [NEWS], spool.cursor)
    assert [line["seq"] for line, _ in read_lines(directory.events)][-2:] == [41, 42]
    spool.close()


def test_a_whole_spool_is_left_alone(tmp_path: Path) -> None:
    directory = RunDir(tmp_path / "r1")
    directory.path.mkdir()
    told(directory, lines=3)
    before = directory.events.read_bytes()
    catch_up(directory, Run(id="r1", attempt=2, agent_seq=3))
    assert directory.events.read_bytes() == before


def test_a_run_that_nobody_heard_of_gets_no_spool(tmp_path: Path) -> None:
    directory = RunDir(tmp_path / "r1")
    catch_up(directory, Run(id="r1", attempt=2, agent_seq=0))
    assert not directory.path.exists()
