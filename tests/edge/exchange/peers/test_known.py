"""The last usable hospital is kept, also where what was kept is damaged or the disk refuses a new one."""

from edge.disk.layout import DataFolder
from edge.exchange.peers.hospital import DicomPeer, Hospital
from edge.exchange.peers.known import known_hospital, remember_hospital

FIRST = Hospital(peers=(DicomPeer(name="pacs", host="pacs.example", port=104, ae_title="PACS"),))


def test_what_was_kept_last_comes_back(tmp_path):
    assert known_hospital(tmp_path) == Hospital()
    remember_hospital(tmp_path, FIRST)
    assert known_hospital(tmp_path) == FIRST
    remember_hospital(tmp_path, Hospital())
    assert known_hospital(tmp_path) == Hospital()


def test_a_damaged_file_is_as_none(tmp_path):
    DataFolder(tmp_path).known_hospital.write_text("{")
    assert known_hospital(tmp_path) == Hospital()


def test_a_folder_that_is_gone_stops_nothing(tmp_path):
    remember_hospital(tmp_path / "gone", FIRST)
    assert known_hospital(tmp_path / "gone") == Hospital()
