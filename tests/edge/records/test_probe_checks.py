"""The file of a probe's checks: a check is there once it is reported as stored, and no check is ever lost."""

import json
import threading

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.records.probe_checks import ProbeCheck, ProbeChecks, RecordsFailed


def check(serial_number="S1", verdict="pass", **more):
    return ProbeCheck(
        at="2026-01-05T07:00:00+00:00",
        serial_number=serial_number,
        device="probe",
        source="serial:///dev/ttyACM0",
        simulated=False,
        verdict=verdict,
        reasons=(),
        elements=128,
        **more,
    )


@pytest.fixture
def store(tmp_path):
    return ProbeChecks(tmp_path / "checks")


def test_what_is_added_is_read_back_in_its_order(store):
    for verdict in ("pass", "watch", "do not use"):
        store.add(check(verdict=verdict, profile=(0.5, -31.0), level=212.5))
    history = store.history("S1")
    assert [one.verdict for one in history.checks] == ["pass", "watch", "do not use"]
    assert history.checks[0].profile == (0.5, -31.0)
    assert history.damaged == ()


def test_a_probe_that_was_never_checked_has_no_history(store):
    assert store.history("S1").checks == ()
    assert store.history("S1").baseline is None


def test_the_newest_baseline_counts(store):
    for level, is_baseline in ((1.0, True), (2.0, False), (3.0, True), (4.0, False)):
        store.add(check(level=level, is_baseline=is_baseline))
    assert store.history("S1").baseline.level == 3.0


@given(cut=st.integers(1, 400))
@settings(max_examples=25)
def test_a_line_that_a_power_cut_has_torn_is_reported_and_costs_no_other(tmp_path_factory, cut):
    store = ProbeChecks(tmp_path_factory.mktemp("checks"))
    store.add(check(level=1.0))
    path = store.add(check(level=2.0))
    whole = path.read_bytes()
    half = whole[: len(whole) - min(cut, len(whole) // 2 - 2)]
    path.write_bytes(half)
    store.add(check(level=3.0))
    history = store.history("S1")
    levels = [one.level for one in history.checks]
    assert levels == ([1.0, 2.0, 3.0] if cut == 1 else [1.0, 3.0])
    assert history.damaged == (() if cut == 1 else (2,))
    assert path.read_bytes().startswith(half)


def test_lines_that_are_not_checks_are_reported_and_stay(store):
    path = store.add(check())
    path.write_bytes(b"\xff\xfe\x00\nnull\n{}\n" + path.read_bytes() + b"\n\n")
    history = store.history("S1")
    assert history.damaged == (1, 2, 3)
    assert len(history.checks) == 1


@given(st.lists(st.text(max_size=80), min_size=2, max_size=6, unique=True))
@settings(max_examples=50)
def test_each_serial_number_has_a_file_of_its_own_inside_the_folder(tmp_path_factory, names):
    folder = tmp_path_factory.getbasetemp() / "names"
    paths = {ProbeChecks(folder).path(name) for name in names}
    assert len(paths) == len(names)
    assert {path.parent for path in paths} == {folder}


def test_a_plain_serial_number_names_its_file_and_none_is_unknown(store):
    assert store.path("VIRTUAL-1").name == "VIRTUAL-1.jsonl"
    assert store.path("").name == "unknown.jsonl"
    assert store.path("unknown") != store.path("")
    assert store.path("../../etc/passwd").parent == store.path("A").parent


def test_several_may_add_at_once(store):
    def add(verdict):
        for _ in range(20):
            store.add(check(verdict=verdict, profile=(0.0,) * 500))

    threads = [threading.Thread(target=add, args=(verdict,)) for verdict in ("pass", "watch")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    history = store.history("S1")
    assert (len(history.checks), history.damaged) == (40, ())


def test_all_checks_are_exported_as_one_json_list(store, tmp_path):
    store.add(check())
    store.add(check(verdict="watch"))
    assert store.export("S1", tmp_path / "out.json") == 2
    exported = json.loads((tmp_path / "out.json").read_text())
    assert [one["verdict"] for one in exported] == ["pass", "watch"]
    assert exported[0]["notice"] == "research use, not a diagnosis"


def test_a_folder_that_cannot_be_written_is_reported(tmp_path):
    (tmp_path / "file").write_text("in the way")
    store = ProbeChecks(tmp_path / "file")
    with pytest.raises(RecordsFailed, match="cannot be written"):
        store.add(check())
    with pytest.raises(RecordsFailed, match="cannot be written"):
        ProbeChecks(tmp_path / "checks").export("S1", tmp_path / "nowhere" / "out.json")


def test_a_file_that_cannot_be_read_is_reported(store):
    store.path("S1").mkdir(parents=True)
    with pytest.raises(RecordsFailed, match="cannot be read"):
        store.history("S1")
