"""The output of `sonoedge model show`, for people and for machines."""

from dataclasses import asdict

from edge.cli.columns import columns
from edge.inference.release import ModelRelease
from edge.inference.shown import percent
from edge.notice import NOTICE


def record(release: ModelRelease) -> dict[str, object]:
    """For machines; the keys are stable."""
    return {
        "ident": release.ident,
        "task": release.task,
        "name": release.name,
        "version": release.version,
        "folder": str(release.folder),
        "model": release.path.name,
        "sha256": release.sha256,
        "input_side": release.input_side,
        "operators": list(release.operators),
        "findings": [asdict(label) for label in release.findings],
        "alpha": release.alpha,
        "novelty_limit": release.novelty.limit,
        "golden": sorted(release.golden.outputs),
        "files": dict(release.files),
        "data": [each.model_dump() for each in release.data],
        "licence": release.licence,
        "notice": NOTICE,
    }


def described(release: ModelRelease) -> str:
    """A page of text for people."""
    facts = [
        ("folder", str(release.folder)),
        ("network", f"{release.path.name}, sha256 {release.sha256}"),
        ("input", f"{release.input_side} x {release.input_side} pixels, int8"),
        ("operators", ", ".join(release.operators)),
        ("novelty", f"a clip above {release.novelty.limit:.3g} is not a lung view"),
        ("golden vectors", f"{len(release.golden.inputs)}, for {', '.join(sorted(release.golden.outputs))}"),
    ]
    findings = [("finding", "key", "slope", "offset", "present from", "absent to")] + [
        (label.name, label.key, *(f"{value:.4f}" for value in (label.slope, label.offset, label.present_from, label.absent_to)))
        for label in release.findings
    ]
    sets = f"A prediction set misses the truth for at most {percent(release.alpha)} % of clips. Both answers: the model can't tell."
    data = [("data", "source", "licence"), *((each.name, each.source, each.licence) for each in release.data)]
    parts = [
        [f"{release.name} {release.version}, for {release.task}. {NOTICE.capitalize()}."],
        columns(facts),
        [*columns(findings), sets],
        columns(data),
        [f"Licence: {release.licence}"],
    ]
    return "\n\n".join("\n".join(part) for part in parts)
