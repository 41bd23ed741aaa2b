"""Reports, questions and other wishes are no trainings, whatever models and data they name."""

from __future__ import annotations

import pytest

from trainwright import intent

ENGLISH = [
    "How many epochs does {m} usually need on {d}?",
    "What learning rate would you use for {m}?",
    "I trained {m} on {d} for 20 epochs yesterday and got 93 %.",
    "Our {m} finished after 20 epochs, loss 0.3.",
    "Is {m} better than resnet50 on {d}?",
    "Can {m} run on a phone?",
    "Delete the {m} run please",
    "Stop the training of {m}",
    "Show me the loss curve of {m}",
    "Export {m} to onnx",
    "Predict ./cat.jpg with {m}",
    "Write a python script that trains {m} on {d}",
    "Explain how {m} works",
    "Why did {m} overfit on {d}?",
    "Which batch size did the {m} paper use?",
    "Download {d} for me",
    "How big is {d}?",
    "Does {m} support 512x512 inputs?",
    "Compare {m} and resnet50",
    "Translate 'train the {m} model' into Korean",
    "The {m} run crashed at epoch 7 with OOM, help",
    "Should I use {m} or mobilenet for {d}?",
    "Don't train {m}, I just want to know its size",
    "Remind me tomorrow to train {m}",
    "How long will {m} take on {d}?",
    "What is the licence of {m}?",
    "Evaluate {m} on the test split of {d}",
    "Is {d} available here?",
    "Has my {m} run finished?",
    "Summarise the {m} paper",
]
KOREAN = [
    "{m}은 {d}에서 보통 몇 에폭 돌려?",
    "{m} 학습률 얼마가 좋아?",
    "어제 {m} {d}로 20에폭 돌렸는데 93% 나왔어",
    "{m}이 resnet50보다 나아?",
    "{m} 폰에서 돌아가?",
    "{m} 실행 지워줘",
    "{m} 학습 멈춰줘",
    "{m} 손실 그래프 보여줘",
    "{m} onnx로 내보내줘",
    "./cat.jpg를 {m}으로 예측해줘",
    "{m}을 {d}로 학습하는 파이썬 코드 짜줘",
    "{m} 원리 설명해줘",
    "{m} 왜 과적합됐어?",
    "{m} 논문은 배치 몇 썼어?",
    "{d} 다운로드해줘",
    "{d} 크기가 얼마야?",
    "{m} 라이선스 뭐야?",
    "{m}이랑 resnet50 비교해줘",
    "{m} 런이 7에폭에서 OOM으로 죽었어 도와줘",
    "{d}에는 {m} 쓸까 mobilenet 쓸까?",
    "{m} 학습하지 말고 크기만 알려줘",
    "내일 {m} 학습하라고 알려줘",
    "{m} {d}로 돌리면 얼마나 걸려?",
    "{m} 테스트셋 평가해줘",
    "{m} 학습 끝났어?",
    "{m} 논문 요약해줘",
]
NAMED = (("resnet18", "cifar10"), ("yolo11n", "./cars"), ("qwen2.5 0.5b", "alpaca"))


@pytest.mark.parametrize("said", [*ENGLISH, *KOREAN])
def test_what_asks_for_no_training_starts_none(said: str) -> None:
    for model, data in NAMED:
        sentence = said.format(m=model, d=data)
        assert intent.parse(sentence).status == "not_a_training_request", sentence
