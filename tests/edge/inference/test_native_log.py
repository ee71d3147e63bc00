"""Informative lines of C code are left out; everything else that is written to stderr arrives, in order."""

import os

import pytest

from edge.inference.native_log import without_info
from edge.inference.release import BUILT_IN
from edge.inference.runtime import Interpreter


def test_only_informative_lines_are_left_out(capfd):
    with without_info():
        os.write(2, b"one\nINFO: Created a delegate.\nERROR: two\n")
    os.write(2, b"three\n")
    assert capfd.readouterr().err == "one\nERROR: two\nthree\n"


def test_an_error_passes_and_its_lines_too(capfd):
    def fails():
        with without_info():
            os.write(2, b"before")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fails()
    assert capfd.readouterr().err == "before"


def test_a_model_loads_in_silence(capfd):
    Interpreter(next((BUILT_IN / "lung-s").glob("*.tflite")))
    assert capfd.readouterr().err == ""
