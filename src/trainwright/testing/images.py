"""A folder of images as people really have them: learnable, and messy in every known way."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from PIL import Image, ImageDraw, ImageFilter


@dataclass(frozen=True, slots=True)
class Shape:
    """What the images of a class show: a figure of one colour, distinct in brightness too."""

    folder: str
    corners: int
    colour: tuple[int, int, int]


SHAPES = (
    Shape("circle", 40, (205, 40, 35)),
    Shape("square", 4, (120, 235, 110)),
    Shape("세모", 3, (15, 20, 110)),
)
TINY = Shape("étoile", 5, (255, 255, 190))
"""The class that has two images only."""


@dataclass(frozen=True)
class MessyFolder:
    """What `make_messy_folder` wrote.

    Attributes:
        root: The folder.
        class_names: In the order a scan gives them.
        usable: Images that can be trained on, by class.
        left_out: Files that cannot, relative to the root, with the code of the reason.
    """

    root: Path
    class_names: list[str]
    usable: dict[str, int]
    left_out: dict[str, str] = field(default_factory=dict)


def draw(shape: Shape, rng: random.Random, side: int) -> Image.Image:
    """One RGB image of a shape, somewhere on a noisy grey ground.

    Args:
        shape: What to draw.
        rng: Decides place, size, turn and noise.
        side: Width in pixels; the height differs a little.
    """
    size = (side, side + rng.randrange(0, max(2, side // 3)))
    grain = Image.frombytes("L", size, rng.randbytes(size[0] * size[1]))
    ground = grain.filter(ImageFilter.BoxBlur(2)).point(lambda v: v // 4 + 100).convert("RGB")
    radius = min(size) * rng.uniform(0.28, 0.42)
    centre = tuple(rng.uniform(radius, edge - radius) for edge in size)
    ImageDraw.Draw(ground).regular_polygon(
        (centre[0], centre[1], radius), shape.corners, rng.randrange(360), fill=shape.colour
    )
    return ground


def make_messy_folder(path: Path, seed: int = 0, *, per_class: int = 24) -> MessyFolder:
    """Write a folder of images that a small network learns, with every common trouble in it.

    In it: mixed sizes, modes and formats (PNG, JPEG, GIF, BMP, WebP; palette, transparency,
    greyscale, 16 bits, CMYK, EXIF rotation, animation), names that are not ASCII, a class with two
    images, a truncated file, an empty one, text files, hidden leftovers.

    Args:
        path: Created; must not exist or must be empty.
        seed: The same seed writes the same bytes.
        per_class: Images in each full class, at least as many as there are kinds of file.
    """
    rng = random.Random(seed)  # noqa: S311 (pictures, not secrets)
    for shape in SHAPES:
        folder = path / shape.folder
        folder.mkdir(parents=True)
        for index in range(per_class):
            image = draw(shape, rng, rng.choice((24, 32, 48, 72)))
            _WRITERS[index % len(_WRITERS)](image, folder / f"{shape.folder} {index:02d}")
    tiny = path / TINY.folder
    tiny.mkdir()
    for index in range(2):
        draw(TINY, rng, 40).save(tiny / f"{index}.png")
    usable = {shape.folder: per_class for shape in SHAPES} | {TINY.folder: 2}
    left_out = _spoil(path, rng)
    return MessyFolder(path, sorted(usable), usable, left_out)


def _spoil(root: Path, rng: random.Random) -> dict[str, str]:
    first, second, third = (shape.folder for shape in SHAPES)
    whole = root / first / "whole.jpg"
    draw(SHAPES[0], rng, 64).save(whole, quality=95)
    data = whole.read_bytes()
    whole.unlink()
    (root / first / "truncated.jpg").write_bytes(data[: len(data) // 2])
    (root / second / "empty.png").write_bytes(b"")
    (root / second / "not really.png").write_text("this was never an image\n")
    (root / third / "notes.txt").write_text("photographed on a Sunday\n")
    (root / "README.txt").write_text("shapes, some of them broken\n")
    (root / first / ".DS_Store").write_bytes(b"\0\0\0\1Bud1")
    (root / "__MACOSX").mkdir()
    (root / "__MACOSX" / "._circle.jpg").write_bytes(b"\0\5\x16\7")
    return {
        f"{first}/truncated.jpg": "truncated",
        f"{second}/empty.png": "empty_file",
        f"{second}/not really.png": "unreadable",
        f"{third}/notes.txt": "not_an_image",
        "README.txt": "not_an_image",
    }


def _png(image: Image.Image, stem: Path) -> None:
    image.save(f"{stem}.png")


def _jpeg(image: Image.Image, stem: Path) -> None:
    image.save(f"{stem}.JPG", quality=92)


def _rotated_jpeg(image: Image.Image, stem: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # orientation: turn a quarter clockwise to see it upright
    image.transpose(Image.Transpose.ROTATE_90).save(f"{stem}.jpeg", exif=exif, quality=92)


def _cmyk_jpeg(image: Image.Image, stem: Path) -> None:
    image.convert("CMYK").save(f"{stem}.jpg", quality=92)


def _transparent_png(image: Image.Image, stem: Path) -> None:
    cut = image.convert("RGBA")
    cut.putalpha(image.convert("L").point(lambda v: 255 if not 95 < v < 170 else 230))
    cut.save(f"{stem}.png")


def _palette_png(image: Image.Image, stem: Path) -> None:
    image.quantize(64).save(f"{stem}.png")


def _grey_png(image: Image.Image, stem: Path) -> None:
    image.convert("L").save(f"{stem}.png")


def _deep_png(image: Image.Image, stem: Path) -> None:
    grey = image.convert("L").tobytes()
    # each byte twice is its value times 257: 0 stays black, 255 becomes 65535
    doubled = bytes(byte for value in grey for byte in (value, value))
    Image.frombytes("I;16", image.size, doubled).save(f"{stem}.png")


def _animated_gif(image: Image.Image, stem: Path) -> None:
    blank = Image.new("RGB", image.size, "white")
    image.save(f"{stem}.gif", save_all=True, append_images=[blank], duration=100)


def _bmp(image: Image.Image, stem: Path) -> None:
    image.save(f"{stem}.bmp")


def _webp(image: Image.Image, stem: Path) -> None:
    image.save(f"{stem}.webp", lossless=True)


_WRITERS: tuple[Callable[[Image.Image, Path], None], ...] = (
    _png,
    _jpeg,
    _rotated_jpeg,
    _cmyk_jpeg,
    _transparent_png,
    _palette_png,
    _grey_png,
    _deep_png,
    _animated_gif,
    _bmp,
    _webp,
    _jpeg,
)
