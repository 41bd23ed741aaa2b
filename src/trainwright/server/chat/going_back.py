"""`from step 300`, `최고 체크포인트부터`: where a run that is resumed shall go on from."""

from __future__ import annotations

import re

_STEP = r"(?:step\s*#?(?P<after>\d+)|(?P<before>\d+)\s*스텝|스텝\s*(?P<word>\d+))"
_BEST = (
    r"(?P<best>best(?:\s+(?:checkpoint|step|point|state))?"
    r"|최고\s*(?:체크포인트|지점|스텝)|베스트\s*체크포인트)"
)
_CHECKPOINT = re.compile(
    rf"\b(?:from|at)\s+(?:the\s+|its\s+)?(?:checkpoint\s+(?:of|at)\s+)?(?:{_STEP}|{_BEST})\b".replace(
        "(?P<", "(?P<en_"
    )
    + "|"
    + rf"(?:{_STEP}|{_BEST})\s*(?:체크포인트)?(?:\s*지점)?\s*(?:에서부터|에서|부터)".replace(
        "(?P<", "(?P<ko_"
    ),
    re.IGNORECASE,
)


def checkpoint_in(text: str) -> tuple[str, int | str | None]:
    """A message without the checkpoint that it names, and that: a step, `best`, or none."""
    found = _CHECKPOINT.search(text)
    if found is None:
        return text, None
    rest = f"{text[: found.start()]} {text[found.end() :]}"
    said = {name: words for name, words in found.groupdict().items() if words}
    if any(name.endswith("best") for name in said):
        return rest, "best"
    return rest, int(next(iter(said.values())))
