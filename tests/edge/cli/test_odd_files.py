"""A pipe, a socket, a device or a folder in the place of a file: refused at once by every reader of a file that people name."""

import os
import socket

import pytest

from edge.disk import keys
from edge.disk.bundle import opened
from edge.disk.digest import digest_of
from edge.disk.layout import DataFolder
from edge.disk.structured import LARGEST
from edge.exam.manifest import read_manifest
from edge.exam.protocol.file import load_catalogue, load_protocol
from edge.inference.bundle import LIMITS
from edge.inference.release import ModelRelease
from edge.inference.runtime import Interpreter
from edge.inference.tables import load_table
from edge.people.pin import Parameters
from edge.people.pin_tuning import parameters_of
from edge.people.policy import load_policy
from edge.records.audit.export_check import verify_export
from edge.settings import FILE_VARIABLE, load_settings
from firmware_bridge.errors import SonoEdgeError
from firmware_bridge.sources.file import open_file


def a_socket(path):
    with socket.socket(socket.AF_UNIX) as made:
        made.bind(str(path))


ODD = {"pipe": os.mkfifo, "socket": a_socket, "device": lambda path: path.symlink_to("/dev/zero"), "folder": os.mkdir}


def open_bundle(path):
    with opened(path, LIMITS):
        pass


READERS = {
    "protocol": load_protocol,
    "bundle": open_bundle,
    "private key": keys.private_key,
    "public key": keys.public_key,
    "model": Interpreter,
    "table": load_table,
    "export": verify_export,
}


@pytest.mark.parametrize("make", ODD.values(), ids=ODD)
@pytest.mark.parametrize("read", READERS.values(), ids=READERS)
def test_a_named_path_that_is_no_regular_file_is_refused_at_once(tmp_path, make, read):
    make(tmp_path / "a")
    with pytest.raises(SonoEdgeError, match=r"not a regular file|Is a directory"):
        read(tmp_path / "a")


PLACES = {
    "people.yaml": ("people.yaml", load_policy),
    "manifest": ("manifest.csv", read_manifest),
    "release": ("release.json", ModelRelease.load),
}


@pytest.mark.parametrize("make", ODD.values(), ids=ODD)
@pytest.mark.parametrize(("name", "read"), PLACES.values(), ids=PLACES)
def test_a_file_at_its_place_that_is_not_a_regular_one_is_refused_at_once(tmp_path, make, name, read):
    make(tmp_path / name)
    with pytest.raises(SonoEdgeError, match=r"not a regular file|Is a directory"):
        read(tmp_path)


@pytest.mark.parametrize("make", [os.mkfifo, a_socket])
@pytest.mark.parametrize("name", ["a", "a.mp4", "a.dcm", "a.png", "a.mcap", "a.nrrd", "a.tar"])
def test_a_recording_that_is_a_pipe_is_refused_at_once(tmp_path, make, name):
    make(tmp_path / name)
    with pytest.raises(SonoEdgeError, match="not a regular file"):
        open_file(tmp_path / name)


def test_a_pipe_among_the_protocols_of_a_site_stops_no_other(tmp_path):
    os.mkfifo(tmp_path / "a.yaml")
    found = load_catalogue(tmp_path)
    assert "not a regular file" in found.problems[0].what
    assert found.named("blue-6")


@pytest.mark.parametrize("content", ["[" * 5000, '{"board": ' * 3000])
def test_a_damaged_measurement_of_the_pin_is_measured_again(tmp_path, monkeypatch, content):
    monkeypatch.setattr("edge.people.pin_tuning.tune", lambda: Parameters(2, 19456))
    DataFolder(tmp_path).pin_hash.write_text(content)
    assert parameters_of(tmp_path) == Parameters(2, 19456)


def test_a_pipe_has_no_digest(tmp_path):
    os.mkfifo(tmp_path / "a")
    with pytest.raises(OSError, match="not a regular file"):
        digest_of(tmp_path / "a")


@pytest.mark.parametrize("text", ["a = " + "[" * 5000, "a = " + "{b = " * 3000, ".".join("a" * 200) + " = 1", "#" * (LARGEST + 1)])
def test_settings_that_are_deep_or_large_are_refused_in_one_line(tmp_path, monkeypatch, text):
    (tmp_path / "settings.toml").write_text(text)
    monkeypatch.setenv(FILE_VARIABLE, str(tmp_path / "settings.toml"))
    with pytest.raises(SonoEdgeError) as refused:
        load_settings()
    assert "settings.toml" in refused.value.what
    assert len(str(refused.value)) < 400


def test_a_link_that_a_person_made_is_followed(tmp_path):
    (tmp_path / "shared.yaml").write_text("over_read_share: 0.5\n")
    DataFolder(tmp_path).policy.symlink_to(tmp_path / "shared.yaml")
    assert load_policy(tmp_path).over_read_share == 0.5
