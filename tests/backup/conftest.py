"""Fixtures: a home with runs."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from backup_rig import ENDS, Place, settings_of, write

from trainwright.spec import RunSpec
from trainwright.store import Database
from trainwright.store.models import Dataset
from trainwright.store.repositories import Runs, Users


@pytest.fixture
def place(tmp_path: Path, sqlite_template: Path) -> Place:
    settings = settings_of(tmp_path / "home")
    home = settings.home
    home.path.mkdir()
    shutil.copy(sqlite_template, home.database)
    place = Place(settings, {})
    database = Database(settings.database)
    for name, statuses in ENDS.items():
        data = str(home.uploads / "d1" / "images")
        with database.session() as session:
            run = Runs(session).add(RunSpec(model="builtin/lenet5", dataset=data), name=name)
        place.runs[name] = run.id
        for status in statuses:
            with database.session() as session:
                Runs(session).set_status(run.id, status)
        for file in ("spec.yaml", "shim.json", "events.jsonl", "artifacts/model.bin"):
            write(home.runs / run.id / file, f"{file} of {name}")
        write(home.runs / run.id / "agent.json", '{"token": "of the run"}')
        for step in (2, 1):  # the first one by name is the newest by time
            checkpoint = home.runs / run.id / "checkpoints" / f"{step}.pt"
            write(checkpoint, os.urandom(1000))
            os.utime(checkpoint, ns=(step, step))
        write(home.run_logs / f"{run.id}.log", "loss 1\n")
    with database.session() as session:
        Users(session).add("ann")
        session.add(Dataset(name="mine", uri=str(home.uploads / "d1" / "images")))
    database.dispose()
    write(home.uploads / "d1" / "images" / "a.png", b"png")
    write(home.datasets / "digits" / "b.bin", b"data")
    write(home.plugins / "mine.py", "MODEL = 1\n")
    write(home.cache / "x", "x")
    write(home.logs / "api.log", "x")
    write(home.token, "tw_secret")
    write(home.secrets, "{}")
    write(home.temporal_database, "no rows of ours")
    return place
