"""However a thing is said in English, and wherever it stands, it is read alike."""

from __future__ import annotations

import random
from typing import Any

import pytest

from trainwright import intent

Fields = dict[str, Any]

CLAUSES: list[tuple[str, Fields]] = [
    ("12 epochs", {"epochs": 12}),
    ("go through the data ten times", {"epochs": 10}),
    ("'epochs': 7", {"epochs": 7}),
    ("3 thousand updates", {"max_steps": 3000}),
    ("solver.max_iter 2000", {"max_steps": 2000}),
    ("16 images in each batch", {"batch_size": 16}),
    ("samples_per_gpu=8", {"batch_size": 8}),
    ("0.01 as the learning rate", {"learning_rate": 0.01}),
    ("learning rate of five times ten to the minus five", {"learning_rate": 5e-5}),
    ("seed #7", {"seed": 7}),
    ("42 as the random seed", {"seed": 42}),
    ("with no weight decay", {"weight_decay": 0}),
    ("decay weights by 0.05", {"weight_decay": 0.05}),
    ("don't use adam, use sgd", {"optimizer": "sgd"}),
    ("replace adam with sgd", {"optimizer": "sgd"}),
    ("LAMB as optimizer", {"optimizer": "lamb"}),
    ("onecycle lr=0.05", {"scheduler": "onecycle", "learning_rate": 0.05}),
    ("decay the learning rate linearly", {"scheduler": "linear"}),
    ("keep the learning rate constant", {"scheduler": "constant"}),
    ("warm up for ten percent of the steps", {"warmup": 0.1}),
    ("1000 iterations of warmup", {"warmup": 1000}),
    ("don't warm up", {"warmup": 0}),
    ("augmentation should be strong", {"augment": "strong"}),
    ("do not augment the images", {"augment": "none"}),
    ("no need for pretrained weights", {"pretrained": False}),
    ("from scratch instead of pretrained", {"pretrained": False}),
    ("fp16: false, bf16: true", {"precision": "bf16"}),
    ("stop once the validation loss stops improving", {"early_stopping": True}),
    (
        "stop training if the loss does not go down for 5 epochs",
        {"early_stopping": {"patience": 5}},
    ),
    ("early stopping disabled", {"early_stopping": False}),
    ("on ray, not kubernetes", {"target": "ray"}),
    ("device=0,1", {"gpus": 2}),
    ("--nproc_per_node=4", {"gpus": 4}),
    ("without using the GPU", {"gpus": 0}),
    ("8 cores and 32 GB", {"cpus": 8, "memory_gb": 32}),
    ("32 gigabytes of memory", {"memory_gb": 32}),
    ("time limit 90 minutes", {"max_hours": 1.5}),
    ("stop within two and a half hours", {"max_hours": 2.5}),
    ("a week at most", {"max_hours": 168}),
    ("the run should be called birds-v2", {"name": "birds-v2"}),
    ("highest priority", {"priority": 50}),
    ("at most 1h 30m", {"max_hours": 1.5}),
    ("1h30 tops", {"max_hours": 1.5}),
    ("named birds-v2", {"name": "birds-v2"}),
    ("no decay of the learning rate", {"scheduler": "constant"}),
    ("not from pretrained weights", {"pretrained": False}),
    ("heavy data aug", {"augment": "strong"}),
    ("downsized to 160", {"image_size": 160}),
    ("validate every 2 epochs", {}),
]
PLACES = [
    "train resnet18 on cifar10, {}",
    "{}, train resnet18 on cifar10",
    "Train resnet18 on cifar10 ({}). Thank you!",
    "train resnet18 on cifar10; {}; that's all",
    "- train resnet18 on cifar10\n- {}",
    "hello, could you please train resnet18 on cifar10 - {}",
]
WHOLE = {"task": "image_classification", "model": "builtin/resnet18", "dataset": "cifar10"}


@pytest.mark.parametrize(("clause", "fields"), CLAUSES, ids=[clause for clause, _ in CLAUSES])
def test_wherever_it_stands_it_is_read_alike(clause: str, fields: Fields) -> None:
    read = {place: intent.parse(place.format(clause)) for place in PLACES}
    assert {place: one.intent for place, one in read.items()} == dict.fromkeys(
        PLACES, WHOLE | fields
    )
    assert {one.status for one in read.values()} == {"complete"}


@pytest.mark.parametrize("seed", range(40))
def test_the_order_of_clauses_changes_nothing(seed: int) -> None:
    pick = random.Random(seed)
    fields: Fields = {}
    said = []
    for clause, meant in pick.sample(CLAUSES, len(CLAUSES)):
        length = {"epochs", "max_steps"}
        again = meant.keys() & fields.keys() or (length & meant.keys() and length & fields.keys())
        if not again and len(said) < 4:
            said.append(clause)
            fields |= meant
    first = intent.parse(f"train resnet18 on cifar10, {', '.join(said)}").intent
    pick.shuffle(said)
    assert first == WHOLE | fields
    assert intent.parse(f"train resnet18 on cifar10; {'; '.join(said)}").intent == first


@pytest.mark.parametrize(
    ("clause", "fields"),
    [
        ("full weights, no adapters", {"peft": "none"}),
        ("LoRA on a 4-bit base", {"peft": "qlora"}),
        ("rank-16 LoRA", {"peft": "lora", "r": 16}),
        ("2048 context length", {"max_length": 2048}),
        ("update every 8 batches", {"gradient_accumulation": 8}),
        ("gradients accumulated over 4 steps", {"gradient_accumulation": 4}),
    ],
)
def test_language_models_settings(clause: str, fields: Fields) -> None:
    read = intent.parse(f"sft qwen2.5 0.5b instruct on ./chat.jsonl, {clause}")
    assert read.intent.items() >= fields.items()
    assert "max_steps" not in read.intent


@pytest.mark.parametrize("reward", ["exact_match", "./reward.py", "rewards/math.py"])
@pytest.mark.parametrize(
    "said", ["rewarded by {}", "{} as the reward", "reward_funcs={}", "the reward comes from {}"]
)
def test_rewards(said: str, reward: str) -> None:
    read = intent.parse(f"grpo qwen2.5 0.5b instruct on gsm8k, {said.format(reward)}")
    assert (read.intent["reward"], read.intent["model"]) == (
        reward,
        "trl/Qwen/Qwen2.5-0.5B-Instruct",
    )


@pytest.mark.parametrize(
    "told",
    [
        "We have about 9,000 images at 1920x1080.",
        "The photos were taken at 4032x3024.",
        "We take 500 photos a day.",
        "I have 300 photos of cats (4032x3024).",
        "Because the images are tiny (28x28) this is easy.",
        "You can reach me at 555-0134.",
        "See https://example.com/wiki for details.",
        "My deadline is in two days.",
        "The lab has 12 members.",
    ],
)
def test_what_is_only_told_is_no_wish(told: str) -> None:
    for said in (f"{told} Train resnet18 on cifar10.", f"Train resnet18 on cifar10. {told}"):
        assert intent.parse(said).intent == WHOLE


def test_a_name_at_the_end_of_a_sentence_ends_there() -> None:
    read = intent.parse("Train resnet18 on ./cats, name it run-a. The last model was too slow.")
    assert read.intent == WHOLE | {"dataset": "./cats", "name": "run-a"}


@pytest.mark.parametrize("gap", ["  ", "\t", " \t ", "\n"])
def test_any_blanks_part_words(gap: str) -> None:
    said = "Train resnet18 on cifar10, weight decay 0.05, 500 warmup steps, on 2 GPUs"
    assert intent.parse(said.replace(" ", gap)).intent == intent.parse(said).intent


def test_a_word_mended_between_dashes() -> None:
    read = intent.parse("resnet18 on cifar10 with heavy - I mean light - augmentation")
    assert read.intent == WHOLE | {"augment": "light"}
