"""Fixtures: the API in process, and on a real port. Tests of one file share it, with own runs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from server_rig import Api, Live, api_over, serving

from trainwright.server.throttle import Throttle


@pytest.fixture(scope="module")
def shared_api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    with api_over(tmp_path_factory.mktemp("server") / "home") as found:
        yield found


@pytest.fixture
def api(shared_api: Api) -> Api:
    shared_api.http.cookies.clear()
    shared_api.services.throttle = Throttle()
    return shared_api


@pytest.fixture
def fresh_api(home_path: Path) -> Iterator[Api]:
    """Nobody else's traces in it."""
    with api_over(home_path) as found:
        yield found


@pytest.fixture(scope="module")
def shared_url(shared_api: Api) -> Iterator[str]:
    with serving(shared_api.app) as url:
        yield url


@pytest.fixture
def live(api: Api, shared_url: str) -> Live:
    return Live(api.app, api.services, api.http, api.people, url=shared_url)
