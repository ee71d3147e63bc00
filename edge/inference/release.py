"""ModelRelease: the folder with a model and everything that is needed to read a clip with it.

`release.json` names every other file with its digest. Calibration, prediction sets, novelty, golden vectors and validation each name their
model, so that parts of two releases cannot be mixed.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from edge.disk.digest import digest_of
from edge.disk.plain_file import read_plain
from edge.inference.elsewhere import Elsewhere, load_elsewhere
from edge.inference.errors import COPY_AGAIN, ModelUnusable
from edge.inference.finding_label import FindingLabel
from edge.inference.golden import GoldenTable
from edge.inference.look import load_looks
from edge.inference.novelty import NoveltyTable
from edge.inference.release_files import MOST_BYTES, Calibration, Conformal, Dataset, Manifest, parse
from edge.inference.validation import Accepted, Standing, Stopped, Validation, load_validation, never_stopped, nothing_accepted, standing_of
from edge.vision.look import Look
from firmware_bridge.machine import Machine

__all__ = ["BUILT_IN", "DEFAULT_RELEASE", "TASK", "FindingLabel", "ModelRelease", "ModelUnusable"]

BUILT_IN = Path(__file__).resolve().parents[2] / "models" / "lung" / "release"
"""The family of releases that comes with the program: each has a folder."""
DEFAULT_RELEASE = BUILT_IN / "lung-m"
"""The largest of them."""
TASK = "lung"
MANIFEST, CALIBRATION, CONFORMAL, NOVELTY, GOLDEN, CARD = (
    *("release.json", "calibration.json", "conformal.json"),
    *("novelty.npz", "golden.npz", "card.html"),
)


@dataclass(frozen=True, slots=True, eq=False)
class ModelRelease:
    """The content of a release folder. `version` is with every reading; `input_side` is the side of the square input in pixels.

    `sha256` is the digest of the model at `path`; `files` maps each file of the folder to its digest. `alpha` is the share of clips for
    which a prediction set may miss the truth; `card` is HTML. `elsewhere` states how it reads sources that it never saw, if it does;
    `validation` on which machines it holds, `accepted` those that this site has accepted it for, `looks` how the frames of machines look.
    `stopped` tells whether the site has stopped it; it is asked of every frame.
    """

    task: str
    name: str
    version: str
    folder: Path
    path: Path
    sha256: str
    files: Mapping[str, str]
    findings: tuple[FindingLabel, ...]
    input_side: int
    operators: tuple[str, ...]
    alpha: float
    novelty: NoveltyTable
    golden: GoldenTable
    data: tuple[Dataset, ...]
    licence: str
    card: str
    elsewhere: Elsewhere | None
    validation: Validation
    looks: tuple[Look, ...] = ()
    accepted: Accepted = nothing_accepted
    stopped: Stopped = never_stopped

    @property
    def ident(self) -> str:
        return f"{self.name}-{self.version}"

    def on(self, machine: Machine) -> Standing:
        """What it may state on a machine."""
        standing = standing_of(self.findings, self.validation, self.accepted, machine)
        return replace(standing, decides=False, stopped=True) if self.stopped() else standing

    def accepting(self, accepted: Accepted) -> "ModelRelease":
        """The same release at a site that has accepted it for machines."""
        return replace(self, accepted=accepted)

    @classmethod
    def load(cls, folder: Path = DEFAULT_RELEASE) -> "ModelRelease":
        """Reads a release folder, but not the model itself.

        Raises:
            ModelUnusable: the folder is not a release, or its parts do not belong together.
        """
        manifest = parse(folder / MANIFEST, Manifest)
        calibration, conformal = parse(folder / CALIBRATION, Calibration), parse(folder / CONFORMAL, Conformal)
        sha256, keys = manifest.files[manifest.model], frozenset(finding.key for finding in manifest.findings)
        release = cls(
            task=manifest.task,
            name=manifest.name,
            version=manifest.version,
            folder=folder,
            path=folder / manifest.model,
            sha256=sha256,
            files=manifest.files,
            findings=_labels(manifest, calibration, conformal, folder),
            input_side=manifest.input_side,
            operators=manifest.operators,
            alpha=conformal.alpha,
            novelty=NoveltyTable.load(folder / NOVELTY),
            golden=GoldenTable.load(folder / GOLDEN),
            data=manifest.data,
            licence=manifest.licence,
            card=_text(folder / CARD),
            elsewhere=load_elsewhere(folder, manifest.files, manifest.files[manifest.model]),
            validation=load_validation(folder, manifest.files, sha256, keys),
            looks=load_looks(folder, manifest.files, sha256),
        )
        fitted_for = {
            CALIBRATION: calibration.model_sha256,
            CONFORMAL: conformal.model_sha256,
            NOVELTY: release.novelty.model_sha256,
            GOLDEN: release.golden.model_sha256,
        }
        for file, sha256 in fitted_for.items():
            if sha256 != release.sha256:
                raise ModelUnusable(f"{folder / file} belongs to another model than that of {release.ident}", COPY_AGAIN)
        return release

    def verify(self) -> None:
        """Compares every file with the digest that the release states, before any C code parses the model.

        Raises:
            ModelUnusable: a file is absent or is not the released one.
        """
        for name, digest in self.files.items():
            path = self.folder / name
            try:
                found = digest_of(path)
            except OSError as error:
                raise ModelUnusable(f"{path} cannot be read ({error.strerror})", COPY_AGAIN) from error
            if found != digest:
                raise ModelUnusable(f"{path} is not the file that was released (sha256 {found[:12]}...)", COPY_AGAIN)


def _labels(manifest: Manifest, calibration: Calibration, conformal: Conformal, folder: Path) -> tuple[FindingLabel, ...]:
    keys = {finding.key for finding in manifest.findings}
    for file, fitted in ((CALIBRATION, set(calibration.findings)), (CONFORMAL, set(conformal.findings))):
        if fitted != keys:
            raise ModelUnusable(f"{folder / file} is for {sorted(fitted)}, the release for {sorted(keys)}", COPY_AGAIN)
    platt, thresholds = calibration.findings, conformal.findings
    return tuple(
        FindingLabel(
            finding.key,
            finding.name,
            platt[finding.key].slope,
            platt[finding.key].offset,
            thresholds[finding.key].present_from,
            thresholds[finding.key].absent_to,
        )
        for finding in manifest.findings
    )


def _text(path: Path) -> str:
    try:
        return read_plain(path, MOST_BYTES, links=True).decode()
    except (OSError, UnicodeDecodeError) as error:
        raise ModelUnusable(f"{path} cannot be read ({error})", COPY_AGAIN) from error
