"""A bundle comes from a stick that anybody may have written on: it is the release that was signed, or it is refused with the reason."""

import hashlib
import io
import json
import stat
import zipfile
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.disk.signing import SigningKey, make_keys, trusted_keys
from edge.inference import bundle
from edge.inference.bundle import LIMITS, pack, unpack
from edge.inference.errors import ModelUnusable

FILES = {"net.tflite": b"\0\0\0\0TFL3" + bytes(range(200)), "card.html": b"<p>card</p>" * 20, "table.npz": bytes(300)}


def manifest(files, **stated):
    return json.dumps(
        {
            "task": "lung",
            "name": "tiny",
            "version": "1.0.0",
            "model": "net.tflite",
            "input_side": 32,
            "operators": ["CONV_2D"],
            "findings": [{"key": "b_lines", "name": "B-lines"}],
            "files": {name: hashlib.sha256(content).hexdigest() for name, content in files.items()},
            "data": [],
            "licence": "none",
            "use": "research use, not a diagnosis",
            **stated,
        }
    ).encode()


@pytest.fixture(scope="session")
def keys_folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("keys")
    make_keys("ward-3", folder)
    return folder


@pytest.fixture(scope="session")
def key(keys_folder):
    return SigningKey.load(keys_folder / "ward-3.pem")


@pytest.fixture(scope="session")
def keys(keys_folder):
    return trusted_keys(keys_folder)


@pytest.fixture(scope="session")
def members(key):
    stated = manifest(FILES)
    return {"release.json": stated, "signature.json": key.sign(stated), **FILES}


def zipped(members, packing=zipfile.ZIP_DEFLATED):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", packing) as writer:
        for name, content in members.items() if isinstance(members, dict) else members:
            writer.writestr(name, content)
    return packed.getvalue()


def unpacked(content, keys, *, unsigned=False):
    """The signer of a bundle of these bytes, and the files that it left in the folder."""
    with TemporaryDirectory() as folder:
        path, into = Path(folder) / "x.sonomodel", Path(folder) / "into"
        path.write_bytes(content)
        into.mkdir()
        signer = unpack(path, into, keys, unsigned=unsigned)
        assert sorted(each.name for each in Path(folder).iterdir()) == ["into", "x.sonomodel"]
        return signer, {each.name: each.read_bytes() for each in into.iterdir()}


def refused(content, keys, why, *, unsigned=False):
    with pytest.raises(ModelUnusable, match=why) as raised:
        unpacked(content, keys, unsigned=unsigned)
    assert "x.sonomodel" in str(raised.value) or "release.json" in str(raised.value)


@pytest.mark.parametrize("packing", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_a_signed_bundle_gives_its_files_and_who_signed(members, keys, packing):
    assert unpacked(zipped(members, packing), keys) == ("ward-3", members)


def test_a_packed_release_is_unpacked_unchanged(candidate, key, keys, tmp_path):
    folder = candidate(tmp_path / "release", "1.2.3")
    path = pack(folder, tmp_path, key)
    assert path.name == "lung-s-1.2.3.sonomodel"
    signer, found = unpacked(path.read_bytes(), keys)
    assert signer == "ward-3"
    assert {name: content for name, content in found.items() if name != "signature.json"} == {
        each.name: each.read_bytes() for each in folder.iterdir()
    }
    assert pack(folder, tmp_path, key).read_bytes() == path.read_bytes()


def test_a_damaged_release_is_not_packed(candidate, key, tmp_path):
    folder = candidate(tmp_path / "release")
    (folder / "card.html").write_text("another")
    with pytest.raises(ModelUnusable, match=r"card\.html is not the file that was released"):
        pack(folder, tmp_path, key)
    assert list(tmp_path.glob("*.sonomodel*")) == []


def test_a_release_too_large_to_be_unpacked_is_not_packed(candidate, key, tmp_path, monkeypatch):
    folder = candidate(tmp_path / "release")
    monkeypatch.setattr(bundle, "LIMITS", replace(LIMITS, bytes_total=1_000_000))
    with pytest.raises(ModelUnusable, match="more than 1000000 bytes"):
        pack(folder, tmp_path, key)


@pytest.mark.parametrize("name", ["../evil", "/etc/evil", "a/b", "..", ".", "a\\b", "sub/", " "])
def test_a_name_that_leads_elsewhere_is_refused(members, keys, name):
    refused(zipped({**members, name: b"x"}), keys, "not a plain file name")


@pytest.mark.parametrize("name", ["../evil.tflite", "/etc/passwd", "a/b"])
def test_a_manifest_that_leads_elsewhere_is_refused(key, keys, name):
    stated = manifest(FILES | {name: b""})
    refused(zipped({"release.json": stated, "signature.json": key.sign(stated), **FILES}), keys, "not a plain file name")
    stated = manifest(FILES, model=name)
    refused(zipped({"release.json": stated, "signature.json": key.sign(stated), **FILES}), keys, "not a plain file name")


def test_a_symbolic_link_is_refused(members, keys):
    link = zipfile.ZipInfo("card.html")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    linked = [(link, b"/etc/passwd"), *[(name, content) for name, content in members.items() if name != "card.html"]]
    refused(zipped(linked), keys, "symbolic link")


def test_two_files_of_one_name_are_refused(members, keys):
    with pytest.warns(UserWarning, match="Duplicate"):
        twice = zipped([*members.items(), ("card.html", b"another")])
    refused(twice, keys, "two files with the same name")


def test_a_file_that_the_manifest_does_not_name_is_refused(members, keys):
    refused(zipped({**members, "more.bin": b""}), keys, r"same files \(more.bin\)")


def test_a_file_that_is_absent_is_refused(members, keys):
    refused(zipped({name: content for name, content in members.items() if name != "card.html"}), keys, r"same files \(card.html\)")


def test_a_manifest_may_not_name_itself_or_its_signature(key, keys, members):
    stated = manifest(FILES | {"signature.json": b""})
    refused(zipped({**members, "release.json": stated, "signature.json": key.sign(stated)}), keys, "same files")


def test_a_file_with_another_digest_is_refused(members, keys):
    refused(zipped({**members, "card.html": b"another"}), keys, "not the file that was released")


def test_a_bundle_without_a_manifest_is_refused(members, keys):
    refused(zipped({name: content for name, content in members.items() if name != "release.json"}), keys, r"no release\.json")


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_other_packings_are_refused(members, keys, method):
    refused(zipped(members, method), keys, "another method")


def test_too_many_files_are_refused(members, keys):
    refused(zipped({**members, **{f"f{i}": b"" for i in range(LIMITS.files)}}), keys, f"more than {LIMITS.files}")


def test_a_bomb_is_refused_as_it_unpacks(key, keys, monkeypatch):
    bomb = bytes(50_000_000)
    files = {**FILES, "table.npz": bomb}
    stated = manifest(files)
    content = zipped({"release.json": stated, "signature.json": key.sign(stated), **files})
    assert len(content) < 100_000
    monkeypatch.setattr(bundle, "LIMITS", replace(LIMITS, bytes_each=1_000_000))
    refused(content, keys, r"table\.npz .* unpacks to more than 1000000 bytes")
    monkeypatch.undo()
    monkeypatch.setattr(bundle, "LIMITS", replace(LIMITS, bytes_total=1_000_000))
    refused(content, keys, r"x\.sonomodel unpacks to more than 1000000 bytes")


def test_a_manifest_and_a_signature_are_small(members, keys):
    refused(zipped({**members, "release.json": b" " * 2_000_000}), keys, r"release\.json .* more than 1000000 bytes")
    refused(zipped({**members, "signature.json": b" " * 20_000}), keys, r"signature\.json .* more than 10000 bytes")


def test_a_file_too_large_to_be_a_bundle_is_not_read(members, keys, monkeypatch):
    monkeypatch.setattr(bundle, "LIMITS", replace(LIMITS, bytes_total=100))
    refused(zipped(members), keys, "holds more than 100 bytes")


@pytest.mark.parametrize("keep", [0, 1, 10, 400, -1, -30])
def test_a_truncated_bundle_is_refused(members, keys, keep):
    refused(zipped(members)[:keep], keys, "not a whole bundle")


def test_a_file_that_is_not_a_zip_is_refused(keys):
    refused(b"%PDF-1.7" * 100, keys, "not a whole bundle")


def test_a_bundle_that_is_not_there_is_refused(keys, tmp_path):
    with pytest.raises(ModelUnusable, match="cannot be read"):
        unpack(tmp_path / "no.sonomodel", tmp_path, keys)


def test_nothing_is_taken_from_a_maker_who_is_not_trusted_unless_one_says_so(members):
    refused(zipped(members), {}, "has no signature that this site trusts")
    signer, found = unpacked(zipped(members), {}, unsigned=True)
    assert signer is None
    assert found == {name: content for name, content in members.items() if name != "signature.json"}


def test_an_unsigned_bundle_is_taken_only_where_one_says_so(members, keys):
    content = zipped({name: content for name, content in members.items() if name != "signature.json"})
    refused(content, keys, "has no signature that this site trusts")
    assert unpacked(content, keys, unsigned=True)[0] is None


@pytest.mark.parametrize("unsigned", [False, True])
def test_a_manifest_that_was_changed_after_it_was_signed_is_refused_whatever_one_says(members, keys, unsigned):
    refused(zipped({**members, "release.json": manifest(FILES, version="1.0.1")}), keys, "'ward-3' did not sign", unsigned=unsigned)


MUTATIONS = st.lists(
    st.tuples(st.sampled_from(["write", "insert", "cut"]), st.floats(0, 1), st.binary(min_size=1, max_size=6)), min_size=1, max_size=4
)


def mutated(content, mutations):
    content = bytearray(content)
    for what, place, new in mutations:
        at = int(place * len(content))
        content[at : at + (0 if what == "insert" else len(new))] = b"" if what == "cut" else new
    return bytes(content)


def same_or_refused(content, keys, members):
    """The same release is every file but the signature, whose JSON may be written in other ways."""
    try:
        signer, found = unpacked(content, keys)
    except ModelUnusable:
        return
    assert signer == "ward-3"
    assert found | {"signature.json": b""} == members | {"signature.json": b""}


@settings(max_examples=400)
@given(mutations=MUTATIONS, packing=st.sampled_from([zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED]))
def test_a_mutated_bundle_is_the_same_release_or_is_refused(members, keys, mutations, packing):
    same_or_refused(mutated(zipped(members, packing), mutations), keys, members)


@settings(max_examples=200)
@given(mutations=MUTATIONS, name=st.sampled_from(["release.json", "signature.json", *FILES]))
def test_a_file_mutated_before_it_was_packed_is_refused_too(members, keys, mutations, name):
    same_or_refused(zipped({**members, name: mutated(members[name], mutations)}), keys, members)


@settings(max_examples=200)
@given(content=st.binary(max_size=300))
def test_arbitrary_bytes_are_refused(keys, content):
    with pytest.raises(ModelUnusable):
        unpacked(content, keys)
