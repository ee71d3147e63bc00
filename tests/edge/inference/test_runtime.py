import importlib.util

import numpy as np
import pytest

from edge.inference.release import ModelUnusable
from edge.inference.runtime import RUNTIMES, Interpreter, RuntimeAbsent


def test_the_installed_runtime_is_named_with_its_version(release):
    interpreter = Interpreter(release.path)
    assert interpreter.runtime in RUNTIMES
    assert interpreter.version[0].isdigit()


def test_an_answer_is_the_callers_own_and_the_same_each_time(release):
    interpreter = Interpreter(release.path)
    rng = np.random.default_rng(3)
    one, two = (rng.integers(-128, 128, interpreter.input.shape, dtype=np.int8) for _ in range(2))
    first, _ = interpreter.invoke(one)
    kept = first.copy()
    interpreter.invoke(two)
    assert np.array_equal(first, kept)
    assert np.array_equal(interpreter.invoke(one)[0], kept)
    assert not np.array_equal(interpreter.invoke(two)[0], kept)


@pytest.mark.parametrize("content", [b"", b"not a model at all", b"\x00" * 64])
def test_a_file_that_is_not_tflite_is_refused(tmp_path, content):
    path = tmp_path / "x.tflite"
    path.write_bytes(content)
    with pytest.raises(ModelUnusable, match="not a TFLite model"):
        Interpreter(path)


def test_an_absent_file_is_refused(tmp_path):
    with pytest.raises(ModelUnusable, match="cannot be read"):
        Interpreter(tmp_path / "x.tflite")


def test_a_runtime_that_is_not_installed_says_so(release):
    absent = [name for name, module in RUNTIMES.items() if importlib.util.find_spec(module.partition(".")[0]) is None]
    assert absent, "this environment must hold one runtime only"
    with pytest.raises(RuntimeAbsent, match=absent[0]):
        Interpreter(release.path, runtime=absent[0])
