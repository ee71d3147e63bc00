"""The steady answer on the live image: the last seconds are read as one clip, and what is shown changes at most once a second.

The answer of a single frame changes with every breath and every beat; nobody can read it. Pooling, limits and reasons are those of a
stored clip (`edge.exam.clip`).
"""

import threading
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, replace

from edge.exam.clip import MACHINE, ClipFinding, finding_of
from edge.exam.verdict import LOOKING, Verdict, reason_open, verdicts_of
from edge.inference.reading import Reading
from edge.inference.release import ModelRelease
from edge.pipeline.observation import Observation
from edge.vision.quality import Quality
from firmware_bridge.says import say

WINDOW_S = 4.0
"""A breath of an adult at rest."""
SHORTEST_S = 1.0
HOLD_S = 1.0
"""A new answer is shown after it has held for so long; until then the previous one stays."""
DOUBT_S = WINDOW_S
"""A doubt about the machine is shown until none was left for so long: on some clips it comes and goes with every breath."""
MARGIN = 0.02
"""A verdict changes only when its probability has moved by so much since it was last stated: one at a limit would change for ever."""
JUDGED_EVERY_S = 0.25
MOMENT = say("LOOKING", "Hold the probe still for a moment")


@dataclass(frozen=True, slots=True)
class Answer:
    """What is stated of one finding on the last seconds; the `reason` for which all of them are open, and what to do (`advice`).

    `reason` is one of `WHY_OPEN`, or empty: the clip is assessable, or only the model is unsure.
    """

    finding: str
    verdict: Verdict
    probability: float
    reason: str = ""
    advice: str = ""

    @property
    def stated(self) -> tuple[Verdict, str]:
        return self.verdict, self.reason


@dataclass(slots=True)
class _Shown:
    """An answer that is shown, and the different one that may replace it; times in seconds of the frames."""

    answer: Answer
    at_s: float
    next_stated: tuple[Verdict, str]
    next_since_s: float

    def offer(self, answer: Answer, now_s: float) -> None:
        if self._is_at_its_limit(answer):
            answer = self.answer
        if answer.stated != self.next_stated:
            self.next_stated, self.next_since_s = answer.stated, now_s
        hold_s = DOUBT_S if self.answer.reason == MACHINE else HOLD_S
        held = answer.stated == self.answer.stated or now_s - self.next_since_s >= hold_s
        if held and now_s - self.at_s >= HOLD_S:
            self.answer, self.at_s = answer, now_s

    def _is_at_its_limit(self, answer: Answer) -> bool:
        shown = self.answer
        other = answer.verdict != shown.verdict and answer.reason == shown.reason
        return other and abs(answer.probability - shown.probability) < MARGIN


@dataclass(frozen=True, slots=True)
class _Read:
    """One frame, read at `at_s` of its source's clock; without its pixels, of which seconds would take many megabytes."""

    at_s: float
    quality: Quality
    reading: Reading

    def follows(self, before: "_Read") -> bool:
        return self.reading.machine == before.reading.machine and 0 <= self.at_s - before.at_s < WINDOW_S


class _Stretch:
    """Frames of one machine that follow each other and that one release has read: the last seconds of them."""

    def __init__(self, release: ModelRelease) -> None:
        self.release = release
        self.read: deque[_Read] = deque()

    def add(self, read: _Read) -> None:
        self.read.append(read)
        while read.at_s - self.read[0].at_s > WINDOW_S:
            self.read.popleft()


class SteadyAnswers:
    """One thread calls `add`, for each frame; any thread calls `answers`, which does the work, and only where somebody looks."""

    def __init__(self) -> None:
        self._stretch: _Stretch | None = None
        self._judging = threading.Lock()
        self._of: _Stretch | None = None
        """The stretch that is shown."""
        self._shown: dict[str, _Shown] = {}
        self._judged_s = float("-inf")

    def add(self, observation: Observation) -> None:
        """Adds the next frame. A new release, another machine or a clock that goes back begins again."""
        read, stretch = _Read(observation.frame.captured_us / 1e6, observation.quality, observation.reading), self._stretch
        if stretch is None or observation.release is not stretch.release or not read.follows(stretch.read[-1]):
            stretch = _Stretch(observation.release)
        stretch.add(read)
        self._stretch = stretch

    def answers(self) -> tuple[Answer, ...]:
        """In the order of the release's findings; empty before the first frame."""
        with self._judging:
            if (stretch := self._stretch) is None:
                return ()
            read = list(stretch.read)  # more may come meanwhile
            now_s = read[-1].at_s
            if stretch is not self._of or now_s - self._judged_s > WINDOW_S:  # what nobody has seen for so long holds nothing back
                self._of, self._shown, self._judged_s = stretch, {}, float("-inf")
            if now_s - self._judged_s >= JUDGED_EVERY_S:
                self._judged_s = now_s
                self._judge(stretch.release, read, now_s)
            return tuple(shown.answer for shown in self._shown.values())

    def _judge(self, release: ModelRelease, read: Sequence[_Read], now_s: float) -> None:
        clip = finding_of(release, ((each.quality, each.reading) for each in read))
        for answer in _answers(clip, short=now_s - read[0].at_s < SHORTEST_S):
            shown = self._shown.get(answer.finding)
            if shown is None:
                self._shown[answer.finding] = _Shown(answer, now_s, answer.stated, now_s)
            else:
                shown.offer(answer, now_s)


def _answers(clip: ClipFinding, *, short: bool) -> tuple[Answer, ...]:
    verdicts, reason = verdicts_of(clip), reason_open(clip)
    found = tuple(Answer(score.finding, verdicts[score.finding], score.probability, reason, clip.advice) for score in clip.scores)
    if not short:
        return found
    return tuple(replace(each, verdict=Verdict.UNSURE, reason=LOOKING, advice=MOMENT) for each in found)
