"""The board's words, computed from the format's own text, and a board in software that has the registers."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyftdi.ftdi import FtdiError

from firmware_bridge.errors import ProbeSilent, ProbeUnplugged, SourceAbsent, SourceUnknown
from firmware_bridge.sources import un0rick as source_module
from firmware_bridge.sources.url import open_source
from firmware_bridge.un0rick import board as board_module
from firmware_bridge.un0rick.board import LINE_SAMPLES, Board, Un0rickRefused, control, gain_ramp


class SoftBoard:
    """Registers behind a bus: reads control words bit by bit, and fills its memory on the command to fire."""

    def __init__(self, author=1, done=True):
        self.words = {0xF0: author, 0xF1: 2, 0x51: 0}
        self.author, self.done = author, done
        self.memory, self.at, self.closed = np.zeros(0, np.uint16), 0, False

    def exchange(self, out, readlen):
        word = int.from_bytes(out[:3], "big")
        write, rising, count, address = word >> 23, word >> 22 & 1, (word >> 8 & 0x3FFF) + 1, word & 0xFF
        if write:
            values = np.frombuffer(out[3:], ">u2")
            assert len(values) == count
            for number, value in enumerate(values):
                self.words[address + number * rising] = int(value)
            self.act(address)
            return b""
        assert readlen == 2 * count
        if address == 0xA0:
            self.at += count
            return self.memory[self.at - count : self.at].astype(">u2").tobytes()
        return np.full(count, self.words.get(address, 0), ">u2").tobytes()

    def act(self, address):
        if address == 0x50 and self.done:
            lines = self.words[0x52] + 1
            self.memory = np.full(lines * LINE_SAMPLES, 512, np.uint16)
            self.memory[np.arange(lines) * LINE_SAMPLES + 1000] = 1023
            self.words[0x51] = 1
        if address == 0xA1:
            self.at = 0

    def close(self):
        self.closed = True


@given(st.booleans(), st.booleans(), st.integers(1, 16384), st.integers(0, 255))
def test_a_control_word_holds_each_field_in_its_bits(write, rising, words, address):
    number = int.from_bytes(control(address, words, write=write, rising=rising), "big")
    assert (number >> 23, number >> 22 & 1, (number >> 8 & 0x3FFF) + 1, number & 0xFF) == (write, rising, words, address)


def test_control_words_by_hand():
    assert control(0xF1, 1, write=False).hex() == "0000f1"
    assert control(0x20, 32, write=True, rising=True).hex() == "c01f20"


@pytest.mark.parametrize(("address", "words"), [(0, 0), (0, 16385), (256, 1), (-1, 1)])
def test_what_fits_no_field_is_refused(address, words):
    with pytest.raises(ValueError, match="words at address"):
        control(address, words, write=False)


def test_the_gain_rises_evenly():
    ramp = gain_ramp(0, 1023)
    assert (len(ramp), ramp[0], ramp[-1]) == (32, 0, 1023)
    assert set(np.diff(ramp)) == {33}
    with pytest.raises(ValueError, match="gains"):
        gain_ramp(0, 1024)


def test_an_acquisition_gives_its_lines():
    soft = SoftBoard()
    board = Board(soft)
    board.set_up(3, gain_ramp(100, 900))
    assert [soft.words[0x20 + number] for number in (0, 31)] == [100, 900]
    lines = board.acquire(3)
    assert lines.shape == (3, LINE_SAMPLES)
    assert lines[:, 1000].tolist() == [511] * 3
    assert np.count_nonzero(lines) == 3


@pytest.fixture
def soft(monkeypatch):
    made = SoftBoard()
    monkeypatch.setattr(source_module, "open_bus", lambda _: (made, made.close))
    return made


def test_the_source_shows_an_image_an_acquisition(soft):
    with open_source("un0rick://?lines=4&gain=0-500") as source:
        frames = source.frames()
        first, second = next(frames), next(frames)
    assert first.pixels.shape == (LINE_SAMPLES // 16, 4)
    assert first.pixels[1000 // 16].min() > 200
    assert second.sequence == 1
    assert soft.closed


def test_a_board_that_never_finishes_is_lost(soft, monkeypatch):
    soft.done = False
    monkeypatch.setattr(board_module, "DONE_S", 0.05)
    with open_source("un0rick://") as source, pytest.raises(ProbeSilent):
        next(source.frames())


def test_a_board_that_is_pulled_out_is_named(soft):
    with open_source("un0rick://?lines=2") as source:
        frames = source.frames()
        next(frames)

        def pulled_out(out, readlen):
            raise FtdiError("UsbError: no such device")

        soft.exchange = pulled_out
        with pytest.raises(ProbeUnplugged, match="no such device"):
            next(frames)


@pytest.mark.parametrize("author", [0, 0xFFFF])
def test_a_bus_without_a_board_is_refused_and_closed(soft, author):
    soft.words[0xF0] = author
    with pytest.raises(Un0rickRefused):
        open_source("un0rick://")
    assert soft.closed


def test_without_hardware_the_error_names_what_is_missing():
    with pytest.raises(SourceAbsent, match="un0rick"):
        open_source("un0rick://")


@pytest.mark.parametrize("options", ["lines=0", "lines=33", "gain=5", "gain=0-2000", "hz=1"])
def test_an_option_out_of_range_is_refused(options):
    with pytest.raises(SourceUnknown):
        open_source(f"un0rick://?{options}")
