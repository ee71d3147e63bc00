"""The command line: fast help, one clear line for an error of the user, a traceback for an error of the program."""

import socket
import subprocess
import sys

import pytest

from edge import cli


def test_help_lists_every_command_without_loading_its_modules():
    code = "import sys; sys.argv = ['sonoedge', '--help']\nimport edge.cli\ntry: edge.cli.main()\nfinally: print(sorted(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    for command in ("run", "demo", "infer", "exam", "protocol", "probe", "model", "reread", "doctor", "bench"):
        assert f" {command} " in done.stdout
    assert "'typer'" in done.stdout
    for heavy in ("numpy", "fastapi", "pydantic", "PIL"):
        assert f"'{heavy}'" not in done.stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["run", "--source", "probe://x"], "no kind of source"),
        (["run", "--source", "serial:///dev/ttyNONE"], "/dev/ttyNONE is not there"),
        (["run", "--source", "file:///none.mp4"], "/none.mp4 is not there"),
        (["run", "--model", "/none"], "/none/release.json cannot be read"),
        (["run", "--port", "70000"], "--port: port = 70000"),
        (["demo", "--input", "/none.mp4", "--seconds", "1"], "/none.mp4 is not there"),
    ],
)
def test_an_error_of_the_user_is_one_line_and_status_2(sonoedge, arguments, message):
    arguments += [] if "--port" in arguments else ["--port", "0"]
    done = sonoedge(*arguments)
    lines = done.stderr.splitlines()
    assert done.returncode == 2
    assert message in lines[-1]
    assert lines[-1].startswith("sonoedge: ")
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(("command", "gives"), [("infer", True), ("reread", True), ("backup", True), ("exam", True), ("doctor", False)])
def test_long_work_leaves_the_processor_to_a_running_appliance(monkeypatch, command, gives):
    given = []
    monkeypatch.setattr(cli, "give_way", lambda: given.append(command))
    monkeypatch.setattr(sys, "argv", ["sonoedge", command, "--help"])
    with pytest.raises(SystemExit):
        cli.main()
    assert given == [command] * gives


def test_an_occupied_port_is_one_line_and_status_2(sonoedge):
    with socket.create_server(("127.0.0.1", 0)) as other:
        done = sonoedge("run", "--port", str(other.getsockname()[1]))
    assert done.returncode == 2
    assert "is taken by another program" in done.stderr


def test_an_unknown_setting_is_one_line_and_status_2(sonoedge, monkeypatch):
    monkeypatch.setenv("SONOEDGE_PROT", "1")
    done = sonoedge("doctor")
    assert done.returncode == 2
    assert "Did you mean SONOEDGE_PORT" in done.stderr


INTERRUPTED_IMPORT = """
import os, signal, sys

class Interrupt:
    def find_spec(self, name, *_):
        if name == {module!r}:
            os.kill(os.getpid(), signal.SIGINT)

signal.signal(signal.SIGINT, signal.default_int_handler)
sys.meta_path.insert(0, Interrupt())
sys.argv = ["sonoedge", "doctor"]
from edge.cli import main
main()
print("not interrupted")
"""


@pytest.mark.parametrize("module", ["typer", "firmware_bridge.errors", "edge.cli.doctor", "edge.settings"])
def test_ctrl_c_while_modules_are_imported_ends_with_status_130_and_no_traceback(module):
    command = [sys.executable, "-c", INTERRUPTED_IMPORT.format(module=module)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "")


def test_a_command_of_its_own_process_ends_as_one_of_this_process(sonoedge):
    words = ["run", "--source", "probe://x", "--port", "0"]
    done = subprocess.run([sys.executable, "-m", "edge.cli", *words], capture_output=True, text=True, check=False)
    here = sonoedge(*words)
    assert (done.returncode, done.stdout, done.stderr.splitlines()[-1]) == (2, here.stdout, here.stderr.splitlines()[-1])


def test_the_version_is_printed(sonoedge):
    assert sonoedge("--version").stdout.strip()[0].isdigit()


@pytest.mark.parametrize("words", [(), ("exam",), ("exam", "list"), ("probe", "watch"), ("bench", "link"), ("run",)])
def test_h_is_help_everywhere(sonoedge, words):
    done = sonoedge(*words, "-h")
    assert done.returncode == 0
    assert f"Usage: sonoedge {' '.join(words)}".rstrip() in done.stdout
    assert done.stdout == sonoedge(*words, "--help").stdout


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (("frobnicate",), "sonoedge: No such command 'frobnicate'. See sonoedge --help."),
        (("--frobnicate",), "sonoedge: No such option: --frobnicate. See sonoedge --help."),
        (("exam", "frobnicate"), "sonoedge: No such command 'frobnicate'. See sonoedge exam --help."),
        (("exam", "list", "--frobnicate"), "sonoedge: No such option: --frobnicate. See sonoedge exam list --help."),
        (("exam", "show"), "sonoedge: Missing argument 'EXAM'. See sonoedge exam show --help."),
        (("demo", "--json"), "sonoedge: Invalid value: --json needs --seconds. See sonoedge demo --help."),
        (("probe", "emulate", "--fps", "x"), "See sonoedge probe emulate --help."),
    ],
)
def test_wrong_usage_is_one_line_like_any_other_error(sonoedge, words, line):
    done = sonoedge(*words)
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1
    assert line in done.stderr
    assert done.stderr.startswith("sonoedge: ")


@pytest.mark.parametrize("words", [(), ("exam",)])
def test_without_a_command_the_help_is_shown(sonoedge, words):
    done = sonoedge(*words)
    assert (done.returncode, done.stderr) == (2, "")
    assert "Usage: sonoedge" in done.stdout


@pytest.mark.parametrize(
    ("typed", "place", "offered"),
    [("sonoedge mo", 1, "model"), ("sonoedge exam l", 2, "list"), ("sonoedge bench pipeline --ch", 3, "--check")],
)
def test_a_shell_completes_commands_and_options(sonoedge, monkeypatch, typed, place, offered):
    monkeypatch.setenv("_SONOEDGE_COMPLETE", "complete_bash")
    monkeypatch.setenv("COMP_WORDS", typed)
    monkeypatch.setenv("COMP_CWORD", str(place))
    assert sonoedge().stdout.split() == [offered]
