"""Residual networks of basic blocks (He et al. 2016)."""

from __future__ import annotations

from collections.abc import Sequence

from torch import Tensor, nn

from trainwright.frameworks.builtin.registry import register_model

SMALL = 64
"""Below this side the first layer keeps the resolution, as the paper does for CIFAR."""


class BasicBlock(nn.Module):
    """Two 3×3 convolutions and a shortcut, projected where the shape changes."""

    def __init__(self, before: int, after: int, stride: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(before, after, 3, stride, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(after)
        self.conv2 = nn.Conv2d(after, after, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(after)
        self.relu = nn.ReLU(inplace=True)
        self.downsample = (
            nn.Sequential(nn.Conv2d(before, after, 1, stride, bias=False), nn.BatchNorm2d(after))
            if stride != 1 or before != after
            else nn.Identity()
        )

    def forward(self, images: Tensor) -> Tensor:
        out = self.relu(self.bn1(self.conv1(images)))
        out = self.bn2(self.conv2(out))
        result: Tensor = self.relu(out + self.downsample(images))
        return result


class ResNet(nn.Module):
    """Four stages of basic blocks; parameter names are torchvision's."""

    def __init__(
        self,
        blocks: Sequence[int],
        num_classes: int,
        channels: int,
        image_size: tuple[int, int],
        zero_init_residual: bool,
    ) -> None:
        super().__init__()
        small = min(image_size) < SMALL
        self.conv1 = (
            nn.Conv2d(channels, 64, 3, padding=1, bias=False)
            if small
            else nn.Conv2d(channels, 64, 7, 2, padding=3, bias=False)
        )
        self.bn1 = nn.BatchNorm2d(64)
        self.relu = nn.ReLU(inplace=True)
        self.maxpool = nn.Identity() if small else nn.MaxPool2d(3, 2, padding=1)
        self.layer1 = _stage(64, 64, blocks[0], 1)
        self.layer2 = _stage(64, 128, blocks[1], 2)
        self.layer3 = _stage(128, 256, blocks[2], 2)
        self.layer4 = _stage(256, 512, blocks[3], 2)
        self.avgpool = nn.AdaptiveAvgPool2d(1)
        self.fc = nn.Linear(512, num_classes)
        self._initialize(zero_init_residual)

    def _initialize(self, zero_init_residual: bool) -> None:
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")
            elif isinstance(module, BasicBlock) and zero_init_residual:
                nn.init.zeros_(module.bn2.weight)

    def forward(self, images: Tensor) -> Tensor:
        out = self.maxpool(self.relu(self.bn1(self.conv1(images))))
        out = self.layer4(self.layer3(self.layer2(self.layer1(out))))
        logits: Tensor = self.fc(self.avgpool(out).flatten(1))
        return logits


def _stage(before: int, after: int, blocks: int, stride: int) -> nn.Sequential:
    first = BasicBlock(before, after, stride)
    return nn.Sequential(first, *(BasicBlock(after, after, 1) for _ in range(blocks - 1)))


@register_model("resnet18")
def resnet18(
    num_classes: int,
    channels: int,
    image_size: tuple[int, int],
    zero_init_residual: bool = True,
) -> ResNet:
    return ResNet((2, 2, 2, 2), num_classes, channels, image_size, zero_init_residual)


@register_model("resnet34")
def resnet34(
    num_classes: int,
    channels: int,
    image_size: tuple[int, int],
    zero_init_residual: bool = True,
) -> ResNet:
    return ResNet((3, 4, 6, 3), num_classes, channels, image_size, zero_init_residual)
