"""A manifest finds a patient's recordings, or says what is wrong with it."""

from pathlib import Path

import pytest

from edge.exam.manifest import ManifestClip, ManifestInvalid, PatientUnknown, clips_of

HEAD = "file,label,patient_or_video_id,blue_point\n"
ROWS = "a/l1.mp4,x,ward_p01,L1\na/l2.mp4,x,ward_p01,L2\nb.mp4,x,ward_p10,L1\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "manifest.csv").write_text(HEAD + ROWS)
    return tmp_path


def test_a_patients_recordings_come_in_the_manifests_order(folder: Path) -> None:
    assert clips_of(folder, "ward_p01") == (
        ManifestClip(folder / "a/l1.mp4", "ward_p01", "L1"),
        ManifestClip(folder / "a/l2.mp4", "ward_p01", "L2"),
    )


@pytest.mark.parametrize("patient", ["ward_p1", "ward_p001", "WARD_p1"])
def test_zeros_before_a_number_do_not_matter(folder: Path, patient: str) -> None:
    assert {clip.patient for clip in clips_of(folder, patient)} == {"ward_p01"}


def test_an_exact_name_comes_first_and_a_name_that_could_be_two_is_refused(folder: Path) -> None:
    with (folder / "manifest.csv").open("a") as file:
        file.write("c.mp4,x,ward_p1,L3\n")
    assert [clip.zone for clip in clips_of(folder, "ward_p1")] == ["L3"]
    with pytest.raises(PatientUnknown, match=r"'ward_p001' can mean ward_p01, ward_p1\. Write the full name"):
        clips_of(folder, "ward_p001")


def test_an_unknown_patient_is_refused_with_near_ones(folder: Path) -> None:
    with pytest.raises(PatientUnknown, match=r"has no patient 'ward_p1O'\. Similar names: ward_p10, ward_p01; 2 patients in total"):
        clips_of(folder, "ward_p1O")
    with pytest.raises(PatientUnknown, match="Similar names: ward_p01, ward_p10"):
        clips_of(folder, "§")


def test_the_columns_may_be_called_patient_and_zone(tmp_path: Path) -> None:
    (tmp_path / "manifest.csv").write_text("\ufeffzone,patient,file\nRB , 7,r.dcm\n\n")
    assert clips_of(tmp_path, "7") == (ManifestClip(tmp_path / "r.dcm", "7", "RB"),)


@pytest.mark.parametrize(
    ("content", "stated"),
    [
        (b"", "has no column 'file'"),
        (b"file,patient\na,1\n", "has no column 'zone'"),
        (b"file,zone,patient\na.mp4,L1\n", "row 2 has 2 of 3 or more columns"),
        (b"file,zone,patient\n\xff\xfe\n", "is not a CSV table"),
        (b'file,zone,patient\n"a', "is not a CSV table"),
    ],
)
def test_a_manifest_that_is_none_is_refused_with_its_fault(tmp_path: Path, content: bytes, stated: str) -> None:
    (tmp_path / "manifest.csv").write_bytes(content)
    with pytest.raises(ManifestInvalid, match=stated):
        clips_of(tmp_path, "1")


def test_an_absent_manifest_is_refused_with_the_option_that_names_its_folder(tmp_path: Path) -> None:
    with pytest.raises(ManifestInvalid, match=r"manifest\.csv cannot be read .*--data"):
        clips_of(tmp_path, "1")
