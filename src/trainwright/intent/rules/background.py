"""What a sentence tells besides what it asks: how it went before, and what a machine has."""

from __future__ import annotations

import re

from trainwright.intent.rules.patterns import Pattern

_TOLD = Pattern(
    # how long something took, and what was done before
    r"\b(?:it|that|this|which|runs?|training|everything)\s+(?:only\s+|usually\s+|always\s+)?(?:took|takes|lasted|needed)\s[^.;,!?]*"
    r"|\b(?:last\s+(?:time|week|month|year|run|night)|previously|yesterday|earlier|the\s+other\s+day|back\s+then)\b"
    r"(?=[^.;!?]*\b(?:used|ran|tried|trained|had|did|got|was|were|failed|crashed)\b)[^.;!?]*?(?=[.;!?]|,?\s(?:now|but|so|this\s+time|please)\b|$)"
    r"|(?<![가-힣])(?:지난\s?번|저번|어제|이전|예전|지난\s?주|전)에?(?:는|엔)?\s(?=[^.;!?]*(?:[했썼였었렸]|봤))[^.;!?]*?[했썼였었렸봤](?:더니|는데|지만|어요|습니다|어|고|음|다)?\S*"
    # what a machine has is not what a run should use
    r"|\b(?:laptop|machine|pc|computer|box|workstation|server|desktop|mac\w*)\s+(?:has|have|with|got|comes\s+with)\s[^.;!?]*?(?:ram|memory|cores?|cpus?)\b"
    r"|(?<![가-힣])(?:램|메모리|ram|memory)(?:은|는|이|가)?\s?\d+\s?(?:기가(?:바이트)?|g(?:i?b)?)(?:인데|이라서?|라서|뿐|밖에|이고|\s?(?:달린|있는|있어|있고|있습))\S*"
    # how many pictures there are of each kind, and how large they are
    r"|(?<![가-힣])(?:각\s?)?(?:클래스|종류|품종|범주|라벨)(?:당|별로?|마다|에)?\s?(?:약\s?|대략\s?)?(?:\d[\d,]*|[일이삼사오육칠팔구십백천만]+)\s?[백천만]?\s?장(?:씩|정도)*"
    r"|(?<![가-힣])(?:사진|이미지|원본|영상|카메라)\s?(?:해상도|크기|사이즈)?(?:가|는|은|이)?\s?\d+\s?x\s?\d+(?:인데|이고|이라서?|라서|짜리(?!로))"
    # where a training goes on from
    r"|\b(?:from|since|after|starting\s+(?:at|from))\s+epoch\s+\d+|(?:에폭|에포크)\s?\d+\s?부터|\d+\s?(?:에폭|에포크)부터"
    # what others did
    r"|\b(?:papers?|authors?|article|tutorial|blog)\s[^.;,!?]{0,60}?\b(?:used?|uses|trained|trains|ran|runs|says?|said)\s[^.;,!?]{0,60}"
    # when something else is due is not how long a run may take
    r"|\b(?:deadline|due(?:\s+date)?|exam|demo|presentation|conference|meeting|submission)\b[^.;,!?]{0,30}?\b\d+\s+(?:days?|hours?|minutes?|weeks?)(?:\s+(?:away|left|from\s+now))?"
    r"|(?<![가-힣])(?:마감|발표|시험|제출|데모|회의|데드라인)(?:은|는|이|가|까지)?\s?[^.;,!?]{0,12}?\d+\s?(?:시간|일|분)\s?(?:남|뒤|후|전)\S*"
    r"|(?:노트북|컴퓨터|서버|피시|pc|맥북|장비|머신)(?:은|는|이|가|에|엔)\s[^.;!?]*?(?:램|메모리|코어|ram)\s?\d*\s?(?:기가|gb?|개)?\S*"
)
_COUNT = r"(?:\d{1,4}|an?|one|two|three|four|six|eight|single)"
_OWNED = Pattern(
    rf"\b(?:have|has|got|own)\s+(?:(?!\b(?:use|using|with|on|train|run)\b)[^.;!?]){{0,80}}?(?P<en>\b{_COUNT}\s*(?:x\s*)?gpus?)\b"
    r"|(?P<ko>(?:gpu|지피유|그래픽\s?카드)(?:가|이|는)?\s*(?:\d+|한|두|세|네|여덟)\s?(?:개|장|대)(?:가|이|를|밖에)?\s*(?:있|보유|갖고|가지고)\S*)"
)
_SOME_OF_THEM = Pattern(
    r"\b(?:use|using|take)\s+(?:just\s+|only\s+)?(one|two|three|four|\d+)\s+of\s+them"
    r"|(?<![가-힣])(하나|한\s?장|두\s?장|세\s?장|\d+\s?[장개])만\s?(?:써|쓰|사용)"
)


_OTHERS_KO = Pattern(
    r"(?<![가-힣])((?:논문|튜토리얼|블로그|예제|저자|기본|원래|남들)\S*\s[^.;!?]{0,30}?\d)\s?(?:이?라던데|이?라는데|이던데|인데|이지만)"
)


def without_told(text: str) -> str:
    """The (lower-case) text without what is only told; its length changes."""
    # `논문은 배치 256인데 저는 64로`: the number is taken back by the next one
    return _TOLD.sub(" ", _OTHERS_KO.sub(r"\1 말고", text))


def without_owned(text: str) -> str:
    """The same without the GPUs somebody has, unless some of them are to be used."""
    found = _OWNED.search(text)
    if found is None:
        return text
    start, end = found.span(str(found.lastgroup))
    return _SOME_OF_THEM.sub(_counted, f"{text[:start]} {text[end:]}")


def _counted(found: re.Match[str]) -> str:
    count = found[1] or found[2].removesuffix("장").removesuffix("개").strip()
    return f" {'한' if count == '하나' else count}{'' if found[1] else '개의'} gpus "
