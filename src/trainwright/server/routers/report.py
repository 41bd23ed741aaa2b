"""A run as one HTML file."""

from __future__ import annotations

import re
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Header, Query, Response

from trainwright.server.diagnosis import Language
from trainwright.server.report.build import MEDIA_TYPE, build, policy
from trainwright.server.report.facts import gather
from trainwright.server.run_access import KnownRun
from trainwright.server.services import Platform

router = APIRouter(tags=["runs"])

_UNSAFE = re.compile(r"[^\w.-]+")


@router.get(
    "/{run_id}/report",
    response_class=Response,
    responses={200: {"content": {"text/html": {}}, "description": "One file, without scripts."}},
)
def report(
    run: KnownRun,
    services: Platform,
    language: Annotated[Language | None, Query(description="Default: `Accept-Language`.")] = None,
    accept_language: Annotated[str, Header(max_length=1000)] = "",
) -> Response:
    """Everything of a run that can be given away, as one HTML file to keep, print or send.

    It needs nothing but itself, and names no path of this machine and no secret.
    """
    chosen = language or spoken(accept_language)
    facts = gather(services.database, services.settings.home, run, chosen)
    name = f"{_UNSAFE.sub('-', run.name).strip('-.') or run.id}.html"
    headers = {
        "Content-Disposition": f"inline; filename*=UTF-8''{quote(name)}",
        "Content-Language": chosen,
        "Content-Security-Policy": policy(),
        "Vary": "Accept-Language",
    }
    return Response(build(facts, chosen), media_type=MEDIA_TYPE, headers=headers)


def spoken(header: str) -> Language:
    """Which of our languages a browser likes better."""
    weights: dict[str, float] = {}
    for part in header.lower().split(","):
        name, _, weight = part.partition(";")
        found = re.fullmatch(r"\s*q=([01](?:\.\d{0,3})?)\s*", weight)
        known = name.strip().partition("-")[0]
        weights.setdefault(known, float(found[1]) if found else 1.0)
    return "ko" if weights.get("ko", 0.0) > weights.get("en", 0.0) else "en"
