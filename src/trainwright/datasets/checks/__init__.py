"""Looking at a dataset before compute is taken: what is in it, and what would go wrong."""

from trainwright.datasets.checks.check import check
from trainwright.datasets.checks.report import Finding, LeftOut, Report, Severity

__all__ = ["Finding", "LeftOut", "Report", "Severity", "check"]
