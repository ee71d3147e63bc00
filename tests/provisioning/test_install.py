"""install.sh on a bare Debian, from a stick, with no network. The steps are in the order in which a technician takes them."""

import json

import pytest

pytestmark = [pytest.mark.peers, pytest.mark.slow]

INSTALL = ("/home/provisioning/install.sh", "--wheelhouse", "/mnt/stick")
AS_USER = ("setpriv", "--reuid=sonoedge", "--regid=sonoedge", "--init-groups", "env", "HOME=/var/lib/sonoedge")


def test_1_installs(board):
    stated = board(*INSTALL).stdout
    assert "not a diagnosis" in stated
    assert "starts at the next boot" in stated
    assert board("id", "-nG", "sonoedge").stdout.split() == ["sonoedge", "dialout", "video", "plugdev"]
    assert board("stat", "-c", "%a %U", "/var/lib/sonoedge").stdout.strip() == "750 sonoedge"
    assert board.path("/etc/systemd/system/multi-user.target.wants/sonoedge.service").is_symlink()
    assert board.path("/etc/udev/rules.d/60-sonoedge.rules").exists()


def test_2_reads_frames_as_its_own_user(board):
    stated = board(*AS_USER, "sonoedge", "demo", "--seconds", "6", "--json").stdout
    summary = json.loads(stated.splitlines()[-1])
    assert summary["frames"]["read"] > 0
    assert summary["simulated"] is True


def test_3_the_doctor_finds_the_essentials_well(board):
    stated = board(*AS_USER, "sonoedge", "doctor", "--json", check=False)
    assert stated.returncode == 0, stated.stdout + stated.stderr


def test_4_again_keeps_settings_and_data(board):
    settings, record = board.path("/etc/sonoedge/settings.toml"), board.path("/var/lib/sonoedge/record")
    settings.write_text("port = 9000\n")
    record.write_text("x")
    first = board.path("/opt/sonoedge/current").readlink()
    assert "keeping /etc/sonoedge/settings.toml" in board(*INSTALL).stdout
    assert settings.read_text() == "port = 9000\n"
    assert record.read_text() == "x"
    assert {str(first), str(board.path("/opt/sonoedge/current").readlink())} == {"slots/a", "slots/b"}


def test_5_a_broken_stick_changes_nothing(board):
    used = board.path("/opt/sonoedge/current").readlink()
    done = board("/home/provisioning/install.sh", "--wheelhouse", "/home", check=False)
    assert done.returncode != 0
    assert board.path("/opt/sonoedge/current").readlink() == used
    board("sonoedge", "--version")


def test_5_the_boot_program_selects_the_slot_again(board):
    used = board.path("/opt/sonoedge/current").readlink()
    board.path("/opt/sonoedge/current").unlink()
    assert board("/opt/sonoedge/boot.pyz", "start").stdout.strip() == used.name
    assert board.path("/opt/sonoedge/current").readlink() == used


def test_5_a_slot_that_cannot_start_is_not_selected_and_the_history_states_it(board):
    used = board.path("/opt/sonoedge/current").readlink()
    program = board.path(f"/opt/sonoedge/{used}/bin/sonoedge")
    program.rename(program.with_name("away"))
    assert board("/opt/sonoedge/boot.pyz", "start").stdout.strip() not in (used.name, "")
    assert "damaged" in json.loads(board.path("/opt/sonoedge/history.jsonl").read_text().splitlines()[-1])["what"]
    board("sonoedge", "--version")


@pytest.mark.parametrize("reported", [("--wheelhouse", "/nowhere"), ("--wheelhouse",), ("--frobnicate",)])
def test_6_wrong_options_are_one_line_and_status_2(board, reported):
    done = board("/home/provisioning/install.sh", *reported, check=False)
    assert done.returncode == 2
    assert len(done.stderr.strip().splitlines()) == 1


def test_7_uninstall_keeps_what_was_recorded_and_may_be_repeated(board):
    for _ in range(2):
        assert "kept: /etc/sonoedge, /var/lib/sonoedge" in board("/home/provisioning/install.sh", "--uninstall").stdout
        assert not board.path("/opt/sonoedge").exists()
        assert not board.path("/etc/systemd/system/sonoedge.service").exists()
        assert not board.path("/usr/local/bin/sonoedge").is_symlink()
        assert board.path("/var/lib/sonoedge/record").exists()
    board("/home/provisioning/install.sh", "--uninstall", "--purge-everything-recorded")
    assert not board.path("/var/lib/sonoedge").exists()
    assert board("getent", "passwd", "sonoedge", check=False).returncode != 0


def test_8_it_refuses_to_run_without_root(board):
    done = board("setpriv", "--reuid=65534", "--clear-groups", "/home/provisioning/install.sh", check=False)
    assert done.returncode == 2
    assert "needs root" in done.stderr
