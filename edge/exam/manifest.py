"""A manifest states which recording in a folder belongs to which patient and zone."""

import csv
import re
from dataclasses import dataclass
from difflib import get_close_matches
from io import TextIOWrapper
from itertools import takewhile
from pathlib import Path

from edge.disk.plain_file import open_plain
from firmware_bridge.errors import InputRefused

NAME = "manifest.csv"
FILE, PATIENT, ZONE = ("file",), ("patient", "patient_or_video_id"), ("zone", "blue_point")
"""The columns, each with all its possible names."""


class ManifestInvalid(InputRefused):
    """The folder has no usable manifest."""

    code = "manifest-invalid"


class PatientUnknown(InputRefused):
    """The manifest has no recording of this patient."""

    code = "patient-unknown"


@dataclass(frozen=True, slots=True)
class ManifestClip:
    """One recording of one zone, as the manifest names it."""

    path: Path
    patient: str
    zone: str


def clips_of(folder: Path, patient: str) -> tuple[ManifestClip, ...]:
    """The recordings of a patient in the order of the manifest; `p1` also finds `p01` if no patient has exactly this name.

    Raises:
        ManifestInvalid: the manifest is missing, or cannot be read.
        PatientUnknown: it has no such patient; the error names similar ones.
    """
    clips = read_manifest(folder)
    exact = tuple(clip for clip in clips if clip.patient == patient)
    found = exact or tuple(clip for clip in clips if _plain(clip.patient) == _plain(patient))
    if not found:
        known = sorted({clip.patient for clip in clips})
        raise PatientUnknown(
            f"{folder / NAME} has no patient '{patient}'",
            f"Similar names: {', '.join(_near(patient, known))}; {len(known)} patients in total",
        )
    if len({clip.patient for clip in found}) > 1:
        raise PatientUnknown(f"'{patient}' can mean {', '.join(sorted({clip.patient for clip in found}))}", "Write the full name")
    return found


def read_manifest(folder: Path) -> tuple[ManifestClip, ...]:
    """Every recording that the manifest of the folder names.

    Raises:
        ManifestInvalid: it is missing, or cannot be read.
    """
    path = folder / NAME
    try:
        with TextIOWrapper(open_plain(path, links=True), "utf-8-sig", newline="") as file:
            rows = list(csv.reader(file, strict=True))
    except OSError as error:
        raise ManifestInvalid(f"{path} cannot be read ({error.strerror})", "Name the folder that holds it with --data") from error
    except (csv.Error, UnicodeDecodeError) as error:
        raise ManifestInvalid(f"{path} is not a CSV table ({error})", "Save it as CSV in UTF-8") from error
    head, *body = rows or [[]]
    file_at, patient_at, zone_at = (_column(path, head, names) for names in (FILE, PATIENT, ZONE))
    last = max(file_at, patient_at, zone_at)
    for number, row in enumerate(body, start=2):
        if row and len(row) <= last:
            raise ManifestInvalid(f"{path}: row {number} has {len(row)} of {last + 1} or more columns", "Complete the row")
    return tuple(ManifestClip(folder / row[file_at], row[patient_at].strip(), row[zone_at].strip()) for row in body if row)


def _column(path: Path, head: list[str], names: tuple[str, ...]) -> int:
    found = next((name for name in names if name in head), None)
    if found is None:
        raise ManifestInvalid(f"{path} has no column '{names[0]}'", f"Name {FILE[0]}, {PATIENT[0]} and {ZONE[0]} in the first row")
    return head.index(found)


def _near(patient: str, known: list[str]) -> list[str]:
    """Three similar names, those with the same beginning first."""
    alike = set(get_close_matches(patient, known, n=len(known)) or known)
    begins_alike = {each: len(list(takewhile(lambda pair: pair[0] == pair[1], zip(each, patient, strict=False)))) for each in alike}
    return sorted(alike, key=lambda each: (-begins_alike[each], each))[:3]


def _plain(patient: str) -> str:
    """`blues_p01` as `blues_p1`."""
    return re.sub(r"(?<!\d)0+(?=\d)", "", patient.lower())
