from contextlib import suppress

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from edge.inference.acceptance.errors import LabelsRefused
from edge.inference.acceptance.table import read_labels

KEYS = ("b_lines", "a_lines")


@pytest.fixture
def folder(tmp_path):
    clips = tmp_path / "clips"
    (clips / "ward").mkdir(parents=True)
    for name in ("one.mp4", "two.mp4", "ward/three.mp4"):
        (clips / name).write_bytes(b"")
    return clips


@pytest.fixture
def read(folder, tmp_path):
    def from_text(text, **options):
        path = tmp_path / "labels.csv"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return read_labels(path, folder, KEYS, **options)

    return from_text


def test_each_line_is_a_recording_with_its_patient_and_its_known_labels(read, folder):
    table = read("file,patient,b_lines,a_lines,zone\none.mp4,p1,yes,0,R1\nward/three.mp4,p2,,PRESENT,\n\n")
    assert [(clip.path, clip.patient, dict(clip.labels)) for clip in table.clips] == [
        (folder / "one.mp4", "p1", {"b_lines": True, "a_lines": False}),
        (folder / "ward/three.mp4", "p2", {"a_lines": True}),
    ]
    assert table.unused == ("zone",)


@pytest.mark.parametrize(
    "text",
    [
        "\ufefffile,patient,b_lines\r\none.mp4,p1,no\r\n",
        "file;patient;b_lines\none.mp4;p1;absent\n",
        "file\tpatient\tb_lines\none.mp4\tp1\tFALSE\n",
        '"file", "patient",b_lines\n"one.mp4",p1 ,0',
        "patient,b_lines,file\np1,0,one.mp4\n",
    ],
)
def test_a_table_is_read_as_spreadsheets_save_it(read, text):
    (clip,) = read(text).clips
    assert (clip.patient, dict(clip.labels)) == ("p1", {"b_lines": False})


def test_the_column_of_the_patients_may_have_another_name(read):
    assert read("file,group,patient,a_lines\none.mp4,g1,x,1\n", patient="group").clips[0].patient == "g1"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "no columns 'file'"),
        ("file,b_lines\none.mp4,1\n", "no columns 'patient'"),
        ("file,patient,patient,b_lines\none.mp4,p,p,1\n", "2 columns 'patient'"),
        ("file,patient,effusion\none.mp4,p,1\n", "no column of a finding"),
        ("file,patient,b_lines,b_lines\none.mp4,p,1,0\n", "a finding twice"),
        ("file,patient,b_lines\n", "lists no recording"),
        ("file,patient,b_lines\none.mp4,p,maybe\n", "line 2: b_lines is 'maybe'"),
        ("file,patient,b_lines\none.mp4,,1\n", "line 2: it names no patient"),
        ("file,patient,b_lines\none.mp4\n", "line 2: it has no file or no patient"),
        ("file,patient,b_lines\none.mp4,p,1,\n", "line 2: it has more cells"),
        ("file,patient,b_lines\none.mp4,p,1\none.mp4,p,1\n", "line 3: one.mp4 is on line 2 too"),
        ("file,patient,b_lines\n../labels.csv,p,1\n", "not a file in the folder"),
        ("file,patient,b_lines\n/etc/passwd,p,1\n", "not a file in the folder"),
        ("file,patient,b_lines\nnine.mp4,p,1\none.mp4,p,1\nten.mp4,p,0\n", r"labels 2 files that are not in .*: nine\.mp4, ten\.mp4"),
        ("file,patient,b_lines\none.mp4,Ann  Lee,1\ntwo.mp4,ann lee,0\n", "line 3: the patient 'ann lee' is 'Ann  Lee' on line 2"),
        (b"file,patient,b_lines\n\xff\xfe,p,1\n", "not text in UTF-8"),
        ('file,patient,b_lines\n"one.mp4,p,1\n', "is not a table"),
    ],
)
def test_a_table_that_cannot_be_used_is_refused_with_the_line_and_the_reason(read, text, why):
    with pytest.raises(LabelsRefused, match=why):
        read(text)


def test_a_table_that_is_not_there_is_refused(folder, tmp_path):
    with pytest.raises(LabelsRefused, match="cannot be read"):
        read_labels(tmp_path / "none.csv", folder, KEYS)
    with pytest.raises(LabelsRefused, match="cannot be read"):
        read_labels(folder, folder, KEYS)


LINES = st.lists(st.text('file,patien_bl;\t\n"01', max_size=60)).map(lambda lines: "\n".join(["file,patient,b_lines", *lines]))


@given(st.one_of(st.text(), st.binary(), LINES))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_content_is_read_or_refused(read, text):
    content = text if isinstance(text, bytes) else text.encode(errors="replace")
    with suppress(LabelsRefused):
        assert read(content).clips
