"""Train the bundled digits, test the model, use it: `python examples/train_digits.py`."""

from __future__ import annotations

import tempfile
from pathlib import Path

from PIL import Image
from sklearn.datasets import load_digits

import trainwright as tw


def main() -> None:
    run = tw.train("Classify handwritten digits with LeNet-5, 5 epochs")
    result = run.wait(show=True)
    print(f"held-out accuracy: {result.metrics['test/accuracy'].final:.3f}")

    digits = load_digits()
    with tempfile.TemporaryDirectory() as folder:
        picture = Path(folder) / "digit.png"
        pixels = (digits.images[0] * 255 / 16).astype("uint8")
        Image.fromarray(pixels).resize((28, 28)).save(picture)
        [prediction] = run.predict(picture, top_k=3)
    best = prediction.predictions[0]
    print(f"a {digits.target[0]} is taken for a {best.class_name} ({best.confidence:.0%})")


if __name__ == "__main__":
    main()
