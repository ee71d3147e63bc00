"""Recordings as they are written and read again, by this project and by the MCAP library's own reader."""

import io
import json
import time
from contextlib import suppress
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mcap.reader import make_reader

from firmware_bridge.errors import BridgeError
from firmware_bridge.frame import AcquisitionSettings, Frame, Geometry, Shape
from firmware_bridge.machine import Machine
from firmware_bridge.recording import RecordingWriter
from firmware_bridge.sources import mcap as mcap_source
from firmware_bridge.sources.base import Origin, SourceInfo, SourceLoss
from firmware_bridge.sources.file import open_file

INFO = SourceInfo("serial:///dev/x", "probe", Origin.LIVE, "Device", "1.2", "S-7")
FAN = Geometry(Shape.CURVILINEAR, (0.5, 0.5), (150.0, -60.0), (50.0, 170.0), (-35.0, 35.0))


def frame(number, *, simulated=False, geometry=FAN, depth=120.0, rows=40, columns=60):
    pixels = np.random.default_rng(number).integers(0, 256, (rows, columns), dtype=np.uint8)
    made_with = AcquisitionSettings(depth_mm=depth, preset="lung")
    return Frame(pixels, number, 1_000_000 + number * 40_000, time.monotonic_ns(), geometry, made_with, simulated)


def recorded(frames, losses=()):
    stream = io.BytesIO()
    writer = RecordingWriter(stream, INFO, "a notice")
    for one in frames:
        writer.frame(one)
        writer.reading(one.sequence, {"logit": 0.1 * one.sequence}, one.received_ns)
    writer.losses(losses, time.monotonic_ns())
    writer.finish()
    return stream.getvalue()


def replayed(path):
    with open_file(path) as source:
        return list(source.frames()), {loss.cause: loss.frames for loss in source.losses}, source.info


@pytest.fixture
def kept(tmp_path):
    def keep(data):
        (tmp_path / "x.mcap").write_bytes(data)
        return tmp_path / "x.mcap"

    return keep


def test_frames_come_back_bit_for_bit_with_what_they_were_made_with(kept):
    given = [frame(0), frame(1, simulated=True), frame(2, depth=80.0), frame(3, geometry=Geometry(), rows=30)]
    frames, losses, info = replayed(kept(recorded(given, (SourceLoss("sequence-gap", 3),))))
    assert len(frames) == info.frames == 4
    for one, back in zip(given, frames, strict=True):
        assert np.array_equal(one.pixels, back.pixels)
        assert (one.geometry, one.settings, one.simulated) == (back.geometry, back.settings, back.simulated)
    assert [one.captured_us for one in frames] == [0, 40_000, 80_000, 120_000]
    assert losses == {"sequence-gap": 3}
    assert (info.device, info.firmware, info.serial_number) == ("Device", "1.2", "S-7")


@pytest.mark.parametrize(
    ("origin", "of_simulation", "simulated"),
    [(Origin.LIVE, False, False), (Origin.SIMULATED, False, True), (Origin.REPLAY, True, True), (Origin.REPLAY, False, False)],
)
def test_a_recording_states_whether_its_source_was_simulated(kept, origin, of_simulation, simulated):
    stream = io.BytesIO()
    writer = RecordingWriter(stream, SourceInfo("x", "x", origin, of_simulation=of_simulation), "")
    writer.frame(frame(0, simulated=simulated))
    writer.finish()
    _, _, info = replayed(kept(stream.getvalue()))
    assert (info.origin, info.simulated) == (Origin.REPLAY, simulated)


def test_standard_tools_read_it_indexed_and_with_schemas():
    reader = make_reader(io.BytesIO(recorded([frame(0), frame(1)])), validate_crcs=True)
    summary = reader.get_summary()
    assert summary.statistics.message_count == 6
    assert summary.chunk_indexes
    assert {channel.topic for channel in summary.channels.values()} >= {"/image", "/reading", "/geometry", "/settings", "/link"}
    assert {schema.name for schema in summary.schemas.values()} >= {"foxglove.RawImage"}
    readings = [json.loads(message.data) for _, _, message in reader.iter_messages(topics="/reading")]
    assert readings == [{"logit": 0.0}, {"logit": 0.1}]
    assert next(iter(reader.iter_metadata())).metadata["notice"] == "a notice"


def test_a_file_cut_anywhere_gives_its_whole_chunks_and_says_so(kept, monkeypatch):
    monkeypatch.setattr("firmware_bridge.recording.CHUNK_BYTES", 5000)
    data = recorded([frame(number) for number in range(12)])
    whole = 0
    for end in range(len(data) - 1, len(data) // 2, -1499):
        frames, losses, _ = replayed(kept(data[:end]))
        whole = max(whole, len(frames))
        for one in frames:
            assert np.array_equal(one.pixels, frame(one.sequence).pixels)
        assert losses == {"cut-off": 0}
    assert whole == 12


def test_a_damaged_chunk_costs_itself_alone(kept, monkeypatch):
    monkeypatch.setattr("firmware_bridge.recording.CHUNK_BYTES", 2000)
    data = bytearray(recorded([frame(number) for number in range(9)]))
    data[len(data) // 3] ^= 0xFF
    frames, losses, _ = replayed(kept(bytes(data)))
    assert len(frames) == 8
    assert losses == {"undecodable": 1}


def test_a_device_that_restarts_does_not_turn_time_back(kept):
    again = [frame(0), frame(1), frame(0), frame(1)]
    frames, _, _ = replayed(kept(recorded(again)))
    assert [one.captured_us for one in frames] == [0, 40_000, 80_000, 120_000]


SMALL = recorded([frame(0, rows=4, columns=5), frame(1, rows=4, columns=5)], (SourceLoss("x", 1),))


@settings(max_examples=150)
@given(st.lists(st.tuples(st.integers(0, len(SMALL) - 1), st.integers(0, 255)), min_size=1, max_size=6), st.integers(0, len(SMALL)))
def test_whatever_the_bytes_frames_or_an_error_of_ours(tmp_path_factory, changes, end):
    data = bytearray(SMALL)
    for at, value in changes:
        data[at] = value
    path = tmp_path_factory.getbasetemp() / "mutated.mcap"
    path.write_bytes(bytes(data[:end]))
    with suppress(BridgeError):
        replayed(path)


def test_a_footer_that_points_nowhere_costs_the_count_and_no_frame(kept):
    footer = SMALL.rindex(b"\x02" + (20).to_bytes(8, "little")) + 9
    path = kept(SMALL[:footer] + b"\xff" * 8 + SMALL[footer + 8 :])
    assert len(replayed(path)[0]) == 2
    assert mcap_source.count_frames(path) is None


def test_a_bomb_is_not_unpacked(kept, monkeypatch):
    monkeypatch.setattr(mcap_source, "RECORD_LIMIT", 20_000)
    black = Frame(np.zeros((2000, 2000), np.uint8), 0, 0, time.monotonic_ns())
    with pytest.raises(BridgeError, match="no frame could be decoded"):
        replayed(kept(recorded([black])))


def test_a_loss_that_claims_more_frames_than_any_probe_sends_is_not_believed(kept):
    stream = io.BytesIO()
    writer = RecordingWriter(stream, INFO, "a notice")
    writer.frame(frame(0))
    for lost in (2**32, 10**400):
        writer.event({"event": "loss", "cause": "sequence-gap", "frames": lost}, 0)
    writer.finish()
    assert replayed(kept(stream.getvalue()))[1] == {"sequence-gap": 2**32, mcap_source.UNDECODABLE: 1}


def test_a_replay_goes_on_where_the_devices_clock_jumped(tmp_path):
    times = [0, 40_000, 2**63, 2**63 + 40_000, 5]
    stream = recorded([replace(frame(number), captured_us=at_us) for number, at_us in enumerate(times)])
    (tmp_path / "x.mcap").write_bytes(stream)
    with open_file(tmp_path / "x.mcap", paced=True) as source:
        assert [one.captured_us for one in source.frames()] == [0, 40_000, 80_000, 120_000, 160_000]


def test_the_machine_of_each_frame_comes_back_also_where_it_changed(kept):
    lumify, other = Machine("Philips", "Lumify"), Machine.stated("Acme Scan")
    stream = io.BytesIO()
    writer = RecordingWriter(stream, replace(INFO, machine=lumify), "")
    for number, machine in enumerate((lumify, lumify, other, lumify)):
        writer.frame(replace(frame(number), machine=machine))
    writer.finish()
    frames, _, info = replayed(kept(stream.getvalue()))
    assert info.machine == lumify
    assert [(each.machine.name, each.machine.by_person) for each in frames] == [
        ("Philips Lumify", False),
        ("Philips Lumify", False),
        ("Acme Scan", True),
        ("Philips Lumify", False),
    ]


@pytest.mark.parametrize(("origin", "name"), [(Origin.LIVE, "Device"), (Origin.REPLAY, "unknown machine")])
def test_a_recording_of_a_program_that_did_not_ask_for_the_machine_names_the_device_that_scanned(kept, monkeypatch, origin, name):
    monkeypatch.setattr("firmware_bridge.recording.machine_facts", lambda _: {})
    stream = io.BytesIO()
    writer = RecordingWriter(stream, replace(INFO, origin=origin), "")
    writer.frame(frame(0))
    writer.finish()
    assert replayed(kept(stream.getvalue()))[2].machine.name == name
