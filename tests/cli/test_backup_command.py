"""`backup`, `restore` and `db`, as a person runs them."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from trainwright.testing.postgres import PostgresServer

Cli = Callable[..., subprocess.CompletedProcess[str]]


def answer(done: subprocess.CompletedProcess[str]) -> dict[str, object]:
    assert done.returncode == 0, done.stdout + done.stderr
    return dict(json.loads(done.stdout))


def test_a_home_goes_into_a_file_and_out_of_it(run_cli: Cli, tmp_path: Path) -> None:
    assert run_cli("backup", str(tmp_path / "b.tar.zst")).returncode == 2  # there is nothing yet
    assert run_cli("db", "upgrade").returncode == 0
    file, home = str(tmp_path / "b.tar.zst"), str(tmp_path / "new")
    made = answer(run_cli("backup", file, "--json"))
    assert (made["path"], made["runs"], made["parts"]) == (file, 0, [])
    assert run_cli("backup", file).returncode == 2
    told = run_cli("restore", file)
    assert (told.returncode, "--force" in told.stderr) == (2, True)
    back = answer(run_cli("restore", file, "--into", home, "--json"))
    assert (back["home"], back["aside"], back["resumable"]) == (home, None, [])
    assert "is kept aside" not in run_cli("restore", file, "--into", home, "--force").stderr
    assert len([*tmp_path.glob("new.before-*")]) == 1


@pytest.mark.parametrize("engine", ["sqlite", "postgresql"])
def test_the_schema_goes_up_and_down_and_rows_go(
    run_cli: Cli, tmp_path: Path, engine: str, request: pytest.FixtureRequest
) -> None:
    url = f"sqlite:///{tmp_path}/rows.db"
    if engine == "postgresql":
        server: PostgresServer = request.getfixturevalue("postgres_server")
        url = server.create("commands")
        request.addfinalizer(lambda: server.drop("commands"))
    env = {"DATABASE_URL": url}
    first = answer(run_cli("db", "upgrade", "--json", **env))
    assert first["before"] is None
    assert run_cli("users", "add", "ann", **env).returncode == 0
    refused = run_cli("db", "reset", **env)
    assert (refused.returncode, "1 user" in refused.stderr) == (2, True)
    copied = answer(run_cli("db", "copy", f"sqlite:///{tmp_path}/copy.db", "--json", **env))
    assert copied["tables"]["users"]["rows"] == 1  # type: ignore[index]
    again = run_cli("db", "copy", f"sqlite:///{tmp_path}/copy.db", **env)
    assert (again.returncode, "in use" in again.stderr) == (2, True)
    gone = answer(run_cli("db", "reset", "--yes", "--json", **env))
    assert gone == {"before": first["after"], "after": first["after"]}
    assert answer(run_cli("db", "downgrade", "base", "--yes", "--json", **env))["after"] is None
    returned = answer(
        run_cli("db", "copy", url, "--from", f"sqlite:///{tmp_path}/copy.db", "--json", **env)
    )
    assert returned["tables"] == copied["tables"]


def test_a_url_that_is_none(run_cli: Cli) -> None:
    said = run_cli("db", "copy", "no url")
    assert (said.returncode, "no database's URL" in said.stderr) == (2, True)
