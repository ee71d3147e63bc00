"""`python -m models.golden FOLDER`: adds this machine's golden vectors to a release, if the release has none equal to them.

A release is evaluated on one machine and runs on others. Run this once on each other kind of machine: the release then carries the
outputs that such a machine computes.
"""

import json
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from edge.disk.digest import digest_of
from edge.disk.durable import replace_file
from edge.inference.golden import GoldenTable, Nearest, computed, machine
from edge.inference.release import GOLDEN, MANIFEST, ModelRelease
from edge.inference.runtime import Interpreter
from models.lung.command import run


def add(folder: Path, runtime: str | None = None) -> Nearest:
    """Returns the release's table that is nearest to this machine's outputs; adds this machine's own table if they are not bit-identical.

    Raises:
        ModelUnusable: the folder is not a release.
    """
    release = ModelRelease.load(folder)
    release.verify()
    interpreter = Interpreter(release.path, runtime=runtime)
    found = computed(interpreter, release.golden.inputs)
    near = release.golden.nearest(found)
    if near.steps:
        write(replace(release.golden, outputs={**release.golden.outputs, machine(interpreter.runtime): found}), folder)
    return near


def write(golden: GoldenTable, folder: Path) -> None:
    """Replaces a release's table and its digest in the manifest."""
    golden.save(folder / GOLDEN)
    manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    manifest["files"][GOLDEN] = digest_of(folder / GOLDEN)
    replace_file(folder / MANIFEST, (json.dumps(manifest, indent=2) + "\n").encode())


def main(
    folder: Annotated[Path, typer.Argument(help="A release folder.")],
    runtime: Annotated[str | None, typer.Option(help="ai-edge-litert or tflite-runtime, instead of the installed one.")] = None,
) -> None:
    """Adds this machine's golden vectors to a release."""
    near = add(folder, runtime)
    typer.echo(f"{folder}: {f'added; {near.steps} steps of int8 from' if near.steps else 'computes here as on'} {near.table}")


if __name__ == "__main__":
    run(main)
