"""`sonoedge protocol`: lists, shows and checks protocols."""

import json
from pathlib import Path

import pytest

from edge.cli.protocol import check, list_, schema, show
from edge.exam.protocol.file import SHIPPED, load_protocol, shipped
from edge.exam.protocol.protocol import Protocol, ProtocolInvalid, ProtocolUnknown


@pytest.fixture(autouse=True)
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of a site's own protocols."""
    monkeypatch.setenv("SONOEDGE_DATA_DIR", str(tmp_path))
    folder = tmp_path / "protocols"
    folder.mkdir()
    return folder


def test_list_shows_the_shipped_and_the_sites_protocols_and_reports_an_unusable_file(
    site: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = (SHIPPED / "blue-6.yaml").read_text()
    (site / "own.yaml").write_text(text.replace("id: blue-6", "id: ward-3"))
    (site / "bad.yaml").write_text("zones: 3")
    list_()
    out, err = capsys.readouterr()
    assert [line.split()[0] for line in out.splitlines()] == ["blue-6", "lus-8", "lus-12", "lus-14", "ward-3"]
    assert err.startswith("Not used: ")
    assert "bad.yaml" in err


def test_show_prints_zones_limits_and_scores(capsys: pytest.CaptureFixture[str]) -> None:
    show("lus-12")
    out = capsys.readouterr().out
    for shown in (
        "RA1   Right anterior, upper",
        "80 to 160 mm",
        "2 to 7.5 MHz",
        "total 0 to 36",
        "stored after 4 s",
        "supine or semi-erect",
    ):
        assert shown in out
    assert "Consolidation, like tissue" in out
    assert "cannot be distinguished from the next lower score" in out


@pytest.mark.parametrize("protocol", shipped(), ids=lambda each: each.id)
def test_the_yaml_output_of_show_is_the_protocol(protocol: Protocol, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    show(protocol.id, as_yaml=True)
    copy = tmp_path / "copy.yaml"
    copy.write_text(capsys.readouterr().out)
    assert load_protocol(copy) == protocol


def test_an_unknown_protocol_is_refused_with_a_suggestion() -> None:
    with pytest.raises(ProtocolUnknown, match="Did you mean lus-14"):
        show("lus-13")


def test_check_describes_a_file_or_reports_its_fault(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    check(SHIPPED / "lus-8.yaml")
    assert capsys.readouterr().out.strip().endswith("can be used: lus-8 1.0.0, 8 zones, total 0 to 24")
    bad = tmp_path / "bad.yaml"
    bad.write_text((SHIPPED / "lus-8.yaml").read_text().replace("id: RA2", "id: RA1"))
    with pytest.raises(ProtocolInvalid, match=r"bad\.yaml: zone RA1 is there twice"):
        check(bad)


def test_the_schema_is_json(capsys: pytest.CaptureFixture[str]) -> None:
    schema()
    assert json.loads(capsys.readouterr().out) == Protocol.model_json_schema()


def test_a_file_that_cannot_be_used_ends_with_one_line_and_status_2(sonoedge, tmp_path: Path) -> None:
    bad = tmp_path / "bad.yaml"
    bad.write_text("a: &a [1]\nb: *a\n")
    done = sonoedge("protocol", "check", bad)
    assert (done.returncode, done.stdout) == (2, "")
    (line,) = done.stderr.splitlines()
    assert line.startswith(f"sonoedge: {bad} is not YAML: line 2: aliases")
