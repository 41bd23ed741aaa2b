"""The program as a person meets it: in a process of its own."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import click
import pytest

from trainwright.cli.main import COMMANDS, cli

REFERENCE = Path(__file__).parents[2] / "docs" / "reference" / "cli.md"
HEAVY = ("pydantic", "rich", "yaml", "httpx", "websockets", "torch", "sqlalchemy", "fastapi")


def commands(group=cli, path=()):
    """Every command there is, as its words."""
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if isinstance(command, click.Group):
            yield from commands(command, (*path, name))
        else:
            yield (*path, name), command


ALL = dict(commands())


@pytest.mark.parametrize("argv", [["--help"], ["train", "--help"], ["runs", "list", "--help"]])
def test_help_imports_nothing_heavy(argv):
    code = (
        "import sys\n"
        "from trainwright.cli.main import cli\n"
        f"try: cli.main({argv!r})\n"
        "except SystemExit: pass\n"
        f"print('LOADED', [m for m in {HEAVY!r} if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "LOADED []"


def test_import_trainwright_loads_nothing_heavy():
    code = f"import sys, trainwright; print([m for m in {HEAVY!r} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_help_names_every_command_and_groups_their_own(run_cli):
    text = run_cli("--help").stdout
    for name, (_, line) in COMMANDS.items():
        assert name in text
        assert line in text


@pytest.mark.parametrize("path", ALL, ids=" ".join)
def test_every_command_takes_json_and_explains_itself(path):
    command = ALL[path]
    assert "--json" in [o for p in command.params for o in p.opts]
    assert command.help and len(command.help) > 10


@pytest.mark.parametrize("path", ALL, ids=" ".join)
def test_every_command_is_in_the_reference(path):
    assert f"trainwright {' '.join(path)}" in REFERENCE.read_text()


def test_the_reference_names_no_command_that_is_not_there():
    named = set(re.findall(r"^trainwright ([a-z-]+(?: [a-z-]+)?)", REFERENCE.read_text(), re.M))
    known = {" ".join(path) for path in ALL} | {path[0] for path in ALL if len(path) == 1}
    assert {n for n in named if n not in known and n.split()[0] not in known} == set()


@pytest.mark.parametrize(
    "argv",
    [
        ["nonsense"],
        ["train"],
        ["train", "x", "--no-such-option"],
        ["train", "missing.yaml"],
        ["train", "digits.yaml", "--set", "epochs"],
        ["runs", "compare", "one"],
        ["models", "list", "--task", "flying"],
        ["models", "show", "builtin/lenet"],
        ["up", "--port", "99999"],
        ["db", "downgrade", "12345", "--yes"],
        ["db", "reset"],
        ["datasets", "add", "/no/such/folder"],
    ],
    ids=" ".join,
)
def test_a_wrong_request_is_exit_code_2_with_words_and_no_trace(run_cli, argv):
    done = run_cli(*argv)
    assert done.returncode == 2
    assert "error:" in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


def test_a_wrong_request_in_json(run_cli):
    done = run_cli("train", "missing.yaml", "--json")
    assert done.returncode == 2
    assert done.stderr == ""
    assert json.loads(done.stdout)["error"]["code"] == "not_found"


def test_a_misspelt_command_is_guessed(run_cli):
    assert "Did you mean 'doctor'?" in run_cli("docter").stderr


def test_every_fault_of_a_spec_file_at_once(run_cli, tmp_path):
    spec = tmp_path / "bad.yaml"
    spec.write_text("model: builtin/lenet6\ndataset: digits\nepochs: -1\nlearning_rte: 0.1\n")
    done = run_cli("train", str(spec), "--yes", "--json")
    assert done.returncode == 2
    faults = {f["field"]: f for f in json.loads(done.stdout)["error"]["details"]["faults"]}
    assert set(faults) == {"model", "epochs", "learning_rte"}
    assert "builtin/lenet5" in faults["model"]["suggestions"]
    assert "learning_rate" in faults["learning_rte"]["suggestions"]
    assert not (tmp_path / "home").exists()


def test_broken_yaml_says_where(run_cli, tmp_path):
    spec = tmp_path / "broken.yaml"
    spec.write_text("model: builtin/mlp\nepochs: [1, 2\n")
    done = run_cli("train", str(spec))
    assert done.returncode == 2
    assert "broken YAML at line" in done.stderr


def test_a_setting_that_is_no_number_names_the_variable(run_cli):
    done = run_cli("status", ACCESS_TOKEN_EXPIRE_MINUTES="soon")
    assert done.returncode == 2
    assert "ACCESS_TOKEN_EXPIRE_MINUTES" in done.stderr


def test_a_read_only_home_is_exit_code_2(run_cli, tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("in the way")
    done = run_cli("runs", "list", TRAINWRIGHT_HOME=str(blocked / "home"))
    assert done.returncode == 2
    assert "Traceback" not in done.stderr


def test_status_and_down_without_a_platform(run_cli):
    assert json.loads(run_cli("status", "--json").stdout)["running"] is False
    assert json.loads(run_cli("down", "--json").stdout) == {"stopped": False}


def test_models_are_listed_without_a_platform(run_cli):
    models = {m["id"]: m for m in json.loads(run_cli("models", "list", "--json").stdout)}
    assert models["builtin/lenet5"]["tasks"] == ["image_classification"]
    here = json.loads(run_cli("models", "list", "--installed", "--json").stdout)
    assert {m["id"] for m in here} == {m["id"] for m in models.values() if m["installed"]}
    assert "builtin/resnet18" in run_cli("models", "list", "-q", "resnet").stdout
    assert "LeNet-5" in run_cli("models", "show", "builtin/lenet5").stdout


def test_export_config_fills_in_every_default(run_cli, tmp_path):
    spec = tmp_path / "spec.yaml"
    spec.write_text("model: builtin/lenet5\ndataset: digits\nepochs: 5\n")
    done = run_cli("export-config", str(spec), "--set", "seed=7", "--set", "learning_rate=1e-2")
    assert done.returncode == 0
    assert "seed: 7" in done.stdout
    assert "learning_rate: 0.01" in done.stdout
    assert "batch_size" in done.stdout


def test_database_and_people(run_cli):
    assert json.loads(run_cli("db", "upgrade", "--json").stdout)["after"]
    token = json.loads(run_cli("users", "add", "mina", "--json").stdout)["token"]
    assert token.startswith("tw_")
    assert run_cli("users", "add", "mina").returncode == 2
    another = json.loads(run_cli("users", "token", "mina", "--json").stdout)["token"]
    assert another != token
    assert run_cli("users", "token", "nobody").returncode == 2
    assert [u["name"] for u in json.loads(run_cli("users", "list", "--json").stdout)] == ["mina"]
    assert json.loads(run_cli("db", "reset", "--yes", "--json").stdout)["after"]
    assert json.loads(run_cli("users", "list", "--json").stdout) == []
    assert json.loads(run_cli("db", "downgrade", "base", "--yes", "--json").stdout)["after"] is None


def test_a_reader_that_goes_away_is_no_error(tmp_path):
    done = subprocess.run(
        f"{sys.executable} -m trainwright models list --json | head -c 1",
        shell=True,
        env=os.environ | {"TRAINWRIGHT_HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == ""


def test_doctor_finds_says_and_mends(run_cli, tmp_path):
    home = tmp_path / "home"
    home.mkdir()
    (home / "token").write_text("tw_x")
    (home / "token").chmod(0o644)
    (home / "platform.json").write_text("{torn")
    found = run_cli("doctor", "--json")
    assert found.returncode == 1
    checks = {c["id"]: c for c in json.loads(found.stdout)["checks"]}
    assert checks["secrets"]["level"] == "fail"
    assert checks["platform"]["level"] == "warn"

    asked = run_cli("doctor", "--fix")
    assert asked.returncode == 2  # nobody can be asked
    assert "make" in asked.stdout and "private" in asked.stdout
    assert (home / "platform.json").exists()

    mended = run_cli("doctor", "--fix", "--yes", "--json")
    assert mended.returncode == 0, mended.stdout
    body = json.loads(mended.stdout)
    assert body["ok"] is True
    assert all(one["ok"] for one in body["fixed"])
    assert not (home / "platform.json").exists()


def test_doctor_tells_of_misspelt_variables(run_cli):
    done = run_cli("doctor", TRAINWRIGHT_HOEM="/x", MONGODB_URL="mongodb://x", DATABSE_URL="x")
    assert done.returncode == 0
    assert "did you mean TRAINWRIGHT_HOME?" in done.stdout
    assert "DATABSE_URL is set, but nothing reads it; did you mean DATABASE_URL?" in done.stdout
    assert "MONGODB_URL is set but not used" in done.stdout


def test_validate_reads_a_folder_offline_and_registers_nothing(run_cli, tmp_path):
    from trainwright.testing.images import make_messy_folder

    messy = make_messy_folder(tmp_path / "photos", per_class=6)
    done = run_cli("datasets", "validate", str(messy.root), "--json")
    assert done.returncode == 0
    body = json.loads(done.stdout)
    assert body["report"]["left_out_count"] == len(messy.left_out)
    assert not (tmp_path / "home" / "trainwright.db").exists()
    (tmp_path / "empty").mkdir()
    assert run_cli("datasets", "validate", str(tmp_path / "empty")).returncode == 2


def test_parse_in_english_and_korean(run_cli):
    for sentence in (
        "Classify handwritten digits with LeNet-5",
        "손글씨 숫자를 LeNet-5로 학습해줘",
    ):
        body = json.loads(run_cli("parse", sentence, "--json").stdout)
        assert (body["status"], body["spec"]["model"]) == ("complete", "builtin/lenet5")
    open_ = run_cli("parse", "Train ResNet18")
    assert open_.returncode == 0
    assert "1. digits" in open_.stdout


def test_open_questions_where_nobody_can_be_asked_are_exit_code_2(run_cli, tmp_path):
    done = run_cli("train", "Train ResNet18", "--json")
    assert done.returncode == 2
    error = json.loads(done.stdout)["error"]
    assert error["code"] == "needs_clarification"
    assert error["details"]["questions"][0]["field"] == "dataset"
    assert run_cli("train", "what is the weather?").returncode == 2
    assert not (tmp_path / "home").exists()


def test_suggested_commands_can_be_typed_as_printed(tmp_path):
    program = Path(sys.executable).parent / "trainwright"
    spoken = subprocess.run(
        [os.path.relpath(program), "status"],
        env={"TRAINWRIGHT_HOME": str(tmp_path / "home"), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=True,
    )
    mended = spoken.stdout.split("start one with: ")[1].strip()
    assert mended == f"{os.path.relpath(program)} up"


def test_a_spec_may_be_piped_in():
    done = subprocess.run(
        [sys.executable, "-m", "trainwright", "export-config", "-", "--set", "epochs=2"],
        input=b"model: builtin/lenet5\ndataset: digits\nepochs: 1\n",
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert b"epochs: 2" in done.stdout


@pytest.mark.parametrize("argv", [["--json", "status"], ["models", "--json", "list"]])
def test_an_option_before_its_command_is_told_where_it_goes(run_cli, argv):
    done = run_cli(*argv)
    assert done.returncode == 2
    assert "behind the command" in json.loads(done.stdout)["error"]["message"]


def test_a_group_without_a_command_shows_its_help_and_nothing_twice(run_cli):
    done = run_cli("projects")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.count("Usage:") == 1
    assert "error" not in done.stderr


def test_a_search_that_finds_nothing_says_where_all_are(run_cli):
    assert "trainwright models list" in run_cli("models", "list", "--search", "zzzqq").stdout
