import numpy as np

from firmware_bridge.frame import AcquisitionSettings
from firmware_bridge.link.encoder import encode
from firmware_bridge.link.messages import SetSettings, Start, Stop
from firmware_bridge.link.session import Connected, FrameReceived, HostSession, Lost, SettingsReceived, StatusReceived
from firmware_bridge.virtual_probe.chest import Chest
from firmware_bridge.virtual_probe.player import ChestPlayer, FilePlayer
from firmware_bridge.virtual_probe.probe import HOST_SILENCE_US, Identity, Probe


def chest_probe(**identity):
    player = ChestPlayer(Chest(1, size=64))
    return Probe(player, Identity(**identity)), player


def heard(host, parts):
    return list(host.receive(b"".join(parts), 0))


def test_a_start_is_answered_with_hello_and_starts_the_stream():
    probe, player = chest_probe()
    host = HostSession()
    (connected,) = heard(host, [probe.receive(host.start(), 0)])
    assert isinstance(connected, Connected)
    assert "simulated" in connected.hello.capabilities
    assert probe.streaming
    events = heard(host, probe.frame(player.next(), 5))
    frame = next(e.frame for e in events if isinstance(e, FrameReceived))
    assert frame.simulated
    assert frame.settings.depth_mm == 140
    assert np.array_equal(frame.pixels, Chest(1, size=64).image(0))


def test_a_dropped_frame_leaves_a_gap_and_is_counted():
    probe, player = chest_probe()
    host = HostSession()
    heard(host, [probe.receive(host.start(), 0)])
    heard(host, probe.frame(player.next(), 0))
    probe.drop()
    probe.drop()
    events = heard(host, [*probe.frame(player.next(), 0), probe.tick(600_000)])
    assert sum(e.loss.frames for e in events if isinstance(e, Lost)) == 2
    assert next(e.status.dropped_frames for e in events if isinstance(e, StatusReceived)) == 2


def test_settings_change_the_picture_within_limits():
    probe, player = chest_probe()
    host = HostSession()
    heard(host, [probe.receive(host.start(), 0)])
    before = player.next().pixels
    events = heard(host, [probe.receive(encode(SetSettings(AcquisitionSettings(depth_mm=9999, gain_db=80))), 0)])
    settings = next(e.settings for e in events if isinstance(e, SettingsReceived))
    assert (settings.depth_mm, settings.gain_db) == (240, 80)
    assert not np.array_equal(before, player.next().pixels)


def test_a_host_with_another_version_gets_an_error_and_no_frames():
    probe, _ = chest_probe(versions=(7, 8))
    answer = probe.receive(encode(Start((1,))), 0)
    assert not probe.streaming
    assert b"version-mismatch" in answer


def test_a_stop_and_a_silent_host_end_the_stream():
    probe, _ = chest_probe()
    probe.receive(encode(Start()), 0)
    probe.receive(encode(Stop()), 1)
    assert not probe.streaming
    probe.receive(encode(Start()), 2)
    probe.tick(HOST_SILENCE_US + 10)
    assert not probe.streaming


def test_a_recording_is_flagged_as_replay_not_as_simulated(tmp_path):
    from PIL import Image

    Image.fromarray(np.full((20, 30), 77, np.uint8)).save(tmp_path / "still.png")
    player = FilePlayer(tmp_path / "still.png", loop=False)
    probe, host = Probe(player, Identity()), HostSession()
    (connected,) = heard(host, [probe.receive(host.start(), 0)])
    assert connected.hello.replaying == "still.png"
    (event,) = [e for e in heard(host, probe.frame(player.next(), 0)) if isinstance(e, FrameReceived)]
    assert event.replay
    assert not event.frame.simulated
    assert player.next() is None
