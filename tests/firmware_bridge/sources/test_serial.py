"""The serial source on a real pty, opened with pyserial."""

import itertools
import os
import pty
import subprocess
import sys
import threading
import tty
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pytest

from firmware_bridge.errors import (
    NotAProbe,
    ProbeSilent,
    SourceAbsent,
    SourceBusy,
    SourceDenied,
    SourceUnknown,
    SourceUnreadable,
    VersionMismatch,
)
from firmware_bridge.frame import AcquisitionSettings
from firmware_bridge.link.decoder import Decoder
from firmware_bridge.link.encoder import encode
from firmware_bridge.link.messages import FrameData, Hello, PixelFormat, SettingsReport, Start
from firmware_bridge.sources import serial as serial_source
from firmware_bridge.sources.damage import DamageWatch
from firmware_bridge.sources.url import open_source

NOBODY = 65534


@pytest.fixture
def port():
    """(our end, path of the end to open)."""
    ours, theirs = pty.openpty()
    tty.setraw(theirs)
    yield ours, os.ttyname(theirs)
    for fd in (ours, theirs):
        os.close(fd)


def say(fd, data):
    thread = threading.Timer(0.2, os.write, (fd, data))
    thread.start()
    return thread


def frame(sequence):
    return encode(FrameData(PixelFormat.GREY8, 2, 2, memoryview(bytes(4))), sequence)


@contextmanager
def answering(fd, *answers):
    """A probe that gives each of `answers` at the next Start, and ignores everything else."""

    def run():
        decoder, left = Decoder(), list(answers)
        while left:
            starts = [item for item in decoder.feed(os.read(fd, 4096)) if isinstance(item.body, Start)]
            for _ in starts[: len(left)]:
                os.write(fd, left.pop(0))

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    yield
    thread.join(30)


HELLO = encode(Hello("x", "1", "1"))


def test_a_probe_that_streams_at_once_loses_no_frame_while_nobody_reads_it(port):
    """As a probe made after the earlier example: its ring runs over until the Stop, and it begins again with the next Start."""
    early = HELLO + frame(0) + frame(1) + frame(9)
    with answering(port[0], early, HELLO + frame(0) + frame(1)), open_source(f"serial://{port[1]}") as source:
        frames = source.frames()
        assert [next(frames).sequence, next(frames).sequence] == [0, 1]
        assert source.losses == ()


def test_a_probe_that_answers_one_start_only_is_read_all_the_same(port, monkeypatch):
    monkeypatch.setattr(serial_source, "STREAM_S", 0.1)
    with answering(port[0], HELLO + frame(0) + frame(1) + frame(4)), open_source(f"serial://{port[1]}") as source:
        frames = source.frames()
        assert [next(frames).sequence for _ in range(3)] == [0, 1, 4]
        assert [(loss.cause, loss.frames) for loss in source.losses] == [("sequence-gap", 2)]


def test_frames_that_are_lost_after_the_stream_began_are_counted(port):
    with answering(port[0], HELLO, HELLO + frame(0) + frame(3)), open_source(f"serial://{port[1]}") as source:
        frames = source.frames()
        assert [next(frames).sequence, next(frames).sequence] == [0, 3]
        assert [(loss.cause, loss.frames) for loss in source.losses] == [("sequence-gap", 2)]


def test_a_probe_of_damaged_frames_alone_says_so(port, monkeypatch):
    seconds = itertools.count(0, 2)
    monkeypatch.setattr("firmware_bridge.sources.live.DamageWatch", partial(DamageWatch, clock=lambda: next(seconds)))
    damaged = [bytearray(frame(number)) for number in range(3)]
    for each in damaged:
        each[-1] ^= 1
    with answering(port[0], HELLO), open_source(f"serial://{port[1]}") as source:
        source._understand(b"".join(damaged), 0)
        notice = source.notice
    assert notice.code == "probe-damaged"
    assert "gives only damaged frames: none of " in notice.what


@pytest.mark.parametrize(
    ("hello", "name"),
    [
        (Hello("SonoProbe C5", "1", "1"), "SonoProbe C5"),
        (Hello("x" * 10_000, "1", "1"), "x" * 64),
        (Hello("\u202eLumi\x00fy\u200f", "1", "1"), "Lumi fy"),
        (Hello("", "1", "1"), "unknown machine"),
        (Hello("virtual", "1", "1", replaying="a.mp4"), "unknown machine"),
        (Hello("virtual", "1", "1", replaying="a.mp4", machine="Philips Lumify / S4-1"), "Philips Lumify / S4-1"),
    ],
)
def test_the_first_message_names_the_machine_of_the_frames(port, hello, name):
    with answering(port[0], encode(hello), encode(hello) + frame(0)), open_source(f"serial://{port[1]}") as source:
        assert (source.info.machine.name, next(source.frames()).machine.name) == (name, name)


def test_frames_after_another_hello_are_of_the_machine_that_it_names(port):
    first, second = encode(Hello("Philips Lumify", "1", "1")), encode(Hello("Acme Scan", "1", "2"))
    with answering(port[0], first, first + frame(0) + second + frame(0)), open_source(f"serial://{port[1]}") as source:
        frames = source.frames()
        assert [next(frames).machine.name for _ in range(2)] == ["Philips Lumify", "Acme Scan"]


def test_an_absent_port_says_what_to_do():
    with pytest.raises(SourceAbsent, match="probe list"):
        open_source("serial:///dev/ttyNOWHERE")


def test_a_port_in_use_is_named(port):
    with serial_source.open_port(port[1]), pytest.raises(SourceBusy, match="another program holds"):
        serial_source.open_port(port[1])


def test_the_program_that_holds_it_is_named(port):
    command = [
        sys.executable,
        "-c",
        "import serial, sys; s = serial.Serial(sys.argv[1], exclusive=True); print(flush=1); input()",
        port[1],
    ]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as modem_manager:
        modem_manager.stdout.readline()
        with pytest.raises(SourceBusy, match=rf"\(pid {modem_manager.pid}\) holds"):
            serial_source.open_port(port[1])
        modem_manager.communicate(b"\n")
    serial_source.open_port(port[1]).close()


def test_a_port_that_this_user_may_not_open_says_how_to_get_the_right(port):
    """In a child process of the user nobody, because root can open every file."""
    Path(port[1]).chmod(0)
    child = os.fork()
    if child == 0:
        stated = 1
        try:
            if os.getuid() == 0:
                os.setuid(NOBODY)
            serial_source.open_port(port[1])
        except SourceDenied as error:
            stated = 0 if "dialout" in error.fix else 2
        finally:
            os._exit(stated)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def test_a_file_is_no_port(tmp_path):
    (tmp_path / "x").write_text("x")
    with pytest.raises(SourceUnreadable, match="not a serial port"):
        open_source(f"serial://{tmp_path / 'x'}")


def test_an_unknown_option_names_the_known_ones(port):
    with pytest.raises(SourceUnknown, match="baud"):
        open_source(f"serial://{port[1]}?bauds=9600")


def test_a_silent_port_is_no_probe(port, monkeypatch):
    monkeypatch.setattr(serial_source, "HELLO_S", 0.5)
    with pytest.raises(ProbeSilent, match="silent"):
        open_source(f"serial://{port[1]}")


def test_another_device_is_recognised_by_its_first_bytes(port, monkeypatch):
    monkeypatch.setattr(serial_source, "HELLO_S", 1.0)
    thread = say(port[0], b"$GPGGA,1234")
    with pytest.raises(NotAProbe, match="24 47 50"):
        open_source(f"serial://{port[1]}")
    thread.join()


def test_a_probe_of_another_version_says_which_end_to_update(port):
    thread = say(port[0], encode(Hello("x", "1", "1", versions=(9,))))
    with pytest.raises(VersionMismatch, match="Update the appliance"):
        open_source(f"serial://{port[1]}")
    thread.join()
    with serial_source.open_port(port[1]):
        pass


def test_a_probe_is_asked_only_for_what_it_announced(port):
    """One that announces nothing may ignore the message: it is not asked, and nobody waits for an answer."""
    thread = say(port[0], encode(Hello("x", "1", "1", capabilities=("grey8", "set-depth"))))
    with open_source(f"serial://{port[1]}") as source:
        thread.join()
        asked = source._settable(AcquisitionSettings(depth_mm=90, gain_db=3, preset="lung"))
        assert asked == AcquisitionSettings(depth_mm=90)
        assert source.apply(AcquisitionSettings(gain_db=3)) == AcquisitionSettings()
        thread = say(port[0], encode(SettingsReport(AcquisitionSettings(depth_mm=90))))
        assert source.apply(AcquisitionSettings(depth_mm=90)).depth_mm == 90
        thread.join()


def test_a_probe_is_not_asked_again_for_what_it_has_or_was_just_asked_for(port):
    thread = say(port[0], encode(Hello("x", "1", "1", capabilities=("grey8", "set-depth", "set-gain"))))
    with open_source(f"serial://{port[1]}") as source:
        thread.join()
        thread = say(port[0], encode(SettingsReport(AcquisitionSettings(depth_mm=240, gain_db=40))))
        assert source.apply(AcquisitionSettings(depth_mm=999)).depth_mm == 240
        thread.join()
        sent = []
        source._send_bytes = sent.append
        for again in (AcquisitionSettings(depth_mm=999), AcquisitionSettings(depth_mm=240), AcquisitionSettings(gain_db=40)):
            assert source.apply(again).depth_mm == 240
        assert sent == []
