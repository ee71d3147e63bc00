"""The self-test that the probe's author published, and everything that can go wrong on the way."""

import json
import zlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firmware_bridge.link.decoder import Loss
from firmware_bridge.p0rk.decoder import Decoder, Reply
from firmware_bridge.p0rk.frame import Flags, Header, Kind, Line, expand


def frame(sequence, kind=Kind.A_LAW, samples=32, flags=0, value=7):
    payload = {Kind.A_LAW: np.full(samples, value, "u1"), Kind.RAW: np.full(samples, value, "<u2")}[kind].tobytes()
    sizes = (samples, 60_000_000, len(payload))
    return Header(kind, Flags(flags), sequence, *sizes, 5, 0.0, 1.0, 512.0, 96, 6000, 96, 0, zlib.crc32(payload)).pack() + payload


def run(data, cuts=()):
    decoder, items, at = Decoder(), [], 0
    for cut in [*sorted(cuts), len(data)]:
        items += decoder.feed(data[at:cut])
        at = cut
    return [*items, *decoder.close()]


def numbers(items):
    return [item.header.sequence for item in items if isinstance(item, Line)]


def causes(items):
    return {item.cause: item.frames for item in items if isinstance(item, Loss)}


@pytest.fixture(scope="module")
def published(data_folder):
    """(header as published, samples) of the 21 frames of the self-test."""
    folder = data_folder / "rf_open_hw" / "pic0rick"
    samples = {name: np.load(folder / f"selftest_{name}.npy", allow_pickle=False) for name in ("raw", "envelope", "alaw")}
    stated = json.loads((folder / "selftest_headers.json").read_text())
    return [(header, samples[header["payload_name"]][header["array_index"]]) for header in stated]


def packed(stated, samples):
    sizes = [stated[key] for key in ("sequence", "sample_count", "sample_rate_hz", "payload_bytes", "capture_timestamp_us")]
    levels = [stated[key] for key in ("adc_dc_mean", "envelope_peak", "alaw_reference", "negative_ns", "damp_ns", "positive_ns")]
    numbers = (*sizes, *levels, stated["dropped_frames"], stated["payload_crc32"])
    return Header(Kind(stated["payload_type"]), Flags(stated["flags"]), *numbers).pack() + samples.tobytes()


def test_every_published_frame_is_read_to_the_bit(published):
    items = run(b"".join(packed(*one) for one in published))
    assert len(items) == len(published) == 21
    for line, (stated, samples) in zip(items, published, strict=True):
        assert isinstance(line, Line)
        assert np.array_equal(line.samples, samples)
        assert line.self_test == stated["flags"] >> 8
        assert zlib.crc32(line.samples.tobytes()) == stated["payload_crc32"]


def test_a_law_is_expanded_as_the_author_does(published, data_folder):
    wanted = np.load(data_folder / "rf_open_hw" / "pic0rick" / "selftest_alaw_decoded.npy", allow_pickle=False)
    lines = [line for line in run(b"".join(packed(*one) for one in published)) if line.header.kind is Kind.A_LAW]
    for line, decoded in zip(lines, wanted, strict=True):
        assert np.allclose(line.amplitude, decoded, rtol=1e-6)


def test_a_law_is_even_at_its_ends():
    assert expand(np.array([0, 255], np.uint8), 512.0).tolist() == [0.0, 512.0]


@given(st.lists(st.integers(0, 400), max_size=30))
def test_frames_and_replies_are_the_same_however_they_arrive(cuts):
    stream = b"OK armed\r\n" + frame(0) + frame(1) + b"OK stream stopped drops=0\r\nERR BUSY later\r\n"
    items = run(stream, cuts)
    assert numbers(items) == [0, 1]
    assert [item.text for item in items if isinstance(item, Reply)] == ["OK armed", "OK stream stopped drops=0", "ERR BUSY later"]
    assert causes(items) == {}


@given(st.data())
def test_a_burst_in_the_samples_costs_one_line_and_is_counted(data):
    whole = [bytearray(frame(number)) for number in range(4)]
    victim, at = data.draw(st.integers(0, 3)), data.draw(st.integers(64, 95))
    whole[victim][at] ^= data.draw(st.integers(1, 255))
    items = run(b"".join(map(bytes, whole)))
    assert numbers(items) == [number for number in range(4) if number != victim]
    assert causes(items)["payload-crc"] == 1


def test_gaps_restarts_and_drops_are_reported():
    items = run(frame(0) + frame(3) + frame(1) + frame(2, flags=4) + frame(3, flags=4))
    assert causes(items) == {"sequence-gap": 2, "sequence-restart": 0, "probe-drop": 0}
    assert sum(isinstance(item, Loss) and item.cause == "probe-drop" for item in items) == 1


@pytest.mark.parametrize(("at", "value"), [(4, 2), (5, 9), (12, 33), (16, 0), (20, 1)])
def test_a_header_whose_parts_do_not_agree_is_none(at, value):
    data = bytearray(frame(0))
    data[at : at + 4] = bytes([value]) + bytes(3) if at >= 12 else bytes([value]) + bytes(data[at + 1 : at + 4])
    assert numbers(run(bytes(data) + frame(1))) == [1]


@settings(max_examples=200)
@given(st.binary(max_size=300), st.binary(max_size=80))
def test_whatever_the_bytes_it_never_raises_and_a_frame_after_them_is_found(noise, more):
    items = run(noise + more + frame(5))
    assert numbers(items)[-1:] == [5] or b"P0RK" in noise + more
