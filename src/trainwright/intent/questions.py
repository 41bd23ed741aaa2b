"""What is said to the person: questions, reasons and replies, in both languages."""

from __future__ import annotations

import re

from trainwright.catalog.shelf import dataset_shelf, task_recipes
from trainwright.intent.reading import Language
from trainwright.spec import Task

_FIELDS: dict[str, tuple[str, str]] = {
    "task": ("task", "작업"),
    "model": ("model", "모델"),
    "dataset": ("dataset", "데이터"),
    "epochs": ("number of epochs", "에폭 수"),
    "max_steps": ("number of steps", "스텝 수"),
    "batch_size": ("batch size", "배치 크기"),
    "learning_rate": ("learning rate", "학습률"),
    "optimizer": ("optimizer", "옵티마이저"),
    "weight_decay": ("weight decay", "가중치 감쇠"),
    "scheduler": ("scheduler", "스케줄러"),
    "warmup": ("warm-up", "워밍업"),
    "precision": ("precision", "정밀도"),
    "gradient_accumulation": ("gradient accumulation", "그래디언트 누적"),
    "early_stopping": ("early stopping", "조기 종료"),
    "seed": ("seed", "시드"),
    "image_size": ("image size", "이미지 크기"),
    "pretrained": ("use of pretrained weights", "사전학습 가중치 사용 여부"),
    "num_classes": ("number of classes", "클래스 수"),
    "augment": ("augmentation", "데이터 증강"),
    "max_length": ("maximum length", "최대 길이"),
    "peft": ("adapter method", "어댑터 방식"),
    "num_generations": ("number of generations", "생성 수"),
    "target": ("target", "실행할 곳"),
    "gpus": ("number of GPUs", "GPU 수"),
    "cpus": ("number of CPUs", "CPU 수"),
    "memory_gb": ("memory in GB", "메모리(GB)"),
    "max_hours": ("time limit in hours", "시간 제한(시간)"),
    "priority": ("priority", "우선순위"),
    "name": ("name", "이름"),
    "class_names": ("names of classes", "클래스 이름"),
    "r": ("rank (r)", "랭크(r)"),
    "alpha": ("alpha", "알파"),
    "dropout": ("dropout", "드롭아웃"),
    "beta": ("beta", "베타"),
    "kl_coef": ("KL coefficient", "KL 계수"),
    "reward": ("reward", "보상"),
}
_TASKS_KO = {
    Task.IMAGE_CLASSIFICATION: "이미지 분류",
    Task.OBJECT_DETECTION: "객체 탐지",
    Task.INSTANCE_SEGMENTATION: "인스턴스 분할",
    Task.SEMANTIC_SEGMENTATION: "의미 분할",
}

_SAYINGS: dict[str, tuple[str, str]] = {
    # questions
    "what_task": ("What should the model learn to do?", "모델이 무엇을 하도록 학습할까요?"),
    "which_reinforcement": (
        "Which kind of reinforcement learning?",
        "어떤 강화학습 방법으로 할까요?",
    ),
    "which_model": (
        "Which model is meant?",
        "어떤 모델인가요?",
    ),
    "which_segmentation": (
        "One mask for each object, or one class for each pixel?",
        "객체마다 마스크를 나눌까요(인스턴스 분할), 픽셀마다 클래스를 정할까요(의미 분할)?",
    ),
    "task_elsewhere": (
        "I cannot train “{value}”. What shall it be instead?",
        "“{value}” 학습은 지원하지 않습니다. 대신 무엇을 할까요?",
    ),
    "several_tasks": (
        "Which task comes first? Each is a run of its own.",
        "어느 작업부터 할까요? 작업마다 따로 실행합니다.",
    ),
    "what_data": (
        "What data should it be trained on? A sample dataset or your own folder.",
        "어떤 데이터로 학습할까요? 예제 데이터셋이나 폴더를 알려 주세요.",
    ),
    "spaces": (
        "Is that one path with spaces? Quotes around it make it clear.",
        "공백이 있는 경로인가요? 따옴표로 묶으면 분명해집니다.",
    ),
    "unknown_dataset": (
        "There is no dataset {value}. Which data is meant?",
        "{value} 데이터셋은 없습니다. 어떤 데이터인가요?",
    ),
    "unfit_dataset": (
        "{value} has no labels for {task}. Which data should be used?",
        "{value}에는 {task}에 쓸 라벨이 없습니다. 어떤 데이터를 쓸까요?",
    ),
    "unknown_model": (
        "I know no model {value}. Which one is meant?",
        "{value} 모델을 모르겠습니다. 어떤 모델인가요?",
    ),
    "which_member": (
        "{value} comes in several sizes. Which one?",
        "{value} 계열에는 여러 크기가 있습니다. 어느 것으로 할까요?",
    ),
    "not_in_framework": (
        "{framework} has no model called {value}. Which one is meant?",
        "{framework}에는 {value} 모델이 없습니다. 어떤 모델인가요?",
    ),
    "unfit_model": (
        "{value} cannot do {task}. Which model should it be?",
        "{value} 모델은 {task} 작업을 할 수 없습니다. 어떤 모델을 쓸까요?",
    ),
    "two_values": (
        "The {field} is given as {values}. Which one?",
        "{field}: {values} 중 어느 것인가요?",
    ),
    "epochs_or_steps": (
        "Both epochs and steps are given. Which one decides the length?",
        "에폭과 스텝이 모두 있습니다. 어느 쪽으로 할까요?",
    ),
    "bad_value": (
        "{value} cannot be the {field} ({expected}). What should it be?",
        "{field}에 {value}은(는) 쓸 수 없습니다({expected}). 어떻게 할까요?",
    ),
    "no_value": (
        "The {field} is named without a value ({expected}). What should it be?",
        "{field} 값이 없습니다({expected}). 얼마로 할까요?",
    ),
    "warmup_is": (
        "steps, or a share of all steps",
        "에폭으로는 정할 수 없어 스텝 수나 전체 스텝 중 비율이 필요합니다",
    ),
    "bad_field": (
        "{field} does not go with {task}. Leave it out?",
        "{task} 작업에는 {field} 설정이 없습니다. 뺄까요?",
    ),
    # reasons
    "task_of_model": ("what {model} does", "{model}의 작업"),
    "task_of_dataset": ("what {dataset} is for", "{dataset} 데이터의 작업"),
    "usual_language_task": ("the usual way to train {model}", "{model}의 일반적인 학습 방법"),
    "family": (
        "{said} names a family; this is its usual first member",
        "{said} 계열에서 보통 먼저 쓰는 모델",
    ),
    "has_weights": ("this one has pretrained weights", "사전학습 가중치가 있는 쪽"),
    "usual_framework": ("the usual framework for it", "보통 쓰는 프레임워크"),
    "builtin": ("built in, needs nothing more installed", "추가 설치가 필요 없는 내장 모델"),
    "sibling": (
        "the member of the family that does {task}",
        "같은 계열에서 {task} 작업을 하는 모델",
    ),
    "adapter_given": ("adapter settings were given", "어댑터 설정을 지정했으므로"),
    "folder": ("the folder that was named, seen from here", "말한 폴더를 현재 위치에서 본 경로"),
    "mixed_precision": (
        "the device decides between fp16 and bf16",
        "장치에 따라 fp16과 bf16 중에서 정해짐",
    ),
    # replies
    "ready": ("Ready: {model} on {dataset}.", "준비됐습니다: {dataset}에서 {model} 학습."),
    "unread": (
        "Not used, since runs have no such setting: {names}.",
        "실행에 없는 설정이라 쓰지 않았습니다: {names}.",
    ),
    "more": ("I need to know a little more.", "조금 더 알려 주세요."),
    "greeting": (
        (
            'Hello! Tell me what to train, for example: "Classify handwritten digits with '
            'LeNet-5, 5 epochs".'
        ),
        '안녕하세요! 무엇을 학습할지 말해 주세요. 예: "손글씨 숫자를 LeNet-5로 5 에폭 학습해줘".',
    ),
    "question": (
        (
            'I start trainings. Try: "Train ResNet18 on CIFAR-10 for 10 epochs", or see '
            "`trainwright models list`."
        ),
        (
            '저는 학습을 시작하는 일을 합니다. 예: "ResNet18을 CIFAR-10으로 10 에폭 학습해줘". '
            "모델은 `trainwright models list`로 볼 수 있습니다."
        ),
    ),
    "command": (
        (
            "That is not a training. Runs are managed with `trainwright runs`; to train, say "
            "the model and the data."
        ),
        (
            "학습 요청이 아닙니다. 실행은 `trainwright runs`로 관리합니다. "
            "학습하려면 모델과 데이터를 말해 주세요."
        ),
    ),
    "other": (
        (
            'I can only help with training models. Say, for example: "Train ResNet18 on my '
            'folder ./photos".'
        ),
        '모델 학습만 도울 수 있습니다. 예: "./photos 폴더로 ResNet18 학습해줘".',
    ),
    "cancelled": (
        "All right, nothing is started. Tell me whenever you want to train something.",
        "알겠습니다. 아무것도 시작하지 않았습니다. 필요할 때 다시 말해 주세요.",
    ),
    "too_long": (
        "That is too long to be one request: at most {limit} characters.",
        "한 번의 요청으로는 너무 깁니다. {limit}자까지 읽습니다.",
    ),
}

LEFT_OUT: dict[Language, str] = {"en": "leave it out", "ko": "빼기"}
"""The suggestion that takes a setting back."""

_SAMPLE_DATA = {
    "language": ["hf://tatsu-lab/alpaca", "./train.jsonl"],
    "dpo": ["hf://trl-lib/ultrafeedback_binarized", "./preferences.jsonl"],
    "reward": ["hf://openai/gsm8k", "./prompts.jsonl"],
}


def say(what: str, language: Language, **words: object) -> str:
    """A saying by its key, with its words filled in."""
    english, korean = _SAYINGS[what]
    if language == "en":
        return english.format(**words)
    return _EITHER.sub(_particle, korean.format(**words))


_EITHER = re.compile(r"([^\s()])([)\"'`]*)(은|이|을|으로)\((는|가|를|로)\)")
_DIGITS_WITH_FINAL = "013678"
_LETTERS_WITH_FINAL = "lmnr"
_RIEUL = 8


def _particle(found: re.Match[str]) -> str:
    """The particle that fits the sound before it: `에폭은`, `배치는`, `3은`, `2는`."""
    letter, closing, after_consonant, after_vowel = found.groups()
    final = (ord(letter) - ord("가")) % 28 if "가" <= letter <= "힣" else 0
    closed = final or letter.lower() in _DIGITS_WITH_FINAL + _LETTERS_WITH_FINAL
    if after_vowel == "로" and (final == _RIEUL or letter in "178lr"):
        closed = False
    return f"{letter}{closing}{after_consonant if closed else after_vowel}"


def field_name(name: str, language: Language) -> str:
    english, korean = _FIELDS.get(name, (name, name))
    return korean if language == "ko" else english


def task_name(task: Task | str, language: Language = "en") -> str:
    if language == "ko" and task in _TASKS_KO:
        return _TASKS_KO[Task(task)]
    return str(task).replace("_", " ") if "_" in str(task) else str(task).upper()


def sample_data(task: Task | None) -> list[str]:
    """Datasets to suggest for a task."""
    if task is None:
        return ["digits", "mnist", "cifar10", "./my-data"]
    if task is Task.DPO:
        return _SAMPLE_DATA["dpo"]
    if task in (Task.GRPO, Task.GSPO, Task.PPO):
        return _SAMPLE_DATA["reward"]
    if task.is_language:
        return _SAMPLE_DATA["language"]
    known = [i for i, info in dataset_shelf().items() if task in info.tasks and i != "random"]
    return [*known[:3], "./my-images"]


def usual_model(task: Task | None) -> list[str]:
    """The model a task is usually begun with, to suggest."""
    return [] if task is None else list(dict.fromkeys(task_recipes()[task]["model"].values()))


SOME_TASKS = [
    str(t)
    for t in (
        Task.IMAGE_CLASSIFICATION,
        Task.OBJECT_DETECTION,
        Task.INSTANCE_SEGMENTATION,
        Task.SEMANTIC_SEGMENTATION,
        Task.SFT,
        Task.DPO,
    )
]
"""Tasks to suggest when none is known."""
