"""The source on a real pty with a small pic0rick on its other end, which uses the protocol of firmware 1.5."""

import itertools
import os
import pty
import struct
import threading
import tty
import zlib
from functools import partial

import numpy as np
import pytest

from firmware_bridge.errors import NotAProbe, SourceUnknown
from firmware_bridge.p0rk.commands import P0rkRefused
from firmware_bridge.p0rk.frame import Flags, Header, Kind
from firmware_bridge.sources import p0rk as p0rk_source
from firmware_bridge.sources.damage import DamageWatch
from firmware_bridge.sources.p0rk import P0rkStopped
from firmware_bridge.sources.url import open_source

SAMPLES = 256


class Pic0rick:
    """Answers commands; on `stream start` it sends `script`: sequence numbers, or bytes as they are."""

    def __init__(self, script=(), refuse=b""):
        self.fd, self.far = pty.openpty()
        tty.setraw(self.far)
        self.path = os.ttyname(self.far)
        self.script, self.refuse = script, refuse
        self.heard, self.stale = [], b""
        self.thread = threading.Thread(target=self.run)
        self.thread.start()

    def run(self):
        waiting = b""
        while self.heard[-1:] != [b"pulser disarm"] or len(self.heard) < 4:
            waiting += os.read(self.fd, 1000)
            *lines, waiting = waiting.split(b"\n")
            for line in filter(None, lines):
                self.heard.append(line)
                self.answer(line)

    def answer(self, line):
        if line.startswith(b"stream start"):
            os.write(self.fd, self.refuse or b"OK streaming\r\n")
            for one in () if self.refuse else self.script:
                os.write(self.fd, one if isinstance(one, bytes) else frame(one))
        elif line == b"stream stop":
            os.write(self.fd, self.stale)
            os.write(self.fd, b"OK stream stopped drops=0\r\n")
        elif line == b"status":
            os.write(self.fd, b"OK board=pic0rick firmware=1.6 pulse=96/6000/96/pos-first\r\n")
        else:
            os.write(self.fd, b"OK\r\n")

    def end(self):
        self.thread.join(20)
        assert not self.thread.is_alive()
        os.close(self.fd)
        os.close(self.far)


def frame(sequence, self_test=False, samples=SAMPLES):
    payload = np.full(samples, 1.0 + sequence, "<f4")
    payload[100:108] = 512.0
    data = payload.tobytes()
    flags = Flags.SELF_TEST if self_test else Flags(0)
    header = Header(
        Kind.ENVELOPE, flags, sequence, samples, 60_000_000, len(data), sequence * 20_000, 0, 512, 512, 96, 6000, 96, 0, zlib.crc32(data)
    )
    return header.pack() + data


@pytest.fixture
def plugged():
    made = []

    def plug(*script, **more):
        made.append(Pic0rick(script, **more))
        return made[-1]

    yield plug
    for one in made:
        one.end()


def first(url):
    with open_source(url) as source:
        return next(iter(source.frames())), source


def test_a_sweep_of_lines_is_one_image(plugged):
    probe = plugged(*range(4))
    got, source = first(f"p0rk://{probe.path}?lines=4&hz=50")
    assert got.pixels.shape == (SAMPLES // 8, 4)
    assert got.pixels[13].tolist() == [255] * 4 or got.pixels[12].max() == 255
    assert got.pixels[2].max() < 150
    assert got.settings.depth_mm == pytest.approx(SAMPLES * 1540e3 / 2 / 60e6)
    assert not got.simulated
    assert (source.info.device, source.info.firmware) == ("pic0rick", "1.6")
    assert b"stream start envelope 50" in probe.heard
    assert b"pulser arm" not in probe.heard
    assert probe.heard.index(b"pulser disarm") < probe.heard.index(b"stream start envelope 50")


def test_a_missing_line_stays_black_and_is_counted(plugged):
    probe = plugged(0, 2, 3)
    got, source = first(f"p0rk://{probe.path}?lines=4")
    assert got.pixels[:, 1].max() == 0
    assert got.pixels[:, 2].max() == 255
    assert {loss.cause: loss.frames for loss in source.losses} == {"line-gap": 1}


def test_garbage_and_a_damaged_line_cost_themselves(plugged):
    broken = bytearray(frame(1))
    broken[-1] ^= 1
    probe = plugged(0, b"\0\xff" * 40, bytes(broken), 2, 3)
    got, source = first(f"p0rk://{probe.path}?lines=4")
    assert (got.pixels.max(axis=0) > 0).tolist() == [True, False, True, True]
    assert {"line-gap", "payload-crc"} <= {loss.cause for loss in source.losses}


def test_damaged_lines_alone_are_stated(plugged, monkeypatch):
    seconds = itertools.count(0, 2)
    monkeypatch.setattr("firmware_bridge.sources.live.DamageWatch", partial(DamageWatch, clock=lambda: next(seconds)))
    broken = bytearray(frame(1))
    broken[-1] ^= 1
    with open_source(f"p0rk://{plugged().path}?lines=4") as source:
        source._understand(3 * bytes(broken), 0)
        notice = source.notice
    assert notice.code == "probe-damaged"
    assert "a wrong checksum" in notice.what


def columns_of(probe, images):
    """Which lines are there, image by image."""
    with open_source(f"p0rk://{probe.path}?lines=4") as source:
        shown = [image.pixels.max(axis=0) > 0 for _, image in zip(range(images), source.frames(), strict=False)]
        found = [there.astype(int).tolist() for there in shown]
        return found, {loss.cause: loss.frames for loss in source.losses}


def test_lines_of_two_sweeps_are_never_joined(plugged):
    found, lost = columns_of(plugged(10, 11, 40, 41, 42, 43), 2)
    assert found == [[1, 1, 0, 0], [1, 1, 1, 1]]
    assert lost == {"line-gap": 28}


@pytest.mark.parametrize("anew", [0, 3_000_000_000])
def test_a_restarted_counter_begins_a_new_image_and_is_not_a_gap(plugged, anew):
    found, lost = columns_of(plugged(1000, 1001, *range(anew, anew + 4)), 2)
    assert found == [[1, 1, 0, 0], [1, 1, 1, 1]]
    assert lost == {"sequence-restart": 0}


def test_a_capture_that_fails_ends_the_source_by_name(plugged):
    probe = plugged(0, 1, b"ERR DMA timed out\r\n")
    with pytest.raises(P0rkStopped, match="DMA"), open_source(f"p0rk://{probe.path}?lines=2") as source:
        list(source.frames())


def test_a_refusal_of_what_was_on_the_line_before_is_not_taken_for_an_answer(plugged):
    probe = plugged(0, 1, refuse=b"ERR BUSY now\r\n")
    probe.stale = b"ERR COMMAND unknown\r\n"
    with pytest.raises(P0rkRefused, match="BUSY"):
        open_source(f"p0rk://{probe.path}")


def test_a_self_test_is_shown_as_simulated(plugged):
    probe = plugged(frame(0, self_test=True), 1)
    assert first(f"p0rk://{probe.path}?lines=2")[0].simulated


def test_the_pulser_is_armed_only_when_asked_and_disarmed_at_the_end(plugged):
    probe = plugged(0, 1)
    first(f"p0rk://{probe.path}?lines=2&pulser=1&pitch_mm=0.5")
    probe.thread.join(20)
    assert probe.heard.index(b"pulser arm") < probe.heard.index(b"pulser disarm")
    assert b"stream stop" in probe.heard[-2:]


@pytest.mark.parametrize("code", [b"BUSY", b"RATE", b"DMA", b"NEW"])
def test_a_refusal_says_what_to_do(plugged, code):
    probe = plugged(refuse=b"ERR " + code + b" not now\r\n")
    with pytest.raises(P0rkRefused) as refused:
        open_source(f"p0rk://{probe.path}")
    assert refused.value.fix


def test_what_does_not_answer_is_no_pic0rick(monkeypatch):
    monkeypatch.setattr(p0rk_source, "REPLY_S", 0.3)
    ours, theirs = pty.openpty()
    tty.setraw(theirs)
    try:
        with pytest.raises(NotAProbe, match="firmware"):
            open_source(f"p0rk://{os.ttyname(theirs)}")
    finally:
        os.close(ours)
        os.close(theirs)


@pytest.mark.parametrize("options", ["type=colour", "hz=500", "hz=0", "lines=1", "lines=1e9", "pitch_mm=-1", "x=1", "hz=nan"])
def test_an_option_that_it_has_not_is_refused(options):
    with pytest.raises(SourceUnknown):
        open_source(f"p0rk:///dev/none?{options}")


def test_the_header_is_as_long_as_the_format_says():
    assert len(frame(0)) == struct.calcsize("<4sBBHIIIIQfffIIIII") + 4 * SAMPLES
