import json
from pathlib import Path

import click
import pytest

from trainwright.cli.failure import report
from trainwright.spec import (
    ConflictError,
    Fault,
    NotFoundError,
    RunFailedError,
    SpecError,
    StorageError,
    UnavailableError,
)


def told(error, capsys, *argv):
    code = report(error, argv)
    out, err = capsys.readouterr()
    return code, out, err


def test_says_what_happened_what_is_right_and_what_mends_it(capsys):
    error = UnavailableError("no platform", expected="a running one", mend="trainwright up")
    code, out, err = told(error, capsys)
    assert code == 2
    assert out == ""
    assert err.splitlines() == [
        "error: no platform",
        "  expected: a running one",
        "  mend it with: trainwright up",
    ]


def test_a_strangers_words_cannot_steer_the_terminal(capsys):
    _, _, err = told(UnavailableError("the model knows no \x1b[2Jcat\nnor dog"), capsys)
    assert err.splitlines() == [r"error: the model knows no \x1b[2Jcat", "nor dog"]


def test_advice_that_is_no_command_is_a_hint(capsys):
    assert (
        "  hint: use a smaller batch"
        in told(UnavailableError("full", mend="use a smaller batch"), capsys)[2]
    )


def test_a_conflict_is_told_without_the_name_of_a_field(capsys):
    error = ConflictError("run x has already ended", field="status")
    assert told(error, capsys)[2] == "error: run x has already ended\n"


def test_every_fault_of_a_spec_is_told_with_its_mend(capsys):
    faults = [
        Fault(
            field="epochs", code="invalid_value", message="-1: at least 1", expected="at least 1"
        ),
        Fault(field="dataset", code="missing", message="not there", mend="mkdir photos"),
    ]
    code, _, err = told(SpecError(faults), capsys)
    assert code == 2
    assert "epochs: -1: at least 1" in err
    assert "  mend it with: mkdir photos\n" in err


def test_what_an_error_names_cannot_steer_the_terminal(capsys):
    _, _, err = told(NotFoundError("there is no \x1b[2Jfolder\nat all"), capsys)
    assert err == "error: there is no \\x1b[2Jfolder\nat all\n"


def test_json_is_on_standard_output_and_alone(capsys):
    error = StorageError("disk full", mend="trainwright runs prune --status failed")
    code, out, err = told(error, capsys, "train", "x", "--json")
    assert (code, err) == (2, "")
    body = json.loads(out)["error"]
    assert body["code"] == "storage"
    assert body["details"]["mend"] == "trainwright runs prune --status failed"


def test_a_failed_run_is_exit_code_1(capsys):
    assert told(RunFailedError("boom"), capsys)[0] == 1


def test_interrupted(capsys):
    for error in (KeyboardInterrupt(), click.Abort()):
        assert told(error, capsys)[0] == 130


def test_a_usage_error_is_exit_code_2(capsys):
    code, _, err = told(click.UsageError("No such option: --foo"), capsys)
    assert code == 2
    assert "no such option: --foo" in err


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("TRAINWRIGHT_HOME", str(tmp_path))
    return tmp_path


def broken():
    try:
        raise ZeroDivisionError("a secret place in the code")
    except ZeroDivisionError as error:
        return error


def test_an_unexpected_error_keeps_its_trace_in_a_file(home, capsys):
    code, _, err = told(broken(), capsys)
    assert code == 1
    assert "Traceback" not in err
    path = Path(err.split("trace saved to: ")[1].strip())
    assert path.parent == home / "logs"
    assert "in broken" in path.read_text()
    assert path.stat().st_mode & 0o777 == 0o600


def test_the_trace_is_kept_elsewhere_when_the_home_cannot_be_written(tmp_path, monkeypatch, capsys):
    blocked = tmp_path / "file"
    blocked.write_text("in the way")
    monkeypatch.setenv("TRAINWRIGHT_HOME", str(blocked))
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    code, _, err = told(broken(), capsys)
    assert code == 1
    path = Path(err.split("trace saved to: ")[1].strip())
    assert "ZeroDivisionError" in path.read_text()
    path.unlink()


def test_debug_shows_the_trace(home, capsys):
    assert "Traceback" in told(broken(), capsys, "--debug")[2]
