import subprocess
import sys
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware_bridge.virtual_probe.options import OPTIONS, elements
from firmware_bridge.virtual_probe.tissue import LINES


@given(st.sets(st.integers(0, LINES - 1), min_size=1))
def test_elements_are_read_as_they_are_written(wanted):
    assert elements(",".join(map(str, wanted))) == tuple(sorted(wanted))


def test_runs_and_single_elements_may_be_mixed_and_overlap():
    assert elements("3, 40-42,41") == (3, 40, 41, 42)


@given(st.sampled_from(sorted(OPTIONS)), st.text(max_size=20))
def test_any_text_is_read_or_refused_as_a_wrong_value(name, text):
    with suppress(ValueError):
        OPTIONS[name].read(text)


@pytest.mark.parametrize("reported", ["--dead=200", "--air=-1", "--size=1", "--preset=moon", "--loss-db=inf"])
def test_the_command_line_refuses_what_cannot_be(reported):
    stated = subprocess.run([sys.executable, "-m", "firmware_bridge.virtual_probe", reported], capture_output=True, text=True, check=False)
    assert stated.returncode == 2
    assert "Traceback" not in stated.stderr
    assert reported.partition("=")[0] in stated.stderr
