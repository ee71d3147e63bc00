"""The shares that were measured, as files in the data folder: one folder for each release, one file for each clip.

A file is made again at any time, so one that is missing, damaged or of another way to measure counts as not measured.
"""

from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from edge.disk.durable import make_folder, replace_file
from edge.disk.plain_file import inside, read_plain
from edge.feedback.pleura.clip import METHOD
from edge.feedback.pleura.measure import MeasuredClip
from edge.inference.release import ModelRelease
from firmware_bridge.errors import DiskRefuses

MOST_BYTES = 4096

Percent = Annotated[float, Field(ge=0, le=100, allow_inf_nan=False)]


class ShareNotStored(DiskRefuses):
    """The disk refuses a measured share."""

    code = "share-not-stored"


class _ShareIn(BaseModel):
    """`ClipShare`, with numbers that can be shown."""

    model_config = ConfigDict(from_attributes=True)

    share: Percent | None
    low: Percent | None
    high: Percent | None


class _File(BaseModel):
    method: int
    measured: MeasuredClip


class StoredShares:
    """Any thread or process may use it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def get(self, clip: str, release: ModelRelease) -> MeasuredClip | None:
        """The share of a clip by this very release; None where it is not measured."""
        path = inside(self._folder, release.ident, f"{clip}.json")
        if path is None:
            return None
        try:
            file = _File.model_validate_json(read_plain(path, MOST_BYTES))
            _ShareIn.model_validate(file.measured.share)
        except (OSError, ValidationError):
            return None
        return file.measured if (file.method, file.measured.model_sha256) == (METHOD, release.sha256) else None

    def put(self, measured: MeasuredClip) -> None:
        """Stores a share; once this returns it survives a power cut.

        Raises:
            ShareNotStored: the disk refuses it.
        """
        path = self._folder / measured.release / f"{measured.clip}.json"
        try:
            make_folder(path.parent)
            replace_file(path, _File(method=METHOD, measured=measured).model_dump_json().encode())
        except OSError as error:
            what = f"The share of a clip cannot be written to {self._folder} ({error.strerror})"
            raise ShareNotStored(what, "Free some room on the disk, and check that this user may write there") from error
