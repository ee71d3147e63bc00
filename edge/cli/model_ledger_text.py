"""The output of `sonoedge model ledger`, for people and for machines."""

from edge.cli.columns import columns
from edge.feedback.ledger.entry import PARTS, Change, Entry

DAMAGED = "DAMAGED"


def record(entry: Entry) -> dict[str, object]:
    """For machines; the keys are stable. `change` is null where the stored entry is damaged."""
    return {
        "id": entry.id,
        "release": entry.release,
        "release_sha256": entry.release_sha256,
        "complete": entry.complete,
        "by": entry.by,
        "at": entry.at and entry.at.isoformat(),
        "supersedes": entry.supersedes,
        "change": entry.change and entry.change.model_dump(mode="json"),
    }


def row(entry: Entry) -> tuple[str, ...]:
    """A line of the list."""
    return (entry.id, entry.release, _kind(entry), entry.by, f"{entry.at:%Y-%m-%d}" if entry.at else "", entry.supersedes or "")


def described(entry: Entry) -> str:
    """An entry in full."""
    by = f"{entry.by}, {entry.at:%Y-%m-%d %H:%M} UTC" if entry.at else entry.by
    facts = [("release", f"{entry.release}, sha256 {entry.release_sha256}"), ("by", by)]
    facts += [("supersedes", entry.supersedes)] if entry.supersedes else []
    head = [f"Entry {entry.id} ({_kind(entry)})", *columns(facts)]
    if entry.change is None:
        return "\n".join([*head, "It was changed after it was signed, or a newer program wrote it. It admits nothing."])
    return "\n".join([*head, *_parts(entry.change), *_measured(entry.change)])


def _kind(entry: Entry) -> str:
    return entry.change.kind.value if entry.change else DAMAGED


def _parts(change: Change) -> list[str]:
    if change.parts is None:
        return ["The release was in use before it had an entry. Nobody has described, verified, assessed or signed it here."]
    return [f"{PARTS[name].capitalize()}: {text}" for name, text in change.parts.model_dump().items()]


def _measured(change: Change) -> list[str]:
    lines = ["Shadow: none was measured on this appliance."]
    if (shadow := change.shadow) is not None:
        found = [
            f"{key}: the prediction sets differ in {each.disagreed} frames, the probabilities by {each.difference:.4f} on average"
            for key, each in shadow.findings.items()
        ]
        stopped = [f"it stopped: {shadow.problem}"] if shadow.problem else []
        counted = f"{shadow.frames} frames next to {shadow.active}, {shadow.skipped} skipped, until {shadow.at:%Y-%m-%d %H:%M} UTC"
        lines = [f"Shadow: {'; '.join([counted, *found, *stopped])}"]
    accepted = [
        f"Accepted on {each.machine} for {', '.join(each.findings)}: {each.clips} clips of {each.patients} patients, by {each.by}, "
        f"{each.at:%Y-%m-%d}, acceptance {each.id}"
        for each in change.acceptances
    ]
    return [*lines, *(accepted or ["Accepted on no machine of this site when it was written."])]
