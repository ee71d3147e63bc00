"""ModelRelease: the folder that holds a model and everything needed to read a frame with it."""

import json
from dataclasses import dataclass
from pathlib import Path

from firmware_bridge.errors import SonoEdgeError

DEFAULT_RELEASE = Path(__file__).resolve().parents[2] / "models" / "lung" / "release"


class ModelUnusable(SonoEdgeError):
    """The model file or its labels cannot be used."""

    code = "model-unusable"


@dataclass(frozen=True, slots=True)
class FindingLabel:
    """`key` is stable for machines (`b_lines`), `name` is for people ("B-lines")."""

    key: str
    name: str


@dataclass(frozen=True, slots=True)
class ModelRelease:
    """What `release.json` says, with the path of the .tflite beside it.

    `version` names the release everywhere a reading goes; `input_side` is the square input in pixels.
    """

    name: str
    version: str
    path: Path
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
                findings=tuple(FindingLabel(str(f["key"]), str(f["name"])) for f in said["findings"]),
                input_side=int(said["input_side"]),
                card=(folder / "card.md").read_text(),
            )
        except OSError as error:
            raise ModelUnusable(f"{error.filename or file} cannot be read", "Name a release folder with --model") from error
        except (ValueError, KeyError, TypeError) as error:
            raise ModelUnusable(f"{file} is not a model release ({error!r})", "Copy the release folder again") from error
