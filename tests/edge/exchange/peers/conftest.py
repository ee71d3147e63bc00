"""DICOM files, and peers that answer in each way: real ones in a network of their own, and those of the tests on the loopback."""

import pytest
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, generate_uid

from edge.exchange.peers.hospital import DicomPeer, Hospital
from tests.edge.exchange.peers import ends
from tests.peers.servers import LISTEN, private_network

CLIP, STILL, REPORT = "1.2.840.10008.5.1.4.1.1.3.1", "1.2.840.10008.5.1.4.1.1.6.1", "1.2.840.10008.5.1.4.1.1.88.33"
NAME = "አበበ^ሰላማዊት"


@pytest.fixture(scope="module")
def network(missing):
    """A network of the module's own."""
    with private_network(missing):
        yield


@pytest.fixture
def hospital():
    """One that listens for reports where `tests.peers.servers` lets Orthanc send them."""
    return Hospital(ae_title="EDGEUS", listen_host="127.0.0.1", listen_port=LISTEN)


@pytest.fixture
def peer():
    """Makes a DICOM peer on the loopback."""

    def make(port, ae_title="PACS", **more):
        return DicomPeer(name="pacs", host="127.0.0.1", port=port, ae_title=ae_title, **{"answer_s": 60.0, **more})

    return make


@pytest.fixture
def dicom_file(tmp_path):
    """Writes a small DICOM file; `extra` bytes make it larger."""

    def make(sop_class=REPORT, syntax=ExplicitVRLittleEndian, name=NAME, extra=0):
        made = Dataset()
        made.file_meta = FileMetaDataset()
        made.file_meta.TransferSyntaxUID = syntax
        made.SOPClassUID = made.file_meta.MediaStorageSOPClassUID = sop_class
        made.SOPInstanceUID = made.file_meta.MediaStorageSOPInstanceUID = generate_uid(None)
        made.SpecificCharacterSet, made.PatientName, made.PatientID = "ISO_IR 192", name, "P-0001"
        made.StudyInstanceUID, made.SeriesInstanceUID, made.Modality = generate_uid(None), generate_uid(None), "US"
        if extra:
            made.EncapsulatedDocument = bytes(extra)
        path = tmp_path / f"{made.SOPInstanceUID}.dcm"
        made.save_as(path, enforce_file_format=True)
        return path

    return make


@pytest.fixture
def scp():
    """Starts a DICOM peer, see `ends`."""
    return ends.scp


@pytest.fixture
def listener():
    """Starts a server of bytes, see `ends`."""
    return ends.listener
