"""Why an exam is not written as DICOM objects."""

from pathlib import Path

from firmware_bridge.errors import DiskRefuses, InputRefused


class DicomRefused(InputRefused):
    """What was given cannot be written as DICOM, or not there."""

    code = "dicom-refused"


class DicomNotWritten(DiskRefuses):
    """The disk refuses an object."""

    code = "dicom-not-written"


def not_written(path: Path, error: OSError) -> DicomNotWritten:
    """The error for an object that the disk refuses."""
    return DicomNotWritten(f"{path} cannot be written ({error.strerror or error})", "Free some room, or give another folder")
