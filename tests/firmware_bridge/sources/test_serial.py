"""The serial source on a real pty, opened with pyserial."""

import os
import pty
import threading
import tty

import pytest

from firmware_bridge.errors import NotAProbe, ProbeSilent, SourceAbsent, SourceBusy, SourceUnknown, SourceUnreadable, VersionMismatch
from firmware_bridge.link.encoder import encode
from firmware_bridge.link.messages import Hello
from firmware_bridge.sources import serial as serial_source
from firmware_bridge.sources.url import open_source


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


def test_an_absent_port_says_what_to_do():
    with pytest.raises(SourceAbsent, match="probe list"):
        open_source("serial:///dev/ttyNOWHERE")


def test_a_port_in_use_is_named(port):
    with serial_source.open_port(port[1]), pytest.raises(SourceBusy, match="another program holds"):
        serial_source.open_port(port[1])


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


def test_another_device_is_told_by_its_first_bytes(port, monkeypatch):
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
