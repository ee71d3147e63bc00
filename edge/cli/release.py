"""`sonoedge release`: builds a release, lists and signs it, and writes it to a stick. On a builder's machine, never on a board."""

import json
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer

from edge.cli.columns import columns
from edge.cli.progress import working
from edge.cli.provision_board import AsJson, utc
from edge.cli.release_build import build
from edge.cli.release_site import Repo, delegate, policy
from edge.disk.durable import make_folder
from edge.inference.bundle import SUFFIX, unpack
from provisioning.release.build import read
from provisioning.release.keys import key_files, make_keys
from provisioning.release.repository import Repository
from provisioning.release.state import states
from provisioning.release.stick import publish as publish_
from provisioning.trust.client import BOARD, FOLDERS, MODELS

app = typer.Typer(help="Build, sign and publish releases for boards, on a stick. No board needs this.", no_args_is_help=True)
for command in (build, delegate, policy):
    app.command()(command)

Role = Annotated[str, typer.Argument(metavar="ROLE", help="root, targets, models, boards-NAME or sites-NAME.")]
Roles = Annotated[
    list[str] | None, typer.Option("--role", metavar="ROLE", help="A delegated role: models, boards-NAME or sites-NAME; again for each.")
]
Keys = Annotated[Path, typer.Option("--keys", metavar="FOLDER", help="The folder of the key files.")]


@app.command()
def keys(folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="Where the key files are made.")], role: Roles = None) -> None:
    """Make the keys of a publisher. Give those of root and targets to three persons; two of them sign together."""
    make_folder(folder)
    make_keys(folder, role or [])
    typer.echo("\n".join(sorted(str(path) for path in folder.glob("*.pem"))))


@app.command()
def new(repository: Repo, keys: Keys, role: Roles = None) -> None:
    """Make a repository for releases, signed with these keys. Its first root is what `provision init --trusted-root` takes."""
    Repository(repository, utc()).create(keys, role or [])
    typer.echo(f"{repository} is ready; boards are set up with {repository / 'metadata' / '1.root.json'}")


@app.command()
def add(
    repository: Repo,
    bundle: Annotated[Path, typer.Argument(metavar="BUNDLE", help="What `release build` wrote, or a model that `model pack` wrote.")],
) -> None:
    """List a release of the program or of a model, and state whose signature it needs."""
    opened = Repository(repository, utc())
    if bundle.suffix == SUFFIX:
        with TemporaryDirectory() as folder:
            unpack(bundle, Path(folder), {}, unsigned=True)  # a damaged one is not listed
        role = opened.add(f"{FOLDERS[MODELS]}/{bundle.name}", bundle, {})
    else:
        facts = read(bundle)
        role = opened.add(f"{FOLDERS[BOARD]}/{facts.compat}/{bundle.name}", bundle, facts.model_dump(mode="json"))
    typer.echo(f"{bundle.name} is listed; next: sonoedge release sign {repository} {role} KEY.pem")


@app.command()
def sign(
    repository: Repo, role: Role, files: Annotated[list[Path], typer.Argument(metavar="KEY.pem...", help="One key file, or more.")]
) -> None:
    """Sign the newest list of a role. Each person can do it on a machine of their own, one after the other."""
    lacks = Repository(repository, utc()).sign(role, *files)
    typer.echo(f"{role} lacks {lacks} more signatures" if lacks else f"{role} is signed")


@app.command()
def show(repository: Repo, as_json: AsJson = False) -> None:
    """List the roles of a repository, their newest versions, until when they hold, and the signatures that they lack."""
    found = states(Repository(repository, utc()).shelf)
    if as_json:
        typer.echo(json.dumps([{**asdict(each), "expires": each.expires.isoformat()} for each in found]))
        return
    rows = [
        (each.role, str(each.version), f"lacks {each.lacks} signatures" if each.lacks else "signed", f"{each.expires:%Y-%m-%d}")
        for each in found
    ]
    typer.echo("\n".join(columns([("role", "version", "state", "holds until"), *rows])))


@app.command()
def publish(
    repository: Repo,
    stick: Annotated[Path, typer.Argument(metavar="STICK", help="The folder of a stick, or of a static mirror.")],
    keys: Annotated[
        Path | None, typer.Option("--keys", metavar="FOLDER", help="Release what was signed, with snapshot and timestamp.")
    ] = None,
) -> None:
    """Write what was released to a stick, and read every file back from it. With --keys, release what was signed first."""
    opened = Repository(repository, utc())
    if keys is not None:
        snapshot, timestamp = (next(iter(key_files(keys, role)), keys / f"{role}-1.pem") for role in ("snapshot", "timestamp"))
        opened.release(snapshot, timestamp)
    with working(f"writing and reading back {stick}"):
        count = publish_(opened, stick)
    typer.echo(f"{count} files are on {stick}, and each was read back")
