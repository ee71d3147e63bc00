import sys

import pytest

from provisioning.codes import ProvisionRefused
from provisioning.image.boot_control import LOADERS, LoaderBoot, run_command

RUNNING = dict.fromkeys(LOADERS, "console=tty0 rauc.slot=A panic=10\n") | {"jetson": "0\n"}


class Recorder:
    """Runs nothing; answers the question for the running slot."""

    def __init__(self, answer):
        self.answer, self.ran = answer, []

    def __call__(self, words, text):
        if words[0] == "cat" or "get-current-slot" in words:
            return self.answer
        self.ran.append((" ".join(words), text) if text else " ".join(words))
        return ""


@pytest.fixture
def board(tmp_path):
    (tmp_path / "boot/firmware").mkdir(parents=True)

    def made(name):
        recorder = Recorder(RUNNING[name])
        return LoaderBoot(LOADERS[name], recorder, tmp_path), recorder.ran

    return made


@pytest.mark.parametrize("name", LOADERS)
def test_the_slot_that_runs(board, name):
    assert board(name)[0].current() == "A"


SCRIPT = "fw_setenv --script -"
COMMANDS = {
    "u-boot": (
        [(SCRIPT, "BOOT_ORDER B A\nBOOT_B_LEFT 3\n")],
        [(SCRIPT, "BOOT_ORDER A B\nBOOT_A_LEFT 3\n")],
        [(SCRIPT, "BOOT_ORDER A B\nBOOT_B_LEFT 0\n")],
    ),
    "raspberry-pi": (["vcmailbox 0x00038064 4 0 1"], [], []),
    "jetson": (["nvbootctrl set-active-boot-slot 1"], ["nvbootctrl verify"], ["nvbootctrl set-active-boot-slot 0"]),
    "systemd-boot": (["bootctl set-oneshot b.conf"], ["bootctl set-default a.conf"], ["bootctl set-default a.conf"]),
}


@pytest.mark.parametrize("name", LOADERS)
def test_the_commands_of_each_boot_loader(board, name):
    tried, good, bad = COMMANDS[name]
    boot, ran = board(name)
    boot.set_try("B")
    assert ran == tried
    boot.mark_good()
    assert ran == tried + good
    boot.mark_bad("B")
    assert ran == tried + good + bad


@pytest.mark.parametrize(
    ("mark", "always", "once"),
    [(lambda boot: boot.set_try("B"), 2, 3), (lambda boot: boot.mark_good(), 2, 3), (lambda boot: boot.mark_bad("A"), 3, 2)],
)
def test_a_raspberry_pi_falls_back_to_the_slot_that_always_starts(board, tmp_path, mark, always, once):
    boot, _ = board("raspberry-pi")
    mark(boot)
    text = (tmp_path / "boot/firmware/autoboot.txt").read_text()
    assert text == f"[all]\ntryboot_a_b=1\nboot_partition={always}\n[tryboot]\nboot_partition={once}\n"


def refused(act):
    with pytest.raises(ProvisionRefused) as raised:
        act()
    assert raised.value.cause == "E-BOOT"
    return str(raised.value)


def test_a_board_that_names_no_slot_is_refused():
    assert "names no slot" in refused(LoaderBoot(LOADERS["u-boot"], Recorder("console=tty0\n")).current)


def test_a_file_that_cannot_be_written_is_refused(tmp_path):
    boot = LoaderBoot(LOADERS["raspberry-pi"], Recorder(RUNNING["raspberry-pi"]), tmp_path)
    assert "/boot/firmware/autoboot.txt cannot be written" in refused(boot.mark_good)


def test_a_command_gets_its_text_and_returns_what_it_printed():
    assert run_command([sys.executable, "-c", "print(input().upper())"], "boot_order a b\n") == "BOOT_ORDER A B\n"


@pytest.mark.parametrize(
    ("command", "stated"), [(["no-such-boot-loader"], "cannot be run"), ([sys.executable, "-c", "raise SystemExit('locked')"], "locked")]
)
def test_a_command_that_fails_is_refused(command, stated):
    assert stated in refused(lambda: run_command(command, ""))
