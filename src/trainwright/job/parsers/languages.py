"""Logs in other languages: their words for what training prints, turned into the English ones."""

from __future__ import annotations

import re

_FOREIGN = re.compile("[\u0400-\u04ff\u3000-\u30ff\u3400-\u9fff\uac00-\ud7af\uff00-\uffef]")
_WIDE = str.maketrans("：，；（）％＝［］｜／＋－．　、。", ":,;()%=[]|/+-. ,.")

_TERMS: dict[str, str] = {
    # Korean
    **dict.fromkeys(("학습률", "러닝레이트"), "lr"),
    **dict.fromkeys(("학습", "훈련"), "train"),
    **dict.fromkeys(("검증", "평가"), "val"),
    "테스트": "test",
    **dict.fromkeys(("손실값", "손실", "로스"), "loss"),
    **dict.fromkeys(("정확도", "정답률"), "accuracy"),
    "정밀도": "precision",
    "재현율": "recall",
    **dict.fromkeys(("에폭", "에포크"), "epoch"),
    "스텝": "step",
    "배치": "batch",
    "보상": "reward",
    "평균": "average",
    "최고": "best",
    "점수": "score",
    "오차": "error",
    "혼란도": "perplexity",
    "시간": "time",
    "초": "s",
    # Chinese
    **dict.fromkeys(("学习率", "學習率", "学習率"), "lr"),
    **dict.fromkeys(("训练", "訓練", "学習", "學習"), "train"),
    **dict.fromkeys(("验证", "驗證", "评估", "検証", "評価"), "val"),
    **dict.fromkeys(("测试", "測試"), "test"),
    **dict.fromkeys(("损失函数值", "损失函数", "损失值", "损失", "損失"), "loss"),
    **dict.fromkeys(
        ("准确率", "準確率", "准确度", "正确率", "正確率", "精度", "正解率"), "accuracy"
    ),
    **dict.fromkeys(("精确率", "查准率", "適合率"), "precision"),
    **dict.fromkeys(("召回率", "查全率", "再現率"), "recall"),
    **dict.fromkeys(("轮次", "轮数", "周期", "轮"), "epoch"),
    **dict.fromkeys(("步数", "迭代次数", "迭代"), "step"),
    "批次": "batch",
    **dict.fromkeys(("奖励", "獎勵", "報酬"), "reward"),
    "困惑度": "perplexity",
    **dict.fromkeys(("均方误差",), "mse"),
    **dict.fromkeys(("误差", "誤差"), "error"),
    **dict.fromkeys(("平均",), "average"),
    "总": "total",
    **dict.fromkeys(("最佳", "最优", "最好", "最高", "最良"), "best"),
    **dict.fromkeys(("耗时", "用时", "時間", "时间", "所需时间"), "time"),
    "秒": "s",
    # Japanese
    "エポック": "epoch",
    "ステップ": "step",
    "テスト": "test",
    "バッチ": "batch",
    # Russian
    **dict.fromkeys(("эпоха", "эпохи"), "epoch"),
    **dict.fromkeys(("шаг",), "step"),
    **dict.fromkeys(("функция потерь", "потери", "потеря", "лосс"), "loss"),
    "точность": "accuracy",
    "полнота": "recall",
    **dict.fromkeys(("обучения", "обучение", "обучающая"), "train"),
    **dict.fromkeys(("валидации", "валидация", "валидационная"), "val"),
    **dict.fromkeys(("тестовая", "тесте", "тест"), "test"),
}
_TERM = re.compile("|".join(sorted(map(re.escape, _TERMS), key=len, reverse=True)), re.IGNORECASE)
# what stands around a count is put into the English order: `第3轮`, `3번째 에폭`, `3エポック目`
_COUNTED = re.compile(
    r"第\s*(\d{1,9}(?:\s*/\s*\d{1,9})?)\s*(?:个|個)?\s*"
    r"(?:(?P<epoch>轮|周期|代|epoch|エポック)|(?P<step>步|次迭代|batch|ステップ))次?",
    re.IGNORECASE,
)
_ORDINAL = re.compile(
    r"(?<![\d./])(\d{1,9})\s?(?:번째\s?)?(?:에폭|에포크|エポック目?)(?!\s?[\d:=])"
)
_PARTICLE = re.compile(r"(?<=[a-z]) (?:은|는|이|가|は|为|為|是) (?=[-+]?\d)")


def to_english(text: str) -> str:
    """The same line with the words a training log is made of in English, the rest as it is."""
    if text.isascii() or not _FOREIGN.search(text):
        return text
    text = text.translate(_WIDE)
    text = _COUNTED.sub(lambda m: f" {'epoch' if m['epoch'] else 'step'} {m[1]} ", text)
    text = _ORDINAL.sub(r" epoch \1 ", text)
    text = _TERM.sub(lambda m: f" {_TERMS[m[0].lower()]} ", text)
    return _PARTICLE.sub(" is ", re.sub(r" {2,}", " ", text))
