"""The table of ports, from devices as udev describes them: this machine has none of them plugged in."""

import os
import threading
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from firmware_bridge.errors import SeveralProbes, SourceAbsent
from firmware_bridge.sources import ports
from firmware_bridge.sources.ports import find_ports, holders_of, only_serial_port, port_of, watch_ports

PROBE = {"idVendor": b"1209", "idProduct": b"5e01", "serial": b"SP-0042", "manufacturer": b"Sono", "product": b"Probe\n", "speed": b"480\n"}


@dataclass
class Described:
    """A device with the words of pyudev's."""

    device_node: str
    device_path: str = "/devices/pci0/usb1/1-2/1-2:1.0/tty/ttyACM3"
    subsystem: str = "tty"
    device_links: tuple[str, ...] = ()
    properties: dict[str, str] = field(default_factory=dict)
    attributes: dict[str, bytes] = field(default_factory=dict)
    usb: dict[str, bytes] | None = None

    def find_parent(self, *_: str) -> "Described | None":
        return None if self.usb is None else Described("", attributes=self.usb)


class Plugged:
    """A context that lists the connected devices."""

    def __init__(self, *devices: Described) -> None:
        self._devices = devices

    def list_devices(self, subsystem: str) -> list[Described]:
        return [device for device in self._devices if device.subsystem == subsystem]


@pytest.fixture
def plugged(monkeypatch, tmp_path):
    def plug(*devices: Described) -> None:
        monkeypatch.setattr(ports, "_context", lambda: Plugged(*devices))

    return plug


@pytest.fixture
def node(tmp_path) -> str:
    path = tmp_path / "ttyACM3"
    path.write_bytes(b"")
    path.chmod(0o660)
    return str(path)


def test_a_probe_is_named_by_its_own_identity_with_all_known_facts(node):
    by_path, by_id = "/dev/serial/by-path/pci-0-usb-2", "/dev/serial/by-id/usb-Sono_Probe_SP-0042-if00"
    found = port_of(Described(node, device_links=("/dev/x", by_path, by_id), properties={"ID_MM_DEVICE_IGNORE": "1"}, usb=PROBE))
    assert found.url == f"serial://{by_id}"
    assert (found.usb_id, found.serial_number, found.model) == ("1209:5e01", "SP-0042", "Sono Probe")
    assert (found.speed_mbit, found.may_open, found.modem_manager_stays_off) == (480.0, True, True)
    assert found.owner.startswith("rw-rw---- ")


def test_a_port_without_links_or_strings_is_still_listed(node):
    found = port_of(Described(node, usb={"idVendor": b"1209", "idProduct": b"5e01", "speed": b"unknown"}))
    assert found.url == f"serial://{node}"
    assert (found.serial_number, found.model, found.speed_mbit, found.modem_manager_stays_off) == ("", "", None, False)


def test_a_pic0rick_is_known_by_its_numbers(node):
    assert port_of(Described(node, usb=PROBE | {"idVendor": b"cafe", "idProduct": b"4011"})).url == f"p0rk://{node}"


def test_usb_comes_first_and_other_devices_are_left_out(plugged):
    console = Described("/dev/tty1", "/devices/virtual/tty/tty1")
    absent_uart = Described("/dev/ttyS3", "/devices/platform/serial8250/tty/ttyS3", attributes={"type": b"0"})
    board_uart = Described("/dev/ttyAMA0", "/devices/platform/soc/tty/ttyAMA0")
    metadata = Described("/dev/video1", subsystem="video4linux", properties={"ID_V4L_CAPABILITIES": ":"}, usb=PROBE)
    grabber = Described("/dev/video0", subsystem="video4linux", properties={"ID_V4L_CAPABILITIES": ":capture:"}, usb=PROBE)
    plugged(console, absent_uart, board_uart, metadata, grabber)
    assert [port.url for port in find_ports()] == ["v4l2:///dev/video0", "serial:///dev/ttyAMA0"]


def test_the_only_usb_port_is_taken_and_two_are_named(plugged):
    board_uart = Described("/dev/ttyAMA0", "/devices/platform/soc/tty/ttyAMA0")
    first, second = Described("/dev/ttyACM0", usb=PROBE), Described("/dev/ttyACM1", usb=PROBE)
    plugged(board_uart)
    with pytest.raises(SourceAbsent, match="no USB serial port"):
        only_serial_port()
    plugged(board_uart, first)
    assert only_serial_port() == "/dev/ttyACM0"
    plugged(first, second)
    with pytest.raises(SeveralProbes) as reported:
        only_serial_port()
    assert "serial:///dev/ttyACM0, serial:///dev/ttyACM1" in reported.value.fix


def test_another_program_that_holds_a_node_is_named(node):
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        with Path(node).open("rb"):
            os.write(writer, b"x")
            os.read(0, 0)
            threading.Event().wait(30)
        os._exit(0)
    try:
        os.read(reader, 1)
        assert any(f"(pid {child})" in holder for holder in holders_of(node))
        assert not any(f"(pid {os.getpid()})" in holder for holder in holders_of(node))
    finally:
        os.kill(child, 9)
        os.waitpid(child, 0)
        os.close(reader)
        os.close(writer)


def test_this_machine_lists_real_nodes():
    for port in find_ports():
        assert Path(port.path).exists()


def _announcers() -> list[Path]:
    """Ports of this machine whose kernel can be asked to announce them again."""
    found = [Path("/sys/class/tty") / Path(port.path).name / "uevent" for port in find_ports() if "tty" in port.path]
    return [path for path in found if os.access(path, os.W_OK)]


@pytest.mark.skipif(not _announcers(), reason="no port here that this user may have announced")
def test_watching_tells_what_the_kernel_tells():
    announcer = _announcers()[0]
    stop = threading.Event()

    def announce() -> None:
        while not stop.wait(0.1):
            announcer.write_text("change")

    thread = threading.Thread(target=announce)
    thread.start()
    try:
        event = next(watch_ports())
    finally:
        stop.set()
        thread.join()
    assert (event.action, event.port.path) == ("change", f"/dev/{announcer.parent.name}")
