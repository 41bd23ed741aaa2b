"""The client talks to the real API on a real port."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "server"))

from server_rig import Live, api_over, serving


@pytest.fixture
def live(home_path: Path) -> Iterator[Live]:
    with api_over(home_path) as api, serving(api.app) as url:
        yield Live(api.app, api.services, api.http, api.people, url=url)
