"""What checking a dataset found, for people and for machines."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, Field, computed_field

from trainwright.spec import shown
from trainwright.spec.errors import DataError, Fault

Severity = Literal["error", "warning", "info"]

MAX_EXAMPLES = 5
MAX_LEFT_OUT = 1_000
"""Files left out that a report lists one by one; beyond it they are only counted."""

Words = Annotated[str, AfterValidator(shown)]
"""For people: foreign names in it are escaped. Fields that hold names keep them as they are."""

_SIGNS: dict[Severity, str] = {"error": "x", "warning": "!", "info": "-"}


@dataclass(frozen=True)
class Kind:
    """Findings that differ only in the files they are about.

    Attributes:
        code: As `Finding.code`.
        severity: As `Finding.severity`.
        words: What is said of the files, after their names.
        mend: What to do about it.
    """

    code: str
    severity: Severity
    words: str
    mend: str | None = None


class Finding(BaseModel):
    """One thing worth knowing about a dataset."""

    code: str = Field(description="Stable snake_case code, such as `empty_class`.")
    severity: Severity = Field(description="`error` stops the run before it takes compute.")
    message: Words
    count: int = Field(default=1, ge=1, description="How many files or classes it is about.")
    examples: list[str] = Field(default_factory=list, max_length=MAX_EXAMPLES)
    mend: Words | None = Field(default=None, description="What to do about it.")


class LeftOut(BaseModel):
    """A file that is not trained on."""

    path: str = Field(description="Relative to the dataset's folder, with forward slashes.")
    code: str
    reason: Words


class Report(BaseModel):
    """What *validate* shows and keeps."""

    dataset: str = Field(description="As the spec names it.")
    kind: str = Field(description="`image_folder`, `csv_labels`, `catalogue` or `unchecked`.")
    path: str | None = Field(default=None, description="The folder that was read, resolved.")
    samples: dict[str, int] = Field(
        default_factory=dict, description="Usable samples by split; `all` when there are no splits."
    )
    median_side: int | None = Field(
        default=None, description="Median of the images' shorter sides, in pixels."
    )
    class_names: list[str] = Field(default_factory=list, description="In the order of their ids.")
    class_counts: dict[str, int] = Field(default_factory=dict)
    findings: list[Finding] = Field(default_factory=list, description="Worst first.")
    left_out: list[LeftOut] = Field(default_factory=list, max_length=MAX_LEFT_OUT)
    left_out_count: int = Field(default=0, ge=0)
    fingerprint: str | None = Field(default=None, description="SHA-256 of the listing.")

    @computed_field  # type: ignore[prop-decorator]
    @property
    def fatal(self) -> bool:
        """Whether training on it is refused."""
        return any(f.severity == "error" for f in self.findings)

    def raise_if_fatal(self) -> None:
        """Refuse a dataset that cannot be trained on.

        Raises:
            DataError: With every error found; `mend` is that of the first.
        """
        errors = [f for f in self.findings if f.severity == "error"]
        if not errors:
            return
        faults = [
            Fault(field="dataset", code=f.code, message=f.message, mend=f.mend) for f in errors
        ]
        message = f"{self.dataset} cannot be trained on: " + "; ".join(f.message for f in errors)
        mend = next((f.mend for f in errors if f.mend), None)
        raise DataError(message, field="dataset", mend=mend, faults=faults)

    def render(self) -> str:
        """The report as a few plain lines."""
        return "\n".join([*self._summary(), *self._findings(), *self._left_out()])

    def _summary(self) -> list[str]:
        total = sum(self.samples.values())
        if not total:
            return [f"{self.dataset}: {self.kind}"]
        parts = [f"{count} {split}" for split, count in self.samples.items() if split != "all"]
        by_split = f" ({', '.join(parts)})" if parts else ""
        classes = f" in {len(self.class_names)} classes" if self.class_names else ""
        return [f"{self.dataset}: {total} samples{by_split}{classes}"]

    def _findings(self) -> list[str]:
        lines = []
        for finding in self.findings:
            lines.append(f"  {_SIGNS[finding.severity]} {finding.message}")
            if finding.mend:
                lines.append(f"    mend: {finding.mend}")
        return lines

    def _left_out(self) -> list[str]:
        if not self.left_out_count:
            return []
        noun = "file" if self.left_out_count == 1 else "files"
        lines = [f"  left out: {self.left_out_count} {noun}"]
        by_code = Counter(item.code for item in self.left_out)
        for code, count in by_code.most_common():
            first = next(item for item in self.left_out if item.code == code)
            more = f" and {count - 1} more" if count > 1 else ""
            lines.append(f"    {shown(first.path)}{more}: {first.reason}")
        return lines
