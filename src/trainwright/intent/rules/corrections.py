"""What people take back in a sentence: `20, no, 30`, `not adam but sgd`, `르넷 말고 레즈넷18`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, TypeVar

from trainwright.intent.rules.patterns import Pattern


class Spot(Protocol):
    """Something that was read, with the place where it stands."""

    @property
    def start(self) -> int: ...

    @property
    def end(self) -> int: ...


S = TypeVar("S", bound=Spot)

_TAKES_BACK = Pattern(
    r"\b(?:wait|actually|sorry|oops|whoops|i\s+mean(?:t)?|make\s+(?:it|that|this)|rather(?!\s+than)|scratch\s+that"
    r"|on\s+second\s+thoughts?|then\s+again|correction|change\s+(?:it|that|this)\s+to|i\s+take\s+(?:it|that)\s+back"
    r"|too\s+(?:many|much|few|little|big|small|high|low)|never\s?mind|hmm+|nope|no)\b(?!\s+(?:more|pre|aug|early|warm|gpu|lora|need|sched|than))"
    r"|아니(?!면|어도|라도)|아냐|아뇨|정정|실수|(?<!지 )(?<!지)말고|다시\s?생각|잘못|했다가"
    r"|[가-힣]려다가?|[가-힣]려고?\s?했\S*|[가-힣]까\s?(?:했|하다|싶었|생각|고민)\S*|바꿔|취소(?:하고|,)|잠깐|잠시만|ㄴㄴ|수정\s?:|(?:\.{2,}|…)\s?아\s"
)
_INSTEAD = Pattern(
    r"\s*(?:epochs?|steps?)?\s*instead(?!\s+of)\b|\s?(?:으로|로)\s?(?:바꿔|바꾸|변경|수정|정정)"
)
_SMALL_WORDS = r"(?:(?:the|an?|any|with|using|use|on|for|in|to|do|run|it)\s+)*"
_PLANNED_BEFORE = Pattern(
    r"\b(?:was|were)\s+(?:going|planning|about|thinking)\s+"
    rf"(?:to\s+(?:use|try|run|do|take|go\s+with)|of|about)\s+(?:using\s+)?{_SMALL_WORDS}$"
)
_BUT = Pattern(r"\b(?:but|then|instead|changed\s+my\s+mind)\b")
_DROPPED_BEFORE = Pattern(
    r"(?:\binstead\s+of|\brather\s+than|\bnot|\bno\s+longer|\bforget(?:\s+about)?|\bdrop"
    r"|\b(?:can(?:.?t|not|\s+not)|(?:may|must|should)(?:\s+not|n.?t)|(?:not|n.t)\s+(?:allowed|permitted|able)\s+to)"
    r"\s+(?:use|be|have|do|run|afford|go\s+(?:with|for))|\b(?:forbid|prohibit|disallow|ban)\w*"
    rf"|\b(?:do|does)(?:n.?t|\s+not)\s+(?:allow|permit|support))\s+{_SMALL_WORDS}$"
)
_WORD_DROPPED_BEFORE = Pattern(
    r"(?:\bno|\bnever|\bavoid|\b(?:sgd|[nr]?adam\s?w?|rmsprop|lion|lamb|cosine|linear|constant|q?lora|bf16|fp16)\s+over|\b(?:anything|everything|all)\s+(?:but|except)|\bprefer\s+\S+\s+over|\b(?:don.?t|doesn.?t)"
    rf"(?:\s+(?:use|want|like|take|run|do|need|train|start|try))?|\breplac(?:e|ing)|\bswap(?:ping)?|\bsick\s+of)\s+{_SMALL_WORDS}$"
)
"""Before a word only: `no 5 epochs` may be a slip, `no adam` is none."""
_DROPPED_AFTER = Pattern(
    r"(?<![쓰하끄넣키]지)\)?\s?(?:에폭|에포크|번|스텝|개|장)?\s?(?:은|는|을|를|이|가|으로|로|이나|까지|씩|동안)?\s?"
    r"(?:말고|(?:(?:학습|훈련|튜닝)(?:을|를)?\s?)?(?:하|시키|쓰|사용하|돌리|가)려(?:다가?|고\s?했(?:는데|지만|다가)|고\s?하다가?)|대신(?!\s?에?\s?해)|아니(?:라|고|구|,)|아님(?=\s?\))|보다는?(?=\s)|취소(?:하고|,)|빼고"
    r"|(?:(?:학습|훈련|튜닝)(?:을|를)?\s?)?(?:하|시키|쓰|사용하|돌리)지\s?(?:말고|마시고|말구|않고)|안\s?(?:쓰|하)고|ㄴㄴ|너무\s?(?:많|적|크|커|큰|작|높|낮|길|긴|기[니네]|짧|오래|느[리려]|무[겁거]|무리|과[하해]|부담))"
    r"|(?:에폭|에포크|번|스텝|개|장)?(?:은|는|이|가)\s(?:말도\s)?(?:안\s?(?:된대|된다|돼서|되니|된다고|돼요)"
    r"|무리(?=[라이래])|터[져졌지]|부족[해하])"
    r"|(?:은|는|이|가)\s(?:[가-힣]{1,5}\s)?(?:안\s?(?:되니까|돼서)|무리(?:라|니까)|부족(?:해서|하니까)|모자라서"
    r"|못\s?(?:쓰니까|써서|하니까|해서)"
    r"|(?:무거[우워]|느[리려린]|[크커]|비싸|복잡|과[하해]|부담|버거[우워])[가-힣]{0,4}(?:니까?|서|고|[은한]?데|므로)(?=[\s,]))"
    r"|\s(?:schedul\w+\s)?(?:is|are|was|does|do|will|wo|ca|can|may|must|should)(?:\s?not|n.?t)\s+(?:be\s+)?(?:used|allowed|permitted|supported|acceptable|needed|necessary|required"
    r"|wanted|work|working|fit|possible|an\s+option|available|help|helping|enough)\b"
    r"|\s(?:(?:is|are|was)\s+)?(?:forbidden|banned|prohibited|disallowed|off[\s-]limits|out\s+of\s+the\s+question)\b"
    r"|\s+not\s+(?:possible|allowed|permitted|available|supported|an\s+option)\b"
    r"|(?:은|는|이|가|을|를)?\s?(?:(?:쓰|사용하|하)면\s?안\s?[돼되된됨됩]\S*|(?:사용\s?)?(?:금지|불가)\S*|못\s?(?:씀|써|쓴|쓰)\S*|(?:쓸|사용할)\s?수\s?없\S*)"
    r"|\s(?:is|are|was|were|would\s+be|seems?)\s+(?:way\s+|far\s+|a\s+bit\s+)?too\s+[a-z]+"
)


_COUNTED = Pattern(
    r"(?<=[a-z0-9])\s?(?:에폭|에포크|스텝)\s?(?:은|는|을|를|이|가)?\s?(?:말고|대신|아니)"
)


def takes_back(text: str, start: int, end: int) -> bool:
    """Whether words in this part of the text take back what stood before it."""
    return _TAKES_BACK.search(text, start, end) is not None


def dropped(text: str, start: int, end: int) -> bool:
    """Whether what stands here is said to be not wanted."""
    before = max(0, start - 40)
    if not text[start:end].isdecimal() and _COUNTED.match(text, end):
        return False  # `mnist 에폭 말고 스텝으로`: the epochs are not wanted
    if _PLANNED_BEFORE.search(text, before, start) and _BUT.search(text, end, end + 60):
        return True
    return bool(
        _DROPPED_BEFORE.search(text, before, start)
        or (text[start : start + 1].isalpha() and _WORD_DROPPED_BEFORE.search(text, before, start))
        or _DROPPED_AFTER.match(text, end)
    )


def after_dropped(text: str, end: int) -> int:
    """Where the words end that say of what ends here that it is not wanted."""
    found = _DROPPED_AFTER.match(text, end)
    return found.end() if found else end


def instead(text: str, end: int) -> bool:
    """Whether what ends here stands in the place of what was said before."""
    return _INSTEAD.match(text, end) is not None


def standing(text: str, found: Sequence[S]) -> list[S]:
    """Of several readings of one thing, in order, those that were not taken back."""
    wanted = [one for one in found if not dropped(text, one.start, one.end)]
    if len(wanted) < 2:
        return wanted
    kept = wanted[:1]
    for one in wanted[1:]:
        replaces = takes_back(text, kept[-1].end, one.start) or instead(text, one.end)
        kept = [one] if replaces else [*kept, one]
    return kept
