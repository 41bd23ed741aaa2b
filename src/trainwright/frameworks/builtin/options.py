"""Settings of the built-in trainer itself, and of the spec as far as it uses it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from trainwright.frameworks.builtin.metadata import DEFAULTS
from trainwright.spec import Option

OPTIMIZERS = ("adam", "adamw", "sgd", "rmsprop")
SCHEDULERS = (
    "constant",
    "linear",
    "cosine",
    "step",
    "exponential",
    "onecycle",
    "polynomial",
    "plateau",
)


def _int(name: str, default: Any, limits: tuple[float, float], en: str, ko: str) -> Option:
    low, high = limits
    return Option(
        name=name, type="int", default=default, minimum=low, maximum=high, help=en, help_ko=ko
    )


def _float(name: str, default: Any, limits: tuple[float, float], en: str, ko: str) -> Option:
    low, high = limits
    return Option(
        name=name, type="float", default=default, minimum=low, maximum=high, help=en, help_ko=ko
    )


def _choice(name: str, default: Any, choices: Iterable[Any], en: str, ko: str) -> Option:
    return Option(
        name=name, type="choice", default=default, choices=list(choices), help=en, help_ko=ko
    )


def _bool(name: str, default: bool | None, en: str, ko: str) -> Option:
    return Option(name=name, type="bool", default=default, help=en, help_ko=ko)


SPEC_OPTIONS = [
    _int(
        "epochs", DEFAULTS["epochs"], (1, 1e6), "Passes over the training images.", "학습 반복 수."
    ),
    _int(
        "max_steps", None, (1, 1e9), "Optimizer steps, instead of epochs.", "에폭 대신 쓸 스텝 수."
    ),
    _int("batch_size", DEFAULTS["batch_size"], (1, 1_048_576), "Images a batch.", "배치 크기."),
    _float(
        "learning_rate",
        DEFAULTS["learning_rate"],
        (1e-9, 100),
        "Peak learning rate.",
        "최대 학습률.",
    ),
    _choice("optimizer", DEFAULTS["optimizer"], OPTIMIZERS, "Optimizer.", "최적화 알고리즘."),
    _float(
        "weight_decay",
        DEFAULTS["weight_decay"],
        (0, 10),
        "Weight decay of weight matrices; none on biases and normalization.",
        "가중치 행렬의 감쇠. 편향과 정규화 층에는 없다.",
    ),
    _choice(
        "scheduler", DEFAULTS["scheduler"], SCHEDULERS, "Learning-rate schedule.", "학습률 일정."
    ),
    _float(
        "warmup",
        DEFAULTS["warmup"],
        (0, 1e9),
        "Below 1, a share of all steps; otherwise steps.",
        "1 미만이면 전체 스텝의 비율, 아니면 스텝 수.",
    ),
    _choice(
        "precision",
        DEFAULTS["precision"],
        ("auto", "fp32", "fp16", "bf16"),
        "Arithmetic; auto is mixed where the device gains.",
        "연산 정밀도. auto는 장치에 이득이 있을 때만 혼합 정밀도.",
    ),
    _int("gradient_accumulation", 1, (1, 65_536), "Batches a step.", "스텝당 배치 수."),
    _int("seed", DEFAULTS["seed"], (0, 2**32 - 1), "Random seed.", "난수 시드."),
    Option(
        name="image_size",
        type="int",
        minimum=8,
        maximum=8192,
        unit="px",
        help="Side of the images; default: the model's, or the data's.",
        help_ko="이미지 한 변. 기본값은 모델이나 데이터의 크기.",
    ),
    _choice(
        "augment",
        DEFAULTS["augment"],
        ("none", "light", "medium", "strong"),
        "How much training images are varied.",
        "학습 이미지를 변형하는 정도.",
    ),
]

FRAMEWORK_OPTIONS = [
    _choice("device", "auto", ("auto", "cpu", "cuda", "mps"), "Where to train.", "학습 장치."),
    _float("gradient_clipping", None, (1e-6, 1e6), "Largest gradient norm.", "기울기 노름 상한."),
    _float("label_smoothing", 0.0, (0, 0.9), "Label smoothing.", "레이블 스무딩."),
    _choice(
        "class_weights",
        "none",
        ("none", "balanced"),
        "balanced weighs rare classes more in the loss.",
        "balanced는 드문 클래스의 손실 비중을 높인다.",
    ),
    _float("momentum", 0.9, (0, 0.9999), "Momentum of SGD and RMSprop.", "SGD, RMSprop의 모멘텀."),
    _float("beta1", 0.9, (0, 0.9999), "First decay of Adam.", "Adam의 첫째 감쇠율."),
    _float("beta2", 0.999, (0, 0.99999), "Second decay of Adam.", "Adam의 둘째 감쇠율."),
    _bool("nesterov", False, "Nesterov momentum in SGD.", "SGD에 네스테로프 모멘텀을 쓴다."),
    _float(
        "min_lr_ratio",
        0.0,
        (0, 1),
        "Lowest learning rate, as a share of the peak.",
        "최대 학습률 대비 최저 학습률의 비율.",
    ),
    _float(
        "scheduler_gamma",
        None,
        (1e-6, 1),
        "Factor of a step or exponential decay, or of plateau.",
        "step, exponential, plateau 일정의 감소 배수.",
    ),
    _int(
        "scheduler_step_epochs", None, (1, 1e6), "Epochs a step decay.", "step 일정의 간격(에폭)."
    ),
    _float("polynomial_power", 2.0, (0.1, 10), "Power of polynomial.", "polynomial 일정의 지수."),
    _int(
        "plateau_patience", 2, (1, 10_000), "Epochs plateau waits.", "plateau가 기다리는 에폭 수."
    ),
    _float(
        "val_fraction",
        None,
        (0.01, 0.5),
        "Share of images for validation, where the data has no split.",
        "분할이 없는 데이터에서 검증에 쓸 비율.",
    ),
    _float(
        "test_fraction",
        None,
        (0.01, 0.5),
        "Share of images held out for the test, where the data has no split.",
        "분할이 없는 데이터에서 시험용으로 떼어 둘 비율.",
    ),
    _int("split_seed", None, (0, 2**32 - 1), "Seed of the split; default: seed.", "분할 시드."),
    _choice(
        "resize",
        "stretch",
        ("stretch", "crop", "pad"),
        "How images of another shape are fitted.",
        "비율이 다른 이미지를 맞추는 방법.",
    ),
    _bool(
        "horizontal_flip",
        None,
        "Mirror training images; default: not for digits.",
        "학습 이미지를 좌우로 뒤집는다. 숫자 데이터에서는 기본으로 끈다.",
    ),
    _choice(
        "in_memory",
        "auto",
        ("auto", "always", "never"),
        "Keep decoded images in memory; auto does where they fit.",
        "디코딩한 이미지를 메모리에 둔다. auto는 들어갈 때만.",
    ),
    _int(
        "workers", None, (0, 256), "Processes that decode images.", "이미지를 디코딩할 프로세스 수."
    ),
    _int("report_every", 10, (1, 1e6), "Batches between reports.", "보고 간격(배치)."),
    _int(
        "checkpoint_steps", None, (1, 1e9), "Steps between checkpoints.", "체크포인트 간격(스텝)."
    ),
    _float(
        "checkpoint_minutes",
        None,
        (0.01, 1e6),
        "Minutes between checkpoints.",
        "체크포인트 간격(분).",
    ),
    _int(
        "checkpoints_kept",
        3,
        (0, 10_000),
        "Last checkpoints kept by step, besides the best: places to go back to.",
        "최고 외에 스텝별로 남겨 둘 마지막 체크포인트 수. 그 지점으로 되돌아갈 수 있다.",
    ),
    _bool(
        "channels_last", None, "Memory layout; default: on CUDA.", "채널을 뒤에 두는 메모리 배치."
    ),
    _bool("tf32", True, "TF32 arithmetic on CUDA.", "CUDA에서 TF32 연산을 쓴다."),
    _bool("full_model", True, "Save the whole program too (.pt2).", "전체 프로그램도 저장 (.pt2)."),
]
