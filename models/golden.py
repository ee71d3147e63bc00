"""`python -m models.golden FOLDER`: adds to a release the golden vectors as this machine computes them, where it has none that are so.

A release is judged on one machine and runs on others: on each kind of them this is run once, and what it computes there goes with
the release.
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


def add(folder: Path, runtime: str | None = None) -> Nearest:
    """Says which of the release's tables this machine is nearest to; where it is not bit for bit that one, writes its own beside them.

    Raises:
        ModelUnusable: the folder is no release.
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
    said = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    said["files"][GOLDEN] = digest_of(folder / GOLDEN)
    replace_file(folder / MANIFEST, (json.dumps(said, indent=2) + "\n").encode())


def main(
    folder: Annotated[Path, typer.Argument(help="A release folder.")],
    runtime: Annotated[str | None, typer.Option(help="ai-edge-litert or tflite-runtime, instead of the one that is installed.")] = None,
) -> None:
    """Adds this machine's golden vectors to a release."""
    near = add(folder, runtime)
    typer.echo(f"{folder}: {f'added; {near.steps} steps of int8 from' if near.steps else 'computes here as on'} {near.table}")


if __name__ == "__main__":
    typer.run(main)
