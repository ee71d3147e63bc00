"""`boot.pyz` as systemd calls it: a program of its own, with the standard library only."""

import http.client
import json
import os
import signal
import socket
import stat
import subprocess
import sys

import pytest

from provisioning.boot.files import RealFiles
from provisioning.boot.gate import ask, judge, selftest_of
from provisioning.boot.moves import returned
from provisioning.boot.pack import furnish, packed
from provisioning.boot.place import Place
from provisioning.boot.reasons import REASONS, reason
from provisioning.boot.safe import page
from provisioning.boot.selector import Selector
from provisioning.boot.slot import Mark
from tests.provisioning.releases import NOW


@pytest.fixture
def board(tmp_path):
    """A board on the real disk, with a program in slot a that prints its version."""
    place = Place(tmp_path)
    furnish(RealFiles(), place)
    add(place, "1.0", 1)
    return place


def add(place, version, counter):
    selector = Selector(RealFiles(), place, lambda: NOW)
    slot = selector.prepare()
    program = place.slot(slot) / "bin" / "sonoedge"
    program.parent.mkdir(parents=True)
    program.write_text(f"#!/bin/sh\necho {version}\n")
    program.chmod(0o755)
    (program.parent / "python3").symlink_to(sys.executable)
    selector.adopt(slot, Mark(version, counter))
    return slot


def boot(place, *words, **more):
    command = [sys.executable, "-I", str(place.boot), "--root", str(place.root), *words]
    return subprocess.run(command, capture_output=True, text=True, check=False, **more)


def events(place):
    return [json.loads(line) for line in place.history.read_text().splitlines()]


def test_it_is_the_same_bytes_each_time():
    assert packed() == packed()


def test_it_selects_the_slot_and_the_program_of_that_slot_runs(board):
    done = boot(board, "start")
    assert (done.returncode, done.stdout.strip(), done.stderr) == (0, "a", "")
    assert subprocess.run([board.current / "bin/sonoedge"], capture_output=True, text=True, check=True).stdout.strip() == "1.0"


def test_an_installer_is_told_which_slot_to_write(board):
    assert boot(board, "prepare").stdout.strip() == "b"


def test_a_stop_without_a_process_is_not_one_that_people_asked_for(board):
    assert boot(board, "asked-to-stop").returncode == 0
    assert boot(board, "asked-to-stop", "").returncode == 0


def test_nothing_on_trial_needs_no_judgement(board):
    assert boot(board, "judge").returncode == 0


def test_a_release_on_trial_is_judged_by_its_own_self_test_and_goes_back_with_its_reason(board, tmp_path):
    add(board, "2.0", 2)
    selector = Selector(RealFiles(), board, lambda: NOW)
    selector.store(returned(selector.load(), "asked for", selector.marks(), NOW))  # release 1.0 on trial
    selector.start()
    program = board.current / "bin/sonoedge"
    program.write_text("#!/bin/sh\necho 'golden vectors: 3 of 16 differ.'\nexit 1\n")
    assert judge(selftest_of(program), lambda: True, limit_s=1, every_s=0.1) == "golden vectors: 3 of 16 differ"
    runtime = tmp_path / "runtime"
    runtime.mkdir()
    (runtime / "why").write_text("golden vectors: 3 of 16 differ")
    quiet = {**os.environ, "RUNTIME_DIRECTORY": str(runtime), "PATH": str(tmp_path / "empty")}
    boot(board, "judged", "exit-code", env=quiet)
    assert not selector.load().trial
    assert events(board)[-1]["code"] == "E-HEALTH"
    assert "golden vectors: 3 of 16 differ" in events(board)[-1]["what"]


def test_a_judgement_that_passes_needs_one_answer():
    asked = []
    assert judge(("/bin/true",), lambda: not asked.append(1), limit_s=60, every_s=60) == ""
    assert len(asked) == 1


def test_an_appliance_that_is_still_starting_has_not_failed(tmp_path):
    program = tmp_path / "sonoedge"
    program.write_text(f"#!/bin/sh\n[ -e {tmp_path}/turn ] && exit\ntouch {tmp_path}/turn\necho the appliance does not answer\nexit 1\n")
    program.chmod(0o755)
    assert judge((str(program),), lambda: True, limit_s=60, every_s=0.01) == ""


def test_a_reason_is_not_lost_because_the_last_turn_is_too_short(tmp_path):
    program = tmp_path / "sonoedge"
    program.write_text(f"#!/bin/sh\n[ -e {tmp_path}/turn ] && exec sleep 60\ntouch {tmp_path}/turn\necho 3 of 16 differ\nexit 1\n")
    program.chmod(0o755)
    turns = iter((True, True, False))
    assert judge((str(program),), lambda: next(turns), limit_s=2, every_s=0.01) == "3 of 16 differ"


def test_a_program_that_cannot_start_or_hangs_or_says_nothing_does_not_pass():
    assert "cannot start" in ask(("/absent/sonoedge",), 5)
    assert "cannot start" in ask(("/bin/sh", "-c", "exec /absent/sonoedge 2>/dev/null"), 5)
    assert "in time" in ask(("/bin/sleep", "60"), 0.1)
    assert "status 1" in ask(("/bin/false",), 5)


def test_the_reason_is_what_a_self_test_prints_and_not_its_log():
    both = ("/bin/sh", "-c", "echo 'golden vectors: 3 differ'; echo '{\"event\": \"a log line\"}' >&2; exit 1")
    assert ask(both, 5) == "golden vectors: 3 differ"
    assert ask(("/bin/sh", "-c", "echo 'sonoedge: no such command' >&2; exit 2"), 5) == "sonoedge: no such command"


@pytest.mark.parametrize("result", REASONS)
def test_systemds_results_have_their_words(result):
    assert "its program" in reason(result, "SEGV") or "board" in reason(result, "SEGV")


def test_an_unknown_result_is_stated_as_it_is_and_a_clean_end_is_none():
    assert "new-result, 3" in reason("new-result", "3")
    assert reason("success", "0") == ""


def test_where_nothing_can_start_each_command_states_the_next_step(board):
    program = board.safe / "bin/sonoedge"
    assert stat.S_IMODE(program.stat().st_mode) & 0o111
    done = subprocess.run([program, "exam", "list"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert "Install it again" in done.stderr


def test_the_safe_page_states_what_happened_and_the_next_step_and_tells_systemd(board, tmp_path):
    board.mark("a").unlink()
    boot(board, "start")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(str(tmp_path / "notify"))
        systemd.settimeout(30)
        code = f"from provisioning.boot import safe; safe.serve(None, ('127.0.0.1', {port}))"
        serving = subprocess.Popen([sys.executable, "-c", code], env={**os.environ, "NOTIFY_SOCKET": str(tmp_path / "notify")})
        try:
            assert systemd.recv(100).startswith(b"READY=1")
            asked = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
            asked.request("GET", "/anything")
            answer = asked.getresponse()
            text = answer.read().decode()
        finally:
            serving.send_signal(signal.SIGTERM)
            serving.wait(10)
    assert answer.status == 503
    for words in ("No slot of this board can start", "Next step", "not a diagnosis"):
        assert words in text


def test_the_safe_page_shows_markup_as_text():
    from provisioning.boot.record import Event, Record

    assert b"<script>" not in page(Record(event=Event(1, NOW, "E-SLOT", "<script>alert(1)</script>")))


def test_two_commands_at_once_both_count(board):
    add(board, "2.0", 2)
    selector = Selector(RealFiles(), board, lambda: NOW)
    number = selector.load().number
    both = [subprocess.Popen([sys.executable, "-c", CALL, str(board.root)]) for _ in range(2)]
    assert [each.wait(60) for each in both] == [0, 0]
    assert selector.load().number == number + 2


CALL = """
import sys
from provisioning.boot.__main__ import main
sys.exit(main(["--root", sys.argv[1], "adopt", "b", "2.0"]))
"""


def test_a_disk_that_refuses_is_one_line_for_the_journal(board):
    board.lock.unlink(missing_ok=True)
    board.lock.mkdir()
    done = boot(board, "ended", "watchdog", "6")
    assert done.returncode == 1
    assert len(done.stderr.strip().splitlines()) == 1


@pytest.mark.parametrize(("result", "ends"), [("timeout", True), ("signal", False), ("exit-code", False), ("success", False)])
def test_a_judgement_without_a_reason_ends_a_trial_only_if_it_took_too_long(board, tmp_path, result, ends):
    """systemd stops a judgement, too, when the program under trial ends: the next start is judged again."""
    add(board, "2.0", 2)
    selector = Selector(RealFiles(), board, lambda: NOW)
    selector.store(returned(selector.load(), "asked for", selector.marks(), NOW))
    boot(board, "judged", result, env={**os.environ, "RUNTIME_DIRECTORY": str(tmp_path), "PATH": str(tmp_path / "empty")})
    assert bool(selector.load().trial) is not ends
    assert ("did not end in time" in events(board)[-1]["what"]) is ends


def test_the_boot_program_itself_never_replaces_itself_with_an_empty_one(board):
    content = board.boot.read_bytes()
    done = boot(board, "adopt", "a", "1.0")
    assert done.returncode == 0, done.stderr
    assert board.boot.read_bytes() == content
    assert boot(board, "start").stdout.strip() == "a"
