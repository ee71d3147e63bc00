"""How often the steady answers change on real clips of a validated machine, each shown again and again as a probe held still.

What is counted is what a person reads: another verdict of a finding, or another reason why it is open. The first answer is no change.
"""

import csv
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from edge.exam.steady import SteadyAnswers
from edge.exam.verdict import LOOKING
from edge.inference.reader import Reader
from edge.inference.release import ModelRelease
from edge.pipeline.observation import Observation
from firmware_bridge.example_data import MANIFEST, example_data
from firmware_bridge.machine import Machine
from firmware_bridge.sources.file import open_file
from firmware_bridge.sources.stated import stated

CLIPS, MACHINE = "covid_blues", Machine.named("Philips Lumify")
SHOWN_S = 60.0


def clips(count: int) -> list[Path]:
    """`count` of the real clips, evenly chosen; all of them if there are no more.

    Raises:
        ExampleDataAbsent: there is no folder of real recordings.
    """
    folder = example_data(CLIPS)
    with (folder / MANIFEST).open(newline="") as rows:
        found = sorted(folder / row["file"] for row in csv.DictReader(rows))
    count = min(count, len(found))
    return [found[number * len(found) // count] for number in range(count)]


def worst(release: Path, found: list[Path], each: Callable[[], None]) -> float:
    """Changes in a minute of the finding that changes most, over all clips; calls `each` after each clip."""
    reader, most = Reader.load(ModelRelease.load(release)), 0.0
    for clip in found:
        most = max(most, _changes(reader, clip))
        each()
    return most


def _changes(reader: Reader, clip: Path) -> float:
    observations, steady = _read(reader, clip), SteadyAnswers()
    period_us = observations[-1].frame.captured_us + _interval_us(observations)
    stated_before: dict[str, tuple[str, str]] = {}
    changes: dict[str, int] = {}
    for turn in range(max(1, round(SHOWN_S * 1e6 / period_us))):
        for observation in observations:
            steady.add(_later(observation, turn * period_us))
            for answer in steady.answers():
                before = stated_before.get(answer.finding)
                stated_before[answer.finding] = (answer.verdict.value, answer.reason)
                if before is not None and before[1] != LOOKING and before != stated_before[answer.finding]:
                    changes[answer.finding] = changes.get(answer.finding, 0) + 1
    shown_s = period_us * max(1, round(SHOWN_S * 1e6 / period_us)) / 1e6
    return max(changes.values(), default=0) * 60 / shown_s


def _read(reader: Reader, clip: Path) -> list[Observation]:
    standardiser = reader.standardiser()
    with stated(open_file(clip), MACHINE) as source:
        seen = [standardiser.take(frame) for frame in source.frames()]
    return [Observation(each, reader.infer(each), reader.release, 0) for each in seen]


def _later(observation: Observation, by_us: int) -> Observation:
    frame = replace(observation.frame, captured_us=observation.frame.captured_us + by_us)
    return replace(observation, seen=replace(observation.seen, frame=frame))


def _interval_us(observations: list[Observation]) -> int:
    first, last = observations[0].frame.captured_us, observations[-1].frame.captured_us
    return max(1, (last - first) // max(1, len(observations) - 1))
