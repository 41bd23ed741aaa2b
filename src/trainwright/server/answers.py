"""Routes that write their answers as JSON at once.

The framework checks a model that an endpoint has made once more, in a thread, turns it into plain
objects and those into text. A model knows how to write itself.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import wraps
from typing import Any, get_type_hints

from fastapi import Response
from fastapi.routing import APIRoute
from pydantic import BaseModel

_MARK = "writes_json"


class DirectRoute(APIRoute):
    """A route whose endpoint, if it only reads and answers with a model, writes it itself."""

    def __init__(self, path: str, endpoint: Callable[..., Any], **kwargs: Any) -> None:
        methods = set(kwargs.get("methods") or {"GET"})
        # a route that is mounted is made anew, of an endpoint that may write already
        if methods == {"GET"} and not hasattr(endpoint, _MARK) and _answers_with_model(endpoint):
            endpoint = _direct(endpoint)
        super().__init__(path, endpoint, **kwargs)


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
