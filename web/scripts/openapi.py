"""Prints the API's OpenAPI schema; no platform runs for it."""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path

from trainwright.server.app import create_app
from trainwright.settings import Settings


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(trainwright_home=Path(folder))
        json.dump(create_app(settings).openapi(), sys.stdout, indent=1, sort_keys=True)


if __name__ == "__main__":
    main()
