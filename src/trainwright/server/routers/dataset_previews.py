"""Datasets to look at: pages of pictures or rows, and the pictures themselves, small."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from trainwright.server import datasets
from trainwright.server.auth import Reader
from trainwright.server.dataset_preview import picture_file, preview
from trainwright.server.paging import Start
from trainwright.server.services import Platform
from trainwright.server.thumbnails import MEDIA_TYPE, Thumbnails
from trainwright.spec.api import DatasetPreview

router = APIRouter()

_SHOWN: dict[int | str, dict[str, Any]] = {
    200: {
        "content": {MEDIA_TYPE: {"schema": {"type": "string", "format": "binary"}}},
        "description": "The picture",
    },
    304: {"description": "It is what the asker has"},
}


@router.get("/{dataset_id}/preview")
def show_preview(
    *,
    dataset_id: str,
    user: Reader,  # noqa: ARG001
    services: Platform,
    split: Annotated[str | None, Query(max_length=100)] = None,
    label: Annotated[
        str | None, Query(alias="class", max_length=1000, description="Pictures with it.")
    ] = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 60,
    cursor: Start = None,
) -> DatasetPreview:
    """Pictures of a dataset with their classes, splits and boxes, or rows of its first table.

    409 `not_here` where the data is not on the platform's machine.
    """
    found = datasets.find_dataset(services.database, dataset_id)
    return preview(found, services.settings, split=split, label=label, limit=limit, cursor=cursor)


@router.get("/{dataset_id}/images/{path:path}", response_class=Response, responses=_SHOWN)
def show_picture(
    *,
    dataset_id: str,
    path: str,
    request: Request,
    user: Reader,  # noqa: ARG001
    services: Platform,
    side: Annotated[int, Query(ge=16, le=2048, description="Pixels it fits into.")] = 256,
) -> Response:
    """One picture of a dataset as WebP, made smaller where it is larger than `side`."""
    found = datasets.find_dataset(services.database, dataset_id)
    file = picture_file(found, services.settings, path)
    made = Thumbnails(services.settings.home.cache / "thumbnails").of(file, side)
    headers = {"Cache-Control": "private, max-age=600", "ETag": f'"{made.tag}"'}
    if headers["ETag"] in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    return Response(made.data, media_type=MEDIA_TYPE, headers=headers)
