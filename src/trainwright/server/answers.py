"""Routes that write their answers as JSON at once, and those whose answers many are given.

The framework checks a model that an endpoint has made once more, in a thread, turns it into plain
objects and those into text. A model knows how to write itself.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Coroutine
from functools import wraps
from http import HTTPStatus
from typing import Any, get_type_hints

from fastapi import Request, Response
from fastapi.responses import JSONResponse
from fastapi.routing import APIRoute
from pydantic import BaseModel

from trainwright.server.auth import caller_of
from trainwright.server.moments import Answer
from trainwright.server.services import services_of

_MARK = "writes_json"
_PLAIN = (Response, JSONResponse)
_PLAIN_HEADERS = 2
"""Length and type."""


class DirectRoute(APIRoute):
    """A route whose endpoint, if it only reads and answers with a model, writes it itself."""

    def __init__(self, path: str, endpoint: Callable[..., Any], **kwargs: Any) -> None:
        methods = set(kwargs.get("methods") or {"GET"})
        # a route that is mounted is made anew, of an endpoint that may write already
        if methods == {"GET"} and not hasattr(endpoint, _MARK) and _answers_with_model(endpoint):
            endpoint = _direct(endpoint)
        super().__init__(path, endpoint, **kwargs)


class SharedRoute(DirectRoute):
    """A route that, if it only reads, answers once a moment to all requests that are the same.

    The same are those of one user to one address. Only for what follows from the database, from
    files that are written with it, and from the clock; and for answers that are small.
    """

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()
        return _shared(handle) if self.methods == {"GET"} else handle


def _shared(
    handle: Callable[[Request], Coroutine[Any, Any, Response]],
) -> Callable[[Request], Coroutine[Any, Any, Response]]:
    async def answer(request: Request) -> Response:
        user = await caller_of(request)
        moment = await services_of(request).moments.now()
        question = (user, request.scope["path"], request.scope["query_string"])
        own: Response | None = None

        async def make() -> Answer | None:
            nonlocal own
            own = await handle(request)
            return _kept(own)

        found = await moment.answer(question, make)
        if own is not None:
            return own
        if found is None:
            return await handle(request)
        return Response(found.body, media_type=found.media_type)

    return answer


def _kept(response: Response) -> Answer | None:
    """What others may be given of an answer: one that is whole, and says nothing in its headers."""
    is_plain = type(response) in _PLAIN and response.status_code == HTTPStatus.OK
    if not is_plain or len(response.raw_headers) > _PLAIN_HEADERS:
        return None
    return Answer(bytes(response.body), response.media_type)


def _answers_with_model(endpoint: Callable[..., Any]) -> bool:
    hints = get_type_hints(endpoint)
    answer = hints.pop("return", None)
    return (
        inspect.isclass(answer)
        and issubclass(answer, BaseModel)
        and not inspect.iscoroutinefunction(endpoint)
        and Response not in hints.values()
    )


def _direct(endpoint: Callable[..., BaseModel]) -> Callable[..., Response]:
    @wraps(endpoint)
    def answer(*args: Any, **kwargs: Any) -> Response:
        text = endpoint(*args, **kwargs).model_dump_json()
        return Response(text, media_type="application/json")

    setattr(answer, _MARK, True)
    return answer
