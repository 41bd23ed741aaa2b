"""What is in a dataset, to look at."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from trainwright.spec.api.envelope import Shape


class PreviewBox(Shape):
    """Where something is in a picture, in shares of its width and height."""

    label: str
    left: float
    top: float
    width: float
    height: float


class PreviewImage(Shape):
    path: str = Field(description="By which `GET …/images/{path}` shows it.")
    class_name: str | None = None
    split: str | None = None
    boxes: list[PreviewBox] = Field(default_factory=list)


class DatasetPreview(Shape):
    """A page of what is in a dataset: pictures with a class, pictures with boxes, or rows."""

    dataset_id: str
    kind: Literal["images", "boxes", "rows"]
    classes: dict[str, int] = Field(
        default_factory=dict, description="Class → pictures of the chosen split."
    )
    splits: dict[str, int] = Field(default_factory=dict, description="Split → pictures.")
    images: list[PreviewImage] = Field(default_factory=list)
    file: str | None = Field(default=None, description="Which file the rows are from.")
    columns: list[str] = Field(default_factory=list)
    rows: list[list[str]] = Field(default_factory=list, description="Cells by column.")
    is_part: bool = Field(default=False, description="Only some of the dataset is shown at all.")
    total: int | None = Field(default=None, description="Pictures that fit what was asked for.")
    next_cursor: str | None = Field(default=None, description="None on the last page.")
