import pytest

from edge.records.errors import RecordUnknown
from edge.records.exams.clips import Clips
from edge.records.exams.exams import Exams


def test_a_clip_is_found_by_its_id_with_its_exam(store, made):
    exams = Exams(store)
    exam = exams.begin("sara", made.exam(), made.states)
    exams.keep("sara", exam.id, made.step(), made.clip(), (), simulated=False)
    (clip,) = exams.clips(exam.id)
    assert Clips(store).get(clip.id) == clip
    assert clip.exam_id == exam.id
    with pytest.raises(RecordUnknown, match="no clip"):
        Clips(store).get(exam.id)
