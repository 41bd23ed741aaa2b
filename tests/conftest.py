"""Shared by all tests: a home of their own, and no thread storms."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from filelock import FileLock
from hypothesis import HealthCheck, settings

from trainwright.testing.postgres import PostgresServer, postgres

os.environ.setdefault("OMP_NUM_THREADS", "1")

# a busy machine is slow now and then; and the tests make their files anew for each example
settings.register_profile(
    "trainwright",
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
settings.load_profile("trainwright")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Give the long files to the processes first (with `--no-loadscope-reorder`).

    One that is begun last keeps a single process busy after the others have ended.
    """
    if config.getoption("loadscopereorder", default=True):
        return
    long = Counter(
        item.path
        for item in items
        if item.get_closest_marker("slow") or item.get_closest_marker("integration")
    )
    items.sort(key=lambda item: -long[item.path])


@pytest.fixture(scope="session", autouse=True)
def nobodys_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Processes that tests start without a home must not write to that of whoever runs them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TRAINWRIGHT_HOME", str(tmp_path_factory.mktemp("nobody") / "home"))
        for name in ("ANTHROPIC_API_KEY", "OPENAI_API_KEY", "OPENAI_BASE_URL"):
            patch.delenv(name, raising=False)  # nor spend their money
        yield


@pytest.fixture
def home_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A fresh `$TRAINWRIGHT_HOME`, and no settings leaking in from the machine."""
    for name in ("DATABASE_URL", "TEMPORAL_HOST", "REDIS_URL", "TRAINWRIGHT_API_URL", "JWT_SECRET"):
        monkeypatch.delenv(name, raising=False)
    home = tmp_path / "home"
    monkeypatch.setenv("TRAINWRIGHT_HOME", str(home))
    return home


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """One server for all tests of a process, with `trainwright_template` to make databases of."""
    from trainwright.store import Database

    with postgres() as server:
        template = Database(server.create("trainwright_template"))
        template.upgrade()
        template.dispose()
        yield server


@pytest.fixture(scope="session")
def tiny_language_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with what `examples/tiny_chat.py` trains, made once for all processes of a session.

    Not to be written to.
    """
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    run = shared / "tiny_language_model"
    with FileLock(shared / "tiny_language_model.lock"):
        if not run.exists():
            subprocess.run(
                [sys.executable, Path(__file__).parents[1] / "examples" / "tiny_chat.py"],
                env=os.environ | {"TRAINWRIGHT_RUN_DIR": str(run)},
                capture_output=True,
                check=True,
                timeout=150,
            )
    return run / "model"


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with the newest schema, to be copied."""
    from trainwright.store import Database

    path = tmp_path_factory.mktemp("template") / "trainwright.db"
    database = Database(f"sqlite:///{path}")
    database.upgrade()
    database.dispose()
    return path
