"""ModelRelease: the folder that holds a model and everything needed to read a clip with it.

`release.json` names every other file with its digest; calibration, prediction sets, novelty and golden vectors each name the model
that they were fitted for, so that parts of two releases cannot be mixed.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from edge.disk.digest import digest_of
from edge.inference.errors import COPY_AGAIN, ModelUnusable
from edge.inference.finding_label import FindingLabel
from edge.inference.golden import GoldenTable
from edge.inference.novelty import NoveltyTable
from edge.inference.release_files import Calibration, Conformal, Dataset, Manifest, parse

__all__ = ["BUILT_IN", "DEFAULT_RELEASE", "TASK", "FindingLabel", "ModelRelease", "ModelUnusable"]

BUILT_IN = Path(__file__).resolve().parents[2] / "models" / "lung" / "release"
"""The family of releases that comes with the program: one folder each."""
DEFAULT_RELEASE = BUILT_IN / "lung-m"
"""The most accurate of them."""
TASK = "lung"
MANIFEST, CALIBRATION, CONFORMAL, NOVELTY, GOLDEN, CARD = (
    *("release.json", "calibration.json", "conformal.json"),
    *("novelty.npz", "golden.npz", "card.html"),
)


@dataclass(frozen=True, slots=True, eq=False)
class ModelRelease:
    """What a release folder says. `version` names the release everywhere a reading goes; `input_side` is the square input in pixels.

    `sha256` is that of the model at `path`, `files` maps each file of the folder to its own; `alpha` is the share of clips for which a
    prediction set may miss the truth; `card` is HTML.
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

    @property
    def ident(self) -> str:
        return f"{self.name}-{self.version}"

    @classmethod
    def load(cls, folder: Path = DEFAULT_RELEASE) -> "ModelRelease":
        """Reads a release folder, without the model itself.

        Raises:
            ModelUnusable: the folder is not a release, or its parts do not belong together.
        """
        said = parse(folder / MANIFEST, Manifest)
        calibration, conformal = parse(folder / CALIBRATION, Calibration), parse(folder / CONFORMAL, Conformal)
        release = cls(
            task=said.task,
            name=said.name,
            version=said.version,
            folder=folder,
            path=folder / said.model,
            sha256=said.files[said.model],
            files=said.files,
            findings=_labels(said, calibration, conformal, folder),
            input_side=said.input_side,
            operators=said.operators,
            alpha=conformal.alpha,
            novelty=NoveltyTable.load(folder / NOVELTY),
            golden=GoldenTable.load(folder / GOLDEN),
            data=said.data,
            licence=said.licence,
            card=_text(folder / CARD),
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
            ModelUnusable: a file is absent or is not the one that was released.
        """
        for name, digest in self.files.items():
            path = self.folder / name
            try:
                found = digest_of(path)
            except OSError as error:
                raise ModelUnusable(f"{path} cannot be read ({error.strerror})", COPY_AGAIN) from error
            if found != digest:
                raise ModelUnusable(f"{path} is not the file that was released (sha256 {found[:12]}...)", COPY_AGAIN)


def _labels(said: Manifest, calibration: Calibration, conformal: Conformal, folder: Path) -> tuple[FindingLabel, ...]:
    keys = {finding.key for finding in said.findings}
    for file, fitted in ((CALIBRATION, set(calibration.findings)), (CONFORMAL, set(conformal.findings))):
        if fitted != keys:
            raise ModelUnusable(f"{folder / file} is of {sorted(fitted)}, the release of {sorted(keys)}", COPY_AGAIN)
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
        for finding in said.findings
    )


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ModelUnusable(f"{path} cannot be read ({error})", COPY_AGAIN) from error
