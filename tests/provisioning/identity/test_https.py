"""A browser that trusts the authority of a device reaches this device, and no other name."""

import shutil
import socket
import ssl
import stat
import subprocess
from contextlib import suppress
from datetime import datetime, timedelta, timezone
from threading import Thread

import pytest
from cryptography import x509

from edge.disk.durable import replace_file
from provisioning.codes import ProvisionRefused
from provisioning.identity.certificate import USAGES, Certified, new_leaf
from provisioning.identity.device import make_device
from provisioning.identity.https import AUTHORITY, LEAF, make_authority, make_https, own_names


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("https")


@pytest.fixture
def today():
    """The clients of these tests have the clock of this machine."""
    return datetime.now(timezone.utc)


def handshake(chain, authority, name):
    """One real TLS connection on loopback. Raises ssl.SSLError where the client refuses the server."""
    server_side, client_side = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), ssl.create_default_context(cadata=authority.pem)
    server_side.load_cert_chain(chain)
    client_side.verify_flags |= ssl.VERIFY_X509_STRICT
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve():
            connection, _ = listener.accept()
            with connection, suppress(OSError), server_side.wrap_socket(connection, server_side=True) as secured:
                secured.sendall(b"ready")

        thread = Thread(target=serve)
        thread.start()
        try:
            with socket.create_connection(listener.getsockname()) as plain, client_side.wrap_socket(plain, server_hostname=name) as secured:
                return secured.recv(5)
        finally:
            thread.join()


def test_a_client_that_trusts_the_authority_reaches_each_name(folder, device, today):
    https = make_https(folder, device, today)
    assert [handshake(https.chain, https.authority, name) for name in own_names(device)] == [b"ready"] * 3


def test_a_client_that_trusts_another_device_does_not(folder, device, today, tmp_path):
    https = make_https(folder, device, today)
    other = make_authority(tmp_path, device)
    with pytest.raises(ssl.SSLCertVerificationError, match="certificate verify failed"):
        handshake(https.chain, other, "localhost")


@pytest.mark.parametrize("name", ["bank.example", "other.local", "192.168.1.9"])
def test_the_constraint_refuses_a_leaf_for_another_name(folder, device, today, tmp_path, name):
    authority = make_authority(folder, device)
    new_leaf(authority, (name,), today).store(tmp_path / "planted.pem")
    with pytest.raises(ssl.SSLCertVerificationError, match="permitted subtree violation"):
        handshake(tmp_path / "planted.pem", authority, name)


def test_the_authority_signs_certificates_and_does_nothing_else(folder, device):
    extensions = make_authority(folder, device).certificate.extensions
    usage = extensions.get_extension_for_class(x509.KeyUsage)
    assert usage.critical
    assert [name for name in USAGES[:7] if getattr(usage.value, name)] == ["key_cert_sign"]
    basic = extensions.get_extension_for_class(x509.BasicConstraints)
    assert (basic.critical, basic.value.ca, basic.value.path_length) == (True, True, 0)
    constraints = extensions.get_extension_for_class(x509.NameConstraints)
    assert constraints.critical
    assert [str(name.value) for name in constraints.value.permitted_subtrees] == [device.host, "localhost", "127.0.0.1/32"]


def test_a_leaf_serves_and_signs_nothing(folder, device, now):
    extensions = make_https(folder, device, now).leaf.certificate.extensions
    assert not extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    assert list(extensions.get_extension_for_class(x509.ExtendedKeyUsage).value) == [x509.ExtendedKeyUsageOID.SERVER_AUTH]
    usage = extensions.get_extension_for_class(x509.KeyUsage).value
    assert [name for name in USAGES[:7] if getattr(usage, name)] == ["digital_signature"]


def test_both_stay_until_the_leaf_ends_soon(tmp_path, device, now):
    first = make_https(tmp_path, device, now)
    ends = first.leaf.certificate.not_valid_after_utc
    later = make_https(tmp_path, device, ends - timedelta(days=31))
    assert (later.leaf.fingerprint, later.authority.fingerprint) == (first.leaf.fingerprint, first.authority.fingerprint)
    renewed = make_https(tmp_path, device, ends - timedelta(days=29))
    assert renewed.leaf.fingerprint != first.leaf.fingerprint
    assert renewed.authority.fingerprint == first.authority.fingerprint


def test_a_leaf_is_renewed_for_other_names_another_authority_and_a_clock_that_was_ahead(tmp_path, device, now):
    made = [make_https(tmp_path, device, now + timedelta(days=3000)), make_https(tmp_path, device, now)]
    made.append(make_https(tmp_path, device, now, (f"ward.{device.host}",)))
    (tmp_path / AUTHORITY).unlink()
    made.append(make_https(tmp_path, device, now, (f"ward.{device.host}",)))
    assert len({https.leaf.fingerprint for https in made}) == 4


@pytest.mark.parametrize("content", [b"", b"\xff" * 30_000, None])
def test_a_damaged_leaf_is_made_again(tmp_path, device, now, content):
    other = make_https(tmp_path / "other", make_device(tmp_path / "other"), now).chain
    first = make_https(tmp_path, device, now)
    first.chain.write_bytes(other.read_bytes() if content is None else content)
    assert make_https(tmp_path, device, now).leaf.certificate.issuer == first.authority.certificate.subject


def test_a_damaged_authority_is_refused_and_stays(tmp_path, device):
    (tmp_path / AUTHORITY).write_bytes(b"damaged")
    with pytest.raises(ProvisionRefused) as refused:
        make_authority(tmp_path, device)
    assert refused.value.cause == "E-IDENTITY"
    assert (tmp_path / AUTHORITY).read_bytes() == b"damaged"


def test_only_the_owner_reads_the_keys(tmp_path, device, now):
    make_https(tmp_path, device, now)
    assert {stat.S_IMODE((tmp_path / name).stat().st_mode) for name in (AUTHORITY, LEAF)} == {0o600}


def test_a_key_of_another_certificate_is_refused(tmp_path, device, now):
    https = make_https(tmp_path, device, now)
    key, certificate = https.authority.key, https.leaf.pem
    Certified(key, https.authority.certificate).store(tmp_path / "mixed.pem")
    mixed = (tmp_path / "mixed.pem").read_text().partition("-----BEGIN CERTIFICATE")[0] + certificate
    replace_file(tmp_path / "mixed.pem", mixed.encode())
    with pytest.raises(ValueError, match="not the one of the certificate"):
        Certified.load(tmp_path / "mixed.pem")


def test_a_fingerprint_is_the_one_that_openssl_prints(tmp_path, device, missing):
    if shutil.which("openssl") is None:
        missing("openssl (apt-get install openssl)")
    authority = make_authority(tmp_path, device)
    printed = subprocess.run(
        ["openssl", "x509", "-noout", "-fingerprint", "-sha256"], input=authority.pem, capture_output=True, check=True, text=True
    ).stdout
    assert printed.strip().lower() == f"sha256 fingerprint={authority.fingerprint.lower()}"
