"""Reviewed exams as labelled recordings: the clips of one machine, with what readers stated of them, and of whom they are."""

import hashlib
import json
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace

from edge.exam.labelled import Labelled, LabelledPart, Part
from edge.exam.protocol.file import Catalogue
from edge.exam.protocol.stored import StoredProtocols
from edge.exam.review.labels import Label, labels_of
from edge.exam.review.persons import persons_of
from edge.exam.stored import StoredExams
from edge.exam.taking.capture import Window
from edge.inference.acceptance.errors import AcceptanceRefused
from edge.records.exams.clips import WHOLE, ClipRecord
from edge.records.exams.forms import StoredExam
from edge.records.exams.patients import StoredPatient
from edge.records.exams.reviews import Reviews
from edge.vision.quality import Limits
from firmware_bridge.machine import UNKNOWN_NAME, Machine

PAGE = 100
SHOWN = 5
"""At most this many machines are in one message."""
UNNAMED = "clips are of exams without a patient, who may be the same person as another"
SIMULATED = "clips are of no patient: they are simulated"
LOST = "clips have no recording: it was removed, could not be made, or is lost"
OTHER = "clips are of another machine, or of an unknown one"
DOUBTED = "clips are used although their images do not look like those of the machine"
CONTRADICTED = "labels are left out, because readers contradict each other"
SAME = "patients count as one with another, who has the same name or identifier"


@dataclass(slots=True)
class _Found:
    """What was found so far: `clips` still name the recorded patient, `noted` counts what people must know, such as what is not used."""

    clips: list[LabelledPart] = field(default_factory=list)
    exams: int = 0
    patients: dict[str, StoredPatient] = field(default_factory=dict)
    noted: Counter[str] = field(default_factory=Counter)
    machines: Counter[str] = field(default_factory=Counter)

    @property
    def notes(self) -> tuple[str, ...]:
        return tuple(f"{count} {why}" for why, count in self.noted.items() if count)


class ReviewedExams:
    """The reviewed exams of a data folder. It checks no actor."""

    def __init__(self, stored: StoredExams, catalogue: Catalogue) -> None:
        self._stored, self._reviews = stored, Reviews(stored.store)
        self._protocols = StoredProtocols(stored.store, catalogue)

    def labelled(self, machine: Machine, keys: Collection[str], protocols: Collection[str] | None) -> Labelled:
        """The clips of a machine that readers labelled with findings of these keys, in exams under some protocols, or under any.

        Only exams with a known patient count: of two without one, nobody knows whether they are of the same person.

        Raises:
            AcceptanceRefused: there is none, or a recording is missing.
            ProtocolTextMissing: the text of the protocol of an exam is missing.
        """
        found = _Found()
        for exam in self._exams(protocols):
            self._add(found, exam, machine, keys)
        if not found.clips:
            raise _nothing(found, machine)
        persons = persons_of(found.patients.values())
        found.noted[SAME] = len(persons) - len(set(persons.values()))
        clips = tuple(replace(clip, patient=persons[clip.patient]) for clip in found.clips)
        return Labelled(clips, f"{found.exams} reviewed exams of this appliance", found.notes, _digest(clips), blind_known=True)

    def _exams(self, protocols: Collection[str] | None) -> Iterator[StoredExam]:
        """Every exam, the newest first."""
        before: str | None = None
        while page := self._stored.records.newest(PAGE, before, protocols=protocols):
            yield from page
            before = page[-1].id

    def _add(self, found: _Found, exam: StoredExam, machine: Machine, keys: Collection[str]) -> None:
        zones = labels_of(exam, self._stored.records.findings(exam.id), self._reviews.of_exam(exam.id))
        before = len(found.clips)
        for clip in self._stored.records.clips(exam.id) if zones else ():
            stated = {key: label for key, label in zones.get(clip.zone, {}).items() if key in keys}
            if stated and clip.superseded_at is None:
                self._add_clip(found, exam, clip, stated, machine)
        found.exams += len(found.clips) > before

    def _add_clip(self, found: _Found, exam: StoredExam, clip: ClipRecord, stated: Mapping[str, Label | None], machine: Machine) -> None:
        found.machines[clip.machine or UNKNOWN_NAME] += 1
        patient, why = exam.patient, _unusable(exam, clip, machine)
        if patient is None or why:
            found.noted[why or UNNAMED] += 1
            return
        labels = {key: label for key, label in stated.items() if label is not None}
        found.noted[CONTRADICTED] += len(stated) - len(labels)
        if labels:
            found.noted[DOUBTED] += Machine.named(clip.machine).doubted
            found.patients[patient.id] = patient
            found.clips.append(self._part(exam, clip, patient, labels))

    def _part(self, exam: StoredExam, clip: ClipRecord, patient: StoredPatient, labels: Mapping[str, Label]) -> LabelledPart:
        name = f"{exam.folder}/{clip.file}"
        path = self._stored.recording_of(exam, clip.file)
        if path is None:
            raise AcceptanceRefused(
                f"The recording {name} of a reviewed exam is missing", "Put it back from a backup, as the notices state"
            )
        asked = self._protocols.of(exam).acquisition(clip.zone)
        return LabelledPart(
            name=name,
            path=path,
            patient=patient.id,
            labels={key: label.has for key, label in labels.items()},
            part=Part(Window(clip.first, clip.last, clip.quality), Limits(asked.depth_mm, asked.presets)),
            blind=frozenset(key for key, label in labels.items() if label.blind),
            sha256=clip.sha256,
        )


def _unusable(exam: StoredExam, clip: ClipRecord, machine: Machine) -> str:
    """Why a labelled clip is not used; empty: it is."""
    reasons = {
        OTHER: not machine.covers(Machine.named(clip.machine)),
        SIMULATED: exam.simulated or clip.simulated,
        LOST: clip.file_state != WHOLE,
    }
    return next((why for why, holds in reasons.items() if holds), "")


def _nothing(found: _Found, machine: Machine) -> AcceptanceRefused:
    what = f"No clip of {machine.name} in a reviewed exam can be used"
    if found.machines:
        named = ", ".join(f"{count} of {name}" for name, count in found.machines.most_common(SHOWN))
        what = f"{what}. Readers labelled {sum(found.machines.values())} clips: {named}. Not used: {'; '.join(found.notes)}"
    return AcceptanceRefused(what, "Let readers review exams of this machine, or give recordings and a table with --labels")


def _digest(clips: Collection[LabelledPart]) -> str:
    lines = sorted([clip.sha256, clip.patient, sorted(clip.labels.items())] for clip in clips)
    return hashlib.sha256(json.dumps(lines).encode()).hexdigest()
