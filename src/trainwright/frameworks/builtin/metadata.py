"""What the built-in models and datasets are, as plain data the control plane can read.

Parameter counts are those of ten classes and one channel, of 1,000 classes and three channels for
the residual networks (He et al. 2016, table 1), as they are usually quoted.
"""

from __future__ import annotations

from typing import Any

from trainwright.spec import DatasetInfo, ModelInfo, Option, Task

_CLASSIFICATION = [Task.IMAGE_CLASSIFICATION]

DEFAULTS: dict[str, Any] = {
    "epochs": 5,
    "batch_size": 64,
    "learning_rate": 1e-3,
    "optimizer": "adamw",
    "weight_decay": 1e-2,
    "scheduler": "cosine",
    "warmup": 0.05,
    "precision": "auto",
    "gradient_accumulation": 1,
    "augment": "light",
    "seed": 0,
}
"""What the trainer takes where neither the spec nor the model says anything."""


def _dropout(default: float) -> Option:
    return Option(
        name="dropout",
        type="float",
        default=default,
        minimum=0,
        maximum=0.95,
        help="Share of activations dropped before the classifier while training.",
        help_ko="학습 중 분류기 앞에서 끄는 활성값의 비율.",
    )


def _model(name: str, **fields: Any) -> ModelInfo:
    return ModelInfo(
        id=f"builtin/{name}",
        framework="builtin",
        name=name,
        tasks=_CLASSIFICATION,
        license="Apache-2.0",
        install="pip install 'trainwright[torch]'",
        **fields,
    )


_ZERO_INIT = Option(
    name="zero_init_residual",
    type="bool",
    default=True,
    help="Start each residual block as the identity (Goyal et al. 2017).",
    help_ko="각 잔차 블록을 항등 함수로 시작한다 (Goyal et al. 2017).",
)

MODELS: dict[str, ModelInfo] = {
    m.name: m
    for m in (
        _model(
            "mlp",
            title="MLP",
            aliases=["multilayer perceptron", "다층 퍼셉트론"],
            parameters=235_146,
            input_size=28,
            defaults={"learning_rate": 2e-3, "batch_size": 32, "augment": "light"},
            options=[
                Option(
                    name="hidden",
                    type="list",
                    default=[256, 128],
                    minimum=1,
                    maximum=65_536,
                    help="Width of each hidden layer, from input to output.",
                    help_ko="입력에서 출력까지 각 은닉층의 너비.",
                ),
                _dropout(0.1),
            ],
            description="Fully connected layers on the flattened image: a baseline.",
            description_ko="펼친 이미지 위의 완전 연결층: 비교 기준이 되는 모델.",
        ),
        _model(
            "basic_cnn",
            title="Basic CNN",
            aliases=["cnn", "basiccnn", "simple cnn", "합성곱 신경망"],
            parameters=94_186,
            input_size=28,
            defaults={"learning_rate": 2e-3, "batch_size": 32, "augment": "light"},
            options=[
                Option(
                    name="width",
                    type="int",
                    default=32,
                    minimum=4,
                    maximum=1024,
                    help="Channels of the first convolution; doubled in the later ones.",
                    help_ko="첫 합성곱의 채널 수. 뒤의 층에서 두 배가 된다.",
                ),
                _dropout(0.1),
            ],
            description="Three convolutions with batch normalization, pooled: small and quick.",
            description_ko="배치 정규화를 쓰는 합성곱 세 층: 작고 빠르다.",
        ),
        _model(
            "lenet5",
            title="LeNet-5",
            aliases=["lenet", "lenet-5", "lenet 5", "르넷"],
            parameters=61_706,
            input_size=28,
            accuracy={
                "mnist": 0.992,
                "source": "LeCun et al. 1998, Gradient-based learning applied to document "
                "recognition",
            },
            defaults={"learning_rate": 4e-3, "batch_size": 32, "augment": "light"},
            options=[
                Option(
                    name="activation",
                    type="choice",
                    default="relu",
                    choices=["relu", "tanh"],
                    help="Nonlinearity; the original is tanh.",
                    help_ko="활성화 함수. 원래는 tanh.",
                ),
                Option(
                    name="pooling",
                    type="choice",
                    default="max",
                    choices=["max", "avg"],
                    help="Subsampling; the original averages.",
                    help_ko="부표본화 방식. 원래는 평균.",
                ),
            ],
            description="The classic of handwritten digits (LeCun et al. 1998).",
            description_ko="손글씨 숫자 인식의 고전 (LeCun et al. 1998).",
        ),
        _model(
            "resnet18",
            title="ResNet-18",
            aliases=["resnet-18", "resnet 18", "resnet", "레즈넷18"],
            parameters=11_689_512,
            defaults={"learning_rate": 1e-3, "batch_size": 64, "augment": "light"},
            options=[_ZERO_INIT],
            description="18 layers with residual connections (He et al. 2016).",
            description_ko="잔차 연결을 가진 18층 신경망 (He et al. 2016).",
        ),
        _model(
            "resnet34",
            title="ResNet-34",
            aliases=["resnet-34", "resnet 34", "레즈넷34"],
            parameters=21_797_672,
            defaults={"learning_rate": 1e-3, "batch_size": 64, "augment": "light"},
            options=[_ZERO_INIT],
            description="34 layers with residual connections (He et al. 2016).",
            description_ko="잔차 연결을 가진 34층 신경망 (He et al. 2016).",
        ),
    )
}

_DOWNLOAD_OPTIONS = [
    Option(
        name="data_dir",
        type="str",
        help="Folder with the original files, packed or not; nothing is downloaded.",
        help_ko="원본 파일이 있는 폴더 (압축 여부 무관). 내려받지 않는다.",
    ),
    Option(
        name="mirror",
        type="str",
        help="Base URL to download the original files from, instead of the usual ones.",
        help_ko="원본 파일을 내려받을 다른 기본 URL.",
    ),
]

_DIGITS = [str(d) for d in range(10)]

DATASETS: dict[str, DatasetInfo] = {
    d.id: d
    for d in (
        DatasetInfo(
            id="digits",
            title="Handwritten digits (8×8)",
            tasks=_CLASSIFICATION,
            aliases=["sklearn digits", "handwritten digits", "손글씨 숫자"],
            num_classes=10,
            class_names=_DIGITS,
            channels=1,
            image_size=8,
            samples={"train": 1259, "val": 269, "test": 269},
            bundled=True,
            license="CC-BY-4.0",
            source="https://archive.ics.uci.edu/dataset/80",
            defaults={"horizontal_flip": False},
            description="1,797 real digits of 8×8 pixels; ships with scikit-learn.",
            description_ko="8×8 픽셀의 실제 손글씨 숫자 1,797장. scikit-learn에 들어 있다.",
        ),
        DatasetInfo(
            id="mnist",
            title="MNIST",
            tasks=_CLASSIFICATION,
            aliases=["엠니스트"],
            num_classes=10,
            class_names=_DIGITS,
            channels=1,
            image_size=28,
            samples={"train": 54_001, "val": 5_999, "test": 10_000},
            bytes=11_594_722,
            license="CC-BY-SA-3.0",
            source="https://yann.lecun.org/exdb/mnist",
            defaults={"horizontal_flip": False},
            options=_DOWNLOAD_OPTIONS,
            description="70,000 handwritten digits of 28×28 pixels (LeCun et al. 1998).",
            description_ko="28×28 픽셀의 손글씨 숫자 70,000장 (LeCun et al. 1998).",
        ),
        DatasetInfo(
            id="fashion_mnist",
            title="Fashion-MNIST",
            tasks=_CLASSIFICATION,
            aliases=["fashion mnist", "fashion-mnist", "fmnist", "패션 엠니스트"],
            num_classes=10,
            class_names=[
                "T-shirt/top",
                "Trouser",
                "Pullover",
                "Dress",
                "Coat",
                "Sandal",
                "Shirt",
                "Sneaker",
                "Bag",
                "Ankle boot",
            ],
            channels=1,
            image_size=28,
            samples={"train": 54_000, "val": 6_000, "test": 10_000},
            bytes=30_878_645,
            license="MIT",
            source="https://github.com/zalandoresearch/fashion-mnist",
            options=_DOWNLOAD_OPTIONS,
            description="70,000 pictures of clothes, 28×28 pixels (Xiao et al. 2017).",
            description_ko="28×28 픽셀의 옷 사진 70,000장 (Xiao et al. 2017).",
        ),
        DatasetInfo(
            id="cifar10",
            title="CIFAR-10",
            tasks=_CLASSIFICATION,
            aliases=["cifar-10", "cifar 10", "cifar", "시파10"],
            num_classes=10,
            class_names=[
                "airplane",
                "automobile",
                "bird",
                "cat",
                "deer",
                "dog",
                "frog",
                "horse",
                "ship",
                "truck",
            ],
            channels=3,
            image_size=32,
            samples={"train": 45_000, "val": 5_000, "test": 10_000},
            bytes=170_052_171,
            source="https://www.cs.toronto.edu/~kriz/cifar.html",
            options=_DOWNLOAD_OPTIONS,
            description="60,000 colour pictures of ten kinds of things, 32×32 pixels.",
            description_ko="열 가지 사물의 32×32 컬러 사진 60,000장.",
        ),
        DatasetInfo(
            id="random",
            title="Random images",
            tasks=_CLASSIFICATION,
            aliases=["synthetic", "무작위"],
            bundled=True,
            options=[
                Option(
                    name="samples",
                    type="int",
                    default=1000,
                    minimum=10,
                    maximum=10_000_000,
                    help="How many images.",
                    help_ko="이미지 수.",
                ),
                Option(
                    name="classes",
                    type="int",
                    default=10,
                    minimum=2,
                    maximum=10_000,
                    help="How many classes.",
                    help_ko="클래스 수.",
                ),
                Option(
                    name="image_channels",
                    type="int",
                    default=1,
                    choices=[1, 3],
                    help="Channels of each image.",
                    help_ko="이미지의 채널 수.",
                ),
                Option(
                    name="side",
                    type="int",
                    default=28,
                    minimum=4,
                    maximum=4096,
                    unit="px",
                    help="Side of the square images.",
                    help_ko="정사각형 이미지의 한 변.",
                ),
                Option(
                    name="learnable",
                    type="bool",
                    default=True,
                    help="Give each class a pattern of its own; otherwise pure noise.",
                    help_ko="클래스마다 고유한 무늬를 준다. 아니면 순수한 잡음.",
                ),
            ],
            description="Made up on the spot from the seed: for trying things out.",
            description_ko="시드로 그 자리에서 만드는 데이터: 시험용.",
        ),
    )
}
