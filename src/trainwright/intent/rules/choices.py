"""Settings that are words: optimizer, scheduler, precision, augmentation, adapters, weights."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from trainwright.intent.rules.text import MASK


def _word(pattern: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![a-z0-9_가-힣])(?:{pattern})(?![a-z0-9_])")


@dataclass(frozen=True)
class Choice:
    """A value that was named, with where it stands."""

    field: str
    value: Any
    start: int
    end: int


_RULES: tuple[tuple[str, Any, re.Pattern[str]], ...] = tuple(
    (field, value, _word(pattern))
    for field, value, pattern in (
        ("optimizer", "adamw", r"adam[\s-]?w|아담\s?w|아담더블유"),
        ("optimizer", "nadam", r"nadam"),
        ("optimizer", "radam", r"radam"),
        ("optimizer", "adam", r"adam(?![\s-]?w(?![a-z]))|아담(?!\s?w|더블유)"),
        ("optimizer", "sgd", r"sgd|stochastic gradient descent|확률적\s?경사\s?하강법?"),
        ("optimizer", "rmsprop", r"rms[\s-]?prop"),
        ("optimizer", "adagrad", r"ada[\s-]?grad"),
        ("optimizer", "adafactor", r"ada[\s-]?factor"),
        ("optimizer", "lamb", r"lamb"),
        (
            "optimizer",
            "lion",
            r"lion(?=\s*(?:optimi[sz]er|,|\.|$|옵티마이저|으로|,))|optimi[sz]er[\s:=]+(?:is\s+)?lion",
        ),
        (
            "scheduler",
            "cosine",
            r"cosine(?:[\s-]?annealing)?(?:[\s-](?:decay|schedule[rd]?|lr))?|코사인(?:\s?스케[줄쥴]러?)?",
        ),
        ("scheduler", "onecycle", r"one[\s-]?cycle(?:[\s-]?lr)?|원\s?사이클"),
        (
            "scheduler",
            "step",
            (
                r"(?:multi[\s-]?)?step[\s-]?(?:lr|schedule[rd]?|decay)|"
                r"schedule[rd]?[\s:=]+(?:is\s+)?step|스텝\s?(?:스케[줄쥴]러?|감쇠)"
            ),
        ),
        (
            "scheduler",
            "exponential",
            r"exponential(?:[\s-](?:decay|lr|schedule[rd]?))?|지수\s?(?:감쇠|스케[줄쥴]러?)",
        ),
        (
            "scheduler",
            "polynomial",
            r"poly(?:nomial)?(?:[\s-](?:decay|lr|schedule[rd]?))?|다항\s?(?:감쇠|스케[줄쥴]러?)",
        ),
        ("scheduler", "plateau", r"(?:reduce[\s-]?(?:lr[\s-]?)?on[\s-]?)?plateau|플래토"),
        (
            "scheduler",
            "linear",
            (
                r"linear(?:ly)?[\s-](?:decay(?:ing)?|lr|schedule[rd]?|warm[\s-]?up and decay)|"
                r"schedule[rd]?[\s:=]+(?:is\s+)?linear|선형\s?(?:감쇠|스케[줄쥴]러?)"
            ),
        ),
        (
            "scheduler",
            "constant",
            (
                r"(?:constant|fixed)[\s-](?:lr|learning[\s-]rate|schedule[rd]?)|(?:no|"
                r"without(?: an?)?)[\s-](?:lr[\s-]|learning[\s-]rate[\s-])?schedule[rd]?|"
                r"schedule[rd]?[\s:=]+(?:is\s+)?constant|스케[줄쥴]러\s?없이|고정\s?학습[률율]"
            ),
        ),
        ("precision", "bf16", r"bf(?:loat)?[\s-]?16"),
        (
            "precision",
            "fp16",
            (
                r"fp[\s-]?16|float[\s-]?16|half[\s-]precision|반정밀도|16[\s-]?bit(?:\s+float\w*|"
                r"\s+precision)"
            ),
        ),
        (
            "precision",
            "fp32",
            (
                r"fp[\s-]?32|float[\s-]?32|(?:full|single)[\s-]precision|"
                r"32[\s-]?bit(?:\s+float\w*|\s+precision)?|단정밀도"
            ),
        ),
        ("precision", "auto", r"(?:automatic\s+)?mixed[\s-]precision|amp|혼합\s?정밀도"),
        (
            "augment",
            "none",
            (
                r"(?:no|without(?: any)?|disable|skip)(?:\s+data)?[\s-]augment(?:ation|ations|"
                r"ing)?|(?:데이터\s?)?(?:증강|어그멘테이션)\s?(?:없이|하지|끄고|빼고|안\s?하고|x)"
            ),
        ),
        (
            "augment",
            "strong",
            (
                r"(?:strong|heavy|aggressive|hard)(?:\s+data)?[\s-]augment(?:ation|ations)?|"
                r"강한\s?(?:데이터\s?)?(?:증강|어그멘테이션)|(?:증강|어그멘테이션)\s?(?:강하게|세게|많이)"
            ),
        ),
        (
            "augment",
            "medium",
            (
                r"(?:medium|moderate)(?:\s+data)?[\s-]augment(?:ation|ations)?|(?:중간|"
                r"보통)\s?(?:정도\s?)?(?:데이터\s?)?(?:증강|어그멘테이션)"
            ),
        ),
        (
            "augment",
            "light",
            (
                r"(?:light|weak|mild|some|with|use|simple)(?:\s+data)?[\s-]augment(?:ation|"
                r"ations)?|약한\s?(?:데이터\s?)?(?:증강|어그멘테이션)|(?:데이터\s?)?(?:증강|어그멘테이션)\s?(?:사용|적용|"
                r"약하게|켜|하고|포함)"
            ),
        ),
        (
            "peft",
            "none",
            (
                r"full[\s-](?:fine[\s-]?tun(?:e|ing)|parameter|finetune|"
                r"weights?)(?:\s+(?:fine[\s-]?)?tun(?:e|ing))?|(?:no|without|"
                r"not?\s+use)[\s-](?:q?lora|peft|adapters?)|전체\s?(?:미세\s?조정|파인\s?튜닝|파라미터)|"
                r"풀\s?파인\s?튜닝|(?:q?lora|로라|큐로라)\s?(?:없이|말고|쓰지|안\s?쓰고)"
            ),
        ),
        ("peft", "qlora", r"q[\s-]?lora|큐로라|큐\s?로라"),
        ("peft", "lora", r"lora|로라|low[\s-]rank\s+adapt(?:ation|ers?)"),
        (
            "pretrained",
            False,
            (
                r"(?:without|no|not|w/o|don'?t\s+(?:use|want|load)|do\s+not\s+(?:use|want|"
                r"load)|never\s+use|skip|disable|un|non)(?:\s+(?:any|the|use|using|"
                r"a))*[\s-]?(?:pre[\s-]?train(?:ed|ing)?|imagenet)(?:[\s-](?:weights?|model|"
                r"checkpoint|backbone))?"
            ),
        ),
        (
            "pretrained",
            False,
            (
                r"from[\s-]scratch|random(?:ly)?[\s-](?:init(?:iali[sz](?:ed|ation))?|"
                r"weights)|pretrained\s?[:=]\s?(?:false|no|0)|--no-pretrained|밑바닥부터|처음부터|맨땅에서|"
                r"스크래치(?:부터|로)?|무작위\s?초기화"
            ),
        ),
        (
            "pretrained",
            False,
            (
                r"(?:사전\s?학습|사전\s?훈련|프리\s?트레인(?:드|ed)?|pre[\s-]?train(?:ed|ing)?)(?:된|한|"
                r"의)?\s?(?:가중치|모델|웨이트)?(?:는|은|를|을)?\s?(?:없이|없는|없|쓰지|사용하지|사용\s?안|안\s?쓰|안\s?된|"
                r"되지\s?않은|말고|빼고|끄고|제외)"
            ),
        ),
        (
            "pretrained",
            True,
            (
                r"pre[\s-]?trained(?:\s?[:=]\s?(?:true|yes|1))?(?:[\s-](?:weights?|model|"
                r"checkpoint|backbone))?|with[\s-]pre[\s-]?training|imagenet[\s-](?:weights|"
                r"pre[\s-]?train\w*)|사전\s?학습(?:된|한|\s?가중치|\s?모델|\s?사용|을\s?사용)|사전\s?훈련(?:된|한|"
                r"\s?가중치|\s?모델|\s?사용)|프리\s?트레인드?|전이\s?학습|transfer[\s-]learning"
            ),
        ),
        (
            "gpus",
            0,
            (
                r"(?:on|use|using|with)\s+(?:the\s+|only\s+|just\s+)?cpu(?:\s+only)?|"
                r"(?:don'?t|do\s+not|never|not)\s+use\s+(?:an?\s+|the\s+|any\s+)?gpus?|"
                r"device\s*[:=]\s*cpu|"
                r"cpu[\s-]only|only\s+(?:on\s+)?(?:the\s+)?cpu|(?:no|without(?:\s+an?|"
                r"\s+any)?)[\s-]gpus?|cpu\s?(?:로만|만으로|만|로|에서)|(?:gpu|지피유)\s?(?:없이|쓰지|사용하지|"
                r"안\s?쓰고)|시피유\s?(?:로|에서|만)"
            ),
        ),
        (
            "gpus",
            1,
            (
                r"(?:on|use|using|with)\s+(?:(?:an?|the|my)\s+)?(?:single\s+)?gpu(?!\s?[:#]?\d)|"
                r"(?:a\s+)?single[\s-]gpu|(?:gpu|cuda)[\s:#]?0(?!\d)|cuda|gpu\s?하나"
            ),
        ),
        (
            "early_stopping",
            False,
            (
                r"(?:no|without|disable|skip)[\s-]early[\s-]?stopp?(?:ing)?|(?:조기\s?종료|"
                r"얼리\s?스톱?핑)(?:는|은|를|을)?\s?(?:없이|하지|끄고|빼고|말고|안\s?하)"
            ),
        ),
        (
            "early_stopping",
            True,
            r"early[\s-]?stopp?(?:ing|ed)?|stop(?:s|ping)?[\s-]early|조기\s?종료|얼리\s?스톱?핑",
        ),
        ("priority", 50, r"urgent(?:ly)?|asap|긴급(?:하게|히)?"),
        (
            "priority",
            10,
            (
                r"high(?:est)?[\s-]priority|priority\s*[:=]?\s*high|높은\s?우선\s?순위|"
                r"우선\s?순위\s?(?:는\s?|를\s?)?높"
            ),
        ),
        (
            "priority",
            -10,
            (
                r"low(?:est)?[\s-]priority|priority\s*[:=]?\s*low|낮은\s?우선\s?순위|"
                r"우선\s?순위\s?(?:는\s?|를\s?)?낮"
            ),
        ),
    )
)


def read(text: str) -> Iterator[Choice]:
    """Named values, in order of the rules.

    A span is understood once: `no pretrained weights` is not also `pretrained`, and `QLoRA` is
    not also `LoRA`.

    Args:
        text: Lower case, names masked.
    """
    for field, value, pattern in _RULES:
        for found in list(pattern.finditer(text)):
            yield Choice(field, value, found.start(), found.end())
        text = pattern.sub(lambda m: MASK * len(m[0]), text)


_OPTIMIZER = re.compile(
    r"\boptimi[sz]er\s*(?:=|:|\bis\b)?\s*([a-z][a-z0-9]{2,15})(?![a-z0-9_])"
    r"|옵티마이저(?:는|로|:|=)?\s*([a-z][a-z0-9]{2,15})(?![a-z0-9_])"
)
_NO_OPTIMIZER = frozenset(
    {
        "and",
        "available",
        "batch",
        "default",
        "epoch",
        "epochs",
        "for",
        "from",
        "learning",
        "lr",
        "rate",
        "set",
        "step",
        "steps",
        "that",
        "the",
        "use",
        "using",
        "with",
        "you",
    }
)


def unknown_optimizer(text: str) -> str | None:
    """A word in the place of an optimizer's name that names none; known ones are masked."""
    found = _OPTIMIZER.search(text)
    word = (found[1] or found[2]) if found else None
    return None if word in _NO_OPTIMIZER else word


SHARED = {"gpus", "early_stopping"}
"""Their words may carry a number besides: it is read elsewhere."""
