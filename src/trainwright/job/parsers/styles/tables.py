"""Tables with a header: pipes, markdown, box drawing, comma separated, or aligned columns."""

from __future__ import annotations

import re
from dataclasses import replace
from math import inf

from trainwright.job.parsers.context import Context, Table
from trainwright.job.parsers.draft import Draft
from trainwright.job.parsers.frame import Frame, read_frame
from trainwright.job.parsers.names import Kind, Name, is_standard, judge
from trainwright.job.parsers.numbers import fraction, is_decimal, to_float, to_int, unwrap, whole
from trainwright.job.parsers.styles.evaluation import TASK_PREFIX
from trainwright.job.parsers.vocabulary import SPLITS

_PIPES = str.maketrans("│┃║¦", "||||")
_BORDER = re.compile(r"[\s|+\-=_:━─═┄┏┓┗┛┡┩├┤┼╇╞╡┌┐└┘┬┴╪╭╮╰╯╴╶┳┻╋╂~*#]+")
_BAR_TAIL = re.compile(r":?\s+\d{1,3}%.*|:$")
_GROUP = re.compile(r"(Box|Mask|Pose)\((\w+)", re.IGNORECASE)
_PERCENT = re.compile(r"\s*[(\[]%[)\]]\s*$")
_BRANCH = re.compile(r"(?<=\w)\([A-Z]\)$")  # YOLO's `metrics/recall(B)`: of boxes
_SETTING = re.compile(r"(?:hyper[- ]?)?param(?:eter)?s?|settings?|options?|arg(?:ument)?s?", re.I)
_FRACTION = re.compile(r"(\d{1,9})\s*/\s*(\d{1,9})")
_EMPTY = frozenset({"", "-", "--", "none", "n/a", "na", "—", "+"})
_CLASS = frozenset({"class", "classes", "category", "label", "name", "cls_name", "classname", "id"})
_ALL = frozenset({"all", "mean", "average", "avg", "overall", "total"})
_SHORT = {"p": "precision", "r": "recall"}
_SPACY_EPOCH, _SPACY_STEP = "E", "#"
_SPACY = {_SPACY_EPOCH: "epoch", _SPACY_STEP: "step"}
_MEASURED = re.compile(r"(?<![\w@])\d+\.\d")
_LONGEST_HEADER = 2_000
_MOST_COLUMNS = 40
_MOST_MISSES = 30


def split_cells(text: str, separator: str) -> list[str]:
    """The cells of a line."""
    if separator == "|":
        return [c.strip() for c in text.translate(_PIPES).strip().strip("|").split("|")]
    if separator == ",":
        return [c.strip() for c in text.split(",")]
    return [c for c in re.split(r"\s{2,}|\t", text.strip()) if c]


def is_border(text: str) -> bool:
    """A line of nothing but rules."""
    return _BORDER.fullmatch(text) is not None


def read(text: str, context: Context) -> Draft | None:
    """A header is remembered; a row below it gives its metrics."""
    if is_border(text):
        return None
    text = unwrap(text)
    body = _BAR_TAIL.sub("", text) if "%" in text or text.rstrip().endswith(":") else text
    if header := _header(body):
        header.task = context.task
        context.table = header
        return Draft()
    if context.table is None:
        return None
    draft = _row(body, text, context.table) or _split_row(body, context.table)
    if draft is None:
        context.table.misses += 1
        if context.table.misses > _MOST_MISSES:
            context.table = None
    return draft


def _header(text: str) -> Table | None:
    if len(text) > _LONGEST_HEADER or _MEASURED.search(text):
        return None
    text = text.strip().removeprefix("#")
    for separator in ("|", ",", " "):
        if separator not in text.translate(_PIPES).replace("\t", " "):
            continue
        cells = split_cells(text, separator)
        if separator == " ":
            cells = [part for cell in cells for part in _columns_in(cell)]
        if _is_header(cells):
            return Table(cells, separator)
    words = text.split()
    if len(words) > 2 and all(_column_kind(w) in _KNOWN for w in words) and _is_header(words):
        return Table(words, " ")
    return None


def _columns_in(cell: str) -> list[str]:
    """Long names leave one space between columns: `mAP@.5 mAP@.5:.95`."""
    words = cell.split(" ")
    apart = len(words) == 2 and all(map(is_standard, words)) and not is_standard(cell)
    return words if apart else [cell]


_KNOWN = (Kind.STRONG, Kind.WEAK, Kind.PROGRESS)


def _column_kind(cell: str) -> Kind:
    if cell in (_SPACY_EPOCH, _SPACY_STEP) or cell.lower() in _COUNTED:
        return Kind.PROGRESS
    return judge(_plain(cell)).kind


def _plain(cell: str) -> str:
    if group := _GROUP.match(cell):
        cell = group[2]
    cell = _BRANCH.sub("", _PERCENT.sub("", cell)).strip("() ")
    return _SHORT.get(cell.lower(), cell)


def _is_header(cells: list[str]) -> bool:
    if not 2 <= len(cells) <= _MOST_COLUMNS:
        return False
    if any(c.lower() == "gpu_mem" for c in cells) or _is_of_settings(cells):
        return True
    if any(len(c) > 48 or len(c.split()) > 4 or to_float(c) is not None for c in cells):
        return False
    if _by_split(cells) or any(":" in c or "=" in c for c in cells if c):
        return bool(_by_split(cells))
    kinds = [_column_kind(c) for c in cells if c]
    metrics = kinds.count(Kind.STRONG) + kinds.count(Kind.WEAK)
    # prose has metric words too: what marks a header is columns that belong together
    if any(len(c.split()) > 1 and _column_kind(c) is Kind.UNKNOWN for c in cells):
        return False
    return metrics >= 1 and (metrics >= 2 or Kind.PROGRESS in kinds or cells[0].lower() in _CLASS)


def _is_of_settings(cells: list[str]) -> bool:
    """Its rows are no metrics, whatever they are called."""
    return len(cells) == 2 and _SETTING.fullmatch(cells[0]) is not None and _is_value(cells[1])


def _is_value(cell: str) -> bool:
    return cell.lower().removesuffix("s") == "value"


def _row(body: str, text: str, table: Table) -> Draft | None:
    cells = split_cells(body, table.separator)
    if len(cells) != len(table.columns) and table.separator == " ":
        cells = body.split()
    if len(cells) != len(table.columns):
        return None
    frame = Frame()
    if _is_labelled(cells[0], table):
        frame.split = SPLITS.get(cells[0].lower())
        if frame.split is None and cells[0].lower() not in _ALL:
            if summary := _summary(cells):
                return summary
            numbers = sum(to_float(c) is not None for c in cells[1:])
            return Draft() if numbers >= len(cells) / 2 else None
    found = _values(cells, table, frame)
    if not any(name.kind is not Kind.UNKNOWN for name, _, _ in found or ()):
        return None
    draft = Draft(frame)
    for name, raw, value in found or ():
        draft.add(name, raw, value, frame.split or _split(table, found or [], name))
    if "%" in text:
        bar, _ = read_frame(text)
        frame.total = bar.total if bar.is_bar else None
    table.misses = 0
    return draft


def _summary(cells: list[str]) -> Draft | None:
    """`| mAP |  |  |  | 0.79 |` below the rows of the classes."""
    name = judge(cells[0])
    values = [value for value in map(to_float, cells[1:]) if value is not None]
    if not name.is_of_held_out or name.kind not in _KNOWN or len(values) != 1:
        return None
    if sum(map(bool, cells)) != 2 or len(cells) < 3:
        return None
    draft = Draft()
    draft.add(name, cells[0], values[0], "val")
    return draft


def _by_split(cells: list[str]) -> list[str]:
    """The splits whose columns these are: AllenNLP's `Training | Validation`."""
    named = [c for c in cells if c]
    splits = [SPLITS[c.lower()] for c in named if c.lower() in SPLITS]
    rest = {c.lower() for c in named if c.lower() not in SPLITS}
    return splits if len(splits) >= 2 and rest <= {"metric", "metrics", "name"} else []


def _split_row(body: str, table: Table) -> Draft | None:
    splits = _by_split(table.columns)
    cells = split_cells(body, table.separator)
    if not splits or len(cells) != len(splits) + 1:
        return None
    name, draft = judge(cells[0]), Draft()
    if name.kind in (Kind.STRONG, Kind.WEAK, Kind.UNKNOWN):
        for split, cell in zip(splits, cells[1:], strict=True):
            if (value := to_float(cell)) is not None and is_decimal(cell):
                draft.add(name, cells[0], fraction(value) if name.percent else value, split)
    table.misses = 0
    return draft


_Value = tuple[Name, str, float]


def _values(cells: list[str], table: Table, frame: Frame) -> list[_Value] | None:
    """The metrics of a row; `None` when a cell does not fit its column, so that it is no row."""
    found = []
    for column, (name, raw), cell in zip(table.columns, columns(table), cells, strict=True):
        value = to_float(cell)
        field = _SPACY.get(column, name.base if name.kind is Kind.PROGRESS else "")
        field = "step" if column.lower() in _COUNTED else field
        if field:
            if not _place(frame, field, cell):
                return None
        elif name.kind is Kind.UNKNOWN:
            if value is not None and is_decimal(cell):
                found.append((name, raw, value))
        elif name.kind is not Kind.NEVER and value is not None:
            found.append((name, raw, fraction(value) if name.percent else value))
        elif name.kind is not Kind.NEVER and cell.lower() not in _EMPTY:
            return None
    return found


def _place(frame: Frame, field: str, cell: str) -> bool:
    if match := _FRACTION.fullmatch(cell):
        if field == "epoch":
            frame.epoch, frame.epochs = to_int(match[1]), to_int(match[2])
        else:
            frame.step, frame.total = to_int(match[1]), to_int(match[2])
        return True
    value = to_float(cell)
    if value is None or not 0 <= value < inf:
        return False
    if field == "epoch":
        frame.epoch = value
    elif field == "step":
        frame.step = whole(value)
    return True


def _is_labelled(cell: str, table: Table) -> bool:
    """The row is about one class, one scene, one method, or one split."""
    unknown = _column_kind(table.columns[0]) in (Kind.UNKNOWN, Kind.NEVER)
    return _by_class(table) or (unknown and cell[:1].isalpha() and to_float(cell) is None)


def _by_class(table: Table) -> bool:
    return table.columns[0].lower() in _CLASS


def _split(table: Table, found: list[_Value], name: Name) -> str | None:
    """Beside a validation loss or an mIoU, measures without a split are of held-out data too."""
    if _by_class(table):
        return "val"
    if any(other.split == "val" and other.base == name.base for other, _, _ in found):
        return None
    held_out = any(
        (other.split == "val" and other.base == "loss") or other.is_of_held_out
        for other, _, _ in found
    )
    return "val" if held_out and "loss" not in name.base else None


def columns(table: Table) -> list[tuple[Name, str]]:
    """What each column holds; what a framework's own header says beyond its words included."""
    group = ""
    losses_only = any(c.lower() == "gpu_mem" for c in table.columns)
    spacy = table.columns[:2] == [_SPACY_EPOCH, _SPACY_STEP]
    coco = "AP" in table.columns and "AP50" in table.columns
    out = []
    for column in table.columns:
        if match := _GROUP.match(column):
            group = "" if match[1].lower() == "box" else f"{match[1].lower()}_"
        raw = _plain(column)
        if coco:
            raw = _COCO.get(column, raw)
        name = judge(f"{group}{raw}") if group else judge(raw)
        if _PERCENT.search(column):
            name = replace(name, percent=True)
        if losses_only and raw in ("box", "obj", "cls", "total"):
            name = judge("loss" if raw == "total" else f"{raw}_loss")
        if spacy and column not in (_SPACY_EPOCH, _SPACY_STEP) and not column.startswith("LOSS"):
            name = Name(Kind.STRONG, raw.lower(), "val", percent=column != "SCORE")
        if coco and name.kind in _KNOWN:
            task = TASK_PREFIX.get(table.task or "", "")
            name = Name(Kind.STRONG, f"{task}{name.base}", "val", percent=True)
        out.append((name, raw))
    return out


_COUNTED = frozenset({"batch", "iter", "it", "round"})
"""Columns that count steps; as names beside a value they are settings."""

_COCO = {"AP": "map50_95", "APs": "map_small", "APm": "map_medium", "APl": "map_large"}
