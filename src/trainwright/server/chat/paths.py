"""Paths in what is said. The platform's machine reads them, and works in a folder of its own."""

from __future__ import annotations

import re
from pathlib import PurePath
from typing import Any

from trainwright.server.chat.context import Message
from trainwright.spec.refs import DatasetKind, DatasetRef
from trainwright.spec.result import ParseResult, Question

_SCRIPT = "script/"
_FROM_A_ROOT = re.compile(r"[/\\~]|[A-Za-z]:[\\/]")
_SHOWN = 3


def on_host(message: Message, parsed: ParseResult) -> ParseResult:
    """The reading with relative paths seen from the asker's folder, or asked about without it."""
    for field, path in _relative(parsed.intent).items():
        if message.folder is None:
            parsed = _asked(message, parsed, field, path)
        else:
            whole = str(PurePath(message.folder) / path)
            parsed = _with(parsed, field, _SCRIPT + whole if field == "model" else whole)
    return parsed


def _relative(intent: dict[str, Any]) -> dict[str, str]:
    """Fields that hold a path from no root, with the path."""
    data, model = str(intent.get("dataset") or ""), str(intent.get("model") or "")
    paths = {}
    if data.strip() and "://" not in data and DatasetRef.parse(data).kind is DatasetKind.PATH:
        paths["dataset"] = data
    if model.startswith(_SCRIPT):
        paths["model"] = model.removeprefix(_SCRIPT)
    return {field: path for field, path in paths.items() if not _FROM_A_ROOT.match(path)}


def _with(parsed: ParseResult, field: str, value: str) -> ParseResult:
    changes: dict[str, Any] = {"intent": parsed.intent | {field: value}}
    if parsed.spec is not None:
        changes["spec"] = parsed.spec.model_copy(update={field: value})
    return parsed.model_copy(update=changes)


def _asked(message: Message, parsed: ParseResult, field: str, path: str) -> ParseResult:
    """What was read, but for the path, and the question where it is on the platform's machine."""
    said = {name: value for name, value in parsed.intent.items() if name != field}
    known = [dataset.name for dataset in message.known.datasets[:_SHOWN]]
    question = Question(
        field=field,
        question=message.say("host_reads", path=path),
        suggestions=known if field == "dataset" else [],
    )
    others = [asked for asked in parsed.questions if asked.field != field]
    return ParseResult(
        status="needs_clarification",
        language=parsed.language,
        intent=said,
        provenance={n: who for n, who in parsed.provenance.items() if n in said},
        reasons={n: why for n, why in parsed.reasons.items() if n in said},
        questions=[question, *others],
        reply=message.say("not_yet"),
        reader=parsed.reader,
        reader_note=parsed.reader_note,
    )
