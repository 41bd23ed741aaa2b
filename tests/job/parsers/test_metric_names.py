"""How printed names become the contracts' names."""

from __future__ import annotations

import pytest

from trainwright.job.parsers.names import Kind, judge


@pytest.mark.parametrize(
    ("printed", "name"),
    [
        ("loss", "train/loss"),
        ("total_loss", "train/loss"),
        ("Average loss", "train/loss"),
        ("val_loss", "val/loss"),
        ("eval_loss", "val/loss"),
        ("validation_0-logloss", "val/logloss"),
        ("valid_0's auc", "val/auc"),
        ("valid_1's auc", "val/auc_1"),
        ("test acc", "test/accuracy"),
        ("Acc@1", "train/accuracy"),
        ("top5_acc", "train/top5"),
        ("metrics/mAP50(B)", "val/map50"),
        ("metrics/mAP50-95(B)", "val/map50_95"),
        ("coco/bbox_mAP", "val/map50_95"),
        ("mIoU", "val/miou"),
        ("macro f1", "val/f1_macro"),
        ("learning_rate", "lr"),
        ("lr-AdamW", "lr"),
        ("train/lr", "lr"),
        ("gnorm", "train/grad_norm"),
        ("mean_reward", "train/reward_mean"),
        ("eval/mean_reward", "val/reward_mean"),
        ("actor/pg_loss", "actor/pg_loss"),
        ("rewards/chosen", "rewards/chosen"),
        ("eval_rewards/chosen", "val/rewards/chosen"),
        ("nll_loss", "train/nll_loss"),
        ("val/box_loss", "val/box_loss"),
        ("tokens_per_sec", "train/tokens_per_second"),
        ("best_val_acc", "val/best_accuracy"),
        ("Loss/train", "train/loss"),
        ("Accuracy/val", "val/accuracy"),
    ],
)
def test_names(printed: str, name: str) -> None:
    assert judge(printed).under(None) == name


def test_the_line_says_the_split_where_the_name_does_not() -> None:
    assert judge("accuracy").under("test") == "test/accuracy"
    assert judge("val_accuracy").under("test") == "val/accuracy"


@pytest.mark.parametrize(
    "printed",
    [
        "time", "data_time", "eta", "batch_size", "GPU_mem", "memory", "num_tokens", "loss_weight",
        "max_grad_norm", "label_smoothing", "momentum", "version", "port", "pid", "train_runtime",
        "timing_s/gen", "perf/max_memory_allocated_gb", "global_seqlen/mean", "accuracy_threshold",
        "target accuracy", "img/s", "loss_scale",
    ],
)  # fmt: skip
def test_no_metrics(printed: str) -> None:
    assert judge(printed).kind is Kind.NEVER
