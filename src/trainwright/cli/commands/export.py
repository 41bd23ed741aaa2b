from __future__ import annotations

from pathlib import Path

import click

from trainwright.cli.arguments import run_argument
from trainwright.cli.command import Command


@click.command(
    cls=Command,
    examples=[
        "export last --format onnx --out model.onnx",
    ],
)
@run_argument
@click.option(
    "--format", "-f", "format_", required=True, help="safetensors, onnx, torchscript, pt2 or pth."
)
@click.option("--out", "-o", type=click.Path(path_type=Path), help="File or folder to save it to.")
@click.option("--opset", type=click.IntRange(7, 100), help="Of ONNX. Default: the exporter's.")
def export(run: str, format_: str, out: Path | None, opset: int | None, as_json: bool) -> None:
    """Save the model of RUN in another format, with a card (FILE.json) beside it.

    What is written is read again and compared with the trained model, on real images.
    """
    from trainwright.api.panel.words import size
    from trainwright.cli.connection import folder_of, platform
    from trainwright.cli.output import print_json

    with platform(quiet=as_json) as client:
        run_id = client.run(run).id
        artifact = client.export(run_id, format_, out, opset=opset)
    place = (folder_of(run_id) or Path(run_id)) / artifact.path
    if out is not None:
        place = out / Path(artifact.name).name if out.is_dir() else out
    if as_json:
        print_json(artifact)
    else:
        click.echo(f"{place}  ({size(artifact.bytes)})")
