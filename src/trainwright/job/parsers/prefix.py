"""Take what loggers put before a message off a line."""

from __future__ import annotations

import re

_LEVEL = r"(?:DEBUG|INFO|WARNING|WARN|NOTICE|Info|info|Warning)"
_PREFIX = re.compile(
    rf"""\s*(?:
        \[\d{{4}}-\d\d-\d\d[^\]\[]{{0,80}}\]
      | \[?\(?\d{{4}}[-/.]\d\d[-/.]\d\d(?:[T_ ]+\d\d:\d\d(?::\d\d)?(?:[.,]\d{{1,9}})?)?
            (?:Z|\s?[+-]\d\d:?\d\d)?\)?\]?[:,]?
      | \d{{1,2}}/\d{{1,2}}/\d{{4}}[\s,]+\d\d:\d\d:\d\d\s+-(?=\s)
      | \[?\d\d:\d\d:\d\d(?:[.,]\d{{1,9}})?\]?(?!\d)
      | \[\d\d/\d\d(?:/\d{{2,4}})?\s\d\d:\d\d:\d\d(?:\s[\w.]+)?\]:?
      | [IWD]\d{{4}}\s\d\d:\d\d:\d\d\.\d+\s+\d+\s[\w./<>-]+:\d+\]
      | \[{_LEVEL}\|[^\]\s]{{1,100}}\](?:\s\d{{4}}-\d\d-\d\d\s[\d:,.]+)?\s*>>
      | {_LEVEL}:[\w.]{{1,80}}:(?=\S)
      | \[?{_LEVEL}\]?\s*(?:[:|>-]|(?=\s)|$)
      | \[(?:rank|Rank|RANK)\s?:?\d+\]:?
      | \[(?:default)?\d+\]:\[?
      | \|\s+(?={_LEVEL}\b)
      | \(\w+(?:\s\w+=[^()]{{1,60}})+\)
      | \[\d+,[^\]]{{1,60}}\]<std\w+>:
      | \[(?:STDOUT|STDERR|stdout|stderr)\] | std(?:out|err)\s[FP](?=\s)
      | \[[\w.-]{{1,40}}(?::\d+/\d+)?\](?=\s\d{{4}}-\d\d-)
      | \([\w./-]{{1,80}}[:\ ]\d+\):?(?=\s*{_LEVEL}\b)
      | [\w.]{{1,60}}\s+-\s+{_LEVEL}\s+-
      | [\w.]{{1,40}}\s*-\s*(?={_LEVEL}\b)
      | \[(?:titan|trainer|Trainer|main|root|__main__|\w+(?:\.\w+)+(?::\d+)?)\]
      | \[(?:PID|RANK|rank):?\d+\]
      | (?:root|__main__)\s+- | \w+(?:\.\w+)+\s+[-|](?=\s)
      | wandb:
      | [>-]\s(?=\D)
      | ppcls(?=\s) | paddle\w*(?=\s)
    )\s*""",
    re.VERBOSE,
)
_MOST = 8
_MAY_HAVE = re.compile(
    r"^[\s\[(\d]|^[A-Z]+\b|^[IWD]\d{4}\s|^[\w.]+\s+-|^wandb|^[>-]\s|^pp|^paddle|^root|^__main__"
)


def strip_prefix(text: str) -> str:
    """Drop timestamps, levels, logger names and rank marks from the start of a line."""
    if not _MAY_HAVE.match(text):
        return text
    for _ in range(_MOST):
        match = _PREFIX.match(text)
        if match is None or not match[0].strip():
            break
        text = text[match.end() :]
    return text
