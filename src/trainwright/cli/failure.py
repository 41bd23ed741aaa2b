"""The one place where an error becomes words, JSON and an exit code."""

from __future__ import annotations

import json
import os
import sys
import tempfile
import traceback
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from trainwright.cli.program import is_command, remedy, runnable
from trainwright.spec.errors import TrainwrightError
from trainwright.spec.labels import shown_lines

FAILED, WRONG_REQUEST, INTERRUPTED = 1, 2, 130


def report(error: BaseException, argv: Sequence[str]) -> int:
    """Tell the person (or the machine) what happened.

    Args:
        error: What ended the command.
        argv: The arguments, to know of `--json` and `--debug` even when they did not parse.

    Returns:
        The exit code: 1 the run or the program failed, 2 the request was wrong, 130 interrupted.
    """
    if isinstance(error, SystemExit):
        return error.code if isinstance(error.code, int) else int(error.code is not None)
    if isinstance(error, (KeyboardInterrupt, click.Abort)):
        click.echo("interrupted", err=True)
        return INTERRUPTED
    if isinstance(error, BrokenPipeError):
        _silence_stdout()
        return 0
    if isinstance(error, click.exceptions.NoArgsIsHelpError):  # its message is the help
        click.echo(error.format_message(), err=True)
        return WRONG_REQUEST
    if "--debug" in argv and not isinstance(error, click.ClickException):
        traceback.print_exception(error)
    body, code, usage = _describe(error)
    if "--json" in argv:
        click.echo(json.dumps({"error": body}, ensure_ascii=False))
    else:
        _print(body, usage)
    return code


def _describe(error: BaseException) -> tuple[dict[str, Any], int, str | None]:
    if isinstance(error, click.UsageError):
        usage = error.ctx.get_usage() if error.ctx else None
        hint = f"{error.ctx.command_path} --help" if error.ctx else "trainwright --help"
        message = error.format_message()
        if isinstance(error, click.NoSuchOption) and error.option_name == "--json":
            message = "--json goes behind the command"  # every command takes it
        return _body("usage", message[:1].lower() + message[1:], help=hint), WRONG_REQUEST, usage
    if isinstance(error, click.ClickException):
        return _body("invalid_request", error.format_message()), WRONG_REQUEST, None
    if isinstance(error, TrainwrightError):
        body = {"code": error.code, "message": error.message, "details": error.details}
        return body, error.exit_code, None
    if setting := _wrong_setting(error):
        return setting, WRONG_REQUEST, None
    if missing := _missing_part(error):
        return missing, WRONG_REQUEST, None
    trace = _save_trace(error)
    kind = type(error).__name__
    message = f"something inside Trainwright broke: {kind}: {error}"
    return _body("internal_error", message, trace=str(trace)), FAILED, None


def _missing_part(error: BaseException) -> dict[str, Any] | None:
    """A package that belongs to an extra which is not installed, or not as a whole."""
    from trainwright.doctor.installation import missing_packages

    if not isinstance(error, ModuleNotFoundError):
        return None
    if not (extras := [extra for extra in ("server", "torch") if missing_packages(extra)]):
        return None
    message = f"this needs {error.name}, which is not installed"
    return _body(
        "missing_dependency", message, mend=f"pip install 'trainwright[{','.join(extras)}]'"
    )


def _wrong_setting(error: BaseException) -> dict[str, Any] | None:
    """An environment variable with a value that cannot be."""
    from pydantic import ValidationError

    if not isinstance(error, ValidationError) or error.title != "Settings":
        return None
    faults = [(str(e["loc"][0]).upper(), e) for e in error.errors()]
    message = "; ".join(f"{name} is {e['input']!r}: {e['msg']}" for name, e in faults)
    return _body("invalid_setting", message, field=faults[0][0], mend=f"unset {faults[0][0]}")


def _body(code: str, message: str, **details: str | None) -> dict[str, Any]:
    known = {k: v for k, v in details.items() if v}
    return {"code": code, "message": message, "details": known}


def _print(body: dict[str, Any], usage: str | None) -> None:
    details = body["details"]
    if usage:
        click.echo(usage, err=True)
    click.secho("error: ", fg="red", bold=True, nl=False, err=True)
    # of a conflict the field is a part of the thing's state, not of what the person wrote
    field = details.get("field") if body["code"] != "conflict" else None
    prefix = f"{field}: " if field and not body["message"].startswith(str(field)) else ""
    # it may quote what a stranger called a folder
    click.echo(shown_lines(prefix + body["message"]), err=True)
    mend = details.get("mend", "")
    labels = {
        "help": "see",
        "expected": "expected",
        "mend": "mend it with" if is_command(mend) else "hint",
        "trace": "trace saved to",
    }
    for key, label in labels.items():
        if key in details:
            click.secho(f"  {label}: ", dim=True, nl=False, err=True)
            click.secho(runnable(str(details[key])), bold=is_command(str(details[key])), err=True)
    for mend in dict.fromkeys(f.get("mend") for f in details.get("faults", ())):
        if mend:
            click.echo(f"  {remedy(mend)}", err=True)


def _save_trace(error: BaseException) -> Path:
    """Keep the traceback in the home's logs, or in the temporary folder when that is not to be."""
    text = "".join(traceback.format_exception(error))
    name = f"cli-error-{datetime.now(UTC):%Y%m%dT%H%M%S}-{os.getpid()}.txt"
    try:
        from trainwright import files, settings

        path = settings.load().home.logs / name
        files.write_atomic(path, text, mode=0o600)
    except Exception:  # noqa: BLE001 (whatever is broken, the first error is the one to tell)
        path = Path(tempfile.gettempdir()) / name
        path.write_text(text)
    return path


def _silence_stdout() -> None:
    """The reader has gone (`… | head`); keep the interpreter from complaining at exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
