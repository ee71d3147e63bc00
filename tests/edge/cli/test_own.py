"""Another user's data folder, and a box on which nothing is recorded yet: one line with the next step, and exit status 2."""

import os
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from edge.disk import access

COMMANDS = (
    "exam list",
    "exam show 1",
    "exam replay --patient 1 --data /none",
    "audit list",
    "audit verify",
    "audit head",
    "backup make",
    "backup list",
    "backup verify",
    "backup free",
    "operator claim ANA Ana",
    "protocol list",
    "model list",
    "model rollback",
    "doctor",
    "infer /none.mp4",
    "run --port 0",
    "demo --port 0 --seconds 1",
)
OF_RECORDS = ("exam list", "exam show 1", "audit list", "audit verify", "audit head", "backup make", "backup free")


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("SONOEDGE_DATA_DIR", str(tmp_path / "box"))
    return tmp_path / "box"


def one_line(done):
    assert done.returncode == 2
    assert done.stdout == ""
    (line,) = done.stderr.splitlines()
    return line


@pytest.mark.parametrize("command", COMMANDS)
def test_another_users_folder(sonoedge, folder, monkeypatch, command):
    folder.mkdir()
    monkeypatch.setattr(access.os, "geteuid", lambda: os.getuid() + 4321)
    monkeypatch.setattr(access.os, "access", lambda *_, **__: False)
    owner = access.user_name(os.getuid())
    line = one_line(sonoedge(*command.split()))
    assert line.startswith(f"sonoedge: {folder} cannot be used: the user #")
    assert line.endswith(f"Run it as {owner}, who owns {folder}: sudo -u {owner} sonoedge {command}.")


@pytest.mark.parametrize("command", OF_RECORDS)
def test_nothing_is_recorded_yet(sonoedge, folder, command):
    line = one_line(sonoedge(*command.split()))
    assert line == f"sonoedge: Nothing is recorded yet in {folder}. Start the appliance first: sonoedge demo, or sonoedge run with a probe."
    assert not folder.exists()


def test_a_file_that_the_system_refuses_later(sonoedge, folder, monkeypatch):
    def refuses(*_, **__):
        raise PermissionError(13, "Permission denied", str(folder / "protocols"))

    folder.mkdir()
    monkeypatch.setattr("edge.cli.protocol.load_catalogue", refuses)
    assert "give its owner the right to read and write it" in one_line(sonoedge("protocol", "list"))


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root, which may act as another user")
def test_records_that_another_user_cannot_see_or_read():
    with TemporaryDirectory() as folder:
        records = Path(folder) / "records.sqlite"
        records.touch(0o600)
        for mode in (0o700, 0o755):  # the folder above is closed; everybody sees the file
            Path(folder).chmod(mode)
            os.seteuid(65534)
            try:
                with pytest.raises(access.FilesDenied, match="sudo -u root sonoedge exam list"):
                    access.require_access(records, ["sonoedge", "exam", "list"])
            finally:
                os.seteuid(0)
