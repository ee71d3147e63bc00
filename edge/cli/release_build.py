"""`sonoedge release build`: one bundle with everything that a board needs, the same bytes each time."""

import json
import subprocess
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from pydantic import ValidationError

from edge.inference.release import BUILT_IN, ModelRelease
from edge.inference.shelf import family
from edge.records.revision import NEWEST
from firmware_bridge.link.header import VERSION
from provisioning.board import compat
from provisioning.codes import ProvisionRefused
from provisioning.release.build import build as build_
from provisioning.update.manifest import Facts

FIRMWARE = (f"SonoLink {VERSION}",)
BOARD = "The processor and Python of the boards, such as aarch64-cp311; the packages must be for these."
NUMBER = "Counts the releases; a board never goes below the highest that it confirmed."
WHEELS = "The packages, as `make wheelhouse` collects them."
ISSUED = "When it was made, with a time zone; else the time of the newest commit of the project."


def build(
    counter: Annotated[int, typer.Option("--number", min=1, help=NUMBER)],
    wheelhouse: Annotated[Path, typer.Option(metavar="FOLDER", help=WHEELS)] = Path("wheelhouse"),
    project: Annotated[Path, typer.Option(metavar="FOLDER", help="A checkout of SonoEdge.")] = Path(),
    output: Annotated[Path, typer.Option(metavar="FOLDER", help="Where the bundle is written.")] = Path("dist"),
    version: Annotated[str, typer.Option(help="How people call it; else the version of the program and the number.")] = "",
    board: Annotated[str, typer.Option(metavar="COMPAT", help=BOARD)] = compat(),
    issued_at: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%dT%H:%M:%S%z"], help=ISSUED)] = None,
    security_floor: Annotated[int, typer.Option(min=0, help="No release below this number is started again after this one.")] = 0,
    least_number: Annotated[int, typer.Option(min=0, help="The oldest release that can be updated to this one.")] = 0,
    as_json: Annotated[bool, typer.Option("--json", help="JSON on stdout.")] = False,
) -> None:
    """Build the bundle of a release from a checkout and its packages. The same input gives the same bytes."""
    try:
        facts = Facts(
            version=version or f"{_version(project)}-{counter}",
            counter=counter,
            security_floor=security_floor,
            least_counter=least_number,
            compat=board,
            issued_at=issued_at or _committed(project),
            unpacked=0,
            database=NEWEST,
            models=tuple(ModelRelease.load(folder).ident for folder in family(BUILT_IN)),
            firmware=FIRMWARE,
        )
    except ValidationError as error:
        raise ProvisionRefused("E-RELEASE", f"the release cannot be described: {error.errors()[0]['msg']}") from error
    output.mkdir(parents=True, exist_ok=True)
    built = build_(project.absolute(), wheelhouse, facts, output, lambda text: typer.echo(text, err=True))
    stated = {"bundle": str(built.path), "sha256": built.sha256, "target": built.target, **built.custom}
    typer.echo(json.dumps(stated) if as_json else f"{built.path}\nSHA-256 {built.sha256}")


def _version(project: Path) -> str:
    for line in _text(project / "pyproject.toml").splitlines():
        if line.startswith("version = "):
            return line.partition("=")[2].strip(' "')
    raise ProvisionRefused("E-RELEASE", f"{project / 'pyproject.toml'} states no version", "Name a checkout of the project")


def _text(path: Path) -> str:
    try:
        return path.read_text()
    except OSError as error:
        raise ProvisionRefused("E-RELEASE", f"{path} cannot be read ({error.strerror})", "Name a checkout of the project") from error


def _committed(project: Path) -> datetime:
    done = subprocess.run(("git", "-C", str(project), "log", "-1", "--format=%cI"), capture_output=True, text=True, check=False)
    try:
        return datetime.fromisoformat(done.stdout.strip().replace("Z", "+00:00"))
    except ValueError as error:
        raise ProvisionRefused("E-RELEASE", f"{project} has no commit, so the time is not known", "Add --issued-at") from error
