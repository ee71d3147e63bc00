"""The command line that the conformance suite runs, against a server on loopback."""

import json
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import ClassVar

import pytest

from provisioning.tuf_client import main
from tests.provisioning.trust.simulator import LISTED, Publisher, write

NAME = LISTED["models"]
TOP = ("root", "timestamp", "snapshot", "targets")


class Recording(SimpleHTTPRequestHandler):
    asked: ClassVar[list[str]] = []

    def log_request(self, *_):
        self.asked.append(self.path)

    def log_message(self, *_):
        pass


@pytest.fixture
def publisher():
    made = Publisher()
    made.release()
    return made


@pytest.fixture
def client(publisher, place):
    """Runs one command against what the publisher has now; returns its exit status."""
    (place / "root.json").write_bytes(publisher.files["metadata/1.root.json"])
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Recording, directory=place / "web")) as server:
        thread = Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        url = f"http://127.0.0.1:{server.server_port}/sonoedge"
        options = ["--metadata-url", f"{url}/metadata", "--metadata-dir", str(place / "metadata")]
        options += ["--target-name", NAME, "--target-dir", str(place / "targets"), "--target-base-url", f"{url}/targets"]
        (place / "metadata").mkdir()
        (place / "targets").mkdir()

        def run(*command):
            write(publisher.files, place / "web")
            Recording.asked.clear()
            return main([*options, *command])

        assert main(["--metadata-dir", str(place / "metadata"), "init", str(place / "root.json")]) == 0
        yield run
        server.shutdown()
        thread.join()


def versions(place):
    return {path.stem: json.loads(path.read_bytes())["signed"]["version"] for path in (place / "metadata").glob("*.json")}


def test_init_asks_nothing_and_stores_the_root(client, place):
    assert (versions(place), Recording.asked) == ({"root": 1}, [])


def test_refresh_reads_the_four_top_roles_only(client, place):
    assert client("refresh") == 0
    assert versions(place) == dict.fromkeys(TOP, 1)
    names = ["2.root", "timestamp", "1.snapshot", "1.targets"]
    assert [path.rsplit("/", 1)[1] for path in Recording.asked] == [f"{name}.json" for name in names]


def test_refresh_again_asks_for_the_timestamp_only(client):
    client("refresh")
    assert client("refresh") == 0
    assert Recording.asked[-1].endswith("timestamp.json")


def test_download_reads_the_delegated_role_and_stores_the_file(client, place, publisher):
    assert client("download") == 0
    assert [path.read_bytes() for path in (place / "targets").iterdir()] == [b"models 1" * 100]
    publisher.release()
    assert client("download") == 0
    assert [path.read_bytes() for path in (place / "targets").iterdir()] == [b"models 2" * 100]
    assert versions(place) == dict.fromkeys((*TOP, "models"), 2) | {"root": 1}


def test_a_file_that_is_there_is_not_read_again(client):
    client("download")
    assert client("download") == 0
    assert not any("lung" in path for path in Recording.asked)


def test_a_file_that_no_role_lists(client, place, capsys):
    assert client("--target-name", "nowhere", "download") == 1
    assert "nowhere" in capsys.readouterr().err
    assert versions(place) == dict.fromkeys(TOP, 1)


def test_a_rollback_is_refused(client, place, publisher, capsys):
    old = publisher.files["metadata/timestamp.json"]
    publisher.release()
    assert client("refresh") == 0
    publisher.files["metadata/timestamp.json"] = old
    assert client("refresh") == 1
    assert "version" in capsys.readouterr().err
    assert versions(place)["timestamp"] == 2


def test_what_was_accepted_before_the_fault_is_shown(client, place, publisher):
    client("refresh")
    publisher.rotate("timestamp")
    publisher.release()
    publisher.files["metadata/2.snapshot.json"] = b""
    assert client("refresh") == 1
    assert versions(place) == {"root": 2, "timestamp": 2, "snapshot": 1, "targets": 1}


def test_a_root_that_cannot_be_used(client, place):
    (place / "root.json").write_bytes(b"{}")
    client("init", str(place / "root.json"))
    assert client("refresh") == 1
    assert Recording.asked == []
