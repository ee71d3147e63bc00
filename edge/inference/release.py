"""ModelRelease: the folder that holds a model and everything needed to read a frame with it."""

import hashlib
import json
import math
from dataclasses import dataclass
from pathlib import Path

from firmware_bridge.errors import SonoEdgeError

DEFAULT_RELEASE = Path(__file__).resolve().parents[2] / "models" / "lung" / "release"


class ModelUnusable(SonoEdgeError):
    """The model file or its labels cannot be used."""

    code = "model-unusable"


@dataclass(frozen=True, slots=True)
class FindingLabel:
    """`key` is stable for machines (`b_lines`), `name` is for people ("B-lines").

    `slope` and `offset` calibrate: fitted on clips of patients left out (Platt scaling, 1999).
    """

    key: str
    name: str
    slope: float
    offset: float

    def probability(self, logit: float) -> float:
        """0 to 1 for a frame's logit or for the mean logit of a clip."""
        return 1 / (1 + math.exp(-max(-60.0, min(60.0, self.slope * logit + self.offset))))


@dataclass(frozen=True, slots=True)
class ModelRelease:
    """What `release.json` says, with the path of the .tflite beside it.

    `version` names the release everywhere a reading goes; `input_side` is the square input in pixels.
    """

    name: str
    version: str
    path: Path
    sha256: str
    findings: tuple[FindingLabel, ...]
    input_side: int
    card: str

    @classmethod
    def load(cls, folder: Path = DEFAULT_RELEASE) -> "ModelRelease":
        """Reads a release folder.

        Raises:
            ModelUnusable: the folder is not a release.
        """
        file = folder / "release.json"
        try:
            said = json.loads(file.read_text())
            return cls(
                name=str(said["name"]),
                version=str(said["version"]),
                path=folder / str(said["model"]),
                sha256=str(said["sha256"]),
                findings=tuple(
                    FindingLabel(str(f["key"]), str(f["name"]), float(f["slope"]), float(f["offset"])) for f in said["findings"]
                ),
                input_side=int(said["input_side"]),
                card=(folder / "card.md").read_text(),
            )
        except OSError as error:
            raise ModelUnusable(f"{error.filename or file} cannot be read", "Name a release folder with --model") from error
        except (ValueError, KeyError, TypeError) as error:
            raise ModelUnusable(f"{file} is not a model release ({error!r})", "Copy the release folder again") from error

    def verify(self) -> None:
        """Compares the model with the digest that the release states, before any C code parses it.

        Raises:
            ModelUnusable: the file is absent or is not the one that was released.
        """
        try:
            digest = hashlib.sha256(self.path.read_bytes()).hexdigest()
        except OSError as error:
            raise ModelUnusable(f"{self.path} cannot be read ({error.strerror})", "Name a release folder with --model") from error
        if digest != self.sha256:
            raise ModelUnusable(f"{self.path} is not the file that was released (sha256 {digest[:12]}...)", "Copy the release folder again")
