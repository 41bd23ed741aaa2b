"""Values that no run can have, or that only somebody else knows: asked about, never replaced."""

from __future__ import annotations

import pytest

from trainwright import intent

ASKED = [
    ("yolo11s, ./wagons, 80 epochs, target: slurm", "target"),
    ("train resnet18 on cifar10 on sagemaker", "target"),
    ("slurm에서 yolo11m으로 ./drone 탐지 100에폭 학습시켜줘", "target"),
    ("코랩에서 resnet18로 cifar10 학습", "target"),
    ("옵티마이저는 메가그래드로 하고 cifar100 resnet34 50에폭 돌려봐", "optimizer"),
    ("cpu only please: basic cnn on kmnist, 6 epochs, on 2 gpus", "gpus"),
    ("cifar100 resnet18 학습인데 CPU로만 돌리고 GPU는 2개 써줘", "gpus"),
    ("resnet18 on cifar10 with the learning rate we agreed on, 25 epochs", "learning_rate"),
    ("학습률은 저번에 잘됐던 그 값으로 하고 yolov5s로 ./golf 골프공 탐지", "learning_rate"),
    ("yolo11m on ./shelves, and make the image size big", "image_size"),
    ("resnet101로 ./xray 분류 25에폭, 이미지 크기는 좀 크게", "image_size"),
    ("give me a few epochs of the mlp on fashion mnist", "epochs"),
    ("resnet18 on cifar10, learning rate higher", "learning_rate"),
    ("resnet18 on cifar10 with warmup", "warmup"),
    ("가중치 감쇠는 회의 때 정한 값으로, resnet18 cifar10", "weight_decay"),
    ("qwen2.5 0.5b sft ./a.jsonl, lora with some dropout", "dropout"),
    ("qwen2.5 0.5b sft ./a.jsonl 로라 랭크는 작게", "r"),
    ("qwen2.5 0.5b sft ./a.jsonl with gradient accumulation", "gradient_accumulation"),
    ("grpo qwen2.5 0.5b gsm8k with several completions per prompt", "num_generations"),
    ("dpo qwen2.5 0.5b ./p.jsonl with a strong kl penalty", "kl_coef"),
    ("resnet18 cifar10 early stopping with some patience", "early_stopping"),
    ("sft gemma 2 2b instruct on alpaca, lora with a custom rank", "r"),
    ("dpo qwen3 0.6b on ./ratings.jsonl with the beta from anna's notes", "beta"),
    ("gspo smollm2 360m instruct ./riddles.jsonl, 보상은 우리가 만든 함수로", "reward"),
    ("grpo qwen3 8b on gsm8k with a reward for short answers", "reward"),
    ("resnet101로 ~/leather 분류, 메모리는 넉넉하게 잡아주세요", "memory_gb"),
    ("sft pythia-410m on ./x.jsonl peft=houlsby", "peft"),
    ("resnet18 on cifar10, on a TPU.", "target"),
    ("resnet18 cifar10 with the zigzag scheduler", "scheduler"),
    ("지그재그 스케줄러로 resnet18 cifar10 학습", "scheduler"),
    ("qwen2.5 0.5b sft ./a.jsonl with prefix tuning", "peft"),
    ("resnet18 cifar10 on 2 TPUs", "target"),
    ("train resnet18 on cifar10 on the lab server", "target"),
    ("연구실 서버에서 resnet18 cifar10 학습", "target"),
    ("yolo26n on coco8 directly on my iPhone", "target"),
    ("classify the tiles in ./roofs with effcientnet_bo, 25 epochs", "model"),
    ("train visionmaster to classify the tiles in ./tiles into 6 classes", "model"),
    ("llama 3.2 1b on ./a.jsonl sft, the 3b please", "model"),
]
NOT_ASKED = [
    "resnet18 on cifar10, the default learning rate, batch size whatever",
    "resnet18 cifar10 학습률이랑 배치 크기는 알아서",
    "resnet18 cifar10 without warmup, log the learning rate",
    "resnet18 cifar10 with a scheduler, the optimizer may stay as it is",
    "photos on the lab server at /data/x, train resnet18 on them",
    "회사 서버에서 받은 ./x 로 resnet18 학습",
    "yolo11n on coco8; it has to run on a phone later",
    "sft qwen3 0.6b on ./x.jsonl, dialogues with a reward at the end",
    "라즈베리파이에서 돌릴 거라 yolo11n으로 ./x 탐지 학습",
    "카나나 나노 2.1b 인스트럭트 말고 엑사원 2.4b로 ./faq.jsonl sft",
    "resnet18 on ./x, not on colab",
    "kaggle에서 받은 ./cats 로 resnet18 학습",
    "the data is on aws at s3://b/x, train resnet18 for 3 epochs",
    "옵티마이저는 기본값으로 하고 cifar100 resnet34 50에폭 돌려봐",
    "no gpu here, so resnet18 on cifar10 on cpu",
    "high resolution photos in ./x, resnet18",
]


@pytest.mark.parametrize(("text", "field"), ASKED)
def test_a_value_that_no_run_can_have_is_asked_about(text: str, field: str) -> None:
    read = intent.parse(text)
    assert [question.field for question in read.questions] == [field]
    assert field not in read.intent


@pytest.mark.parametrize("text", NOT_ASKED)
def test_what_is_plain_is_not_asked_about(text: str) -> None:
    assert intent.parse(text).status == "complete"


@pytest.mark.parametrize(
    "text", ["train like last time", "Train again.", "지난번이랑 똑같이 한 번 더 학습해줄래?"]
)
def test_the_same_again_is_a_request(text: str) -> None:
    questions = intent.parse(text).questions
    assert {question.field for question in questions} == {"task", "dataset"}


@pytest.mark.parametrize("text", ["train our dog again", "지난번 학습 결과 보여줘"])
def test_another_wish_about_the_last_time_is_none(text: str) -> None:
    assert intent.parse(text).status == "not_a_training_request"
