"""Evaluation reports with a layout of their own: COCO summaries and scikit-learn's report."""

from __future__ import annotations

import re

from trainwright.job.parsers.context import Context
from trainwright.job.parsers.draft import Draft
from trainwright.job.parsers.numbers import to_float

_COCO = re.compile(
    r"\s*Average (Precision|Recall)\s+\((?:AP|AR)\) @\[ IoU=(\S+)\s*\|\s*area=\s*(\w+)\s*\|"
    r"\s*maxDets=\s*(\d+)\s*\] = (\S+)"
)
_TASK = re.compile(r"(?:Evaluat\w+ |results for |IoU metric: ?|type )\W*(bbox|segm|keypoints)\b")
TASK_PREFIX = {"segm": "mask_", "keypoints": "pose_"}
_AREAS = {"small": "_small", "medium": "_medium", "large": "_large"}
_AVERAGE = re.compile(r"\s*(macro|micro|weighted|samples) avg((?:\s+(?:\d+\.\d+|nan)){3})\s+\d+\s*")
_ACCURACY = re.compile(r"\s*accuracy\s+(\d\.\d+|nan)\s+\d+\s*")
_CLASS = re.compile(r"\s*\S[^|:=]{0,60}?((?:\s+(?:[01]\.\d+|nan)){3})\s+\d+\s*")


def read(text: str, context: Context) -> Draft | None:
    """Read a row of such a report; a heading sets what the rows below measure."""
    if task := _TASK.search(text):
        context.task = task[1]
        return None
    if "maxDets" in text and (match := _COCO.fullmatch(text)):
        return _coco(match, context)
    if match := _ACCURACY.fullmatch(text):
        return Draft(points={f"{_split(context)}/accuracy": float(match[1])})
    if " avg " in text and (match := _AVERAGE.fullmatch(text)):
        scores = [float(value) for value in match[2].split()]
        names = ("precision", "recall", "f1")
        split = _split(context)
        return Draft(
            points={f"{split}/{n}_{match[1]}": v for n, v in zip(names, scores, strict=True)}
        )
    if _CLASS.fullmatch(text) and context.table is None:
        return Draft()
    return None


def _split(context: Context) -> str:
    return context.section or "val"


def _coco(match: re.Match[str], context: Context) -> Draft:
    kind, iou, area, detections, printed = match.groups()
    value = to_float(printed)
    if value is None or value < 0:  # -1 says that there was nothing to measure
        return Draft()
    prefix = TASK_PREFIX.get(context.task or "", "")
    if kind == "Recall":
        base = f"ar{_AREAS.get(area, '')}" if area != "all" else f"ar{detections}"
    elif area != "all":
        base = f"map{_AREAS.get(area, '_' + area)}"
    else:
        base = {"0.50": "map50", "0.75": "map75"}.get(iou, "map50_95")
    return Draft(points={f"val/{prefix}{base}": value})
