"""The manifest of a release: what it states, and every field that is not one."""

import json

import pytest

from provisioning.codes import ProvisionRefused
from provisioning.update.manifest import MOST_BYTES, NAME, Facts, parse
from tests.provisioning.releases import facts_of

DIGEST = "0" * 64


def stated(**changed):
    """The JSON of a manifest that is right but for what `changed` states; a field with None is absent."""
    files = [{"path": "sbom.json", "size": 2, "sha256": DIGEST}]
    fields = {**facts_of(7, least_counter=3, models=("lung-s-1.0",)).model_dump(mode="json"), "files": files, **changed}
    return json.dumps({name: value for name, value in fields.items() if value is not None}).encode()


def item(**changed):
    return {"files": [{"path": "a", "size": 2, "sha256": DIGEST, **changed}]}


def refusal(content):
    with pytest.raises(ProvisionRefused) as refused:
        parse(content, "the stick")
    assert refused.value.cause == "E-TAMPER"
    assert "the manifest in the stick cannot be used" in refused.value.what
    return refused.value.what


def test_a_right_one():
    read = parse(stated(), "the stick")
    assert Facts.model_validate(read.model_dump()) == facts_of(7, least_counter=3, models=("lung-s-1.0",))
    assert [(each.path, each.size) for each in read.files] == [("sbom.json", 2)]


def test_fields_of_a_newer_program_are_ignored():
    assert parse(stated(colour="blue"), "the stick").counter == 7


@pytest.mark.parametrize("name", ["version", "counter", "compat", "issued_at", "unpacked", "files"])
def test_a_missing_field_is_named(name):
    assert f": {name}: " in refusal(stated(**{name: None}))


WRONG = [
    ("version", ""),
    ("version", "1.0 beta"),
    ("version", "../1.0"),
    ("version", "<b>1</b>"),
    ("version", "1" * 65),
    ("version", "1.0\n"),
    ("version", 1),
    ("counter", 0),
    ("counter", -1),
    ("counter", 1.5),
    ("counter", "many"),
    ("security_floor", -1),
    ("least_counter", -1),
    ("compat", ""),
    ("compat", "x" * 65),
    ("issued_at", "2026-11-30T09:00:00"),
    ("issued_at", "yesterday"),
    ("unpacked", -1),
    ("database", 1),
    ("models", "lung"),
    ("models", [1]),
    ("firmware", {}),
    ("files", []),
    ("files", {}),
]


@pytest.mark.parametrize(("name", "value"), WRONG)
def test_a_wrong_field_is_named(name, value):
    assert f": {name}" in refusal(stated(**{name: value}))


NOT_PLAIN = ["", ".", "..", "/a", "a/b", "../a", ".hidden", "a b", "a\\b", "é", "a\n", NAME]
NOT_PLAIN += ["wheels/", "wheels/../a", "wheels/a/b", "wheels//a", "wheels/.a"]


@pytest.mark.parametrize("path", NOT_PLAIN)
def test_a_path_that_is_no_plain_name(path):
    assert "files.0.path" in refusal(stated(**item(path=path)))


@pytest.mark.parametrize("path", ["a", "wheels/a-1.0+x-py3-none-any.whl", "requirements.txt"])
def test_a_plain_path(path):
    assert parse(stated(**item(path=path)), "the stick").files[0].path == path


@pytest.mark.parametrize("path", ["wheels", "WHEELS"])
def test_no_file_takes_the_place_of_the_folder(path):
    assert "files.0.path" in refusal(stated(**item(path=path)))


@pytest.mark.parametrize(
    ("name", "value"),
    [("size", -1), ("size", "large"), ("size", None), ("sha256", DIGEST[1:]), ("sha256", "F" * 64), ("sha256", DIGEST + "\n")],
)
def test_a_wrong_size_or_digest_is_named(name, value):
    assert f"files.0.{name}" in refusal(stated(**item(**{name: value})))


@pytest.mark.parametrize("second", ["sbom.json", "SBOM.json"])
def test_two_files_with_one_name(second):
    files = [{"path": path, "size": 0, "sha256": DIGEST} for path in ("sbom.json", second)]
    assert "differ at most in upper and lower case" in refusal(stated(files=files))


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"null", b"\xff\xfe", b'{"version": "1.0"', b"[" * 100_000])
def test_what_is_no_manifest(content):
    refusal(content)


def test_a_manifest_of_a_release_fits_into_its_limit():
    """Ten times as many packages as today."""
    files = [{"path": f"wheels/{number:0200}.whl", "size": 10**9, "sha256": DIGEST} for number in range(900)]
    content = stated(files=files)
    assert len(content) < MOST_BYTES
    assert len(parse(content, "the stick").files) == 900
