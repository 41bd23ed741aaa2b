"""Whether a sentence asks for a training at all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from trainwright.intent.rules.patterns import Pattern
from trainwright.intent.rules.text import MASK
from trainwright.intent.rules.vocabulary import alternatives, load

Kind = Literal["training", "greeting", "question", "command", "other", "cancelled"]

_EN, _KO = load("requests")["english"], load("requests")["korean"]


def _words(patterns: list[str]) -> Pattern:
    return Pattern(rf"(?<![a-z]){alternatives(patterns)}(?![a-z])")


_FILLER = Pattern(rf"^\W*(?:{alternatives(_EN['filler'])}(?![a-z])[\s,!.:]*+)*+")
_NAMES_FIRST = Pattern(rf"^[^\w{MASK}]*{MASK}")
_OTHER = Pattern(rf"{alternatives(_EN['other'])}(?![a-z])")
_QUESTION = Pattern(rf"{alternatives(_EN['question'])}(?![a-z])")
_TO_DATA = Pattern(rf"{alternatives(_EN['to_data'])}")
_TO_DATA_KO = Pattern(alternatives(_KO["to_data"]))
_WRITING = _words(_EN["writing"])
_REPORT = _words(_EN["report"])
_AFTERWARDS_KO = Pattern(
    r"(?:끝나면|끝난\s?(?:뒤|후|다음)|마치면|다\s?되면|완료되면)\S*\s[^.!?]{0,30}?"
    r"(?:보여|알려|그려|보내|정리|띄워|내보내|평가|저장)"
)
_AFTERWARDS = Pattern(
    r"\b(?:once|when|after|as\s+soon\s+as)\s+(?:it|that|this|training|the\s+(?:run|training))"
    r"(?:.s|\s+is|\s+has)?\s+(?:been\s+)?(?:trained|done|finish\w*|over|complet\w*|ends?|ready)"
)
"""What is wanted once a training is over asks for the training, too."""
_ERROR = Pattern(r"[a-z]error:|traceback \(most recent|out of memory\. tried")
"""What a program prints, pasted."""
_NOW = _words(
    [
        r"(?:so|now|but|and)\s+(?:please\s+)?(?:try|use|go|do|start|switch|set|let)",
        r"this\s+time",
        "instead",
    ]
)
_NOW_KO = Pattern(r"이번에?[는엔]|이제[는]?\s|새로\s|다시\s")
"""What follows a report of how it went is what is wanted now."""
_OVER = Pattern(
    r"\W*(?:(?:just|all|finally)\s+)?(?:finished|done|completed)\s+(?:\w+\s+){0,3}?\w+\s*[:-]"
    r"|\W*(?:어제|오늘|방금|아까|지난\S{1,2})\s(?:\S{1,5}\s)?(?:끝난|마친|완료된)\s[가-힣]{1,5}\s?:"
)
_LETS_SEE = Pattern(r"\blet.?s\s+(?:see|go|try|do|find\s+out|start)\b")
_EXAMINES = Pattern(
    r"^\W*(?:please\s+)?(?:check|inspect|examine|monitor|watch)\s+(?:(?:our|my|all|these)\s+)?"
    r"(?!(?:\S+\s+)?(?:accurac|loss|results?|metrics?|logs?|runs?|training|progress|status|gpus?|memory|config"
    r"|checkpoints?|models?|datasets?|data|folders?|files?|settings|scores?|performance|curves?|labels)\b)"
    r"(?!the\b|if\b|whether|that\b|how|on\b|for\b|out\b|it\b|this\b|again|what|in\b|up\b|back)[a-z]"
)
"""`inspect car doors with …`: what the model is for, where all that a training needs is named."""
_DOES = Pattern(
    r"^\W*(?:(?:please|pls|plz|hey|hi|hello|just|to|i|we|want|need|can|could|you|u|help(?:\s+(?:me|us))?)\W+)*"
    r"(?:help|check|inspect|examine|monitor|watch|alert|warn|notify|inform|predict|score|measure|count|find|search|tag|describe"
    r"|translate|summari[sz]e|act|sort|organi[sz]e|group|clean|label|forecast|estimate|recommend|suggest|rename|fix)(?![a-z])"
    r"(?!\s+(?:\S+\s+){0,3}?(?:accurac\w+|loss|results?|metrics?|logs?|runs?|training|progress|status|gpus?|memory|config\w*|checkpoints?|files?"
    r"|folders?|settings|performance|curves?|time|cost|costs|errors?|bugs?|code|script|differences?|lr|learning|epochs?|best|optimal)(?![a-z]))"
    rf"(?!\s+(?:{MASK}|(?:if|whether|that)\s+(?:\S+\s+)?{MASK}|this|that|it|the\s+following|how(?!\s+(?:many|much))|what|why|which|where|when|out)(?![a-z]))"
)
"""What a model is for, where it is said besides how long it is to learn."""
_REFUSAL = _words(_EN["refusal"])
_TRAIN = _words(_EN["train"])
_VEHICLE = _words(_EN["vehicle"])
_AND_TRAIN = Pattern(
    r"(?:\band|\bthen|,|;|\bbut|\bso)\s+(?:then\s+|please\s+|just\s+|only\s+)*(?:re)?(?:train|fine-?\s?tune|fit|start\s+training)\b"
    rf"|[,;]\s+(?:please\s+)?(?:sft|[dpg]r?po|gspo)\s+(?:(?:on|of|with|for)\s+)?{MASK}"
    r"|\bshow\s[^:]{0,60}\b(?:something|how|demo)\b[^:]{0,40}:\s+(?:please\s+)?(?:re)?(?:train|fine-?\s?tune)"
    rf"\s+(?:(?:on|an?|the|with)\s|{MASK})"
)
_TRAIN_KO = Pattern(alternatives(_KO["train"]))
_GOES_ON_KO = Pattern(
    r"(?:돌리던|학습하던|훈련하던|멈춘|멈췄던|중단(?:된|한|했던)|끊긴)\s[^,.]{0,40}?(?:이어서|마저|계속)"
)
_USES_KO = Pattern(
    r"(?:(?:onnx|tensorrt|tflite|torchscript|coreml)(?:\s?(?:파일|형식))?(?:으로|로)|추론|예측|평가|검증|(?<!스모크\s)(?<!스모크)테스트|벤치마크|인퍼런스|그래프|곡선|보고서|리포트|표|파일|목록|리스트|대시보드|문서|폴더|엑셀|컨피그|config|스크립트|코드|계정|예시)(?:을|를|만|도)?\s?(?:좀|한\s?번|다시|바로)?\s?$"
)
"""Before `돌려`, `해` or `만들어`: what a trained model is for, or what is made of its results."""
_TRAIN_NOUN_KO = Pattern(alternatives(_KO["noun"]))
_OTHER_KO = Pattern(alternatives(_KO["other"]))
_QUESTION_KO = Pattern(alternatives(_KO["question"]))
_ALWAYS_ASKS_KO = Pattern(alternatives(_KO["question_always"]))
_REPORT_KO = Pattern(alternatives(_KO["report"]))
_REFUSAL_KO = Pattern(alternatives(_KO["refusal"]))
_RATHER_KO = Pattern(
    r"\S+\s?\S*지\s?(?:말고|마시고|말구|않고)\s|\S*지\s?(?:말고|마시고|말구|않고)\s"
)
_HOW_LONG_KO = Pattern(
    r"(?:부터|스크래치로|스크래치에서|없이|오래|길게|많이|한꺼번에|통째로|전부\s?다"
    r"|(?:에폭|에포크|스텝|시간|번|회)(?:씩|이나|까지|동안|도|을|를)?)\s?$"
)
"""Before a training that is not wanted: how, or how long, it is not to be."""
_HOW_KO = Pattern(rf"{_HOW_LONG_KO.source}|(?:[가-힣a-z\d{MASK}](?:으로|로|에서))\s?$")
_VEHICLE_KO = Pattern(alternatives(_KO["vehicle"]))
_POLITE_KO = Pattern(
    r"(?:해|시켜|돌려|만들어|가르쳐|걸어|올려|굴려|태워|뽑아|맞춰|골라|갈라|가려|잡아|쳐|맡아)\s?(?:줄\s?수|주실|줄래|줄\s?래|주시겠|줄\s?수\s?있|주면\s?안|봐\s?도\s?(?:될|되|괜찮|좋)|도\s?(?:될까|괜찮을까)|볼까|보는\s?(?:건|게|거)\s?어)|부탁|싶[은어]\S{0,3}\s[^.?!]{0,40}?(?:모르겠|모릅|몰라|막막|헷갈)|(?:학습|훈련)\s?(?:가능(?!하(?:면|다면))|할\s?수\s?있을까요|될까요)"
)
_HANGUL = Pattern(r"[가-힣]")
_ENDS_AS_ORDER_KO = Pattern(
    r"(?:해|[줘봐]|줄래|할래|[하보]자|해라|싶어|부탁\S{0,4}|라고|[요다까니나지야어아?])[.!~?ㅋㅎㅠ\s]*$"
)
"""A clause that ends in a verb; one that ends in a noun or a number only names things."""
_THING = Pattern(
    r"(?<![a-z])(?:models?|classifier|detector|network|cnn|llm|chatbot|neural|something|images?|ocr|text|transformer|ai|ml|nlp|asr|tts|vision|speech|regression|embeddings?|"
    r"photos?|pictures?|dataset|data)(?![a-z])"
    r"|아무거나|뭐라도|뭐든|뭔가|모델|챗봇|분류기|검출기|탐지기|신경망|네트워크|이미지|사진|데이터"
)
_GREETING = Pattern(
    r"^\W*(?:hi|hello|hey|yo|good\s+(?:morning|afternoon|evening|day|night)|thanks?|thank\s+you|"
    r"thx|ty|bye|goodbye|cheers|ok(?:ay)?|cool|great|nice|lol|haha|wow|welcome|awesome"
    r"|안녕|반가|고마|고맙|감사|수고|잘\s?가|하이|헬로|좋아|대박|ㅎㅇ|ㅋ+|ㅎ+|ㅇㅋ|ㄱㅅ)"
)
_SENTENCE_END = Pattern(r"(?<=[.?!;])\s+|\n\s*")
_PURPOSE_KO = Pattern(r"려[고구](?:요|합니다)?\W*$")
_TEXT_KO = Pattern(r"(?:영어|한국어|일본어|중국어)로|번역|맞춤법|요약")
"""After an order, what makes it a text that is spoken of."""
_CLAUSE_END = Pattern(r",\s")
_BARE = Pattern(
    r"^\W*(?:(?:please|kindly|let.?s|can\s+you|could\s+you)\s+)*(?:(?:start|begin|launch|kick\s+off|fire\s+up|set\s+up)\s+(?:an?(?:other)?\s+)?)?(?:new\s+)?(?:train|training)(?:\s+(?:please|run|now))?(?:\W*$|\s+(?:with|using|"
    r"on|for|it|now|something|stuff)(?![a-z]))|^\W*(?:새\s?(?:로\s?)?)?(?:학습|훈련)\s?(?:을\s?|좀\s?|하나(?:만)?\s?|한\s?번(?:만)?\s?)*(?:해|시작|시켜|하고\s?싶|돌려|진행|ㄱ)"
)
_TASK_VERB = Pattern(
    r"(?:do|perform|classify|detect|segment|categori[sz]e|distinguish|recogni[sz]e|identify|locate"
    r"|label|draw|put|cut|outline|trace|mask|find|spot|count|tell|sort|separate|align"
    r"|optimi[sz]e|adapt|tune)(?![a-z])"
)
_TASK_ORDER = Pattern(
    r"(?:^|[,;:]\s)\W*(?:sft|dpo|ppo|grpo|gspo)(?![a-z])"
    r"|(?:분류|구분|구별|판별|탐지|검출|분할|인식)(?:기|하기|해\s?\S{0,4})?\W*$"
)
_AGAIN = Pattern(
    r"^\W*(?:please\s+|now\s+|just\s+|then\s+|ok(?:ay)?,?\s+|let.?s\s+)*(?:re)?run\s+(?:it|this|that)(?![a-z])"
)
_WISH = Pattern(
    r"(?<![a-z])(?:i\s+want|i\s+need|i.?d\s+like|we\s+need|we\s+want|please|let.?s|help)(?![a-z])|싶|줘|주세요|하자|부탁|할래|해야|필요"
)
_ONE = Pattern(
    r"\b(?:fine-?\s?tune|finetune|retrain|tune|align|post-?train)\s+(?:it|this|that|this\s+model|that\s+model|the\s+model|my\s+model|our\s+model)(?![a-z])"
    r"|^\W*(?:please\s+|can\s+you\s+|could\s+you\s+)*train\s+(?:it|this|that)(?![a-z])(?!\s+model)"
    r"|^\W*(?:그거|이거|저거|그걸|이걸)\s(?:\S+\s){0,3}?(?:학습|훈련|돌려)"
    r"|(?<![가-힣])(?:그거|이거|저거|그걸|이걸|그\s?모델|이\s?모델|저\s?모델|내\s?모델|우리\s?모델)(?:을|를|로|도)?\s?(?:\S+\s){0,3}?(?:파인\s?튜닝|미세\s?조정|튜닝|재학습)"
)
_LIKE_BEFORE = Pattern(
    r"\b(?:re)?train\s+(?:\S+\s+){0,4}?(?:like|as|the\s+same)\s+(?:\S+\s+){0,3}?"
    r"(?:last\s+(?:time|week|month|night|run)|before|yesterday|earlier|previous\w*)\b"
    r"|\b(?:re)?train\s+(?:once\s+more|again)\W*$|\bsame\s+training\b"
    r"|(?<![가-힣])(?:지난|저번|이전|예전|아까|어제|전번)\S{0,3}\s(?:\S{1,6}\s){0,4}?(?:학습|훈련|돌려|튜닝)"
    r"|(?<![가-힣])(?:한\s?번\s?더|다시\s?한\s?번)\s(?:\S{1,6}\s){0,2}?(?:학습|훈련)"
)
"""`train like last time`: what, nobody says."""


@dataclass(frozen=True)
class Named:
    """What a sentence names.

    Attributes:
        settings: How many settings it gives.
        learning: It gives a setting that nothing but a training has, such as epochs.
        picture: It names a picture or a film, which a trained model is used on.
    """

    model: bool
    data: bool
    task: bool
    settings: int
    learning: bool = False
    picture: bool = False

    @property
    def begun(self) -> bool:
        """Whether it is said what is to learn, and from what."""
        return self.data and (self.model or self.task)

    @property
    def whole(self) -> bool:
        """Whether nothing more is needed to begin."""
        return self.begun and self.concrete > 2

    @property
    def learns(self) -> bool:
        """Whether it is said, too, how the learning goes."""
        return self.model and self.data and self.learning

    @property
    def concrete(self) -> int:
        return self.model + self.data + self.task + min(self.settings, 2)


def kind(text: str, named: Named) -> Kind:
    """What kind of sentence it is.

    Args:
        text: Lower case, names masked.
        named: What it names.
    """
    if named.picture and not (named.data or _speaks_of_training(text)):
        return "other"  # `classify ./cat.jpg` is for a model that is there
    parts = _parts(text)
    orders = [part for part in parts if _orders(part)]
    if reports(text) and not orders:
        return "other"
    foreign = _foreign(parts, orders, named)
    if foreign is not None:
        return foreign
    wants = named.concrete or any(p.search(text) for p in (_THING, _BARE, _ONE, _LIKE_BEFORE))
    if orders and wants:
        return "training"
    if _telegraphic(text, named):
        return "training"
    return "greeting" if _GREETING.search(text) else "other"


def _foreign(parts: list[str], orders: list[str], named: Named) -> Kind | None:
    """What the sentence is, if it clearly asks for no training."""
    if any(map(_refuses, parts)):
        return "command"
    if not (named.model or named.data) and _of_another_world(parts, orders, named):
        return "other"
    if orders:
        carries = all(_any([part], _VEHICLE, _VEHICLE_KO) for part in orders)
        vague = named.concrete < 2 or not (named.model or named.data)
        return "other" if carries and vague else None
    return "command" if named.picture else _without_order(parts, named)


def _refuses(part: str) -> bool:
    """Whether one sentence wants no training; `처음부터 학습하지 말고` only tells what kind."""
    if _REFUSAL.search(part):
        return True
    found = _REFUSAL_KO.search(part)
    if found is None:
        return False
    goes_on = _RATHER_KO.match(part, found.start())
    how = _HOW_KO if goes_on and not _OTHER_KO.search(part, goes_on.end()) else _HOW_LONG_KO
    return how.search(part, 0, found.start()) is None


def _without_order(parts: list[str], named: Named) -> Kind | None:
    """What a sentence is that orders nothing outright, if it clearly asks for no training."""
    learns = named.model or named.learning or named.settings > 1
    if not learns and any(map(_handles_data, parts)):
        return "command"
    if named.concrete > 1:
        # what is named decides: `resnet18 on cifar10, please. Stop when it gets no better.`
        parts = [part for part in parts if MASK in part] or parts
    if named.whole:
        # `yolo11s, ./barcode 바코드 탐지, 최대 2시간`: a Korean order stands at the end
        clauses = [clause for part in parts for clause in _CLAUSE_END.split(part)]
        parts = [p for p in clauses if not _HANGUL.search(p) or _orders_korean(p)]
    if named.data and named.concrete > 1 and _any(parts, _AFTERWARDS, _AFTERWARDS_KO):
        return None
    if (
        named.learns
        and not any("?" in p or _asks(p) for p in parts)
        and any(map(_DOES.search, parts))
    ):
        return None
    if named.whole and any(_LETS_SEE.search(part) or _EXAMINES.search(part) for part in parts):
        return None
    return _not_ordered(parts, named)


def _orders_korean(clause: str) -> bool:
    """Whether a Korean clause may order something; `설치 잘 됐나 확인하려고요` says what for."""
    return bool(_ENDS_AS_ORDER_KO.search(clause)) and not _PURPOSE_KO.search(clause)


def _handles_data(part: str) -> bool:
    """`label the images in ./raw`: something is to be done to data, and nothing learnt."""
    return _begins(part, _TO_DATA) or _TO_DATA_KO.search(part) is not None


def _not_ordered(parts: list[str], named: Named) -> Kind | None:
    """What sentences are that order no training."""
    if any(map(_asks, parts)):
        return "question"
    if _any(parts, _REPORT, _REPORT_KO) and not (named.whole and _any(parts, _NOW, _NOW_KO)):
        return "other"
    return "command" if any(map(_other, parts)) else None


def _of_another_world(parts: list[str], orders: list[str], named: Named) -> bool:
    """Whether a program's error is pasted, or trains on rails are spoken of."""
    if any(map(_ERROR.search, parts)):
        return True
    return not (orders or named.task) and _any(parts, _VEHICLE, _VEHICLE_KO)


def _any(parts: list[str], english: Pattern, korean: Pattern) -> bool:
    return any(english.search(part) or korean.search(part) for part in parts)


def reports(text: str) -> bool:
    """Whether a text begins by saying that what it names is over: `finished last night: …`."""
    return _OVER.match(text) is not None


def orders(text: str) -> bool:
    """Whether a training is asked for in so many words."""
    return any(map(_orders, _parts(text)))


def _parts(text: str) -> list[str]:
    """The sentences of a text, each once; what has neither a word nor a name is none."""
    parts = dict.fromkeys(_SENTENCE_END.split(text))
    return [part for part in parts if MASK in part or any(map(str.isalnum, part))]


def _speaks_of_training(text: str) -> bool:
    """Whether a word for training stands in the text; `classify` may mean only to use a model."""
    return bool(_TRAIN.search(text)) or any(word in text for word in ("학습", "훈련", "튜닝"))


def speaks_of_one(text: str) -> bool:
    """`fine-tune it`: a model is meant that the sentence does not name."""
    return _ONE.search(text) is not None


def _orders(part: str) -> bool:
    """Whether one sentence asks to train something."""
    if _AND_TRAIN.search(part) and not _WRITING.search(part):
        return True
    if any(pattern.search(part) for pattern in (_WRITING, _REPORT, _GOES_ON_KO)):
        return False
    if _TEXT_KO.search(part) and not (MASK in part or _TRAIN_NOUN_KO.search(part)):
        return False
    if orders := [o for o in _TRAIN_KO.finditer(part) if not _USES_KO.search(part, 0, o.start())]:
        # `누가 누군지 맞히는 모델 만들어줘` asks nothing: its end is an order
        wonders = _QUESTION_KO.search(part, 0 if "?" in part else orders[-1].start())
        asks = bool(wonders) or bool(_ALWAYS_ASKS_KO.search(part))
        return not asks or bool(_POLITE_KO.search(part))
    if _asks(part) or (_other(part) and not _ends_in_training(part)):
        return False
    return bool(_TRAIN.search(part) or _TRAIN_NOUN_KO.search(part))


def _ends_in_training(part: str) -> bool:
    """A Korean clause is what its end says: `… 멈추게 해서 학습` asks for a training."""
    ends = [found.start() for found in _TRAIN_NOUN_KO.finditer(part)]
    others = [found.start() for found in _OTHER_KO.finditer(part)]
    last = max(others, default=-1)
    return bool(ends) and ends[-1] > last and ":" not in part[max(last, 0) :]


def _asks(part: str) -> bool:
    # `yolo11m should segment …` states what is wanted
    states = _NAMES_FIRST.match(part) and "?" not in part
    return (not states and _begins(part, _QUESTION)) or _asks_korean(part)


def _begins(part: str, word: Pattern) -> bool:
    """Whether this is the first word after `please`, `can you` and the like."""
    filler = _FILLER.match(part)
    return filler is not None and word.match(part, filler.end()) is not None


_WONDERING_KO = Pattern(
    r"(?:뭐|무엇|무슨|어디|누구|누가|어떤|얼마나|몇)[^.;?!]{0,20}?지(?:를|도)?\s?(?=(?:\S+\s){0,3}?"
    r"(?:구[별분]|분류|판[별단정]|표시|찾는|찾기|맞[추히혀춰]|알려주는|알아|박스|네모|예측|검출|탐지|골라|가려))"
)
"""A question inside a wish: `어디에 있는지 박스로 표시`."""


def _asks_korean(part: str) -> bool:
    part = _WONDERING_KO.sub(" ", part)
    asks = _QUESTION_KO.search(part) or _ALWAYS_ASKS_KO.search(part)
    return bool(asks) and not _POLITE_KO.search(part)


def _other(part: str) -> bool:
    """Whether one sentence asks for something else."""
    if _begins(part, _OTHER):
        return True
    return bool(_OTHER_KO.search(part) or _WRITING.search(part))


def _telegraphic(text: str, named: Named) -> bool:
    """`resnet18, cifar10, 5 epochs`: enough is named to know what is wanted."""
    if named.concrete >= 2 and (named.model or named.data or named.task):
        return True
    if named.settings and _AGAIN.search(text):
        return True
    if named.model or (named.data and named.settings) or named.settings > 1:
        return True
    if not named.task:
        return False
    wish = _THING.search(text) or _WISH.search(text) or _TASK_ORDER.search(text)
    return bool(wish) or _begins(text, _TASK_VERB)
