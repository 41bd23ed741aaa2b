"""Servers of language models to start."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from typing import Any

import pytest
from model_servers import Listener, ModelServer, Reply, Start, anthropic_wire, openai_wire

WIRES = {"openai": openai_wire, "anthropic": anthropic_wire}

_models = count()


@pytest.fixture(scope="session")
def listeners() -> Iterator[dict[str, Listener]]:
    """One port a wire format: clients are kept by address, and slow to make."""
    opened = {wire: Listener() for wire in WIRES}
    yield opened
    for listener in opened.values():
        listener.close()


@pytest.fixture
def start(listeners: dict[str, Listener]) -> Start:
    """Start a server: `start("openai", Reply(…), Reply(…), takes=…)`."""

    def begin(wire: str, *replies: Reply, **more: Any) -> ModelServer:
        server = ModelServer(list(replies), WIRES[wire], **more)
        server.url = listeners[wire].url
        server.model = f"model-{next(_models)}"  # what is known of others does not count
        listeners[wire].speaker = server
        return server

    return begin
