"""Amounts without a number: `a few epochs`, `a larger batch`, `for a while`."""

from __future__ import annotations

from collections.abc import Iterator

from trainwright.intent.rules.patterns import Pattern

_AMOUNT = (
    r"a\s+few|some|several|a\s+couple(?:\s+of)?|many|enough|a\s+lot\s+of|lots\s+of|a\s+bunch\s+of"
)
_DEGREE = r"(?:much\s+|very\s+|really\s+)?(?:large|big|bigg|small|tiny|huge|high|low)(?:r|er|est)?"
_MUCH = (
    r"(?:는|은|를|을|만|도)?\s?(?:좀\s|조금\s|더\s|아주\s|최대한\s)?"
    r"(?:크게|작게|높게|낮게|많이|적게|길게|짧게|줄여|늘려|키워|올려|낮춰|적당히|적당하게|적당한\s만큼|알맞게"
    r"|넉넉히|넉넉하게|충분히|충분하게|여유\s?있게"
    r"|(?:지난|저번|이전|예전|아까|평소|전|먼저|그때|늘)\S{0,3}(?:\s?(?:하던|쓰던|돌린))?(?:\s?(?:과|와|이랑|랑|처럼|대로))?\s?(?:똑같이|같이|같게|동일하게|그대로|처럼|대로)"
    r"|(?:지난|저번|이전|예전|아까|평소|전|그때|어제)\S{0,3}\s(?:\S{1,6}\s){0,3}?(?:값|걸|거|것|수치|설정)(?:으로|로|을|를))"
)
_OPEN = r"(?:\s?[=:]\s?\?+|\s\?+|\s?[=:]?\s?(?:tbd\b|tba\b|e-\d|미정|글쎄))"
"""What stands where a value would."""
_SOME_KO = (
    r"(?<![가-힣])(?:(?:열|스물|서른|마흔|쉰|백)\s?몇|한두|두세|서너|너댓|대여섯|예닐곱)"
    r"|(?<!\d)\d{1,4}여"
)
_AS_BEFORE = r"(?:the\s+|my\s+|our\s+)?(?:same|usual|previous|earlier|old)"
_VAGUE = Pattern(
    rf"(?<!patience\sof\s)\b(?:{_AMOUNT})\s+(?:more\s+|training\s+)?(?:(?P<epoch>epochs)|(?P<steps>steps|iterations))\b"
    r"|(?<![가-힣])(?:몇\s?[십백천]?|수[십백천]|여러|적당한|적당히|충분한|충분히|많은)\s?(?:(?P<epoch_ko>에폭|에포크)|(?P<steps_ko>스텝))"
    rf"|\b(?:(?P<epoch_open>epochs?)|(?P<steps_open>steps)|(?P<batch_open>batch(?:[\s_]size)?)|(?P<speed_open>learning[\s-]rate|lr)){_OPEN}"
    rf"|(?<![가-힣])(?:(?P<epoch_open_ko>에폭|에포크)|(?P<batch_open_ko>배치)|(?P<speed_open_ko>학습[률율]))(?:은|는|수)?{_OPEN}"
    rf"|(?:{_SOME_KO})\s?(?:(?P<epoch_some>에폭|에포크)|(?P<steps_some>스텝))"
    r"|(?P<until_done>\b(?:until|till)\s+(?:it\s+)?(?:convergence|converge[sd]?)\b|수렴(?:할\s?때)?까지)"
    rf"|\b{_AS_BEFORE}\s+(?:(?P<epoch_same>epochs|number\s+of\s+epochs)|(?P<steps_same>steps)|(?P<batch_same>batch(?:\s+size)?)|(?P<speed_same>learning[\s-]rate|lr))\b"
    r"|\b(?:(?P<epoch_said>epochs|number\s+of\s+epochs)|(?P<batch_said>batch(?:\s+size)?)|(?P<speed_said>learning[\s-]rate|lr))"
    r"\s+(?:that\s+|which\s+)?(?:we|i|you|he|she|they)\s+(?:\w{1,12}\s+)?(?:agreed|used|discussed|talked|had|picked|chose|settled|mentioned)\b"
    rf"|\b(?P<pixels>image\s+size|resolution)\s+(?:a\s+bit\s+)?{_DEGREE}\b|\b(?:bigg|larg|high|small|low)er\s+(?P<pixels_>image\s+size|resolution)\b"
    rf"|\b{_DEGREE}\s+(?:(?P<batch>batch(?:es)?(?:\s+size)?)|(?P<speed>learning[\s-]rate|lr))\b"
    rf"|(?<![가-힣])(?:(?P<batch_ko>배치(?:\s?(?:크기|사이즈))?)|(?P<speed_ko>학습[률율]|러닝\s?레이트)|(?P<epoch_as>에폭|에포크)(?:\s?수)?|(?P<pixels_ko>이미지\s?(?:크기|사이즈)|해상도)){_MUCH}"
    rf"|\b(?:{_AMOUNT})\s+(?P<cards>gpus|cards)\b|\bfor\s+(?P<while_>a\s+while|some\s+time)\b"
    rf"|\b(?:{_AMOUNT})\s+(?P<hours_few>hours|minutes|days)\b"
    r"|\b(?:twice|double|triple|half)\s+(?:of\s+)?(?:the\s+)?(?:usual\s+|default\s+|normal\s+)?"
    r"(?:(?P<epoch_twice>epochs)|(?P<batch_twice>batch(?:\s+size)?)|(?P<speed_half>learning[\s-]rate|lr))\b"
    r"|(?:gpu|지피유)(?:는|를)?\s?(?P<cards_ko>(?:여러|몇)\s?(?:장|개|대))|(?<![가-힣])(?:여러|몇)\s?(?:장|개|대)의?\s?(?P<cards_few>gpu|지피유)"
    r"|(?<![가-힣])(?:(?P<while_ko>한동안)|(?P<hours_ko>몇\s?(?:시간|분|일)(?=\s?(?:만|동안|안에|이내|정도|내로|돌려|\s학습))))"
    r"|(?<![가-힣])(?P<epoch_few>에폭|에포크)(?:은|는|을|를|도)?\s?(?:(?:몇\s?[십백]?|수[십백])\s?(?:번|회)(?!이)|여러\s?번)"
)
_VAGUE_FIELDS = {
    "epoch": "epochs",
    "steps": "max_steps",
    "batch": "batch_size",
    "speed": "learning_rate",
    "pixel": "image_size",
    "cards": "gpus",
    "hours": "max_hours",
    "while": "max_hours",
    "until": "epochs",
}
_AS_LONG = {"while", "until"}
_LENGTHS = {"epochs", "max_steps", "max_hours", "early_stopping", "patience"}
"""What says more than `for a while` and `until it converges`."""


def read(text: str, said: set[str]) -> Iterator[tuple[str, str]]:
    """Fields with the words that give them no number.

    Args:
        text: Lower case, names masked.
        said: Fields that have a number: `a smaller batch: 32` says which.
    """
    for found in _VAGUE.finditer(text):
        kind = str(found.lastgroup)[:5]
        field = _VAGUE_FIELDS[kind]
        enough = said & _LENGTHS if kind in _AS_LONG else field in said
        if not enough:
            yield field, found[0].strip()
