"""Changing many runs at once."""

from __future__ import annotations

from pydantic import Field

from trainwright.spec.api.envelope import Request, Shape
from trainwright.spec.labels import Tag

MAX_EDITED = 1000


class RunsEdit(Request):
    """What is changed of each run; what is not given stays."""

    runs: list[str] = Field(min_length=1, max_length=MAX_EDITED, description="Ids or names.")
    add_tags: list[Tag] = Field(default_factory=list, max_length=50)
    remove_tags: list[Tag] = Field(default_factory=list, max_length=50)
    project_id: str | None = Field(
        default=None,
        max_length=200,
        description="Id or name; null takes them out of their projects.",
    )


class RunBefore(Shape):
    """What was changed of a run, as it was: enough to take the change back."""

    id: str
    tags: list[str]
    project_id: str | None = None


class RunsEdited(Shape):
    before: list[RunBefore] = Field(description="Those that were changed, as they were.")
