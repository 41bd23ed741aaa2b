"""Sizes of images that stand by themselves: `yolo11n coco128 50ep 640`."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right

from trainwright.intent.rules.keys import TIGHT, Key, keys
from trainwright.intent.rules.patterns import Pattern

USUAL_SIZES = (320, 416, 448, 480, 512, 608, 640, 672, 736, 768, 800, 832, 896, 960, 1024, 1280)
_BARE_SIZE = Pattern(rf"(?:^|[\s,/|\ue000])({'|'.join(map(str, USUAL_SIZES))})(?![\d.])")
ENDS_THERE = Pattern(r"\s*(?:$|[,.;/|)!~\ue000]|으?로\s*(?:$|[,.])|(?<=\s)\d)")
_BLANK = Pattern(r"\s*")
_ITS_NUMBER = Pattern(rf"{TIGHT.source}\d")


def bare(text: str) -> list[int]:
    """Numbers that stand by themselves and would be usual sizes of images."""
    sizes = list(_BARE_SIZE.finditer(text))
    named = keys(text) if sizes else []
    return [int(size[1]) for size in sizes if _stands_alone(text, size, named)]


def _stands_alone(text: str, size: re.Match[str], named: list[Key]) -> bool:
    before = bisect_right(named, size.start(1), key=lambda key: key[1]) - 1
    after = bisect_left(named, size.end(), key=lambda key: key[0])
    if before >= 0 and TIGHT.fullmatch(text, named[before][1], size.start(1)):
        return False
    begins_another = (
        after < len(named)
        and _BLANK.fullmatch(text, size.end(), named[after][0])
        and _ITS_NUMBER.match(text, named[after][1])
    )
    return bool(begins_another or ENDS_THERE.match(text, size.end()))
