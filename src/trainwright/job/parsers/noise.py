"""Lines that show numbers and mean no metric: tracebacks, warnings, settings, code."""

from __future__ import annotations

import re

from trainwright.job.parsers.context import Context

_ERROR = re.compile(r"^\s*(?:[\w.]+\.)?[A-Z]\w*(?:Error|Exception|Interrupt|Exit)\b(?::|$)")
_WARNING = re.compile(r"\b[A-Z][a-z]\w*Warning\b|^\s*warnings\.warn\(")
_CALL = re.compile(r"\b(?:Namespace|[A-Z]\w*)\((?:\w+=|\s*$)")
_RESULT = re.compile(r"\b\w*(?:Output|Result|Results|Metrics|Scores|State|Logs?)\(")
_SETTINGS = re.compile(
    r"^[\W_]*(?:\w+[ _])?(?:config|configuration|cfg|args|arguments|hyper-?parameters|hparams|params|"
    r"settings|options|namespace|command|cmd|usage|default|defaults)\b[^:={(]{0,40}[:={(]",
    re.IGNORECASE,
)
_CODE = re.compile(
    r"^\s*(?:def|class|import|from|return|if|elif|for|while|assert|raise|with|print\(|\$|>>>|\+ )\s*"
    r"[\w.$(/]+.*(?:[:({=]|$)|^\s*\w+ = \w+[.(]|^\s*\^+|^diff --git|^[+-]{3} [ab]/|"
    r"^\s*(?:export |set )\w+=|^\s*(?:python3?|torchrun|accelerate|deepspeed|pip|uv|srun|bash) "
)
_INSTALL = re.compile(
    r"^\s*(?:Collecting|Downloading|Requirement already|Installing|Successfully|Using cached|"
    r"Attempting|Found existing|Uninstalling|Building wheel|Preparing|Looking in|Obtaining) "
)
_REPEATED = re.compile(
    r"\b(?:did not improve|improved (?:from|by)|decreased \(|increased \(|monitored metric)|"
    r"^\s*(?:copypaste|wandb: +\S+ +[▁▂▃▄▅▆▇█]+)\b",
    re.IGNORECASE,
)


def is_noise(text: str, context: Context) -> bool:
    """Whether nothing on this line can be a metric; follows tracebacks over lines."""
    if text.startswith("Traceback (most recent call last)"):
        context.in_traceback = True
        return True
    if context.in_traceback:
        if text[:1] in (" ", "\t", ""):
            return True
        context.in_traceback = False
    if "(" in text and _CALL.search(text) and not _RESULT.search(text):
        return True
    return any(
        pattern.search(text)
        for pattern in (_ERROR, _WARNING, _SETTINGS, _CODE, _INSTALL, _REPEATED)
    )
