"""Structured logs, one JSON object a line, with secrets masked."""

from __future__ import annotations

import json
import logging
import re
from datetime import UTC, datetime
from typing import Any

_SECRETS = (
    re.compile(r"\btws?_[\w-]{8,}"),
    re.compile(r"\beyJ[\w-]+\.[\w-]+\.[\w-]*"),
    re.compile(r"\bsk-[\w-]{8,}"),
    re.compile(r"\bwhsec_[\w-]{8,}"),
    re.compile(r"\b(?:hf_|AKIA|AIza)[A-Za-z0-9]{16,}"),
    re.compile(r"\b(?:gh[pousr]_|github_pat_|glpat-|xox[abps]-)[\w-]{16,}"),
    re.compile(r"(?<=://)[^/\s:@\"\\]+:[^/\s@\"\\]+(?=@)"),
    re.compile(r"(?i)(?<=bearer )[^\s\"\\]+"),
    re.compile(r"(?i)((?:ticket|token|password|secret|api_key)=)[^&\s\"\\]+"),
)
_PLAIN = frozenset(vars(logging.makeLogRecord({}))) | {
    "message",
    "asctime",
    "taskName",
    "color_message",
}


def mask(text: str) -> str:
    """`text` with everything that looks like a token, ticket, key or password replaced."""
    for pattern in _SECRETS:
        text = pattern.sub(r"\1***" if pattern.groups else "***", text)
    return text


class JsonFormatter(logging.Formatter):
    """One line a record: whatever a request put in it, JSON keeps it on its own line."""

    def format(self, record: logging.LogRecord) -> str:
        fields: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        fields |= {k: v for k, v in vars(record).items() if k not in _PLAIN}
        if record.exc_info:
            fields["exception"] = self.formatException(record.exc_info)
        return mask(json.dumps(fields, ensure_ascii=True, default=str))


def configure(*names: str, level: int = logging.INFO) -> None:
    """Send these loggers' records to stderr as JSON lines.

    Args:
        *names: Of loggers; none for all there are.
        level: The least that is told.
    """
    handler = logging.StreamHandler()
    handler.setFormatter(JsonFormatter())
    for name in names or (None,):
        logger = logging.getLogger(name)
        logger.handlers = [handler]
        logger.setLevel(level)
        logger.propagate = False
