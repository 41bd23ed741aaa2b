"""What is in a backup, and how it is named there."""

from __future__ import annotations

from enum import StrEnum

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from trainwright.spec.errors import InvalidRequestError

FORMAT = 1
MANIFEST = "manifest.json"
DATABASE = "database.sqlite"
HOME = "home/"
"""Files of the home lie below this folder, under their own paths."""
MANIFEST_BYTES = 256 << 20


class BackupError(InvalidRequestError):
    """A backup that is damaged, cut off, or none."""

    code = "bad_backup"
    status = 422


class Part(StrEnum):
    """What a backup takes along only when it is asked to."""

    CHECKPOINTS = "checkpoints"
    DATASETS = "datasets"
    SECRETS = "secrets"


class Member(BaseModel):
    """A file of a backup."""

    model_config = ConfigDict(extra="forbid")

    bytes: int = Field(ge=0)
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    mtime_ns: int = 0
    """A resumed run looks for its newest checkpoint by it."""
    executable: bool = False


class Manifest(BaseModel):
    """The last member of a backup: one without it was cut off.

    Attributes:
        format: Of the backup itself.
        version: Of the platform that made it.
        schema_revision: Of its database.
        created_at: The moment whose rows it holds.
        home: Where the home was; paths below it are rewritten when it is restored elsewhere.
        parts: What was taken along because it was asked for.
        runs: How many runs it knows.
        open_runs: Those that were under way.
        left_out: What was not taken along, and why.
        members: Every other file by its name in the backup.
    """

    format: int
    version: str
    schema_revision: str
    created_at: AwareDatetime
    home: str
    parts: list[Part]
    runs: int
    open_runs: list[str]
    left_out: dict[str, str]
    members: dict[str, Member]
