"""What commands of the shell that change the slots of a board report."""

import errno
import os
from types import SimpleNamespace

import pytest

from edge.cli.provision_board import changing
from provisioning.boot.place import Place
from provisioning.codes import ProvisionRefused


@pytest.fixture
def board(tmp_path):
    return SimpleNamespace(place=Place(tmp_path))


@pytest.mark.parametrize(("fault", "code"), [(errno.ENOSPC, "E-NO-SPACE"), (errno.EDQUOT, "E-NO-SPACE"), (errno.EIO, "E-DISK")])
def test_a_disk_that_refuses_a_change_is_a_refusal(fault, code, board):
    with pytest.raises(ProvisionRefused) as refused, changing(board):
        raise OSError(fault, os.strerror(fault))
    assert refused.value.cause == code


def test_a_disk_on_which_the_lock_cannot_be_opened_is_one_too(board):
    board.place.update_lock.mkdir()
    with pytest.raises(ProvisionRefused) as refused, changing(board):
        pass
    assert refused.value.cause == "E-DISK"


def test_a_second_command_at_the_same_time_is_refused(board):
    with changing(board), pytest.raises(ProvisionRefused) as refused, changing(board):
        pass
    assert refused.value.cause == "E-BUSY"


def test_what_a_user_is_not_allowed_to_change_stays_such_an_error(board):
    with pytest.raises(PermissionError), changing(board):
        raise PermissionError(errno.EACCES, "no")
