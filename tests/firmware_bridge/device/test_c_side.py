"""The C side against the Python side: the same bytes out, the same messages found, for any input."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from firmware_bridge.frame import AcquisitionSettings, Geometry, Shape
from firmware_bridge.link.decoder import Decoder
from firmware_bridge.link.encoder import encode
from firmware_bridge.link.header import Flags, MessageType
from firmware_bridge.link.messages import (
    Event,
    FrameData,
    GeometryReport,
    Heartbeat,
    Hello,
    Message,
    PixelFormat,
    SetSettings,
    SettingsReport,
    Start,
    Stop,
)
from firmware_bridge.sources.serial import line_of, open_port
from firmware_bridge.sources.url import open_source

ROOT = Path(__file__).resolve().parents[3]
DEVICE = ROOT / "firmware_bridge" / "device"
FLAGS = ["-std=c99", "-O1", "-g", "-Wall", "-Wextra", "-Wpedantic", "-Werror", "-fsanitize=address,undefined", "-fno-sanitize-recover=all"]
LINES_LIMIT = 400
PIXELS = memoryview(bytes([0, 32, 64, 96, 128, 255]))


@pytest.fixture(scope="session")
def driver(tmp_path_factory, missing):
    if not shutil.which("cc"):
        missing("a C compiler (cc)")
    program = tmp_path_factory.mktemp("c") / "driver"
    sources = [str(DEVICE / "sonolink.c"), str(Path(__file__).with_name("driver.c"))]
    subprocess.run(["cc", *FLAGS, f"-I{DEVICE}", *sources, "-o", str(program)], check=True)

    def run(*arguments, data=b""):
        done = subprocess.run([str(program), *map(str, arguments)], input=data, capture_output=True, check=False)
        assert done.returncode == 0, done.stderr.decode()
        return done

    return run


def found_by_c(driver, data, room=4096):
    """(version, type, flags, sequence, time, payload) of each message."""
    lines = driver("parse", room, data=data).stdout.decode().splitlines()
    return [(*map(int, line.split()[:5]), bytes.fromhex("".join(line.split()[5:]))) for line in lines]


class Sound(Decoder):
    """Records every message with valid checksums, even if its content breaks the specification."""

    def __init__(self):
        super().__init__()
        self.found = []

    def _complete(self, header, payload):
        self._header, self._parts = None, []
        self.found.append((header.version, header.type, int(header.flags), header.sequence, header.time_us, bytes(payload)))


def found_by_python(data):
    decoder = Sound()
    decoder.feed(data)
    return decoder.found


def test_it_is_as_short_as_it_promises():
    assert sum(len((DEVICE / name).read_text().splitlines()) for name in ("sonolink.h", "sonolink.c")) <= LINES_LIMIT


def test_what_c_builds_python_reads_and_would_have_built(driver):
    stated = dict(line.split() for line in driver("build").stdout.decode().splitlines() if not line.startswith("full"))
    wanted = {
        "hello": (Hello('Probe "One"\n', "1.0", "S-1", ("grey8", "set-depth"), (1,)), 0, 5, Flags(0)),
        "geometry": (GeometryReport(Geometry(Shape.SECTOR, (0.25, 1.05), angles_deg=(-45.0, 45.0))), 0, 5, Flags(0)),
        "settings": (SettingsReport(AcquisitionSettings(depth_mm=120, gain_db=-1.005, frequency_mhz=3.5)), 0, 5, Flags(0)),
        "frame": (FrameData(PixelFormat.GREY8, 2, 3, PIXELS), 258, 1_000_000, Flags.SIMULATED),
        "counted": (FrameData(PixelFormat.GREY8, 2, 3, PIXELS, 65534), 258, 1_000_000, Flags.SIMULATED),
        "heartbeat": (Heartbeat(), 259, 1_500_000, Flags(0)),
    }
    assert stated.keys() == wanted.keys()
    for name, (body, sequence, time_us, flags) in wanted.items():
        (message,) = Decoder().feed(bytes.fromhex(stated[name]))
        assert isinstance(message, Message)
        assert (message.header.sequence, message.header.time_us, message.header.flags) == (sequence, time_us, flags)
        if name in ("frame", "counted", "heartbeat"):
            assert bytes.fromhex(stated[name]) == encode(body, sequence, time_us, flags)
        else:
            assert message.body == body


def test_the_specifications_own_bytes_are_built(driver):
    text = (ROOT / "docs" / "sonolink.md").read_text()
    stated = dict(line.split() for line in driver("build").stdout.decode().splitlines() if not line.startswith("full"))
    for name in ("frame", "heartbeat"):
        printed = " ".join(stated[name][at : at + 2] for at in range(0, len(stated[name]), 2))
        assert printed in " ".join(text.split())


def test_what_does_not_fit_is_refused_whole(driver):
    assert "full 0 0" in driver("build").stdout.decode()


VECTORS = json.loads((DEVICE / "vectors.json").read_text())


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["name"])
def test_both_sides_agree_on_the_shared_vectors_in_both_directions(driver, vector):
    wanted, payload = bytes.fromhex(vector["message"]), bytes.fromhex(vector["payload"])
    numbers = [vector[key] for key in ("type", "flags", "sequence", "time_us")]
    assert bytes.fromhex(driver("encode", *numbers, data=payload).stdout.decode()) == wanted
    (message,) = Decoder().feed(wanted)
    assert isinstance(message, Message)
    assert encode(message.body, message.header.sequence, message.header.time_us, message.header.flags) == wanted
    assert found_by_c(driver, wanted) == [(1, *numbers, payload)]


HOST = b"".join(map(encode, (Start(), Heartbeat(), SetSettings(AcquisitionSettings(depth_mm=90.5, gain_db=-3)), Stop(), Event("x"))))


def test_what_the_host_says_is_found(driver):
    assert found_by_c(driver, HOST) == found_by_python(HOST)
    assert len(found_by_c(driver, HOST)) == 5


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_whatever_comes_c_finds_what_python_finds(driver, data):
    stream = bytearray(HOST * 2)
    for _ in range(data.draw(st.integers(0, 4))):
        at = data.draw(st.integers(0, len(stream) - 1))
        stream[at : at + data.draw(st.integers(0, 40))] = data.draw(st.binary(max_size=40))
    assert found_by_c(driver, bytes(stream)) == found_by_python(bytes(stream))


def test_a_message_longer_than_the_buffer_is_skipped(driver):
    long = encode(Event("x" * 500))
    assert len(found_by_c(driver, HOST + long + HOST, room=200)) == 10


@pytest.mark.parametrize(
    ("body", "key", "wanted"),
    [
        (SetSettings(AcquisitionSettings(depth_mm=90.5)), "depth_mm", (1, 90500, 0)),
        (SetSettings(AcquisitionSettings(depth_mm=90.5, gain_db=-3.25)), "gain_db", (1, -3250, 0)),
        (SetSettings(AcquisitionSettings(preset="lung")), "gain_db", (0, 0, 0)),
        (SetSettings(AcquisitionSettings(preset="lung")), "preset", (0, 0, 0)),
        (Start((1, 2)), "x", (0, 0, 1)),
        (Start((11, 21)), "x", (0, 0, 0)),
    ],
)
def test_numbers_and_versions_are_read(driver, body, key, wanted):
    (line,) = driver("parse", 500, key, data=encode(body)).stdout.decode().splitlines()
    assert tuple(map(int, line.split()[5:8])) == wanted


@pytest.mark.parametrize("room", [23, 24, 64, 4096])
def test_the_ring_keeps_order_and_refuses_what_does_not_fit(driver, room):
    data = bytes(range(256)) * 8
    done = driver("ring", room, data=data)
    assert done.stdout == data
    assert int(done.stderr) > 0 or room > len(data)


PAGE = (ROOT / "docs" / "probe-maker.md").read_text()


def seen_of(program, count):
    """The first frames of a probe that prints its port, its Hello, and how many frames the source knows to be lost, also later ones."""
    with subprocess.Popen([str(program)], stdout=subprocess.PIPE, text=True) as probe:
        try:
            with open_source(f"serial://{probe.stdout.readline().strip()}") as source:
                frames = [frame for _, frame in zip(range(count), source.frames(), strict=False)]
                return frames, source.info, sum(loss.frames for loss in source.losses)
        finally:
            probe.terminate()


def test_the_example_is_a_probe_that_the_appliance_reads(driver, tmp_path):
    """The page for probe makers, followed to the letter: compile, run, open the port that it prints."""
    command = next(line.strip() for line in PAGE.splitlines() if line.strip().startswith("cc "))
    program = tmp_path / "probe"
    subprocess.run([*command.split()[:-1], str(program)], cwd=ROOT, check=True)
    frames, info, lost = seen_of(program, 5)
    assert frames[0].sequence == 0
    assert 4 <= frames[-1].sequence <= 4 + lost
    assert all(frame.simulated for frame in frames)
    assert frames[0].pixels.shape == (240, 320)
    assert frames[0].geometry.mm_per_px == (0.5, 0.5)
    assert (info.device, info.origin.value) == ("Example probe", "simulated")


def test_the_example_streams_only_once_it_is_asked_for_frames(driver, tmp_path):
    """An appliance whose model warms up asks for Hello alone; the earlier example sent its first frame at once."""
    program = tmp_path / "probe"
    subprocess.run(
        ["cc", *FLAGS, f"-I{DEVICE}", str(DEVICE / "example_probe.c"), str(DEVICE / "sonolink.c"), "-o", str(program)], check=True
    )
    with subprocess.Popen([str(program)], stdout=subprocess.PIPE, text=True) as probe:
        try:
            line, decoder, kinds = line_of(open_port(probe.stdout.readline().strip())), Decoder(), []
            for ask, count in ((Start(frames=0), 2), (Start(), 5)):
                line.send(encode(ask))
                while len(kinds) < count:
                    kinds += [item.header.type for item in decoder.feed(line.receive(30))]
            line.close()
        finally:
            probe.terminate()
    hello = [MessageType.HELLO, MessageType.GEOMETRY]
    assert kinds[:5] == [*hello, *hello, MessageType.FRAME]


def test_the_pages_20_lines_give_a_first_frame(driver, tmp_path):
    code = PAGE.partition("```c\n")[2].partition("```")[0]
    body = code.partition("\n\n")[2].splitlines()
    assert 0 < sum(bool(line.strip("{} ")) for line in body) <= 20
    (tmp_path / "first.c").write_text(code)
    program = tmp_path / "first"
    subprocess.run(["cc", *FLAGS, f"-I{DEVICE}", str(tmp_path / "first.c"), str(DEVICE / "sonolink.c"), "-o", str(program)], check=True)
    (frame,), info, _ = seen_of(program, 1)
    assert (frame.sequence, frame.simulated, frame.pixels.shape, info.device) == (0, True, (240, 320), "First")
