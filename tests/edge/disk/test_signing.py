"""Keys are made once and protected from other users, and a signature is valid only for its own manifest."""

import stat

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, NoEncryption, PrivateFormat, PublicFormat

from edge.disk.keys import KeyUnusable
from edge.disk.signing import SignatureWrong, SigningKey, make_keys, signed_by, trusted_keys

MANIFEST = b'{"name": "lung-s"}'


@pytest.fixture
def ward(tmp_path):
    private, _ = make_keys("ward-3", tmp_path)
    return SigningKey.load(private)


def test_a_signature_tells_who_signed(ward, tmp_path):
    keys = trusted_keys(tmp_path)
    assert list(keys) == ["ward-3"]
    assert signed_by(MANIFEST, ward.sign(MANIFEST), keys, tmp_path) == "ward-3"


def test_another_manifest_is_not_what_was_signed(ward, tmp_path):
    with pytest.raises(SignatureWrong, match="'ward-3' did not sign"):
        signed_by(MANIFEST + b" ", ward.sign(MANIFEST), trusted_keys(tmp_path), tmp_path)


def test_the_name_of_a_trusted_key_is_not_enough(tmp_path, ward):
    (tmp_path / "other").mkdir()
    private, _ = make_keys("ward-3", tmp_path / "other")
    with pytest.raises(SignatureWrong, match="'ward-3' did not sign"):
        signed_by(MANIFEST, SigningKey.load(private).sign(MANIFEST), trusted_keys(tmp_path), tmp_path)


def test_the_signature_of_an_untrusted_key_names_no_signer(ward, tmp_path):
    assert signed_by(MANIFEST, ward.sign(MANIFEST), {}, tmp_path) is None


@pytest.mark.parametrize("damaged", [b"", b"{}", b'{"key": "ward-3", "signature": "%"}', b'{"key": "../x", "signature": ""}', b"\xff"])
def test_a_damaged_signature_is_not_the_same_as_no_signature(ward, tmp_path, damaged):
    with pytest.raises(SignatureWrong, match=r"signature\.json of .* is damaged"):
        signed_by(MANIFEST, damaged, trusted_keys(tmp_path), tmp_path)


def test_only_its_owner_may_read_a_private_key(tmp_path):
    private, public = make_keys("ward-3", tmp_path)
    assert stat.S_IMODE(private.stat().st_mode) == 0o600
    assert b"PRIVATE" not in public.read_bytes()


def test_keys_are_never_written_over(tmp_path):
    private, _ = make_keys("ward-3", tmp_path)
    before = private.read_bytes()
    with pytest.raises(KeyUnusable, match="cannot be made"):
        make_keys("ward-3", tmp_path)
    assert private.read_bytes() == before


@pytest.mark.parametrize("name", ["", "../x", "a b", ".hidden", "x\n"])
def test_a_name_that_is_none_is_refused(tmp_path, name):
    with pytest.raises(KeyUnusable, match="not a valid name for a key"):
        make_keys(name, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_site_without_keys_trusts_no_signature(tmp_path):
    assert trusted_keys(tmp_path / "model_keys") == {}


def test_files_that_are_no_ed25519_keys_are_named(tmp_path, ward):
    rsa = generate_private_key(65537, 2048)
    locked = ward.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"secret"))
    for content in (b"", b"\xff", rsa.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()), locked):
        (tmp_path / "bad.pem").write_bytes(content)
        with pytest.raises(KeyUnusable, match=r"bad\.pem"):
            SigningKey.load(tmp_path / "bad.pem")
    for content in (b"", b"\xff", rsa.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)):
        (tmp_path / "bad.pub").write_bytes(content)
        with pytest.raises(KeyUnusable, match=r"bad\.pub"):
            trusted_keys(tmp_path)


def test_a_key_whose_public_half_exists_is_not_made_by_halves(tmp_path):
    (tmp_path / "ward-3.pub").write_text("another's")
    with pytest.raises(KeyUnusable, match=r"ward-3\.pub cannot be made \(File exists\)"):
        make_keys("ward-3", tmp_path)
    assert [(each.name, each.read_text()) for each in tmp_path.iterdir()] == [("ward-3.pub", "another's")]


def test_a_key_that_a_power_cut_left_half_written_is_made_again(tmp_path):
    (tmp_path / "ward-3.pem.new").write_bytes(b"-----BEGIN PRIV")
    private, _ = make_keys("ward-3", tmp_path)
    assert SigningKey.load(private).name == "ward-3"
    assert sorted(each.name for each in tmp_path.iterdir()) == ["ward-3.pem", "ward-3.pub"]
