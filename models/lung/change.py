"""`python -m models.lung.change`: writes the ledger entry of each built-in release, from what the files of the release state.

The appliance ships these entries with the program (`edge.feedback.ledger.built_in`). Run it after each new release of the family.
"""

import json
from pathlib import Path
from typing import Annotated

import typer

from edge.disk.digest import digest_of
from edge.disk.durable import replace_file
from edge.inference.release import BUILT_IN, CONFORMAL, MANIFEST, ModelRelease
from edge.inference.release_files import Conformal, Manifest, parse
from edge.inference.shelf import family
from edge.inference.validation import ValidatedOn
from models.lung.command import run

CHANGES = BUILT_IN.parent / "changes"


def change(folder: Path) -> dict[str, str]:
    """The entry of the release in a folder: description, verification protocol and impact assessment, with the digests of its files.

    Raises:
        ModelUnusable: the folder is not a whole release.
    """
    release, manifest = ModelRelease.load(folder), parse(folder / MANIFEST, Manifest)
    release.verify()
    return {
        "release": release.ident,
        "release_sha256": digest_of(folder / MANIFEST),
        "model_sha256": release.sha256,
        "description": _description(release, manifest),
        "protocol": _protocol(release, folder),
        "impact": _impact(release),
    }


def _description(release: ModelRelease, manifest: Manifest) -> str:
    findings = ", ".join(label.name for label in release.findings)
    data = "; ".join(f"{each.name} ({each.source}; {each.licence})" for each in release.data)
    return (
        f"{release.ident} comes with the program; its manifest names no release that it replaces. It reads clips of the {release.task}: "
        f"{findings}. Network {release.path.name}, {release.input_side} x {release.input_side} pixels, int8. Data: {data}. "
        f"{release.licence} {manifest.use.capitalize()}."
    )


def _protocol(release: ModelRelease, folder: Path) -> str:
    fitted = parse(folder / CONFORMAL, Conformal)
    how = f"calibration and prediction sets (alpha {fitted.alpha:g}) were fitted to {fitted.clips} clips of {fitted.patients} patients"
    parts = [f"As the files of the release state: {how}, each read by a network that never saw its patient."]
    for on in release.validation.validated_on:
        parts.append(f"Validated on {on.machine.name} with {on.clips} clips of {on.patients} patients: {on.source}")
    if (new := release.elsewhere) is not None:
        parts.append(
            f"Judged on {new.sources} whole sources with {new.patients} patients, each read by a network that never saw its source."
        )
    vectors = len(release.golden.inputs)
    parts.append(f"Before it reads, the appliance compares each file with its digest, and the network with {vectors} golden vectors.")
    return " ".join(parts)


def _impact(release: ModelRelease) -> str:
    names = {label.key: label.name for label in release.findings}
    parts = [_on_machine(on, names) for on in release.validation.validated_on]
    if release.elsewhere is not None:
        for key, new in release.elsewhere.findings.items():
            over = "" if new.healthy_over is None else f"; the probability is over 0.6 in {new.healthy_over:.3g} of the healthy clips"
            clips = f"{new.clips} clips, {new.positives} with it"
            parts.append(f"On sources that its network never saw, {names[key]}: AUC {new.auc:.2f} on {clips}{over}.")
    across = release.validation.across_machines
    carried = f"only {', '.join(names[key] for key in across.findings)}" if across else "no finding"
    parts.append(f"On other machines it is not validated: its answers are marked there, and it decides {carried}.")
    parts.append("The model card states further figures and limits.")
    return " ".join(parts)


def _on_machine(on: ValidatedOn, names: dict[str, str]) -> str:
    stated = "; ".join(
        f"{names[key]}: AUC {of['auc']:.2f} ({of['auc_low']:.2f} to {of['auc_high']:.2f}), the prediction set holds the truth for "
        f"{of['covered_present']:.2f} of the clips with it and {of['covered_absent']:.2f} of those without"
        for key, of in on.figures.items()
    )
    return f"On {on.machine.name}: {stated}."


def main(
    *,
    releases: Annotated[Path, typer.Option(help="The family of releases: a folder of each.")] = BUILT_IN,
    out: Annotated[Path, typer.Option(help="The folder of the entries: a file of each release.")] = CHANGES,
) -> None:
    """Write the ledger entry of each release of a family."""
    out.mkdir(parents=True, exist_ok=True)
    for folder in family(releases):
        found = change(folder)
        path = out / f"{folder.name}.json"
        replace_file(path, json.dumps(found, indent=2, ensure_ascii=False).encode() + b"\n")
        typer.echo(f"{path}: {found['release']}")


if __name__ == "__main__":
    run(main)
