"""Whether a sentence asks for a training at all."""

from __future__ import annotations

import re
from typing import Literal

Kind = Literal["training", "greeting", "question", "command", "other"]

_TRAIN = re.compile(
    r"(?<![a-z])(?:train|trains|trained|training|retrain|fit|teach|teaching|"
    r"fine[\s-]?tun\w+|finetune|pre[\s-]?train(?=\s+a\b)|post[\s-]?train\w*)(?![a-z])"
    r"|(?<![a-z])(?:build|make|create|develop|want|need|get|give|would\s+like|i'd\s+like)\s+"
    r"(?:\S+\s+){0,4}(?:model|classifier|detector|network|segmenter|chatbot|llm)(?![a-z])"
    r"|학습|훈련|트레이닝|파인\s?튜닝|미세\s?조정|돌려|만들|가르쳐|튜닝"
)
_THING = re.compile(
    r"(?<![a-z])(?:models?|classifier|detector|network|cnn|llm|chatbot|neural|something|images?|"
    r"photos?|pictures?|dataset|data)(?![a-z])"
    r"|모델|챗봇|분류기|검출기|탐지기|신경망|네트워크|이미지|사진|데이터"
)
_VEHICLE = re.compile(
    r"(?<![a-z])(?:the|a|by|next|last|this|that|express|freight|night)\s+trains?(?![a-z])|기차|열차"
)
_GREETING = re.compile(
    r"^\W*(?:hi|hello|hey|yo|good\s+(?:morning|afternoon|evening|day)|thanks?|thank\s+you|"
    r"thx|bye|goodbye|cheers|ok(?:ay)?|cool|great|nice"
    r"|안녕|반가|고마|감사|수고|잘\s?가|하이|헬로|좋아|ㅎㅇ|ㅋ+|ㅎ+)"
)
_QUESTION = re.compile(
    r"^\W*(?:(?:can|could|would|will)\s+you\s+(?:please\s+)?)?(?:what|how|why|when|where|"
    r"which|who|whose|is|are|was|were|does|do\s+(?:you|i|we)|did|should|would\s+it|"
    r"explain|describe|define|tell\s+me|summari[sz]e|translate|recommend|suggest)(?![a-z])"
    r"|뭐야|뭔가요|뭐예요|뭐지|무엇|뭘까|무슨|어떻게|어떤\s?(?:게|것|모델이)|왜|언제|어디|누구|얼마나|몇\s?시|방법|알려(?!\s?줄게|\s?드릴)|설명|추천|차이|어때|"
    r"인가요\?|인가\?|일까|번역|요약"
)
_REPORT = re.compile(
    r"^\W*(?:i|we)(?:'ve)?\s+(?:just\s+|already\s+|have\s+)*(?:trained|fine-?tuned)(?![a-z])"
    r"|^\W*show\s+me\s+how|(?:학습|훈련)(?:했|시켰)(?:어|다|습니다|는데|지만)"
)
_SENTENCE_END = re.compile(r"(?<=[.?!])\s+")
_POLITE = re.compile(
    r"^\W*(?:can|could|would|will)\s+you\s+(?:please\s+)?(?:train|fit|fine|finetune|run|"
    r"build|make|create|start|teach|classify|detect)"
    r"|(?:해|시켜|돌려|만들어)\s?(?:줄\s?수|주실|줄래|줄\s?래)|how\s+about\s+(?:train|fine)"
)
_COMMAND = re.compile(
    r"^\W*(?:please\s+)?(?:show|list|delete|remove|stop(?!\s+early)|cancel|pause|resume|"
    r"kill|compare|open|export|download|deploy|serve|predict|evaluate|write|sing|"
    r"draw\s+me|play|send|buy|book|order|tell\s+(?:me|us)|remind|search)(?![a-z])"
    r"|보여|지워|삭제|멈춰|중지|중단|취소|정지|일시\s?정지|비교해|내려\s?받|다운로드|써\s?줘|불러|틀어|예약|주문|보내"
)


def kind(
    text: str, *, names_model: bool, names_data: bool, names_task: bool, settings: int
) -> Kind:
    """What kind of sentence it is.

    Args:
        text: Lower case, names masked.
        names_model: It names a model.
        names_data: It names data.
        names_task: It names a task.
        settings: How many settings it gives.
    """
    text, asks = _without_questions(text)
    concrete = names_model + names_data + names_task + min(settings, 2)
    trains = bool(_TRAIN.search(text)) and not (_VEHICLE.search(text) and concrete < 2)
    if _REPORT.search(text):
        return "other"
    if asks and not (names_data and trains and _ORDERS.search(text)):
        return "question"
    if _COMMAND.search(text) and not (trains and concrete >= 2):
        return "command"
    if trains and (concrete or _THING.search(text) or _BARE.search(text)):
        return "training"
    if concrete >= 2 or (names_model or (names_data and settings)) or _task_wish(text, names_task):
        return "training"
    return "greeting" if _GREETING.search(text) else "other"


def _without_questions(text: str) -> tuple[str, bool]:
    """The text, without its questions when an order stands beside them; else whether it asks."""
    parts = _SENTENCE_END.split(text)
    orders = [p for p in parts if not _QUESTION.search(p) or _POLITE.search(p)]
    rest = " ".join(orders)
    if len(orders) < len(parts) and _TRAIN.search(rest):
        return rest, False
    return text, len(orders) < len(parts)


def _task_wish(text: str, names_task: bool) -> bool:
    wish = _THING.search(text) or _WISH.search(text) or _TASK_ORDER.search(text)
    return names_task and bool(wish)


_ORDERS = re.compile(r"(?:학습|훈련|튜닝|조정)\s?(?:해|시켜|하자|부탁|시작)|돌려|만들어")
_TASK_ORDER = re.compile(
    r"^\W*(?:sft|dpo|ppo|grpo|gspo)(?![a-z])|"
    r"^\W*(?:please\s+)?(?:classify|detect|segment|categori[sz]e|distinguish|recogni[sz]e|identify)\s"
    r"|(?:분류|구분|구별|판별|탐지|검출|분할|인식)(?:기|하기|해\s?\S{0,4})?\W*$"
)
_BARE = re.compile(
    r"^\W*(?:please\s+)?(?:start\s+(?:a\s+)?)?(?:train|training)(?:\W*$|\s+(?:with|using|"
    r"on|for|it|now|something)(?![a-z]))|^\W*(?:학습|훈련)\s?(?:을\s?)?(?:해|시작|시켜|하고\s?싶)"
)
_WISH = re.compile(
    r"(?<![a-z])(?:i\s+want|i\s+need|i'd\s+like|please|let's|help)(?![a-z])|싶|줘|주세요|하자|부탁|할래|해야"
)
