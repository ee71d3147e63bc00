"""`hospital.yaml`: what it may hold, and what is stated of a mistake in it."""

import pytest

from edge.disk.layout import DataFolder
from edge.exchange.peers.file import HospitalInvalid, load_hospital
from edge.exchange.peers.hospital import DicomPeer, FhirPeer, Hl7Peer, Hospital
from tests.edge.exchange.peers.certificates import authority

WHOLE = """\
ae_title: EDGEUS
listen_host: 10.0.0.5
listen_port: 11113
worklist: ris
peers:
  - {kind: dicom, name: pacs, host: pacs.example, port: 104, ae_title: ORTHANC, answer_s: 60}
  - kind: dicom
    name: ris
    host: 10.0.0.9
    port: 11112
    ae_title: WLM
    commitment: false
  - {kind: fhir, name: ehr, url: "https://ehr.example/fhir/", imaging_study: false}
  - {kind: hl7, name: lab, host: lab, port: 2575}
"""


def load(folder, text):
    DataFolder(folder).hospital.write_text(text)
    return load_hospital(folder)


def test_without_a_file_there_are_no_peers(tmp_path) -> None:
    assert load_hospital(tmp_path) == Hospital()


def test_a_file_names_peers_of_each_kind(tmp_path) -> None:
    found = load(tmp_path, WHOLE)
    assert (found.ae_title, found.listen_host, found.listen_port) == ("EDGEUS", "10.0.0.5", 11113)
    pacs, ris, ehr, lab = found.peers
    assert isinstance(pacs, DicomPeer)
    assert (pacs.port, pacs.ae_title, pacs.commitment, pacs.answer_s) == (104, "ORTHANC", True, 60)
    assert found.worklist_peer == ris
    assert isinstance(ehr, FhirPeer)
    assert (ehr.url, ehr.imaging_study) == ("https://ehr.example/fhir", False)
    assert isinstance(lab, Hl7Peer)
    assert found.named("nobody") is None


@pytest.mark.parametrize(
    ("old", "new", "place", "words"),
    [
        ("ae_title: WLM", "ae_titel: WLM", "line 11: peers[1].ae_titel: no such key", "Did you mean ae_title"),
        ("ae_title: EDGEUS", "ae_title: ABCDEFGHIJKLMNOPQ", "line 1: ae_title: ", "1 to 16 characters, this has 17"),
        ("ae_title: WLM", "ae_title: 'A\\B'", "line 11: peers[1].ae_title: ", "no backslash"),
        ("port: 11112", "port: 70000", "line 10: peers[1].port: ", "less than or equal to 65535"),
        ("port: 11112", "port: '11112'", "line 10: peers[1].port: ", "valid integer"),
        ("    port: 11112\n", "", "line 7: peers[1].port: ", "field required"),
        ("host: 10.0.0.9", "host: ris server", "line 9: peers[1].host: ", "not a host name"),
        ("name: ris\n", "name: pacs\n", "line 1: ", "two peers have the name pacs"),
        ("worklist: ris", "worklist: ehr", "line 1: ", "worklist names ehr, which is not a peer of the kind dicom"),
        ("listen_port: 11113\n", "", "line 1: ", "listen_host and listen_port belong together"),
        ("worklist: ris", "listen_tls: {}", "line 1: ", "listen_tls needs listen_host"),
        ("kind: hl7", "kind: fax", "line 14: peers[3]", "'fax'"),
        ('"https://ehr.example/fhir/"', "http://e, authorization: a", "line 13: peers[2]: ", "cross the network in the clear"),
        ("https://ehr.example/fhir/", "ftp://ehr.example", "line 13: peers[2].url: ", "write it as https://HOST/PATH"),
    ],
)
def test_a_mistake_is_told_with_its_line_its_key_and_the_next_step(old, new, place, words, tmp_path) -> None:
    assert old in WHOLE
    with pytest.raises(HospitalInvalid) as refused:
        load(tmp_path, WHOLE.replace(old, new))
    assert f"{DataFolder(tmp_path).hospital}, {place}" in str(refused.value)
    assert words in str(refused.value)
    assert refused.value.fix


@pytest.mark.parametrize("content", [b"- a\n", b"a: [", b"\xff\xfe", b"a: &a [*a]\n", b"x" * 70_000])
def test_a_file_that_is_no_table_is_refused(content, tmp_path) -> None:
    DataFolder(tmp_path).hospital.write_bytes(content)
    with pytest.raises(HospitalInvalid, match=r"hospital\.yaml"):
        load_hospital(tmp_path)


def test_paths_of_tls_begin_in_the_data_folder_and_must_be_there(tmp_path) -> None:
    files = authority(tmp_path / "tls", "10.0.0.9")
    stated = "ae_title: WLM\n    tls: {ca: tls/ca.pem, certificate: tls/certificate.pem, key: tls/key.pem}"
    found = load(tmp_path, WHOLE.replace("ae_title: WLM", stated))
    assert found.worklist_peer.tls.ca == files.ca
    files.key.unlink()
    with pytest.raises(HospitalInvalid, match=r"line 12: peers\[1\]\.tls\.key: there is no file .*key\.pem"):
        load_hospital(tmp_path)
    files.key.write_text("no key")
    with pytest.raises(HospitalInvalid, match=r"line 12: peers\[1\]\.tls: .*cannot be used for TLS"):
        load_hospital(tmp_path)


ADMISSIONS = "admissions: {listen_host: 0.0.0.0, listen_port: 2576, senders: [10.0.0.12, 10.1.0.0/16]}\n"


def test_admissions_and_the_server_for_encounters_are_read(tmp_path) -> None:
    found = load(tmp_path, WHOLE + ADMISSIONS)
    assert (found.admissions.listen_host, found.admissions.listen_port) == ("0.0.0.0", 2576)
    assert found.admissions.senders == ("10.0.0.12", "10.1.0.0/16")
    assert found.encounters_peer is None
    asked = load(tmp_path, WHOLE + "encounters: ehr\n")
    assert (asked.admissions, asked.encounters_peer.name) == (None, "ehr")


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("10.0.0.12", "everybody", "admissions.senders[0]: write an IP address, as 10.0.0.12, or a network"),
        ("10.1.0.0/16", "10.1.0.1/16", "admissions.senders[1]: write an IP address"),
        ("[10.0.0.12, 10.1.0.0/16]", "[]", "admissions.senders: "),
        (", senders: [10.0.0.12, 10.1.0.0/16]", "", "admissions.senders: field required"),
        ("senders", "sender", "admissions.sender: no such key"),
        ("2576", "0", "admissions.listen_port: "),
        ("2576", "2576, tls: {ca: tls/ca.pem}", "tls of admissions needs certificate and key"),
        ("2576", "2576, tls: {certificate: a.pem, key: b.pem}", "admissions.tls.certificate: there is no file"),
        ("admissions:", "encounters: ehr\nadmissions:", "admissions and encounters exclude each other"),
        (ADMISSIONS, "encounters: lab\n", "encounters names lab, which is not a peer of the kind fhir"),
        (ADMISSIONS, "encounters: nobody\n", "encounters names nobody"),
    ],
)
def test_a_mistake_in_admissions_is_told_with_its_key(old, new, words, tmp_path) -> None:
    assert old in ADMISSIONS
    with pytest.raises(HospitalInvalid) as refused:
        load(tmp_path, WHOLE + ADMISSIONS.replace(old, new))
    assert words in str(refused.value)
    assert refused.value.fix


def test_the_certificate_of_admissions_begins_in_the_data_folder(tmp_path) -> None:
    files = authority(tmp_path / "tls", "10.0.0.5")
    stated = ADMISSIONS.replace("2576", "2576, tls: {ca: tls/ca.pem, certificate: tls/certificate.pem, key: tls/key.pem}")
    assert load(tmp_path, stated).admissions.tls.key == files.key


def test_a_certificate_without_its_key_is_refused(tmp_path) -> None:
    with pytest.raises(HospitalInvalid, match="certificate and key belong together"):
        load(tmp_path, WHOLE.replace("ae_title: WLM", "ae_title: WLM\n    tls: {certificate: a.pem}"))
