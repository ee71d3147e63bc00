"""`sonoedge protocol`: lists and shows protocols, and checks whether a site's own protocol can be used."""

import json
from pathlib import Path
from typing import Annotated

import typer
import yaml

from edge.cli.columns import columns
from edge.cli.own import own_settings
from edge.exam.protocol.file import Catalogue, load_catalogue, load_protocol
from edge.exam.protocol.protocol import Acquisition, Pattern, Protocol

app = typer.Typer(help="List, show and check exam protocols.", no_args_is_help=True)


def catalogue() -> Catalogue:
    """The shipped protocols and those of this site. Files that cannot be used are reported on stderr."""
    found = load_catalogue(own_settings().data.protocols)
    for problem in found.problems:
        typer.echo(f"Not used: {problem}", err=True)
    return found


@app.command("list")
def list_() -> None:
    """List the protocols that can be used."""
    rows = [(each.id, each.version, f"{len(each.zones)} zones", each.name) for each in catalogue().protocols]
    typer.echo("\n".join(columns(rows)))


@app.command()
def show(
    protocol: Annotated[str, typer.Argument(metavar="ID")],
    as_yaml: Annotated[bool, typer.Option("--yaml", help="The whole protocol, as a start for your own.")] = False,
) -> None:
    """Show a protocol's zones, limits and scores."""
    found = catalogue().named(protocol)
    if as_yaml:
        typer.echo(yaml.safe_dump(found.model_dump(mode="json"), sort_keys=False, allow_unicode=True, width=120).rstrip())
    else:
        typer.echo(described(found))


@app.command()
def check(file: Annotated[Path, typer.Argument(metavar="FILE")]) -> None:
    """Check whether a protocol file can be used, and if not, print what to correct."""
    found = load_protocol(file)
    typer.echo(
        f"{file} can be used: {found.id} {found.version}, {len(found.zones)} zones, total 0 to {found.score.most * len(found.zones)}"
    )


@app.command()
def schema() -> None:
    """Print the JSON schema of protocol files, for editors that complete and check them."""
    typer.echo(schema_text())


def schema_text() -> str:
    return json.dumps(Protocol.model_json_schema(), indent=2)


def described(protocol: Protocol) -> str:
    """A page of text for people."""
    zones = [("zone", "name", "side", "taken")] + [(zone.id, zone.name, zone.side, zone.acquisition) for zone in protocol.zones]
    scores = [(str(pattern.score), pattern.name, _when(pattern)) for pattern in protocol.score.patterns]
    parts = [
        [f"{protocol.id} {protocol.version}: {protocol.name}", protocol.source],
        columns(zones),
        *[[f"Taken '{name}':", *_taken(each)] for name, each in protocol.acquisitions.items()],
        [f"Score of a zone, total 0 to {protocol.score.most * len(protocol.zones)} ({protocol.score.source}):", *columns(scores)],
        [protocol.score.note],
    ]
    return "\n\n".join("\n".join(part) for part in parts)


def _when(pattern: Pattern) -> str:
    findings = ", ".join(f"{key} {wanted}" for key, wanted in pattern.when.items())
    return f"{findings} (cannot be distinguished from the next lower score)" if pattern.unreadable else findings


def _taken(asked: Acquisition) -> list[str]:
    rows = [
        ("position", " or ".join(asked.positions)),
        ("probe", " or ".join(asked.probes)),
        ("depth", f"{asked.depth_mm[0]:g} to {asked.depth_mm[1]:g} mm"),
        ("frequency", f"{asked.frequency_mhz[0]:g} to {asked.frequency_mhz[1]:g} MHz"),
        ("preset", f"any with {' or '.join(asked.presets)} in its name" if asked.presets else "any"),
        ("clip", f"stored after {asked.seconds:g} s of good image"),
        ("findings", ", ".join(asked.findings)),
    ]
    return [f"  {line}" for line in columns(rows)]
