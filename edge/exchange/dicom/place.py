"""Where the objects of an exam go, and the recordings that they are made from."""

from dataclasses import dataclass
from itertools import count
from pathlib import Path

from edge.disk.digest import digest_of
from edge.exam.taking.capture import Window
from edge.exchange.dicom.frames import Survey, survey
from edge.exchange.dicom.syntax import Policy
from edge.exchange.handed import HandedClip
from firmware_bridge.errors import SourceAbsent, SourceUnreadable


@dataclass(frozen=True, slots=True)
class Place:
    """The folder, how pixels are coded, and the numbers that are next."""

    folder: Path
    policy: Policy
    numbers: "count[int]"

    def path(self, number: int, kind: str, zone: str = "") -> Path:
        """The file of an object; its name holds nothing of the patient."""
        return self.folder / f"{number:04d}-{kind}{f'-{zone}' if zone else ''}.dcm"


@dataclass(frozen=True, slots=True)
class Found:
    """The recording of a clip, and its parts."""

    clip: HandedClip
    path: Path
    survey: Survey


def find(clip: HandedClip) -> Found:
    """Looks at the recording of a clip.

    Raises:
        SourceAbsent, SourceUnreadable: it is missing, is not the one that was recorded, or has nothing of the clip.
        BridgeError, OSError: the disk does not give it.
    """
    if clip.path is None:
        raise SourceAbsent("the recording is not on this appliance", "Look for it in a backup")
    if digest_of(clip.path) != clip.record.sha256:
        raise SourceUnreadable("the recording is damaged, or is not the one that was read", "Restore it from a backup")
    return Found(clip, clip.path, survey(clip.path, Window(clip.record.first, clip.record.last, clip.record.quality)))
