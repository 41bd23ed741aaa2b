"""`backup`, `restore` and `db`, as a person runs them."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from trainwright.cli.main import cli
from trainwright.testing.postgres import PostgresServer

Cli = Callable[..., subprocess.CompletedProcess[str]]
Call = Callable[..., Result]


@pytest.fixture
def call(home_path: Path) -> Call:
    """Runs commands in this process, which has imported what they need."""
    return lambda *argv, **env: CliRunner().invoke(cli, argv, env=env)


def answer(done: Result) -> dict[str, object]:
    assert done.exit_code == 0, done.stdout + done.stderr
    return dict(json.loads(done.stdout))


def test_a_home_goes_into_a_file_and_out_of_it(call: Call, tmp_path: Path) -> None:
    assert call("backup", str(tmp_path / "b.tar.zst")).exit_code == 2  # there is nothing yet
    assert call("db", "upgrade").exit_code == 0
    file, home = str(tmp_path / "b.tar.zst"), str(tmp_path / "new")
    made = answer(call("backup", file, "--json"))
    assert (made["path"], made["runs"], made["parts"]) == (file, 0, [])
    assert call("backup", file).exit_code == 2
    told = call("restore", file)
    assert (told.exit_code, f"restore {file} --into " in told.stderr) == (2, True)
    back = answer(call("restore", file, "--into", home, "--json"))
    assert (back["home"], back["aside"], back["resumable"]) == (home, None, [])
    assert "is kept aside" not in call("restore", file, "--into", home, "--force").stderr
    assert len([*tmp_path.glob("new.before-*")]) == 1


@pytest.mark.parametrize("engine", ["sqlite", "postgresql"])
def test_the_schema_goes_up_and_down_and_rows_go(
    call: Call, tmp_path: Path, engine: str, request: pytest.FixtureRequest
) -> None:
    url = f"sqlite:///{tmp_path}/rows.db"
    if engine == "postgresql":
        server: PostgresServer = request.getfixturevalue("postgres_server")
        url = server.create("commands")
        request.addfinalizer(lambda: server.drop("commands"))
    env = {"DATABASE_URL": url}
    first = answer(call("db", "upgrade", "--json", **env))
    assert first["before"] is None
    assert call("users", "add", "ann", **env).exit_code == 0
    refused = call("db", "reset", **env)
    assert (refused.exit_code, "1 user" in refused.stderr) == (2, True)
    copied = answer(call("db", "copy", f"sqlite:///{tmp_path}/copy.db", "--json", **env))
    assert copied["tables"]["users"]["rows"] == 1  # type: ignore[index]
    again = call("db", "copy", f"sqlite:///{tmp_path}/copy.db", **env)
    assert (again.exit_code, "in use" in again.stderr) == (2, True)
    gone = answer(call("db", "reset", "--yes", "--json", **env))
    assert gone == {"before": first["after"], "after": first["after"]}
    assert answer(call("db", "downgrade", "base", "--yes", "--json", **env))["after"] is None
    returned = answer(
        call("db", "copy", url, "--from", f"sqlite:///{tmp_path}/copy.db", "--json", **env)
    )
    assert returned["tables"] == copied["tables"]


def test_a_url_that_is_none(run_cli: Cli) -> None:
    said = run_cli("db", "copy", "no url")
    assert (said.returncode, "no database's URL" in said.stderr) == (2, True)
