"""Answers written at once are those the framework would have written."""

from __future__ import annotations

import math
from typing import Annotated

import pytest
from fastapi import APIRouter, Depends, FastAPI, Response
from fastapi.routing import APIRoute
from fastapi.testclient import TestClient

from trainwright.server.answers import DirectRoute
from trainwright.spec.api import Page, SeriesPoint

ITEM = SeriesPoint(value=math.inf, step=3)


def mounted(route_class: type) -> TestClient:
    router = APIRouter(route_class=route_class)

    @router.get("/items/{number}")
    def read(number: int, half: Annotated[float, Depends(lambda: 0.5)]) -> Page[SeriesPoint]:
        """Reads."""
        return Page(items=[ITEM] * number, total=int(half * 2))

    @router.post("/items", status_code=201)
    def make(item: SeriesPoint) -> SeriesPoint:
        return item

    @router.get("/header")
    def header(response: Response) -> SeriesPoint:
        response.headers["X-Said"] = "yes"
        return ITEM

    app = FastAPI()
    app.include_router(router, prefix="/a")
    app.include_router(router, prefix="/b")
    return TestClient(app)


@pytest.mark.parametrize("prefix", ["/a", "/b"])
def test_nothing_but_the_speed_differs(prefix: str) -> None:
    ours, theirs = mounted(DirectRoute), mounted(APIRoute)
    assert ours.get("/openapi.json").json() == theirs.get("/openapi.json").json()
    for path in ("/items/2", "/items/0", "/items/x", "/header"):
        mine, other = ours.get(prefix + path), theirs.get(prefix + path)
        assert (mine.status_code, mine.json()) == (other.status_code, other.json())
        assert mine.headers.get("x-said") == other.headers.get("x-said")
        assert mine.headers["content-type"] == other.headers["content-type"]
    made = ours.post(f"{prefix}/items", json={"value": 1})
    assert (made.status_code, made.json()["value"]) == (201, 1)
