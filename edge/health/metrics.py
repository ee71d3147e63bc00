"""The state of the appliance as Prometheus text. It is made from plain values on request only, so it costs the live loop nothing."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from prometheus_client import CollectorRegistry, ProcessCollector, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from edge.health.board import Board
from edge.pipeline.budget import BUDGET_MS
from edge.pipeline.counts import CountsSnapshot
from edge.pipeline.shadow import ShadowFigures
from edge.pipeline.times import Percentiles
from edge.services.outbox import OutboxFigures


@dataclass(frozen=True, slots=True)
class Vitals:
    """The values to show. `model` is a release's ident, `times` maps a stage to its milliseconds, `source_state` is one of `source_states`.

    `workers` states for each worker whether it runs, `restarts` how often it was restarted. `drift` is one of `drift_states`, empty before
    the first computation.
    """

    ready: bool
    model: str
    simulated: bool
    source_state: str
    source_states: tuple[str, ...]
    counts: CountsSnapshot
    times: Mapping[str, Percentiles]
    frames_per_second: float
    probabilities: Mapping[str, float]
    shadow: ShadowFigures | None = None
    notices: int = 0
    degraded: bool = False
    workers: Mapping[str, bool] = field(default_factory=dict)
    restarts: Mapping[str, int] = field(default_factory=dict)
    board: Board = field(default_factory=Board)
    outbox: OutboxFigures | None = None
    drift: str = ""
    drift_states: tuple[str, ...] = ()


def exposition(vitals: Vitals) -> bytes:
    """The text format of Prometheus, with the process's own memory and processor time."""
    registry = CollectorRegistry()
    registry.register(_VitalsCollector(vitals))
    ProcessCollector(registry=registry)
    return generate_latest(registry)


class _VitalsCollector(Collector):
    def __init__(self, vitals: Vitals) -> None:
        self._vitals = vitals

    def collect(self) -> Iterator[Metric]:
        yield from _frames(self._vitals)
        yield from _times(self._vitals)
        yield from _state(self._vitals)
        yield from _workers(self._vitals)
        yield from _board(self._vitals.board)
        if self._vitals.outbox is not None:
            yield from _outbox(self._vitals.outbox)
        if self._vitals.shadow is not None:
            yield from _shadow(self._vitals.shadow)


def _frames(vitals: Vitals) -> Iterator[Metric]:
    counts = vitals.counts
    yield CounterMetricFamily("sonoedge_frames_received", "Frames that the source sent, complete or not", counts.received)
    yield CounterMetricFamily("sonoedge_frames_read", "Frames that the model has read", counts.read)
    dropped = CounterMetricFamily("sonoedge_frames_dropped", "Frames not read, by cause", labels=["cause"])
    for cause, frames in sorted(counts.dropped.items()):
        dropped.add_metric([cause], frames)
    yield dropped
    yield GaugeMetricFamily("sonoedge_frames_per_second", "Frames read per second, over two seconds", vitals.frames_per_second)


def _times(vitals: Vitals) -> Iterator[Metric]:
    stages = GaugeMetricFamily("sonoedge_stage_seconds", "Time of each stage over the last frames", labels=["stage", "quantile"])
    for stage, ms in vitals.times.items():
        for quantile, value in (("0.5", ms.p50), ("0.9", ms.p90), ("0.99", ms.p99)):
            stages.add_metric([stage, quantile], value / 1000)
    yield stages
    budgets = GaugeMetricFamily("sonoedge_stage_budget_seconds", "Budget of the stage's median on a processor of 2024", labels=["stage"])
    for stage, budget_ms in BUDGET_MS.items():
        budgets.add_metric([stage], budget_ms / 1000)
    yield budgets


def _state(vitals: Vitals) -> Iterator[Metric]:
    yield GaugeMetricFamily("sonoedge_ready", "1 when the model has finished its warm-up", int(vitals.ready))
    yield GaugeMetricFamily("sonoedge_simulated", "1 while the frames are simulated and show no patient", int(vitals.simulated))
    state = GaugeMetricFamily("sonoedge_source_state", "1 for the current state of the source", labels=["state"])
    for name in vitals.source_states:
        state.add_metric([name], int(name == vitals.source_state))
    yield state
    drift = GaugeMetricFamily("sonoedge_drift_state", "1 for the verdict of the drift watch of the release in use", labels=["state"])
    for name in vitals.drift_states:
        drift.add_metric([name], int(name == vitals.drift))
    yield drift
    yield GaugeMetricFamily("sonoedge_notices", "Notices that nobody has marked as seen", vitals.notices)
    model = GaugeMetricFamily("sonoedge_model_info", "The model release in use", labels=["release"])
    model.add_metric([vitals.model], 1)
    yield model
    findings = GaugeMetricFamily(
        "sonoedge_finding_probability", "Probability in the last frame read. Research use, not a diagnosis", labels=["finding"]
    )
    for finding, probability in vitals.probabilities.items():
        findings.add_metric([finding], probability)
    yield findings


def _workers(vitals: Vitals) -> Iterator[Metric]:
    yield GaugeMetricFamily("sonoedge_degraded", "1 while an optional part does not run; /health names it", int(vitals.degraded))
    running = GaugeMetricFamily("sonoedge_worker_running", "1 while the worker runs", labels=["worker"])
    for name, runs in vitals.workers.items():
        running.add_metric([name], int(runs))
    yield running
    restarts = CounterMetricFamily("sonoedge_worker_restarts", "Restarts of the worker after a failure", labels=["worker"])
    for name, times in vitals.restarts.items():
        restarts.add_metric([name], times)
    yield restarts


def _board(board: Board) -> Iterator[Metric]:
    for name, help_, value in (
        ("sonoedge_temperature_celsius", "The hottest thermal zone of the board", board.temperature_c),
        ("sonoedge_disk_bytes", "Size of the disk that holds the data folder", board.disk_bytes),
        ("sonoedge_disk_free_bytes", "Free bytes of that disk", board.disk_free_bytes),
    ):
        if value is not None:
            yield GaugeMetricFamily(name, help_, value)


def _outbox(outbox: OutboxFigures) -> Iterator[Metric]:
    states = GaugeMetricFamily("sonoedge_deliveries", "Deliveries of reports to the hospital, by state", labels=["state"])
    for state, count in outbox.states.items():
        states.add_metric([state], count)
    yield states
    yield GaugeMetricFamily(
        "sonoedge_delivery_waits_seconds", "Age of the oldest delivery that has not arrived; 0: all have", outbox.waits_s
    )


def _shadow(shadow: ShadowFigures) -> Iterator[Metric]:
    pair = [shadow.release, shadow.active]
    running = GaugeMetricFamily(
        "sonoedge_shadow_running", "1 while a release reads as the shadow, 0 after it has failed", labels=["release"]
    )
    running.add_metric([shadow.release], int(shadow.problem is None))
    yield running
    for name, help_, frames in (
        ("sonoedge_shadow_frames_compared", "Frames that both the active release and its shadow have read", shadow.frames),
        ("sonoedge_shadow_frames_skipped", "Frames that the shadow was too slow for", shadow.skipped),
    ):
        counter = CounterMetricFamily(name, help_, labels=["release", "active"])
        counter.add_metric(pair, frames)
        yield counter
    disagreed = CounterMetricFamily(
        "sonoedge_shadow_disagreements", "Frames on which the prediction sets differ", labels=["release", "active", "finding"]
    )
    difference = GaugeMetricFamily(
        "sonoedge_shadow_difference", "Mean absolute difference of the probabilities", labels=["release", "active", "finding"]
    )
    for key, finding in shadow.findings.items():
        disagreed.add_metric([*pair, key], finding.disagreed)
        difference.add_metric([*pair, key], finding.difference)
    yield disagreed
    yield difference
    marked = CounterMetricFamily(
        "sonoedge_shadow_frames_not_validated", "Frames of machines on which it is not validated", labels=["release", "active", "of"]
    )
    for who, frames in shadow.not_validated.items():
        marked.add_metric([*pair, who], frames)
    yield marked
