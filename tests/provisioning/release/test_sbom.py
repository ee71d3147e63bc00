"""The list of components of a release."""

import json
from datetime import datetime, timezone
from importlib.resources import files

import jsonschema_rs
import pytest

from provisioning.release.sbom import sbom
from provisioning.release.wheels import wheel_of
from tests.provisioning import tiny

AT = datetime(2026, 11, 30, tzinfo=timezone.utc)
SCHEMAS = files("cyclonedx.schema._res")
NAMES = ("bom-1.6.SNAPSHOT.schema.json", "spdx.SNAPSHOT.schema.json", "jsf-0.82.SNAPSHOT.schema.json")


@pytest.fixture(scope="module")
def valid():
    """The schema of CycloneDX 1.6 itself, which its library carries."""
    schemas = {f"http://cyclonedx.org/schema/{name}": json.loads(SCHEMAS.joinpath(name).read_text()) for name in NAMES}
    registry = jsonschema_rs.Registry(list(schemas.items()))
    return jsonschema_rs.validator_for(next(iter(schemas.values())), registry=registry)


def made(folder, *described):
    """The document, as an object, of packages with these lines of metadata each; the last one is the project itself."""
    *wheels, own = (wheel_of(tiny.wheel(folder, name, metadata=metadata)) for name, metadata in described)
    return json.loads(sbom(wheels, own, AT))


OWN = ("sonoedge", ("License-Expression: Apache-2.0", "Requires-Dist: b>=1", 'Requires-Dist: a; extra == "dev"', "Requires-Dist: absent"))
PACKAGES = (
    ("b", ("License: BSD-3-Clause", "Requires-Dist: C_c>=1; python_version > '3'")),
    ("a", ("Classifier: License :: OSI Approved :: MIT License", "Classifier: License :: OSI Approved :: BSD License", "License: ignored")),
    ("c_c", ("License: A long text\n       of many lines",)),
    ("av", ("License-Expression: BSD-3-Clause OR MIT",)),
    ("none", ()),
)


@pytest.fixture
def document(tmp_path):
    return made(tmp_path, *PACKAGES, OWN)


def test_it_is_valid(document, valid):
    assert [str(error) for error in valid.iter_errors(document)] == []
    assert (document["bomFormat"], document["specVersion"]) == ("CycloneDX", "1.6")
    document["components"][0]["type"] = "no type"
    assert not valid.is_valid(document)


def test_each_package_has_its_version_digest_and_address(document, tmp_path):
    listed = {each["name"]: each for each in document["components"]}
    assert set(listed) == {"a", "av", "b", "c-c", "none"}
    assert listed["c-c"]["version"] == "1.0"
    assert listed["c-c"]["hashes"] == [{"alg": "SHA-256", "content": tiny.digest(tmp_path / "c_c-1.0-py3-none-any.whl")}]
    assert listed["c-c"]["purl"] == "pkg:pypi/c-c@1.0"
    assert document["metadata"]["component"]["name"] == "sonoedge"
    assert document["metadata"]["timestamp"].startswith("2026-11-30T00:00:00")


LICENCES = {
    "a": [{"license": {"name": "BSD License"}}, {"license": {"name": "MIT License"}}],
    "av": [{"expression": "BSD-3-Clause OR MIT"}],
    "b": [{"license": {"id": "BSD-3-Clause"}}],
    "c-c": [{"license": {"name": "A long text"}}],
    "none": [{"license": {"name": "not stated"}}],
}


def test_each_package_has_its_licences(document):
    found = {each["name"]: each["licenses"] for each in document["components"]}
    assert {name: [_plain(licence) for licence in licences] for name, licences in found.items()} == LICENCES
    assert [_plain(licence) for licence in document["metadata"]["component"]["licenses"]] == [{"license": {"id": "Apache-2.0"}}]


def _plain(licence):
    """Without the remark who stated it."""
    return {
        kind: value if kind == "expression" else {name: value[name] for name in value if name in ("id", "name")}
        for kind, value in licence.items()
    }


def test_what_a_wheel_carries_without_stating_it(document):
    noted = {each["name"]: each["properties"] for each in document["components"] if "properties" in each}
    assert set(noted) == {"av"}
    assert "libx264" in noted["av"][0]["value"]


def test_which_package_needs_which(document):
    needs = {each["ref"]: each.get("dependsOn", []) for each in document["dependencies"]}
    assert needs["sonoedge@1.0"] == ["b@1.0"]
    assert needs["b@1.0"] == ["c-c@1.0"]
    assert needs["a@1.0"] == []


def test_the_same_packages_give_the_same_bytes_in_any_order(tmp_path):
    *wheels, own = (wheel_of(tiny.wheel(tmp_path, name, metadata=metadata)) for name, metadata in (*PACKAGES, OWN))
    first = sbom(wheels, own, AT)
    assert sbom(reversed(wheels), own, AT) == first
    assert sbom(wheels[:-1], own, AT) != first
    serial = [json.loads(sbom(some, own, AT))["serialNumber"] for some in (wheels, wheels[:-1])]
    assert serial[0] != serial[1]
