"""Archives that come piece by piece, and go on after a break."""

from __future__ import annotations

from typing import Literal

from pydantic import AwareDatetime, Field

from trainwright.spec.api.envelope import Shape


class UploadView(Shape):
    """An archive on its way to the platform; the dataset that it becomes has the same id."""

    id: str
    file_name: str = Field(description="As its sender calls the file.")
    name: str | None = Field(default=None, description="What the dataset is to be called.")
    task: str | None = None
    fingerprint: str = Field(default="", description="By which its sender knows the file again.")
    offset: int = Field(description="Bytes that are here, for good.")
    length: int = Field(description="Bytes of the whole.")
    state: Literal["receiving", "received", "done"] = Field(
        description="`received`: whole, but no dataset yet; `done`: `GET /datasets/{id}` is it."
    )
    created_at: AwareDatetime
    expires_at: AwareDatetime = Field(description="When it goes, unless more of it comes.")
