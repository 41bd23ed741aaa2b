"""What can be trained, and which settings belong to which kind of task."""

from __future__ import annotations

from enum import StrEnum


class Task(StrEnum):
    IMAGE_CLASSIFICATION = "image_classification"
    OBJECT_DETECTION = "object_detection"
    INSTANCE_SEGMENTATION = "instance_segmentation"
    SEMANTIC_SEGMENTATION = "semantic_segmentation"
    SFT = "sft"
    DPO = "dpo"
    PPO = "ppo"
    GRPO = "grpo"
    GSPO = "gspo"

    @property
    def is_language(self) -> bool:
        return self in LANGUAGE_TASKS


LANGUAGE_TASKS = frozenset({Task.SFT, Task.DPO, Task.PPO, Task.GRPO, Task.GSPO})

VISION_FIELDS = frozenset({"image_size", "pretrained", "num_classes", "class_names", "augment"})
LANGUAGE_FIELDS = frozenset({"max_length", "peft", "beta", "kl_coef", "num_generations", "reward"})
"""Fields that mean nothing for the other kind of task; giving one there is a fault."""
