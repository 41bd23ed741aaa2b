"""Cut a line into words, numbers and signs; dates, versions and paths stay whole."""

from __future__ import annotations

import re
from typing import NamedTuple

from trainwright.job.parsers.numbers import NUMBER


class Token(NamedTuple):
    """`kind` is `word`, `number`, `sign` or `other` (a date, clock time, version, address)."""

    kind: str
    text: str
    start: int
    end: int
    unit: str = ""


_TOKEN = re.compile(
    rf"""
    (?P<other>
        \d{{4}}[-/.]\d{{1,2}}[-/.]\d{{1,2}}(?:[T_ ]\d{{1,2}}:\d{{2}}(?::\d{{2}})?(?:[.,]\d+)?)?Z?
      | \d{{1,2}}/\d{{1,2}}/\d{{2,4}}
      | \d+:\d{{2}}(?::\d{{2}})*(?:[.,]\d+)?(?!\d)
      | \d+(?:\.\d+){{2,}}[\w.+:-]*
      | 0[xX][0-9a-fA-F]+
      | \d+[-_][A-Za-z0-9][\w.-]*
      | \d+\.\d+[-_][A-Za-z][\w.=-]*
    )
  | (?P<number>{NUMBER})(?P<unit>%|[^\W\d_]\w*(?:/\w+)*)?
  | (?P<word>(?<![\w)])[-+](?i:inf(?:inity)?|nan)\b|[^\W\d][\w@./+^'’-]*(?:\([A-Z]\))?|@\w+)
  | (?P<sign>\S)
    """,
    re.VERBOSE,
)
_TAIL = ".-+/'’^"
_HIDDEN = re.compile(
    r"""(?:^|(?<=[\s'"(\[=,:<]))(?:
        (?:~|\.{1,2})?/[\w@.~+-][^\s'"]*            # a path
      | [A-Za-z]:\\[^\s'"]*
      | [a-z][a-z0-9+.-]{1,15}://[^\s'"]*           # a URL
      | --?[A-Za-z][\w.-]*=[^\s]+                   # a command-line option
      | --[A-Za-z][\w.-]*(?:\ +[^\s-][^\s]*)?
      | [^\s'"]{1,200}\.py::\S*                     # a test
      | [^\s'"=:,()]{1,200}\.(?:ckpt|pth|pt|bin|safetensors|json|jsonl|txt|log|py|ya?ml|csv|pkl
          |h5|keras|onnx|tar|gz|zip|png|jpe?g|npy|npz|ipynb|sh|toml|cfg|whl|gguf|parquet|out)\b
        (?::\d+)?
      | [^\s'"]{0,200}(?<=\d)\.(?:ckpt|pth|pt|bin|safetensors|h5|keras|onnx|pkl|tar)\b
    )""",
    re.VERBOSE,
)


def hide_paths(text: str) -> str:
    """Blank out paths, URLs, file names and command-line options: nothing in them is a metric."""
    if "/" in text or "." in text or "\\" in text or "--" in text:
        return _HIDDEN.sub(" \x00 ", text)
    return text


def tokenize(text: str) -> list[Token]:
    out = []
    for match in _TOKEN.finditer(text):
        kind = match.lastgroup
        if kind == "unit":
            kind = "number"
        start, end, body = match.start(), match.end(), match[0]
        if kind == "word" and body[-1] in _TAIL:
            body = body.rstrip(_TAIL)
            end = start + len(body)
        if kind == "number":
            out.append(Token("number", match["number"], start, end, match["unit"] or ""))
        else:
            out.append(Token(kind or "sign", body, start, end))
    return out
