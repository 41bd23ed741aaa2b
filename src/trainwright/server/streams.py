"""Bodies that are read by a thread, piece by piece, as they come."""

from __future__ import annotations

from collections.abc import Iterator

from anyio import from_thread
from fastapi import Request


def chunks_of(request: Request) -> Iterator[bytes]:
    """The body of a request, for a worker thread of `anyio`."""
    stream = request.stream()

    async def following() -> bytes | None:
        return await anext(stream, None)

    while (chunk := from_thread.run(following)) is not None:
        yield chunk
