"""The objects of an exam are the same ones, with their class maps, wherever they are written."""

from contextlib import closing

from edge.exchange.dicom.written import MAP
from edge.exchange.own_objects import own_objects, own_objects_apart
from tests.edge.exchange.conftest import Ward


def test_a_process_of_its_own_writes_the_same_objects(tmp_path):
    ward = Ward(tmp_path / "data")
    with closing(ward.store):
        exam = ward.hand_over.of(ward.exam_id)
        here, apart = own_objects(ward.folder, exam, tmp_path / "here"), own_objects_apart(ward.folder, exam, tmp_path / "apart")
    assert [(each.kind, each.path.name) for each in here] == [(each.kind, each.path.name) for each in apart]
    assert here.missing == apart.missing
    assert MAP in {each.kind for each in apart} or apart.missing
