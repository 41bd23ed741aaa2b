"""Names of graphics cards: how many of them are wanted, and nothing else that their digits seem.

The `80GB` of an `A100 80GB` is no memory of the run, and the `3090` of `RTX 3090` no setting.
"""

from __future__ import annotations

from trainwright.intent.rules.patterns import Pattern

_CARD = (
    r"(?:(?:nvidia|geforce|tesla|quadro)\s+)*"
    r"(?:(?:rtx|gtx)\s?-?[a-z]?\d{3,4}(?:\s?(?:ti|super|ada))?"
    r"|(?:(?<!r\d )(?<!r\d\d )a(?:10|16|30|40|100|800|[2456]000)"
    r"|g?h(?:20|100|200|800)|g?b(?:100|200)|l(?:4|40s?)|v100|t4|p(?:40|100)|k80)(?=s?(?![a-z0-9_]|\.\w))"
    r"|titan\s?(?:x|v|rtx)|mi\d{3}x?|dgx)"
)
_BARE = r"[1-5]0[5-9]0(?:\s?(?:ti|super))?"  # a card only where it is counted
_SIZE = (
    r"(?:[\s(-]{0,2}\d{2,3}\s?(?:g(?:i?b)?|기가(?:바이트)?)(?:\s+(?:of\s+)?v?ram|\s+memory)?\)?)?"
)
_COUNTED = Pattern(
    rf"(?<![\w.])(\d{{1,2}}|one|two|three|four|six|eight|sixteen|single|한|두|세|네|여덟)\s?(?:x\s?|개의\s?|장의\s?|대의\s?)?(?:\d{{2,3}}\s?gb?\s)?(?:{_CARD}|{_BARE}(?=s|\s?gpu)|(?<=x){_BARE}){_SIZE}s?(?:\s?gpus?)?(?![a-z0-9])"
)
_COUNT_AFTER = Pattern(
    rf"(?<![a-z0-9])(?:{_CARD}|{_BARE}){_SIZE}\s?(?:gpu\s?)?(?:(?:x|\*)\s?(\d{{1,4}})(?![a-z0-9]|\.\w)|(\d{{1,4}}|한|두|세|네|다섯|여섯|여덟)\s?(?:장|개|대))"
)
_ALONE = Pattern(rf"(?<![a-z0-9])(?:{_CARD}){_SIZE}(?:\s?gpus?)?(?![a-z0-9])")
_BARE_KO = Pattern(
    rf"(?P<noun>gpu|지피유|그래픽\s?카드)(?:는|은|이|가|도|로|\s+is(?:\s+(?:an?|the|my|our))?|\s?[:=])?\s?{_BARE}(?!\s?(?:장|개|대|\d|\s?에폭))"
)
"""`그래픽카드는 4060`."""
_BARE_TOLD_KO = Pattern(
    r"(?<![\d.])[2-5]0[5-9]0(?:\s?ti)?(?=(?:이라|인데|이고|이에요|예요|임|이야|뿐|밖에)(?!\s?\d))"
)
"""`제 컴은 3060이라`."""
_DEVICES = Pattern(
    r"(?:\bcuda[\s_]visible[\s_])?\bdevices?[\"']?\s?(?:[=:]\s?|\s)[\[\"'(]?(?:cuda:)?\d(?:\s?,\s?\d(?!\d))*(?![\w.]\w)[\])\"']?"
)
"""`device=0,1`: by their numbers."""
_DIGITS = Pattern(r"\d")
_CORES_AND_MEMORY = Pattern(
    r"(\b(?:cores?|cpus?),?(?:\s+(?:and|with)|\s?[/+])?)\s+(\d{1,4}\s?)g(?:i?b)(?![a-z])(?!\s?(?:of\s+)?(?:v?ram|mem|gpu|disk|storage))"
)
"""`8 cores and 32 GB`."""
_GRAPHICS_MEMORY = Pattern(
    r"\d+\s?g(?:i?b)?\s?(?:of\s+)?(?:vram|gpu\s+(?:memory|ram)|graphics\s+memory|짜리|급)"
    r"|(?:vram|gpu\s?메모리|그래픽\s?메모리)(?:은|는|이|가)?\s?[:=]?\s?\d+\s?(?:g(?:i?b)?|기가)?"
    r"|(?<=gpu)s?\s?(?:은|는|이|가|has|have|with|is)\s?\d+\s?(?:gi?b|기가)(?:바이트)?(?![a-z])"
    r"|(?<=gpu\s\()\d+\s?gb(?=\))"
)


def read(text: str) -> str:
    """The (lower-case) text with counted cards as GPUs, and other cards out of the way."""
    text = _DEVICES.sub(lambda m: f" {len(_DIGITS.findall(m[0]))} gpus ", text)
    text = _GRAPHICS_MEMORY.sub(" ", _CORES_AND_MEMORY.sub(r"\1 memory \2 ", text))
    text = _COUNT_AFTER.sub(lambda m: f" gpu {m[1] or m[2]}개 ", text)
    text = _COUNTED.sub(lambda m: f" {'1' if m[1] == 'single' else m[1]} gpus ", text)
    text = _BARE_TOLD_KO.sub(" ", text)
    return _ALONE.sub(" ", _BARE_KO.sub(r" \g<noun> ", text))
