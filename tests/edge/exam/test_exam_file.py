import json
from dataclasses import replace

import pytest

from edge.exam.capture import Window
from edge.exam.exam import Exam, ExamUnresumable, SkipReason
from edge.exam.exam_file import ExamFile, ExamNotKept, KeptClip, resume
from edge.exam.protocol import ProtocolUnknown
from edge.exam.protocol_file import Catalogue, load_catalogue

CATALOGUE = load_catalogue()
EXAM = Exam.begin(CATALOGUE.named("blue-6"))


def test_an_exam_is_taken_up_with_its_clips(tmp_path, finding_of):
    file = ExamFile.begin(tmp_path, EXAM)
    exam = EXAM.keep(finding_of()).skip("L2", SkipReason.PAIN)
    file = replace(file, clips=(KeptClip("L1", "L1.mcap", Window(3, 60, 80.0), "itself"),))
    file.write(exam)
    assert resume(tmp_path, CATALOGUE) == (file, exam)


def test_an_exam_that_was_ended_is_not_taken_up(tmp_path):
    file = ExamFile.begin(tmp_path, EXAM)
    file.write(EXAM, ended=True)
    assert resume(tmp_path, CATALOGUE) is None
    assert resume(tmp_path / "nowhere", CATALOGUE) is None


def test_two_exams_and_two_clips_that_begin_in_one_second_do_not_share_a_name(tmp_path):
    one, two = ExamFile.begin(tmp_path, EXAM), ExamFile.begin(tmp_path, EXAM)
    assert one.folder != two.folder
    first = one.new_clip("L1")
    first.touch()
    assert one.new_clip("L1") != first


@pytest.mark.parametrize(
    "content", ["", "{", "[]", '{"open": true}', json.dumps({"open": True, "protocol": "blue-6", "exam": {}, "clips": []})]
)
def test_a_damaged_record_is_told_and_left_as_it_is(tmp_path, content):
    file = ExamFile.begin(tmp_path, EXAM)
    (file.folder / "exam.json").write_text(content)
    with pytest.raises(ExamUnresumable):
        resume(tmp_path, CATALOGUE)
    assert (file.folder / "exam.json").read_text() == content


def test_a_protocol_that_is_gone_is_named(tmp_path):
    ExamFile.begin(tmp_path, EXAM)
    with pytest.raises(ProtocolUnknown, match="blue-6"):
        resume(tmp_path, Catalogue((), ()))


def test_a_folder_that_cannot_be_made_is_told(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(ExamNotKept):
        ExamFile.begin(tmp_path / "file", EXAM)
