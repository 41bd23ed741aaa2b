from __future__ import annotations

from typing import Any

import click

from trainwright.cli.arguments import set_option
from trainwright.cli.command import Command


@click.command(cls=Command)
@click.argument("what", metavar='"SENTENCE" | SPEC.yaml')
@set_option
@click.option("--gpu", metavar="NAME", help='Plan for this GPU, such as "RTX 3090".')
@click.option("--gpu-memory", type=click.FloatRange(min=0.5), metavar="GB", help="Memory it has.")
@click.option("--samples", type=click.IntRange(min=1), help="How many there are to train on.")
def plan(
    what: str,
    *,
    settings: dict[str, Any],
    gpu: str | None,
    gpu_memory: float | None,
    samples: int | None,
    as_json: bool,
) -> None:
    """Will it fit, and how long will it take? Nothing is started.

    Memory and time are intervals, reckoned in closed form for this machine, or for a GPU you name.
    """
    from trainwright import api
    from trainwright.cli.output import print_json, show

    if gpu_memory is not None and gpu is None:
        raise click.UsageError("--gpu-memory is the memory of the GPU that --gpu names.")
    made = api.plan(what, gpu=gpu, gpu_memory_gb=gpu_memory, samples=samples, **settings)
    if as_json:
        print_json(made)
        return
    from trainwright.cli.views.plan import plan_view

    show(plan_view(made))
