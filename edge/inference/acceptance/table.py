"""The table of labels: one line a recording, with its patient and one column a finding, as a spreadsheet saves it in CSV."""

import csv
import hashlib
import io
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from edge.disk.plain_file import inside, read_plain
from edge.inference.acceptance.errors import LabelsRefused

FILE, PATIENT = "file", "patient"
"""The columns in addition to those of the findings; a table can give that of its patients another name."""
WORDS: Mapping[str, bool | None] = MappingProxyType(
    {
        **dict.fromkeys(("1", "yes", "present", "true"), True),
        **dict.fromkeys(("0", "no", "absent", "false"), False),
        **dict.fromkeys(("", "unknown"), None),
    }
)
"""What a cell may state, in small or capital letters."""
SEPARATORS = ",;\t"
MOST_BYTES = 10_000_000
SHOWN = 5
"""At most this many names are in one message."""


@dataclass(frozen=True, slots=True)
class LabelledClip:
    """A recording of a patient; `labels` holds the findings for which the table states present (True) or absent (False)."""

    path: Path
    patient: str
    labels: Mapping[str, bool]


@dataclass(frozen=True, slots=True)
class LabelTable:
    """`clips` in the order of the table; `unused` are its columns that are no finding; `sha256` is the digest of the table."""

    clips: tuple[LabelledClip, ...]
    unused: tuple[str, ...]
    sha256: str


def plain(name: str) -> str:
    """A name without upper case, doubled spaces and other ways to write the same characters."""
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())


def read_labels(path: Path, folder: Path, findings: Sequence[str], patient: str = PATIENT) -> LabelTable:
    """Reads a table; its files are in `folder`, `findings` are keys, `patient` is the column of the patients.

    Raises:
        LabelsRefused: it cannot be read, a line is not valid, names a file that is not there or one twice, or two spellings of a patient.
    """
    try:
        content = read_plain(path, MOST_BYTES, links=True)
        text = content.decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not text in UTF-8"
        raise LabelsRefused(f"{path} cannot be read ({reason})", "Give a table saved as CSV in UTF-8 with --labels") from error
    try:
        rows = list(_rows(text))
    except csv.Error as error:
        raise LabelsRefused(f"{path} is not a table ({error})", "Save it as CSV") from error
    columns = _columns(path, rows, findings, patient)
    table = _Table(path, folder, [key for key in findings if key in columns], patient)
    clips = tuple(table.clip(line, dict(zip(columns, cells, strict=False)), len(cells) - len(columns)) for line, cells in rows[1:])
    if not clips:
        raise LabelsRefused(f"{path} lists no recording", "Write one line for each recording")
    table.require_files()
    unused = tuple(column for column in columns if column not in (FILE, patient, *findings))
    return LabelTable(clips, unused, hashlib.sha256(content).hexdigest())


def _rows(text: str) -> Iterator[tuple[int, list[str]]]:
    """Each line that is not blank, with its number."""
    first = text.partition("\n")[0]
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=max(SEPARATORS, key=first.count), skipinitialspace=True, strict=True)
    for cells in reader:
        if any(cell.strip() for cell in cells):
            yield reader.line_num, [cell.strip() for cell in cells]


def _columns(path: Path, rows: list[tuple[int, list[str]]], findings: Sequence[str], patient: str) -> list[str]:
    columns = rows[0][1] if rows else []
    for wanted in (FILE, patient):
        if columns.count(wanted) != 1:
            fix = f"The first line names the columns: {FILE}, {patient}, and the findings; name another column of patients with --patient"
            raise LabelsRefused(f"{path} has {columns.count(wanted) or 'no'} columns {wanted!r}", fix)
    known = [column for column in columns if column in findings]
    if not known or len(set(known)) < len(known):
        fix = f"Add a column for one or more of {', '.join(findings)}, each once"
        raise LabelsRefused(f"{path} has {'a finding twice' if known else 'no column of a finding'}", fix)
    return columns


class _Table:
    """What the lines of one table have stated so far."""

    def __init__(self, path: Path, folder: Path, findings: Sequence[str], patient: str) -> None:
        self._path, self._folder, self._findings, self._patient = path, folder, findings, patient
        self._files: dict[Path, int] = {}
        self._spelled: dict[str, tuple[str, int]] = {}
        self._absent: list[str] = []

    def clip(self, line: int, cells: Mapping[str, str], surplus: int) -> LabelledClip:
        if surplus > 0:
            raise self._wrong(line, "it has more cells than the first line", "Put a name with a comma in quotation marks")
        if len(cells) <= max(list(cells).index(name) if name in cells else len(cells) for name in (FILE, self._patient)):
            raise self._wrong(line, "it has no file or no patient", "Fill the line, or remove it")
        path = self._file(line, cells[FILE])
        self._require_one_spelling(line, cells[self._patient])
        labels = {key: self._label(line, key, cells.get(key, "")) for key in self._findings}
        return LabelledClip(path, cells[self._patient], {key: label for key, label in labels.items() if label is not None})

    def require_files(self) -> None:
        """Raises LabelsRefused: the table labels files that are not in the folder."""
        if self._absent:
            named = ", ".join(self._absent[:SHOWN]) + (", ..." if len(self._absent) > SHOWN else "")
            what = f"{self._path} labels {len(self._absent)} files that are not in {self._folder}: {named}"
            raise LabelsRefused(what, "Copy them there, or remove their lines")

    def _file(self, line: int, name: str) -> Path:
        path = inside(self._folder, *name.split("/"))
        if path is None:
            raise self._wrong(line, f"{name!r} is not a file in the folder of recordings", "Write the path inside that folder")
        first = self._files.setdefault(path, line)
        if first != line:
            raise self._wrong(line, f"{name} is on line {first} too", "Remove one of them")
        if not path.is_file():
            self._absent.append(name)
        return path

    def _require_one_spelling(self, line: int, patient: str) -> None:
        if not patient:
            raise self._wrong(line, "it names no patient", f"Fill the column {self._patient}: figures count patients, not recordings")
        spelled, first = self._spelled.setdefault(plain(patient), (patient, line))
        if spelled != patient:
            what = f"the patient {patient!r} is {spelled!r} on line {first}"
            raise self._wrong(line, what, "Write one name for one patient, and clearly different names for two")

    def _label(self, line: int, key: str, cell: str) -> bool | None:
        try:
            return WORDS[cell.casefold()]
        except KeyError:
            what = f"{key} is {cell!r}"
            raise self._wrong(line, what, f"Write one of {', '.join(filter(None, WORDS))}, or leave the cell empty") from None

    def _wrong(self, line: int, what: str, fix: str) -> LabelsRefused:
        return LabelsRefused(f"{self._path}, line {line}: {what}", fix)
