"""The figures of a running appliance, gathered for its metrics."""

import time
from collections.abc import Mapping, Sequence
from typing import Protocol

from edge.feedback.drift.figures import State
from edge.health.board import board_of
from edge.health.metrics import Vitals, exposition
from edge.inference.release import ModelRelease
from edge.pipeline.counts import CountsSnapshot
from edge.pipeline.hub import Hub
from edge.pipeline.source_state import SourceState, SourceStatus
from edge.pipeline.times import Times
from edge.services.drift import DriftService
from edge.services.model import ModelService
from edge.services.notices import NoticeService
from edge.services.outbox import OutboxService
from edge.settings import Settings


class Running(Protocol):
    """The appliance, as its metrics see it."""

    hub: Hub
    times: Times
    models: ModelService
    notices: NoticeService
    outbox: OutboxService
    drift: DriftService

    @property
    def settings(self) -> Settings: ...
    @property
    def ready(self) -> bool: ...
    @property
    def release(self) -> ModelRelease: ...
    @property
    def counts(self) -> CountsSnapshot: ...
    @property
    def outages(self) -> Sequence[object]: ...
    def source_status(self) -> SourceStatus: ...


def metrics_of(it: Running, workers: Mapping[str, bool], restarts: Mapping[str, int], *, shown: bool) -> bytes:
    """The figures of this moment as Prometheus text; `shown`: whether everybody is allowed to see what the model states."""
    return exposition(_vitals(it, workers, restarts, shown=shown))


def _vitals(it: Running, workers: Mapping[str, bool], restarts: Mapping[str, int], *, shown: bool) -> Vitals:
    latest = it.hub.latest
    return Vitals(
        ready=it.ready,
        model=it.release.ident,
        simulated=latest is not None and latest.frame.simulated,
        source_state=it.source_status().state.value,
        source_states=tuple(state.value for state in SourceState),
        counts=it.counts,
        times=it.times.percentiles(),
        frames_per_second=it.times.rate(time.monotonic_ns()),
        probabilities=latest.probabilities if latest and shown else {},
        shadow=it.models.status.shadow,
        notices=it.notices.waiting,
        degraded=bool(it.outages),
        workers=workers,
        restarts=restarts,
        board=board_of(it.settings.data_dir),
        outbox=it.outbox.figures(),
        drift=it.drift.state or "",
        drift_states=tuple(state.value for state in State),
    )
