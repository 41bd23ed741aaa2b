"""What a model says about its inputs."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from trainwright.spec import LabelPrediction, Prediction, TextPrediction, shown

_BAR = 20


def predictions_view(predictions: Sequence[Prediction]) -> RenderableType:
    table = Table.grid(padding=(0, 2, 0, 0))
    for prediction in predictions:
        for i, one in enumerate(prediction.predictions):
            name = Text(shown(prediction.input or "") if i == 0 else "", style="bold")
            if isinstance(one, TextPrediction):
                table.add_row(name, Text(one.text))
            else:
                style = "green" if i == 0 else "dim"
                table.add_row(name, *_label(one, style))
    total = sum(p.inference_time_ms for p in predictions)
    version = next((p.model_version for p in predictions if not p.error), "–")
    return Group(table, Text(f"{total:.1f} ms · model {version}", style="dim"))


def _label(one: LabelPrediction, style: str) -> list[Text]:
    bar = "█" * round(one.confidence * _BAR)
    cells = [
        Text(shown(one.class_name), style=style),
        Text(f"{one.confidence:.1%}", style=style, justify="right"),
    ]
    if one.box is not None:
        where = ", ".join(f"{v:.0f}" for v in one.box)
        return [*cells, Text(f"[{where}]", style="dim")]
    return [*cells, Text(bar, style=style)]
