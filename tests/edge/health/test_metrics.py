"""Prometheus can read all metrics, with the causes of drops and the simulation flag."""

from dataclasses import replace
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from edge.health.board import Board
from edge.health.metrics import Vitals, exposition
from edge.pipeline.counts import CountsSnapshot
from edge.pipeline.shadow import FindingFigures, ShadowFailed, ShadowFigures
from edge.pipeline.times import Percentiles
from edge.services.outbox import OutboxFigures

VITALS = Vitals(
    ready=True,
    model="lung-s-1.0.0",
    simulated=True,
    source_state="streaming",
    source_states=("streaming", "lost"),
    counts=CountsSnapshot(10, 7, {"displaced": 2, 'link:"crc"\n': 1}),
    times={"invoke": Percentiles(5, 6, 7)},
    frames_per_second=29.5,
    probabilities={"b_lines": 0.25},
)


def samples(vitals):
    families = text_string_to_metric_families(exposition(vitals).decode())
    return {(s.name, *sorted(s.labels.values())): s.value for family in families for s in family.samples}


@pytest.mark.parametrize(
    ("key", "value"),
    [
        (("sonoedge_frames_received_total",), 10),
        (("sonoedge_frames_read_total",), 7),
        (("sonoedge_frames_dropped_total", "displaced"), 2),
        (("sonoedge_frames_dropped_total", 'link:"crc"\n'), 1),
        (("sonoedge_frames_per_second",), 29.5),
        (("sonoedge_stage_seconds", "0.99", "invoke"), 0.007),
        (("sonoedge_stage_budget_seconds", "invoke"), 0.02),
        (("sonoedge_ready",), 1),
        (("sonoedge_simulated",), 1),
        (("sonoedge_source_state", "streaming"), 1),
        (("sonoedge_source_state", "lost"), 0),
        (("sonoedge_model_info", "lung-s-1.0.0"), 1),
        (("sonoedge_finding_probability", "b_lines"), 0.25),
    ],
)
def test_each_value_is_exposed(key, value):
    assert samples(VITALS)[key] == value


@pytest.mark.parametrize(("state", "ones"), [("", 0), ("stop", 1)])
def test_the_verdict_of_the_drift_watch_is_one_of_its_states(state, ones):
    found = samples(replace(VITALS, drift=state, drift_states=("steady", "stop")))
    assert found["sonoedge_drift_state", "steady"] == 0
    assert found["sonoedge_drift_state", "stop"] == ones


def test_the_board_is_stated_as_far_as_it_is_known():
    found = samples(replace(VITALS, board=Board(61.5, 2_000, 500)))
    assert [found[(f"sonoedge_{name}",)] for name in ("temperature_celsius", "disk_bytes", "disk_free_bytes")] == [61.5, 2_000, 500]
    assert not any("temperature" in key[0] or "disk" in key[0] for key in samples(VITALS))


def test_the_outbox_shows_each_state_and_for_how_long_the_oldest_delivery_waits():
    found = samples(replace(VITALS, outbox=OutboxFigures({"waiting": 2, "sent": 0}, 61.5)))
    assert [found[("sonoedge_deliveries", state)] for state in ("waiting", "sent")] == [2, 0]
    assert found[("sonoedge_delivery_waits_seconds",)] == 61.5


def test_the_process_shows_its_memory(missing):
    if Path("/proc/self/stat").read_text().rpartition(")")[2].split()[21] == "0":
        missing("a kernel that states the memory of a process (an emulator of user programs does not)")
    assert samples(VITALS)[("process_resident_memory_bytes",)] > 1e6


def test_before_the_first_frame_there_is_no_time_and_no_probability():
    found = samples(replace(VITALS, times={}, probabilities={}, simulated=False))
    assert not any(name in key[0] for key in found for name in ("stage_seconds", "finding_probability"))
    assert found[("sonoedge_simulated",)] == 0


def test_a_shadow_shows_its_comparison_and_its_failure():
    assert not any("shadow" in key[0] for key in samples(VITALS))
    shadow = ShadowFigures("new-2.0.0", "lung-s-1.0.0", 100, 7, {"b_lines": FindingFigures(3, 0.25)}, None, {"active": 0, "shadow": 9})
    found = samples(replace(VITALS, shadow=shadow))
    pair = ("lung-s-1.0.0", "new-2.0.0")
    assert found[("sonoedge_shadow_frames_compared_total", *pair)] == 100
    assert found[("sonoedge_shadow_frames_skipped_total", *pair)] == 7
    assert found[("sonoedge_shadow_disagreements_total", "b_lines", *pair)] == 3
    assert found[("sonoedge_shadow_difference", "b_lines", *pair)] == 0.25
    assert found[("sonoedge_shadow_frames_not_validated_total", *pair, "shadow")] == 9
    assert found[("sonoedge_shadow_running", "new-2.0.0")] == 1
    failed = replace(shadow, problem=ShadowFailed("it is gone", "See the log"))
    assert samples(replace(VITALS, shadow=failed))[("sonoedge_shadow_running", "new-2.0.0")] == 0


def test_each_worker_shows_whether_it_runs_and_its_number_of_restarts():
    assert samples(VITALS)[("sonoedge_degraded",)] == 0
    found = samples(replace(VITALS, degraded=True, workers={"audit": False, "http": True}, restarts={"audit": 5, "http": 0}))
    assert found[("sonoedge_degraded",)] == 1
    assert found[("sonoedge_worker_running", "audit")] == 0
    assert found[("sonoedge_worker_running", "http")] == 1
    assert found[("sonoedge_worker_restarts_total", "audit")] == 5
