"""Metrics from what a training program prints."""

from trainwright.job.parsers.items import Parsed, ParsedMetric, Points, Progress, Report
from trainwright.job.parsers.stream import StreamParser, parse_text

__all__ = [
    "Parsed",
    "ParsedMetric",
    "Points",
    "Progress",
    "Report",
    "StreamParser",
    "parse_text",
]
