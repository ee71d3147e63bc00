"""ClipReader: from what was said of each frame to what the appliance says of the clip; "can't tell" is one of its answers."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from edge.inference.reading import Reading, Score
from edge.inference.release import ModelRelease
from edge.vision.quality import Quality, Reason

NO_FRAMES, POOR_QUALITY, UNREADABLE = "NO_FRAMES", "POOR_QUALITY", "UNREADABLE"
"""Why a clip cannot be assessed."""

GOOD_SHARE = 0.5
"""Fewer good frames than this share of a clip, and the clip cannot be assessed."""


@dataclass(frozen=True, slots=True)
class ClipFinding:
    """What the appliance says of a clip.

    `reason` is None where the clip is assessable; else its code, for POOR_QUALITY followed by the commonest fault
    (`POOR_QUALITY:TOO_DARK`), with `advice` for the operator. `scores` hold what the model said, also of a clip that
    cannot be assessed: each logit is the mean over all frames read. `quality` is the mean of the frames' scores, 0 to 100, and
    `faults` counts frames by quality code; `stage_ms` is the mean time a frame by stage.
    """

    model: str
    frames: int
    good_frames: int
    quality: float
    simulated: bool
    scores: tuple[Score, ...]
    reason: str | None
    advice: str
    faults: Mapping[str, int]
    stage_ms: Mapping[str, float]

    @property
    def assessable(self) -> bool:
        return self.reason is None


class ClipReader:
    """Gathers the frames of one clip; keeps sums, not pixels."""

    def __init__(self, release: ModelRelease) -> None:
        self._release = release
        self._frames = 0
        self._good = 0
        self._quality = 0.0
        self._simulated = False
        self._logits = [0.0] * len(release.findings)
        self._faults: Counter[str] = Counter()
        self._last_reason: dict[str, Reason] = {}
        self._stage_ns = Counter(prepare=0, invoke=0, interpret=0)

    def add(self, quality: Quality, reading: Reading) -> None:
        """Takes what was said of one frame.

        Raises:
            ValueError: the two belong to different frames.
        """
        if quality.sequence != reading.sequence:
            raise ValueError(f"the quality of frame {quality.sequence} came with the reading of frame {reading.sequence}")
        self._frames += 1
        self._good += quality.good
        self._quality += quality.score
        self._simulated |= reading.simulated
        self._logits = [total + score.logit for total, score in zip(self._logits, reading.scores, strict=True)]
        for reason in quality.reasons:
            self._faults[reason.code] += 1
            self._last_reason[reason.code] = reason
        times = reading.times
        self._stage_ns.update(prepare=times.prepare_ns, invoke=times.invoke_ns, interpret=times.interpret_ns)

    def finding(self) -> ClipFinding:
        """The clip's answer from all frames so far."""
        reason, advice = self._obstacle()
        return ClipFinding(
            model=self._release.version,
            frames=self._frames,
            good_frames=self._good,
            quality=self._quality / max(1, self._frames),
            simulated=self._simulated,
            scores=self._scores(),
            reason=reason,
            advice=advice,
            faults=dict(self._faults.most_common()),
            stage_ms={stage: ns / 1e6 / max(1, self._frames) for stage, ns in self._stage_ns.items()},
        )

    def _obstacle(self) -> tuple[str | None, str]:
        if self._frames == 0:
            return NO_FRAMES, "Record the zone again"
        if self._good < GOOD_SHARE * self._frames:
            commonest = next(code for code, _ in self._faults.most_common() if self._last_reason[code].spoils)
            return f"{POOR_QUALITY}:{commonest}", self._last_reason[commonest].advice
        return None, ""

    def _scores(self) -> tuple[Score, ...]:
        if self._frames == 0:
            return ()
        means = [total / self._frames for total in self._logits]
        return tuple(Score(f.key, f.probability(mean), mean) for f, mean in zip(self._release.findings, means, strict=True))
