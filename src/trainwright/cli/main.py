"""The `trainwright` program: its commands, loaded only when asked for."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any

import click

from trainwright import __version__
from trainwright.cli.lazy import LazyGroup

_HERE = "trainwright.cli.commands"

COMMANDS = {
    "train": (f"{_HERE}.train:train", "Train a model from a sentence or a spec file."),
    "chat": (f"{_HERE}.chat:chat", "Talk: train, ask about runs, change them."),
    "parse": (f"{_HERE}.parse:parse", "Read a sentence; nothing is started."),
    "plan": (f"{_HERE}.plan:plan", "Will it fit, and how long will it take?"),
    "runs": (f"{_HERE}.runs:runs", "List, watch, stop, resume and compare runs."),
    "predict": (f"{_HERE}.predict:predict", "Use a trained model on images."),
    "batches": (f"{_HERE}.batches:batches", "Predictions of very many inputs: list, watch, save."),
    "evaluate": (f"{_HERE}.evaluate:evaluate", "Measure a trained model on held-out data."),
    "export": (f"{_HERE}.export:export", "Save a trained model in another format."),
    "models": (f"{_HERE}.models:models", "Models that can be trained."),
    "recipes": (f"{_HERE}.recipes:recipes", "Settings that are known to work, ready to start."),
    "datasets": (f"{_HERE}.datasets:datasets", "Datasets: list, add, show, validate, delete."),
    "dashboard": (f"{_HERE}.dashboard:dashboard", "What runs, waits and is wrong, at a glance."),
    "alerts": (f"{_HERE}.alerts:alerts", "What is wrong with runs right now, and who has seen it."),
    "webhooks": (f"{_HERE}.webhooks:webhooks", "Addresses that are told what happens."),
    "projects": (f"{_HERE}.projects:projects", "Names that runs are grouped under."),
    "targets": (f"{_HERE}.targets:targets", "Places where runs may execute."),
    "up": (f"{_HERE}.platform:up", "Start the platform, and stay until Ctrl-C."),
    "open": (f"{_HERE}.open:open_app", "A link that opens the web app, signed in."),
    "down": (f"{_HERE}.platform:down", "Stop the platform; training goes on."),
    "status": (f"{_HERE}.platform:status", "Is the platform running, and what does it do?"),
    "doctor": (f"{_HERE}.doctor:doctor", "Find what is wrong with this installation."),
    "export-config": (f"{_HERE}.export_config:export_config", "Print a run's or a spec's YAML."),
    "settings": (f"{_HERE}.settings:settings", "What the platform keeps for everyone."),
    "users": (f"{_HERE}.users:users", "People and their tokens."),
    "storage": (f"{_HERE}.storage:storage", "What takes space, and how to make some."),
    "backup": (f"{_HERE}.backup:backup", "Back up everything, while it is in use."),
    "restore": (f"{_HERE}.backup:restore", "Bring a backup back."),
    "db": (f"{_HERE}.db:db", "Move the database's schema, or its rows."),
    "serve": (f"{_HERE}.serve:serve", "Run one role of the platform (for deployments)."),
}


class Program(LazyGroup):
    """The root group; every error of every command ends in one handler."""

    def main(  # type: ignore[override]
        self, args: Sequence[str] | None = None, prog_name: str | None = None, **extra: Any
    ) -> None:
        extra.pop("standalone_mode", None)
        argv = list(sys.argv[1:] if args is None else args)
        try:
            super().main(argv, prog_name or "trainwright", standalone_mode=False, **extra)
        except click.exceptions.Exit as end:
            sys.exit(end.exit_code)
        # the handler decides what a person sees; --debug shows the trace
        except BaseException as error:  # noqa: BLE001
            from trainwright.cli.failure import report

            sys.exit(report(error, argv))
        sys.exit(0)

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except BrokenPipeError as error:  # click would call it a failure
            from trainwright.cli.failure import report

            sys.exit(report(error, ()))


@click.group(
    cls=Program,
    table=COMMANDS,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog='Start with: trainwright train "Classify handwritten digits with LeNet-5, 5 epochs"',
)
@click.version_option(__version__, "-V", "--version", message="trainwright %(version)s")
def cli() -> None:
    """Say what you want to train; get back a model you can test, compare and serve."""


def main() -> None:
    """Entry point of the installed program."""
    cli.main()
