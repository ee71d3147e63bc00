"""What comes with the clips: the manifest, an entry for the recipe, and a text for people."""

import csv
import io
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import yaml

from edge.exam.export import DIGESTS
from edge.exam.review.labels import Label
from edge.exchange.training_set.collect import Left
from edge.notice import NOTICE
from firmware_bridge.machine import UNKNOWN_NAME, Machine

MANIFEST, ENTRY, README = "manifest.csv", "dataset.yaml", "README.md"
WORDS = {True: "yes", False: "no"}
OWN_COLUMN = frozenset({"b_lines", "a_lines"})
"""The findings that the recipe of `models/lung` reads from a column of their own; every other label is given to it as a weak label."""
BLIND, IN_VIEW, MIXED = "blind", "answer in view", "mixed"
COLUMNS = ("file", "patient", "zone", "fold", "licence", "source", "protocol", "probe", "read", "frames", "sha256")

LABELS = "What readers of the site stated of each clip. What the model alone states is no label, and an empty cell means that nobody knows."
PATIENTS = """\
`patient` is a pseudonym of this set alone: two sets have different ones. The site that made it can find a patient again, nobody else can.
Somebody who is registered twice has one pseudonym. All clips of a patient are in one `fold`.

Names, identifiers, ages, dates, comments and the names of staff are not in this set. Pixels outside the ultrasound are black. A program
does not find text that is drawn over the ultrasound itself: a person has to look at every clip."""
USE = f"""\
`{MANIFEST}` lists the clips. Add the entry in `{ENTRY}` to `datasets` of a recipe of `models/lung`, and train with `--data` on the folder
that holds this one. `sha256sum -c {DIGESTS}` checks the files."""


@dataclass(frozen=True, slots=True)
class Row:
    """One clip of the manifest; `patient` is a pseudonym, `probe` the machine."""

    file: str
    patient: str
    zone: str
    fold: int
    protocol: str
    probe: str
    frames: int
    sha256: str
    labels: Mapping[str, Label]

    @property
    def read(self) -> str:
        """How its readers stated the labels."""
        ways = {label.blind for label in self.labels.values()}
        return MIXED if len(ways) > 1 else BLIND if True in ways else IN_VIEW


@dataclass(frozen=True, slots=True)
class Described:
    """A set with its `licence`; `name` is that of its folder and `ident` that in the audit trail. `left` is not in it, and why."""

    name: str
    ident: str
    licence: str
    rows: Sequence[Row]
    left: Mapping[Left, int]
    contradicted: int

    @property
    def source(self) -> str:
        return "Exams of the site that made this set, labelled by its readers"

    @property
    def patients(self) -> int:
        return len({row.patient for row in self.rows})

    @property
    def labels(self) -> Mapping[str, Mapping[str, int]]:
        """How many clips have and have not each finding."""
        counted = Counter((key, label.has) for row in self.rows for key, label in row.labels.items())
        return {key: {word: counted[key, has] for has, word in WORDS.items()} for key in _keys(self.rows)}


def manifest(of: Described) -> bytes:
    """One line for each clip, as `models.lung.manifest` reads it."""
    keys, text = _keys(of.rows), io.StringIO(newline="")
    table = csv.writer(text, lineterminator="\n")
    table.writerow((*COLUMNS, *keys))
    for row in of.rows:
        whose = (row.file, row.patient, row.zone, row.fold, of.licence, of.source)
        about = (row.protocol, row.probe, row.read, row.frames, row.sha256)
        table.writerow((*whose, *about, *(WORDS[row.labels[key].has] if key in row.labels else "" for key in keys)))
    return text.getvalue().encode()


def entry(of: Described) -> bytes:
    """The entry for `datasets` of a recipe."""
    made = {"folder": of.name, "name": of.name, "source": of.source, "licence": of.licence, "use": "train"}
    made |= {"patient": "patient", "fold": "fold", "zone": "zone"}
    machines = {row.probe for row in of.rows}
    weak = [
        {"finding": key, "present": has, "column": key, "text": word}
        for key in _keys(of.rows)
        if key not in OWN_COLUMN
        for has, word in WORDS.items()
    ]
    only = Machine.named(next(iter(machines)))
    one = {"machine": {"maker": only.maker, "model": only.model, "probe": only.probe}} if len(machines) == 1 and only.scanner else {}
    return yaml.safe_dump([{**made, **one, **({"weak": weak} if weak else {})}], sort_keys=False, allow_unicode=True, width=120).encode()


def readme(of: Described) -> bytes:
    """For the person who uses the set."""
    return "\n".join(_lines(of)).encode() + b"\n"


def _lines(of: Described) -> Iterable[str]:
    yield f"# {of.name}: labelled lung ultrasound clips"
    yield f"\n{NOTICE.capitalize()}. Set {of.ident}.\n"
    yield f"- **Source**: {of.source}. {len(of.rows)} clips of {of.patients} patients."
    yield f"- **Licence**: {of.licence}. The site that made this set states it."
    yield f"- **Protocols**: {_counted(row.protocol for row in of.rows)}."
    yield f"- **Machines**: {_counted(row.probe or UNKNOWN_NAME for row in of.rows)}."
    yield f"- **Zones**: {_counted(row.zone for row in of.rows)}."
    yield f"\n## Labels\n\n{LABELS}\n"
    yield "| finding | yes | no |\n|---|---|---|"
    yield from (f"| `{key}` | {counts['yes']} | {counts['no']} |" for key, counts in of.labels.items())
    yield f"\n`read` states how: {_counted(row.read for row in of.rows)}. Who has seen the model's answer agrees more easily."
    yield f"\n## Patients\n\n{PATIENTS}"
    yield "\n## Not in this set\n"
    yield from (f"- {count} labelled clips: {why.value}." for why, count in of.left.items() if count)
    yield from ([f"- {of.contradicted} labels of clips that are in it: readers contradict each other."] if of.contradicted else [])
    yield from ([] if of.contradicted or any(of.left.values()) else ["Nothing that readers labelled is left out."])
    yield f"\n## Use\n\n{USE}"


def _keys(rows: Sequence[Row]) -> list[str]:
    return sorted({key for row in rows for key in row.labels})


def _counted(values: Iterable[str]) -> str:
    return ", ".join(f"{value} ({count})" for value, count in sorted(Counter(values).items()))
