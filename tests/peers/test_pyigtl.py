"""pyigtl, an independent OpenIGTLink library, as client of the running appliance and as server for its source.

Also a script: `python tests/peers/test_pyigtl.py` prints its results.
"""

import json
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pytest

from edge.appliance import Appliance
from edge.settings import Settings
from firmware_bridge.sources.url import open_source
from tests.ports import free_port

TIMEOUT_S = 30


def wait_for(client, device):
    """pyigtl stores the newest message of each device; its own wait function drops the others."""
    end = time.monotonic() + TIMEOUT_S
    while time.monotonic() < end:
        for message in client.get_latest_messages():
            if message.device_name == device:
                return message
        time.sleep(0.02)
    raise AssertionError(f"no message arrived from {device}")


def as_client(folder):
    """The messages that pyigtl receives from an appliance with a simulated chest."""
    import pyigtl

    port = free_port()
    chest = "virtual://chest?size=128&rendered=4&fps=20"
    with Appliance(Settings(source=chest, port=0, igtl_port=port, data_dir=folder, threads=1)) as appliance:
        client = pyigtl.OpenIGTLinkClient("127.0.0.1", port)
        try:
            image = wait_for(client, "SonoEdge_SIM")
            reading = wait_for(client, "SonoEdge_Reading_SIM")
            over = wait_for(client, "SonoEdge_Map_SIM")
            frame = appliance.hub.latest.frame
        finally:
            client.stop()
    return image, json.loads(reading.string), over, frame


def as_server(folder):
    """The frames that the appliance's source makes from images of a pyigtl server."""
    import pyigtl

    port = free_port()
    server = pyigtl.OpenIGTLinkServer(port=port, local_server=True)
    pixels = np.random.default_rng(1).integers(0, 256, (1, 48, 64), dtype=np.uint8)
    matrix = np.diag([0.25, 0.5, 1.0, 1.0])
    frames = []
    try:
        with open_source(f"igtl://127.0.0.1:{port}?device=Scanner") as source:
            end = time.monotonic() + TIMEOUT_S
            while not server.is_connected():
                assert time.monotonic() < end
                time.sleep(0.02)
            for _ in range(5):
                server.send_message(pyigtl.ImageMessage(pixels, matrix, device_name="Scanner"), wait=True)
                server.send_message(pyigtl.StringMessage("hello", device_name="Text"), wait=True)
            for frame in source.frames():
                frames.append(frame)
                if len(frames) == 5:
                    break
            losses = source.losses
    finally:
        server.stop()
    return pixels[0], frames, losses


@pytest.fixture
def pyigtl(missing):
    try:
        import pyigtl
    except ImportError:
        missing("pyigtl (make peers)")
    return pyigtl


@pytest.mark.peers
@pytest.mark.filterwarnings("ignore")
def test_pyigtl_receives_the_image_its_reading_and_the_map(pyigtl, tmp_path):
    image, reading, over, frame = as_client(tmp_path)
    assert image.image.shape == (1, *frame.pixels.shape)
    assert np.linalg.norm(image.ijk_to_world_matrix[:3, 0]) == pytest.approx(frame.geometry.mm_per_px[0], rel=1e-5)
    assert image.image.std() > 5
    assert reading["simulated"] is True
    assert reading["notice"] == "research use, not a diagnosis"
    assert set(reading["findings"]) == {"b_lines", "a_lines", "severity_2_plus"}
    assert over.image.shape[-1] == 3


@pytest.mark.peers
@pytest.mark.filterwarnings("ignore")
def test_images_from_a_pyigtl_server_become_frames(pyigtl, tmp_path):
    pixels, frames, losses = as_server(tmp_path)
    assert len(frames) == 5
    for frame in frames:
        assert np.array_equal(frame.pixels, pixels)
        assert frame.geometry.mm_per_px == pytest.approx((0.25, 0.5))
    assert losses == ()


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as made:
        seen, reading, _, _ = as_client(Path(made))
        print(f"pyigtl as client: an image of {seen.image.shape}, the reading {reading}")
        _, received, lost = as_server(Path(made))
        print(f"pyigtl as server: {len(received)} frames, lost {lost}")
    sys.exit(0)
