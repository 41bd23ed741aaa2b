"""Child process: import a plug-in and say what it offers, so that its torch stays in the child.

    python -m trainwright.frameworks.builtin.describe (--file PATH | --module NAME)

Prints one JSON object: `models` and `datasets`, or `error`. What the plug-in prints, also from C
code or at its end, goes to stderr.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from trainwright.frameworks.builtin import registry
from trainwright.frameworks.builtin.console import own_stdout
from trainwright.frameworks.builtin.discovery import import_file, import_module


def describe(load: Any) -> dict[str, Any]:
    """Run `load` and list what it registered."""
    models, datasets = set(registry.models), set(registry.datasets)
    try:
        load()
    # a plug-in is a stranger's code: whatever it raises, the rest must go on
    except BaseException as error:  # noqa: BLE001
        return {"error": f"{type(error).__name__}: {error}"}
    return {
        "models": [e.info.model_dump() for n, e in registry.models.items() if n not in models],
        "datasets": [
            e.info.model_dump() for n, e in registry.datasets.items() if n not in datasets
        ],
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument("--file", type=Path)
    source.add_argument("--module")
    args = parser.parse_args()
    with own_stdout() as channel:
        if args.file:
            found = describe(lambda: import_file(args.file))
        else:
            found = describe(lambda: import_module(args.module))
        channel.write(json.dumps(found))


if __name__ == "__main__":
    main()
