"""Work in a process of its own: its results and errors come as if it was done here, and it never outlives who asked for it."""

import os
import signal
import subprocess
import sys
import time
from contextlib import closing

import pytest

from edge.exchange.apart import ProcessEnded, apart, each_apart
from edge.exchange.peers.dial import NotAssociated
from edge.exchange.peers.hospital import DicomPeer
from edge.exchange.peers.outcome import Answer, Outcome
from firmware_bridge.errors import DiskRefuses

PEER = DicomPeer(name="pacs", host="127.0.0.1", port=1, ae_title="PACS")
ENDS_S = 60.0


class Full(DiskRefuses):
    code = "full"


def upper(text, mark=""):
    print("what a library prints")
    return f"{text.upper()}{mark}"


def letters(text):
    yield from text


def refused(kind):
    if kind == "disk":
        raise Full("The {disk} is full", "Make room", says="full", disk="stick")
    if kind == "peer":
        raise NotAssociated(PEER, Answer(Outcome.RETRY, "Nobody answers.", "silent"))
    if kind == "system":
        raise FileNotFoundError(2, "No such file", "/gone")
    raise RuntimeError(kind)


def own_process():
    yield os.getpid()
    time.sleep(ENDS_S)
    yield 0


def killed():
    os.kill(os.getpid(), signal.SIGKILL)


def unusable():
    return lambda: None


def is_there(process):
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


def test_the_result_is_that_of_the_work_and_what_it_prints_does_not_mix_with_it():
    assert apart(upper, "ok", mark="!") == "OK!"


def test_results_come_one_by_one_and_none_are_none():
    assert list(each_apart(letters, "abc")) == ["a", "b", "c"]
    assert list(each_apart(letters, "")) == []


def test_an_error_is_the_same_one_here():
    with pytest.raises(Full, match="The stick is full") as full:
        apart(refused, "disk")
    assert (full.value.fix, full.value.says.params) == ("Make room", {"disk": "stick"})
    with pytest.raises(NotAssociated) as alone:
        apart(refused, "peer")
    assert alone.value.answer.status == "silent"
    with pytest.raises(FileNotFoundError, match="/gone"):
        apart(refused, "system")
    with pytest.raises(RuntimeError, match="else"):
        apart(refused, "else")


@pytest.mark.parametrize(("work", "stated"), [(killed, "status -9"), (unusable, "cannot hand over its result")])
def test_a_process_that_cannot_hand_over_is_an_error_with_the_reason(work, stated):
    with pytest.raises(ProcessEnded, match=stated):
        apart(work)


def test_who_leaves_early_leaves_no_process_behind():
    with closing(each_apart(own_process)) as results:
        process = next(results)
    assert not is_there(process)


def test_it_ends_with_the_process_that_asked(eventually):
    asks = "from tests.edge.exchange.test_apart import *\nfor each in each_apart(own_process): print(each, flush=True)"
    with subprocess.Popen([sys.executable, "-c", asks], stdout=subprocess.PIPE, text=True) as asking:
        process = int(asking.stdout.readline())
        asking.kill()
    eventually(lambda: not is_there(process), "the process goes on")
