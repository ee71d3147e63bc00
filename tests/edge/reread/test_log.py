import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.reread.answer import Answer, FindingAnswer, Outcome
from edge.reread.log import RereadLog, RereadRefused

ANSWER = Answer(
    "a-1.0.0", None, "", 0.25, {"b_lines": FindingAnswer(0.1 + 0.2, ("present",)), "a_lines": FindingAnswer(1 / 3, ("present", "absent"))}
)
POOR = replace(ANSWER, reason="quality", code="TOO_DARK", novelty=None)
OUTCOMES = {f"key-{n}": Outcome("0" * 64, n, False, ANSWER, POOR) for n in range(3)}


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    with RereadLog.opened(tmp_path_factory.mktemp("log")) as log:
        for key, outcome in OUTCOMES.items():
            log.add(key, outcome)
        return log.path.read_bytes()


def reopened(folder, content):
    with RereadLog.opened(folder) as log:
        log.path.write_bytes(content)
        return log.done()


def test_what_was_added_is_there_to_the_last_bit(tmp_path, written):
    done = reopened(tmp_path, written)
    assert (done.outcomes, done.damaged) == (OUTCOMES, ())


def test_nothing_was_read_before_the_first(tmp_path):
    with RereadLog.opened(tmp_path / "new" / "folder") as log:
        assert log.done().outcomes == {}


@given(at=st.integers(0, 10_000), bit=st.integers(0, 7))
def test_a_damaged_line_is_reported_and_costs_no_other(tmp_path_factory, written, at, bit):
    content = bytearray(written)
    content[at % len(content)] ^= 1 << bit
    done = reopened(tmp_path_factory.mktemp("damaged"), bytes(content))
    assert done.outcomes.items() <= OUTCOMES.items()
    assert len(done.outcomes) == 3 or done.damaged
    assert len(done.outcomes) >= 1


@given(end=st.integers(0, 10_000))
def test_a_file_that_was_cut_off_keeps_its_whole_lines_and_takes_the_next(tmp_path_factory, written, end):
    cut = written[: end % len(written)]
    folder = tmp_path_factory.mktemp("cut")
    before = reopened(folder, cut)
    assert len(before.outcomes) >= cut.count(b"\n")
    with RereadLog.opened(folder) as log:
        log.add("key-9", OUTCOMES["key-1"])
        after = log.done()
    assert after.outcomes == {**before.outcomes, "key-9": OUTCOMES["key-1"]}
    assert after.damaged == before.damaged


def test_a_line_of_another_kind_is_damaged(tmp_path, written):
    line = json.loads(written.split(b"\n")[0])
    odd = [b"null", b"{}", json.dumps(line | {"key": "key-7"}).encode(), json.dumps(line | {"more": 1}).encode()]
    done = reopened(tmp_path, b"\n".join([*odd, written]))
    assert (done.outcomes, done.damaged) == (OUTCOMES, (1, 2, 3, 4))


def test_two_commands_do_not_write_to_one_folder(tmp_path):
    with RereadLog.opened(tmp_path), pytest.raises(RereadRefused, match="another reread"), RereadLog.opened(tmp_path):
        pass
    with RereadLog.opened(tmp_path):
        pass


def test_a_folder_that_cannot_be_made_is_reported(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(RereadRefused, match="cannot be made"), RereadLog.opened(tmp_path / "file"):
        pass


def test_a_disk_that_refuses_is_reported(tmp_path):
    with RereadLog.opened(tmp_path) as log:
        log.path.mkdir()
        with pytest.raises(RereadRefused, match="cannot be read"):
            log.done()
        with pytest.raises(RereadRefused, match="cannot be written"):
            log.add("key", OUTCOMES["key-1"])
