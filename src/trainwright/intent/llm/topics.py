"""Words that speak of a field: without them, a number or a phrase says nothing of it."""

from __future__ import annotations

import re

_ABOUT: dict[str, re.Pattern[str]] = {
    name: re.compile(pattern)
    for name, pattern in {
        # choices
        "pretrained": r"pre.?train|weight|scratch|imagenet|transfer|init|head start|from zero|"
        r"사전|가중치|처음부터|전이|백지|밑바닥|맨땅|초기",
        "augment": r"augment|flip|crop|rotat|jitter|mix|transform|distort|증강|뒤집|회전|변형|자르",
        "early_stopping": r"stop|quit|improv|plateau|patien|better|overfit|converg|"
        r"멈|중단|그만|종료|개선|나아|좋아|과적합|수렴|인내",
        "precision": r"precision|bit|half|float|fp|bf|mixed|amp|정밀|비트|절반",
        "peft": r"lora|adapter|rank|peft|full|quanti|bit|로라|어댑터|랭크|전체|양자|비트",
        "priority": r"priorit|urgen|asap|soon|first|hurry|quick|rush|"
        r"우선|급|빨리|먼저|나중|천천히",
        "optimizer": r"optimi[sz]|옵티|최적화",
        "scheduler": r"schedul|decay|anneal|ramp|learning rate|스케|감쇠|학습[률율]",
        "target": r"run|server|cluster|machine|node|host|cloud|"
        r"서버|클러스터|장비|머신|노드|돌[려리]",
        "name": r"name|call|이름|제목",
        "reward": r"reward|score|보상|점수",
        "class_names": r"class|label|categor|kind|클래스|라벨|종류|범주",
        # numbers; epochs have too many words (rounds, passes, 바퀴) to be known by them
        "max_steps": r"step|iter|update|스텝|반복",
        "batch_size": r"batch|bs|at a time|at once|group|배치|뱃치|묶음|한 ?번에|씩",
        "learning_rate": r"learn|lr|rate|학습[률율]|러닝",
        "weight_decay": r"decay|wd|regulari|감쇠|정규화",
        "warmup": r"warm|ramp|워밍|웜|예열",
        "gradient_accumulation": r"accum|누적",
        "seed": r"seed|시드|난수",
        "image_size": r"imag|pictur|photo|pixel|px|resol|\dx\d|across|wide|square|"
        r"이미지|사진|픽셀|해상도|입력",
        "num_classes": r"class|categor|kind|way|label|type|species|클래스|종류|가지|종|범주|라벨",
        "max_length": r"length|long|token|context|seq|길이|토큰|문맥",
        "r": r"rank|lora|\br\b|랭크|로라|계수",
        "alpha": r"alpha|α|알파",
        "dropout": r"drop|드롭",
        "beta": r"beta|β|베타",
        "kl_coef": r"kl",
        "num_generations": r"generat|sampl|complet|group|answer|생성|샘플|답|개씩",
        "gpus": r"gpu|graphic|cuda|cpu|card|accelerat|[ahv]\d{2,3}|그래픽|지피유|시피유|가속",
        "cpus": r"cpu|core|thread|시피유|코어",
        "memory_gb": r"mem|ram|gb|gib|mb|giga|tb|메모리|기가|램",
        "max_hours": r"hour|minute|day|week|time|night|\bh\b|limit|시간|분|일|주|밤|하루",
    }.items()
}


def speaks_of(name: str, words: str) -> bool:
    """Whether (lower-case) words speak of a field."""
    return name == "epochs" or _ABOUT[name].search(words) is not None
