"""One line on why a value was chosen, in the person's language."""

from __future__ import annotations

from typing import Literal

Language = Literal["en", "ko"]

_REASONS: dict[str, dict[Language, str]] = {
    "task_of_model": {"en": "what {model} does", "ko": "{model}의 작업"},
    "task_of_dataset": {"en": "what {dataset} is for", "ko": "{dataset} 데이터의 작업"},
    "model_of_task": {
        "en": "a good first model for the task and data",
        "ko": "이 작업과 데이터에 먼저 써 보기 좋은 모델",
    },
    "classes_of_dataset": {"en": "the classes of {dataset}", "ko": "{dataset}의 클래스 수"},
    "recipe": {"en": "from the recipe {recipe}", "ko": "레시피 {recipe}의 값"},
    "tuned": {
        "en": "works well for {model} on {dataset}",
        "ko": "{dataset}의 {model}에 잘 맞는 값",
    },
    "own_data": {
        "en": "suits {model} on your own images",
        "ko": "직접 준비한 이미지의 {model}에 맞는 값",
    },
    "model": {"en": "recommended for {model}", "ko": "{model} 권장값"},
    "size_of_model": {"en": "the input size of {model}", "ko": "{model}의 입력 크기"},
    "batch_of_data": {
        "en": "{samples} samples: enough steps in an epoch",
        "ko": "샘플 {samples}개: 에폭마다 충분한 스텝",
    },
    "batch_of_memory": {
        "en": "{batch} at once would not fit into {device}; a step stays over as many",
        "ko": "한 번에 {batch}개는 {device}에 들어가지 않음. 한 스텝의 샘플 수는 그대로",
    },
    "epochs_of_data": {
        "en": "{samples} samples: enough steps in all",
        "ko": "샘플 {samples}개: 전체 스텝을 충분히",
    },
    "size_of_data": {
        "en": "the images are no larger: enlarging them would only cost time",
        "ko": "이미지가 이보다 크지 않아, 키우면 시간만 더 든다",
    },
    "task": {"en": "usual for {task}", "ko": "{task} 작업에서 흔히 쓰는 값"},
    "rate_of_optimizer": {"en": "usual with {optimizer}", "ko": "{optimizer}에서 흔히 쓰는 값"},
    "rate_of_adapter": {
        "en": "usual with {method} adapters",
        "ko": "{method} 어댑터에서 흔히 쓰는 값",
    },
    "seed": {
        "en": "fixed, so that the run can be repeated",
        "ko": "같은 실행을 되풀이할 수 있게 고정한 값",
    },
    "name": {
        "en": "made of model, dataset and time (UTC)",
        "ko": "모델, 데이터, 시각(UTC)으로 지은 이름",
    },
    "resource_target": {
        "en": "this machine, unless told otherwise",
        "ko": "따로 말하지 않으면 이 컴퓨터",
    },
    "resource_max_hours": {
        "en": "a day, so that nothing runs for ever",
        "ko": "끝없이 돌지 않도록 하루로 제한",
    },
    "resource_priority": {"en": "normal priority", "ko": "보통 우선순위"},
}


def reason(why: str, language: Language, **words: object) -> str:
    """The sentence for a reason's key, with its words filled in."""
    return _REASONS[why][language].format(**words)
