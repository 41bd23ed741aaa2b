"""References to models and datasets, as people write them in a spec."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Self

from pydantic import BaseModel

_URI = re.compile(r"^(?P<scheme>[a-z][a-z0-9+.-]*)://(?P<rest>.+)$", re.IGNORECASE)
_WINDOWS_PATH = re.compile(r"^[A-Za-z]:[\\/]")
_DATA_FILE = re.compile(
    r"\.(?:jsonl?|csv|tsv|parquet|arrow|txt|zip|tar|tgz|tbz2?|txz|gz|bz2|xz|ya?ml)$", re.IGNORECASE
)
_NAME = re.compile(r"^[A-Za-z0-9][A-Za-z0-9_.:-]*$")


class DatasetKind(StrEnum):
    NAME = "name"  # in the catalogue, or the id or name of a registered dataset
    PATH = "path"
    S3 = "s3"
    HF = "hf"


class DatasetRef(BaseModel):
    """Where a dataset is, parsed from the one string a spec holds."""

    kind: DatasetKind
    value: str

    @classmethod
    def parse(cls, text: str) -> Self:
        r"""Read `digits`, `ds_k3…`, `./photos`, `~/photos`, `C:\photos`, `s3://…` or `hf://org/name`.

        Raises:
            ValueError: The text is empty, or a URI of a scheme that is not understood.
        """
        text = text.strip()
        if not text:
            raise ValueError("a dataset name, a folder, s3://bucket/key or hf://org/name is needed")
        if uri := _URI.match(text):
            scheme = uri["scheme"].lower()
            if scheme == "file":
                return cls(kind=DatasetKind.PATH, value=uri["rest"])
            if scheme in ("s3", "hf"):
                return cls(kind=DatasetKind(scheme), value=text)
            raise ValueError(f"{scheme}:// is not understood; use a folder, s3:// or hf://")
        if _DATA_FILE.search(text):
            return cls(kind=DatasetKind.PATH, value=text)
        looks_like_path = text[0] in "./~\\" or "/" in text or "\\" in text
        if looks_like_path or _WINDOWS_PATH.match(text) or not _NAME.match(text):
            return cls(kind=DatasetKind.PATH, value=text)
        return cls(kind=DatasetKind.NAME, value=text)

    @property
    def may_be_registered(self) -> bool:
        """Whether a registered dataset may be called so: also `my photos`, or `사진`."""
        if self.kind is DatasetKind.PATH:
            return not any(sign in self.value for sign in "/\\")
        return self.kind is DatasetKind.NAME


class ModelRef(BaseModel):
    """A model id split at its first slash: `timm/resnet50`, `hf/google/vit-base-patch16-224`."""

    framework: str
    name: str

    @classmethod
    def parse(cls, text: str) -> Self:
        """Split `<framework>/<model>`.

        Raises:
            ValueError: There is no framework, or no model, in the text.
        """
        framework, _, name = text.strip().partition("/")
        if not framework or not name:
            raise ValueError("expected <framework>/<model>, such as builtin/lenet5")
        return cls(framework=framework.lower(), name=name)

    def __str__(self) -> str:
        return f"{self.framework}/{self.name}"
