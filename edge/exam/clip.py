"""ClipReader: turns the readings of frames into the answer on a clip; "can't tell" is one of the answers."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from statistics import fmean

import numpy as np
from numpy.typing import NDArray

from edge.inference.features import packed
from edge.inference.finding_label import CANNOT_TELL, FindingLabel
from edge.inference.reading import Reading
from edge.inference.release import ModelRelease
from edge.inference.validation import Labels, Standing, advice_on
from edge.vision.quality import Quality, Reason
from firmware_bridge.machine import UNKNOWN_MACHINE, UNKNOWN_NAME, Machine
from firmware_bridge.says import say

QUALITY, NOVELTY, UNCERTAIN, MACHINE, DRIFT = "quality", "novelty", "uncertain", "machine", "drift"
"""Why a clip cannot be assessed: its frames are poor, it shows no lung, the model is unsure of every finding, nobody knows whether the
model holds on the machine that made the frames, or the site has stopped the model because what it sees or states has changed."""

NO_FRAMES, NOT_ULTRASOUND, NOT_LUNG, ALL_OPEN = "NO_FRAMES", "NOT_ULTRASOUND", "NOT_LUNG", "ALL_OPEN"
MACHINE_NOT_VALIDATED, MACHINE_DOUBTED, MACHINE_CHANGED = "MACHINE_NOT_VALIDATED", "MACHINE_DOUBTED", "MACHINE_CHANGED"
DRIFT_STOPPED = "DRIFT_STOPPED"
"""Codes in addition to those of a frame's quality, of which NOT_ULTRASOUND is one."""

NOT_A_LUNG = "Not a lung view"
ADVICE = {
    NO_FRAMES: say("NO_FRAMES", "Record the zone again"),
    NOT_ULTRASOUND: say("CLIP_NOT_ULTRASOUND", f"{NOT_A_LUNG}: this is not an ultrasound image. Check which source is selected"),
    NOT_LUNG: say("NOT_LUNG", f"{NOT_A_LUNG} that the model knows. Check the position of the probe and the preset"),
    ALL_OPEN: say("ALL_OPEN", "The model cannot tell. Record the zone again, or let a specialist read it"),
    DRIFT_STOPPED: say(
        "DRIFT_STOPPED", "This site has stopped the model, because images or answers have changed. Let a specialist read it"
    ),
    MACHINE_CHANGED: say("MACHINE_CHANGED", "The frames come from several machines. Record the zone again with one"),
}

GOOD_SHARE = 0.5
"""A clip with a smaller share of good frames than this cannot be assessed."""
MEASURES = ("bright", "saturated", "contact", "haze", "sharpness", "foreign", "text", "motion", "depth_mm", "gain_db", "dark_line")
"""The figures of `edge.vision.measure.Measured` whose mean is recorded with a clip."""
TOLD_FRAMES = 3
"""This many frames are named as those with the most weight."""


@dataclass(frozen=True, slots=True)
class ClipScore:
    """One finding of a clip: its probability (0 to 1), and its prediction set, those of `present` and `absent` that are not ruled out.

    `logit` is the mean over all frames read; `weighed_most` names the frames with the most weight for this answer, the strongest first.
    """

    finding: str
    probability: float
    logit: float
    set: tuple[str, ...] = CANNOT_TELL
    weighed_most: tuple[int, ...] = ()

    @property
    def settled(self) -> bool:
        return len(self.set) == 1


@dataclass(frozen=True, slots=True)
class ClipFinding:
    """What the appliance states of a clip.

    `reason` is None where the clip is assessable; else QUALITY, NOVELTY, UNCERTAIN, MACHINE or DRIFT, with the `code` of the cause, such
    as TOO_DARK, and `advice` for the operator. `scores` hold what the model states, also of a clip that cannot be assessed, whose sets
    rule out nothing. `novelty` is the mean of the frames' (larger is stranger), None without a frame. `quality` is the mean of the
    frames' scores, 0 to 100, and `faults` counts frames by quality code; `stage_ms` is the mean time a frame by stage.
    `machine` names what made the frames, `machine_by_person` whether a person stated it, and `machine_validated` whether the model is
    validated there. `measures` are the means of the `MEASURES` of the frames, where they are known, and `features` those of the network's
    features, see `edge.inference.features`.
    """

    model: str
    frames: int
    good_frames: int
    quality: float
    simulated: bool
    scores: tuple[ClipScore, ...]
    reason: str | None
    advice: str
    faults: Mapping[str, int]
    stage_ms: Mapping[str, float]
    code: str = ""
    novelty: float | None = None
    machine: str = UNKNOWN_NAME
    machine_by_person: bool = False
    machine_validated: bool = False
    measures: Mapping[str, float] = field(default_factory=dict)
    features: str = ""

    @property
    def assessable(self) -> bool:
        return self.reason is None


class ClipReader:
    """Gathers the frames of one clip; keeps figures, not pixels."""

    def __init__(self, release: ModelRelease) -> None:
        self._release = release
        self._good = 0
        self._quality = self._novelty = 0.0
        self._simulated = False
        self._machines: dict[Machine, Machine] = {}  # each as its last frame stated it
        self._logits: list[tuple[int, tuple[float, ...]]] = []
        self._faults: Counter[str] = Counter()
        self._last_reason: dict[str, Reason] = {}
        self._stage_ns = Counter(prepare=0, invoke=0, interpret=0)
        self._measures: defaultdict[str, list[float]] = defaultdict(list)
        self._features: list[NDArray[np.float32]] = []

    @property
    def frames(self) -> int:
        return len(self._logits)

    def add(self, quality: Quality, reading: Reading) -> None:
        """Adds the quality and the reading of one frame.

        Raises:
            ValueError: the two belong to different frames.
        """
        if quality.sequence != reading.sequence:
            raise ValueError(f"the quality of frame {quality.sequence} came with the reading of frame {reading.sequence}")
        self._good += quality.good
        self._quality += quality.score
        self._novelty += reading.novelty
        self._simulated |= reading.simulated
        self._machines[reading.machine] = reading.machine
        self._logits.append((reading.sequence, tuple(score.logit for score in reading.scores)))
        for reason in quality.reasons:
            self._faults[reason.code] += 1
            self._last_reason[reason.code] = reason
        for name in MEASURES:
            if (value := getattr(quality.measured, name, None)) is not None:
                self._measures[name].append(value)
        if reading.features is not None:
            self._features.append(reading.features)
        times = reading.times
        self._stage_ns.update(prepare=times.prepare_ns, invoke=times.invoke_ns, interpret=times.interpret_ns)

    def finding(self) -> ClipFinding:
        """The clip's answer from all frames so far."""
        frames = max(1, self.frames)
        machine, standing = self._machine()
        reason, code, advice = self._obstacle() or self._obstacle_of(machine, standing) or (None, "", "")
        scores = self._scores(standing.labels, assessable=reason is None)
        if scores and reason is None and not any(score.settled for score in scores):
            reason, code, advice = (UNCERTAIN, ALL_OPEN, ADVICE[ALL_OPEN]) if standing.validated else _not_validated(machine)
        return ClipFinding(
            model=self._release.version,
            frames=self.frames,
            good_frames=self._good,
            quality=self._quality / frames,
            simulated=self._simulated,
            scores=scores,
            reason=reason,
            code=code,
            advice=advice,
            novelty=self._novelty / frames if self.frames else None,
            machine=" + ".join(each.name for each in self._machines.values()) or UNKNOWN_NAME,
            machine_by_person=machine.by_person,
            machine_validated=standing.validated,
            faults=dict(self._faults.most_common()),
            stage_ms={stage: ns / 1e6 / frames for stage, ns in self._stage_ns.items()},
            measures={name: float(f"{fmean(values):.4g}") for name, values in self._measures.items()},
            features=packed(np.mean(self._features, axis=0)) if self._features else "",
        )

    def _machine(self) -> tuple[Machine, Standing]:
        """What made the frames, and what the model may state there: nothing where several machines made them."""
        machine = next(iter(self._machines.values())) if len(self._machines) == 1 else UNKNOWN_MACHINE
        return machine, self._release.on(machine)

    def _obstacle_of(self, machine: Machine, standing: Standing) -> tuple[str, str, str] | None:
        """Comes after the faults of the images, which the operator can correct at once."""
        if standing.stopped:
            return DRIFT, DRIFT_STOPPED, ADVICE[DRIFT_STOPPED]
        if len(self._machines) > 1:
            return MACHINE, MACHINE_CHANGED, ADVICE[MACHINE_CHANGED]
        return None if standing.decides else _not_validated(machine)

    def _obstacle(self) -> tuple[str, str, str] | None:
        """(reason, code, advice): why the images give no answer."""
        if not self.frames:
            return QUALITY, NO_FRAMES, ADVICE[NO_FRAMES]
        if self._faults[NOT_ULTRASOUND] > (1 - GOOD_SHARE) * self.frames:
            return NOVELTY, NOT_ULTRASOUND, ADVICE[NOT_ULTRASOUND]
        if self._good < GOOD_SHARE * self.frames:
            commonest = next(code for code, _ in self._faults.most_common() if self._last_reason[code].spoils)
            return QUALITY, commonest, self._last_reason[commonest].advice
        if self._novelty > self._release.novelty.limit * self.frames:
            return NOVELTY, NOT_LUNG, ADVICE[NOT_LUNG]
        return None

    def _scores(self, labels: Labels, *, assessable: bool) -> tuple[ClipScore, ...]:
        if not self.frames:
            return ()
        return tuple(self._score(label, i, assessable=assessable) for i, label in enumerate(labels))

    def _score(self, label: FindingLabel, which: int, *, assessable: bool) -> ClipScore:
        mean = sum(logits[which] for _, logits in self._logits) / self.frames
        probability = label.probability(mean)
        towards = 1 if probability >= 0.5 else -1
        strongest = sorted(self._logits, key=lambda read: towards * label.slope * read[1][which], reverse=True)
        named = tuple(sequence for sequence, _ in strongest[:TOLD_FRAMES])
        return ClipScore(label.key, probability, mean, label.set_of(probability) if assessable else CANNOT_TELL, named)


def finding_of(release: ModelRelease, frames: Iterable[tuple[Quality, Reading]]) -> ClipFinding:
    """The answer on frames that a release has read already."""
    clip = ClipReader(release)
    for quality, reading in frames:
        clip.add(quality, reading)
    return clip.finding()


def _not_validated(machine: Machine) -> tuple[str, str, str]:
    return MACHINE, MACHINE_DOUBTED if machine.doubted else MACHINE_NOT_VALIDATED, advice_on(machine)
