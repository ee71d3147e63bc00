"""A stick that is pulled, broken, huge or planted, and a mirror that goes away."""

import errno
import os
import shutil
import threading
from contextlib import contextmanager
from functools import partial
from http.server import BaseHTTPRequestHandler, SimpleHTTPRequestHandler, ThreadingHTTPServer

import pytest

from provisioning.codes import ProvisionRefused
from provisioning.trust import source as module
from provisioning.trust.source import CHUNK, ON_STICK, mirror, stick
from tests.provisioning.trust.simulator import Device, Publisher, write

PUBLISHER = Publisher()
PRESENT, NEW = (PUBLISHER.release() for _ in range(2))
OPENS = 7
"""Root 2, which there is not, timestamp, snapshot, targets and three delegated roles."""
FAULTS = {
    "unplugged": (errno.ENODEV, False, "E-STICK-REMOVED"),
    "no medium": (errno.ENOMEDIUM, False, "E-STICK-REMOVED"),
    "pulled, EIO": (errno.EIO, True, "E-STICK-REMOVED"),
    "unmounted": (errno.ENOENT, True, "E-STICK-REMOVED"),
    "bad block": (errno.EIO, False, "E-STICK-UNREADABLE"),
    "no permission": (errno.EACCES, False, "E-STICK-UNREADABLE"),
}
"""The error, whether the folder of the stick is gone as well, and the code."""


@pytest.fixture
def device(place):
    made = Device(place / "device", PRESENT["metadata/1.root.json"])
    made.accepts(PRESENT, place / "stick")
    return made


@pytest.fixture
def failing(monkeypatch, place):
    """Lets the k-th file that is opened fail; what a pulled stick does to a program."""

    def fail_at(at, error, gone):
        opened = iter(range(1, 1000))
        real = module.open_plain

        def open_plain(path):
            if next(opened) < at:
                return real(path)
            if gone:
                shutil.rmtree(place / "stick" / ON_STICK, ignore_errors=True)
            raise OSError(error, os.strerror(error))

        monkeypatch.setattr(module, "open_plain", open_plain)

    return fail_at


@pytest.mark.parametrize("at", range(1, OPENS + 1))
@pytest.mark.parametrize("fault", FAULTS)
def test_pulled_at_each_read(fault, at, failing, device, place):
    error, gone, code = FAULTS[fault]
    source = stick(write(NEW, place / "stick"))
    floors = device.floors
    failing(at, error, gone)
    with pytest.raises(ProvisionRefused) as refused:
        device.refresh(source)
    assert (refused.value.cause, device.floors) == (code, floors)


@pytest.mark.parametrize("fault", FAULTS)
def test_pulled_while_a_file_is_copied(fault, failing, device, place):
    error, gone, code = FAULTS[fault]
    verified = device.accepts(NEW, place / "stick")
    (place / "out").write_bytes(b"previous")
    failing(1, error, gone)
    with pytest.raises(ProvisionRefused) as refused:
        verified.fetch(verified.targets[0], place / "out")
    assert refused.value.cause == code
    assert (place / "out").read_bytes() == b"previous"


def test_there_are_no_more_reads(failing, device, place):
    source = stick(write(NEW, place / "stick"))
    failing(OPENS + 1, errno.EIO, gone=True)
    assert device.refresh(source).targets


def test_pulled_in_the_middle_of_a_file(monkeypatch, device, place):
    class Torn:
        def __init__(self, file):
            self._file, self._reads = file, 0

        def __enter__(self):
            return self

        def __exit__(self, *_):
            self._file.close()

        def read(self, _):
            self._reads += 1
            if self._reads > 1:
                raise OSError(errno.EIO, "Input/output error")
            return self._file.read(100)

    real = module.open_plain
    verified = device.accepts(NEW, place / "stick")
    monkeypatch.setattr(module, "open_plain", lambda path: Torn(real(path)))
    with pytest.raises(ProvisionRefused) as refused:
        verified.fetch(verified.targets[0], place / "out")
    assert refused.value.cause == "E-STICK-UNREADABLE"
    assert not [*place.glob("out*")]


@pytest.mark.parametrize("made", ["", ON_STICK, f"{ON_STICK}/targets", f"{ON_STICK}/metadata.txt"])
def test_a_stick_without_releases(made, place):
    (place / "stick" / made).mkdir(parents=True)
    with pytest.raises(ProvisionRefused, match="sonoedge/metadata") as refused:
        stick(place / "stick")
    assert refused.value.cause == "E-STICK-UNREADABLE"


def test_a_huge_folder_is_not_listed(device, place):
    write(NEW, place / "stick")
    for number in range(20_000):
        (place / "stick" / ON_STICK / "metadata" / f"{number}.junk").touch()
    assert device.refresh(stick(place / "stick")).targets


@pytest.mark.parametrize(
    "name", ["metadata/../../../etc/passwd", "/etc/passwd", "", "metadata//x", "metadata/\0", "metadata/" + "x" * 256, "."]
)
def test_no_name_leads_out(name, place):
    fetcher = stick(write(NEW, place / "stick")).fetcher
    with pytest.raises(ProvisionRefused) as refused:
        list(fetcher.fetch(name))
    assert refused.value.cause == "E-TAMPER"


def test_a_large_file_is_read_in_pieces(place):
    write({"targets/x": bytes(3 * CHUNK + 1)}, place / "stick")
    assert [len(each) for each in stick(place / "stick").fetcher.fetch("targets/x")] == [CHUNK, CHUNK, CHUNK, 1]


class Server(ThreadingHTTPServer):
    def handle_error(self, *_):
        """The device hung up in the middle of a file: it read enough."""


@contextmanager
def served(handler):
    with Server(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


def test_a_mirror_serves_what_a_stick_has(device, place):
    write(NEW, place / "mirror")
    with served(partial(Quiet, directory=place / "mirror" / ON_STICK)) as url:
        verified = device.refresh(mirror(f"{url}/"))
        verified.fetch(verified.targets[0], place / "out")
    assert (place / "out").read_bytes() in NEW.values()
    assert (len(verified.targets), device.version("timestamp")) == (3, 2)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda folder: (folder / "metadata/timestamp.json").unlink(), "E-MIRROR"),
        (lambda folder: (folder / "metadata/timestamp.json").write_bytes(b"<html>"), "E-TAMPER"),
        (lambda folder: os.truncate(folder / "metadata/2.snapshot.json", 2**33), "E-ENDLESS"),
    ],
)
def test_a_mirror_is_not_believed_either(change, code, device, place):
    write(NEW, place / "mirror")
    change(place / "mirror" / ON_STICK)
    with served(partial(Quiet, directory=place / "mirror" / ON_STICK)) as url, pytest.raises(ProvisionRefused) as refused:
        device.refresh(mirror(url))
    assert refused.value.cause == code


class Cut(BaseHTTPRequestHandler):
    """A mirror that promises more than it sends; it has no newer root."""

    def do_GET(self):
        self.send_response(404 if "root" in self.path else 200)
        self.send_header("Content-Length", "1000")
        self.end_headers()
        self.wfile.write(b"{" * 10)

    def log_message(self, *_):
        pass


class Broken(Cut):
    def do_GET(self):
        self.send_error(500)


class WithoutModels(Quiet):
    def do_GET(self):
        if "models" in self.path:
            self.send_error(503)
        else:
            super().do_GET()


def test_a_mirror_that_fails_at_a_delegated_role(device, place):
    write(NEW, place / "mirror")
    with served(partial(WithoutModels, directory=place / "mirror" / ON_STICK)) as url, pytest.raises(ProvisionRefused) as refused:
        device.refresh(mirror(url))
    assert refused.value.cause == "E-MIRROR"


@pytest.mark.parametrize("handler", [Cut, Broken])
def test_a_mirror_that_fails(handler, device):
    with served(handler) as url, pytest.raises(ProvisionRefused) as refused:
        device.refresh(mirror(url))
    assert refused.value.cause == "E-MIRROR"


def test_a_mirror_that_is_not_there(device):
    with served(Quiet) as url:
        pass
    with pytest.raises(ProvisionRefused) as refused:
        device.refresh(mirror(url))
    assert refused.value.cause == "E-MIRROR"
