"""An entry of the ledger: what a release changes, how that was verified, what it means for patients, and what was measured here.

The three parts are those of a predetermined change control plan (FDA, final guidance of December 2024): description of the modifications,
modification protocol, impact assessment.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, StringConstraints, model_validator
from typing_extensions import Self

from edge.disk.digest import digest_of
from edge.inference.acceptance.acceptance import Acceptance
from edge.inference.errors import COPY_AGAIN, ModelUnusable
from edge.inference.release import MANIFEST
from edge.inference.release_files import Count, Digest, Finite, Key, Manifest, Text, parse
from edge.pipeline.shadow import ShadowFigures

FORMAT: Literal["sonoedge-model-change/1"] = "sonoedge-model-change/1"
MOST = 20_000
"""The longest part, in characters: some ten printed pages."""
PartText = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=MOST)]


class _Data(BaseModel):
    """Further fields are those of a newer program, which adds only what an older one may ignore."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class Kind(str, Enum):
    """`in-use`: the release was in use before it had an entry, and nobody signed one yet."""

    SIGNED = "signed"
    BUILT_IN = "built-in"
    IN_USE = "in-use"


@dataclass(frozen=True, slots=True)
class Subject:
    """The release that an entry is about: `sha256` is the digest of its manifest, which names every file with its digest."""

    ident: str
    sha256: str
    model_sha256: str


PARTS: Mapping[str, str] = {
    "description": "description of the modification",
    "protocol": "verification protocol",
    "impact": "impact assessment",
}
"""Each part in words."""


class Parts(_Data):
    """What a person writes: the description of the modification, the verification protocol, and the impact assessment."""

    description: PartText
    protocol: PartText
    impact: PartText


class ShadowFinding(_Data):
    """Frames on which the two releases disagreed, and the mean absolute difference of their probabilities."""

    disagreed: Count
    difference: Finite


class ShadowResult(_Data):
    """What a shadow measured until `at`, next to the release `active`; see `edge.pipeline.shadow.ShadowFigures`."""

    active: str
    frames: Count
    skipped: Count
    findings: dict[Key, ShadowFinding]
    not_validated: dict[str, Count]
    problem: str
    at: AwareDatetime


class AcceptedHere(_Data):
    """An acceptance of the network on a machine of this site that held when the entry was signed."""

    id: str
    machine: str
    findings: tuple[Key, ...]
    clips: Count
    patients: Count
    by: Text
    at: AwareDatetime
    until: date | None


@dataclass(frozen=True, slots=True)
class Evidence:
    """What was measured on this appliance: the last shadow, None where none was, and the acceptances that hold."""

    shadow: ShadowResult | None = None
    acceptances: tuple[AcceptedHere, ...] = ()


NOTHING_MEASURED = Evidence()


class Change(_Data):
    """The content of an entry, without who signed it and when. `shadow` is null where no shadow was measured here."""

    format: Literal["sonoedge-model-change/1"] = FORMAT
    kind: Kind
    release: Text
    release_sha256: Digest
    model_sha256: Digest
    parts: Parts | None = None
    shadow: ShadowResult | None = None
    acceptances: tuple[AcceptedHere, ...] = ()

    @model_validator(mode="after")
    def _only_in_use_lacks_parts(self) -> Self:
        if (self.parts is None) != (self.kind is Kind.IN_USE):
            raise ValueError(f"an entry of the kind {self.kind.value} has the wrong parts")
        return self


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry, with who signed it and when; `at` is None where it came with the program.

    `supersedes` is the id of the entry before it. `change` is None where the stored entry is not what the audit trail states of it.
    """

    id: str
    release: str
    release_sha256: str
    by: str
    at: datetime | None
    supersedes: str | None
    change: Change | None

    @property
    def complete(self) -> bool:
        """Whether it has its three parts and its signature."""
        return self.change is not None and self.change.kind is not Kind.IN_USE


def subject_of(folder: Path) -> Subject:
    """The release in a folder, by its manifest as it is now.

    Raises:
        ModelUnusable: the manifest cannot be read.
    """
    manifest = parse(folder / MANIFEST, Manifest)
    try:
        sha256 = digest_of(folder / MANIFEST)
    except OSError as error:
        raise ModelUnusable(f"{folder / MANIFEST} cannot be read ({error.strerror})", COPY_AGAIN) from error
    return Subject(f"{manifest.name}-{manifest.version}", sha256, manifest.files[manifest.model])


def shadow_result(figures: ShadowFigures, at: datetime) -> ShadowResult | None:
    """The figures of a shadow as they were measured; None where it compared no frame."""
    if not figures.frames:
        return None
    return ShadowResult(
        active=figures.active,
        frames=figures.frames,
        skipped=figures.skipped,
        findings={key: ShadowFinding(disagreed=each.disagreed, difference=each.difference) for key, each in figures.findings.items()},
        not_validated=dict(figures.not_validated),
        problem=figures.problem.what if figures.problem else "",
        at=at,
    )


def accepted_here(acceptances: Iterable[Acceptance]) -> tuple[AcceptedHere, ...]:
    """The acceptances of this site, each without its calibration."""
    return tuple(
        AcceptedHere(
            id=each.id,
            machine=each.machine,
            findings=tuple(finding.key for finding in each.findings),
            clips=each.clips,
            patients=each.patients,
            by=each.by,
            at=each.at,
            until=each.until,
        )
        for each in acceptances
    )


def superseded_by_next(subject: Subject, entries: Iterable[Entry]) -> str | None:
    """The id of the newest entry of these files in the records, which the next one supersedes; None without one.

    `entries` are the newest first; an entry that came with the program stays in force next to a signed one.
    """
    of_files = (each for each in entries if (each.release, each.release_sha256) == (subject.ident, subject.sha256))
    return next((each.id for each in of_files if each.at is not None), None)
