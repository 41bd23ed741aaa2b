"""How many GPUs are wanted, where it is told how many there are, or that there is none."""

from __future__ import annotations

import pytest

from trainwright import intent


@pytest.mark.parametrize(
    ("said", "gpus"),
    [
        ("Server has 8 A100, take three for yolo11n on ./x", 3),
        ("We've got 6 cards, give me two, yolo11n on ./x", 2),
        ("The cluster node has 8 H100s, reserve 4 for this: yolo11n on ./x", 4),
        ("use two of the eight GPUs: yolo11n on ./x", 2),
        ("yolo11n on ./x with 4 out of our 8 A100s", 4),
        ("yolo11n on ./x, 3 epochs, the machine has 2 gpus", None),
        ("A100 네 장 중 두 장만 사용해서 yolo11n ./x 학습", 2),
        ("H100 8장 중 하나만 써서 yolo11n ./x 학습", 1),
        ("서버에 A100이 8장 있는 건 아는데 저희는 4장만 쓰겠습니다. yolo11n ./x", 4),
        ("노드에 gpu 여덟 장인데 우리는 두 장만 씁니다. yolo11n, ./x", 2),
        ("서버에 gpu 네 장 달려있는데 그중에 한 장만 빌려서 yolo11n ./x 학습", 1),
        ("gpu 서버(H100 8장)에서 두 장만 빌려 yolo11n ./x", 2),
        ("Our lab's node has 4 A100s; please use 2 for yolo11n on ./x", 2),
        ("gpu 8장 다 써서 yolo11n ./x", 8),
        ("my laptop has no gpu, yolo11n on ./x", 0),
        ("This machine doesn't have a GPU. yolo11n on ./x", 0),
        ("my laptop has no gpu, so run it on ssh:box, yolo11n on ./x", None),
        ("제 컴퓨터에는 GPU가 없습니다. yolo11n으로 ./x 학습", 0),
        ("제 맥북엔 gpu가 없는데 yolo11n ./x 돌려줘", 0),
        ("제 노트북엔 gpu가 없으니 ssh:box에서 돌려주세요 yolo11n ./x", None),
        ("노트북엔 GPU가 없고 서버엔 A100 4장 있어요. 2장 써서 yolo11n ./x", 2),
    ],
)
def test_what_is_taken_counts(said: str, gpus: int | None) -> None:
    read = intent.parse(said)
    assert (read.status, read.intent.get("gpus")) == ("complete", gpus)
