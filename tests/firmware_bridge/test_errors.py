"""Errors of this family cross from one process to another as they are."""

import pickle

import pytest

from firmware_bridge.errors import Conflict, SourceAbsent


class Refused(Conflict):
    code = "refused"

    def __init__(self, peer):
        super().__init__("{peer} refuses", "Ask again", says="refused", peer=peer)
        self.peer = peer


@pytest.mark.parametrize("error", [SourceAbsent("No port", "Plug it in"), Refused("pacs")], ids=["plain", "of its own making"])
def test_an_error_is_the_same_after_it_crossed(error):
    crossed = pickle.loads(pickle.dumps(error))
    assert type(crossed) is type(error)
    assert str(crossed) == str(error)
    assert vars(crossed) == vars(error)
