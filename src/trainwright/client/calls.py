"""What every part of the client is made of: sending, paging, naming runs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote

from trainwright.client.transport import Transport
from trainwright.spec.api import Page
from trainwright.spec.errors import NotFoundError


class Calls:
    """Requests below `/api/v1`, over one connection pool."""

    _transport: Transport

    def _send(self, method: str, path: str, **kwargs: Any) -> Any:
        return self._transport.request(method, path, **kwargs)

    def _get(self, path: str, params: Mapping[str, Any] | None = None) -> Any:
        return self._send("GET", path, params=params)

    def _post(self, path: str, body: Any = None) -> Any:
        return self._send("POST", path, json=body if body is not None else {})

    def _all(self, path: str, params: Mapping[str, Any] | None = None) -> Iterator[Any]:
        cursor: str | None = None
        while True:
            page = Page[Any].model_validate(self._get(path, {**(params or {}), "cursor": cursor}))
            yield from page.items
            cursor = page.next_cursor
            if cursor is None:
                return

    def _run_path(self, ref: str, *, trashed: bool = False) -> str:
        return f"/runs/{self._id(ref, trashed=trashed)}"

    def _id(self, ref: str, *, trashed: bool = False) -> str:
        """`ref` as one step of a path; a name with a slash is looked up, as it cannot be one."""
        if "/" not in ref:
            return part(ref)
        for where in ({}, {"trashed": True})[: 1 + trashed]:
            for run in self._all("/runs", {"q": ref, "limit": 100, **where}):
                if run["name"] == ref:
                    return str(run["id"])
        raise NotFoundError(f"there is no run named {ref!r}", mend="trainwright runs list")


def part(text: str) -> str:
    """Any text as one step of a path."""
    return quote(text, safe="")
