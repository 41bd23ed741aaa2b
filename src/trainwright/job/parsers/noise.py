"""Lines that show numbers and mean no metric: tracebacks, warnings, settings, code."""

from __future__ import annotations

import re

from trainwright.job.parsers.context import Context

_STARTS = re.compile(
    r"""\s*(?:
        (?:[\w.]{1,80}\.)?[A-Z]\w{0,60}(?:Error|Exception|Interrupt|Exit)\b(?::|$)
      | warnings\.warn\(
      | (?:Collecting|Downloading|Requirement[ ]already|Installing|Successfully|Using[ ]cached
          |Attempting|Found[ ]existing|Uninstalling|Building[ ]wheel|Preparing|Looking[ ]in
          |Obtaining|python3?|torchrun|accelerate|deepspeed|pip|uv|srun|bash|export|set)[ ]
      | (?:def|class|import|from|return|if|elif|for|while|assert|raise|with)[ ][\w.(].*[:({=]
      | (?:\$|\+|@|print\()\s*\w
      | >>>\s*[\w.]{1,80}(?:\s*=|\(|[ ](?:import|in|as)[ ])
      | [\W_]{0,12}(?:[Ss]aved|[Ll]oad(?:ed|ing)|[Rr]estor(?:ed|ing)|[Rr]esum(?:ed|ing))
          [ ](?!dict\b)
      | \w{1,60}[ ]=[ ][A-Za-z_]\w*[.(]
      | \^+ | diff[ ]--git | [+-]{3}[ ][ab]/
      | copypaste\b | wandb:[ ]+\S+[ ]+[▁▂▃▄▅▆▇█]
    )""",
    re.VERBOSE,
)
_SETTINGS = re.compile(
    r"[\W_]{0,20}(?:\w{1,30}[ _])?(?:config|configuration|cfg|args|arguments|hyper-?parameters|"
    r"hparams|params|settings|options|namespace|command|cmd|usage|default|defaults)"
    r"\b[^:={(]{0,40}[:={(]",
    re.IGNORECASE,
)
_WARNING = re.compile(r"\b[A-Z][a-z]\w{0,60}Warning\b")
_CALL = re.compile(r"\b(?:Namespace|[A-Z]\w{0,60})\((?:\w{1,60}=|\s*$)")
_RESULT = re.compile(r"(?:Output|Results?|Metrics|Scores|State|Logs?)\(")
_REPEATED = re.compile(
    r"\b(?:did not improve|improved(?: from| by|\.)|decreased \(|increased \(|monitored metric"
    r"|better model found|loading best model)",
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
    return bool(
        _STARTS.match(text)
        or _SETTINGS.match(text)
        or ("Warning" in text and _WARNING.search(text))
        or (("ed" in text or "not" in text or "model" in text) and _REPEATED.search(text))
    )
