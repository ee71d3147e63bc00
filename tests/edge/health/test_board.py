"""The board: its hottest zone and its disk, and nothing where it states nothing."""

import shutil

import pytest

from edge.health.board import Board, board_of, hottest_c


def zones_of(tmp_path, *texts):
    for number, text in enumerate(texts):
        zone = tmp_path / f"thermal_zone{number}"
        zone.mkdir()
        (zone / "temp").write_text(text)
    return tmp_path


@pytest.mark.parametrize(
    ("texts", "hottest"),
    [
        (["41500\n", "62000\n"], 62.0),
        (["-273000", "38000"], 38.0),
        (["999000"], None),
        (["no number", "51000"], 51.0),
        ([""], None),
        ([], None),
    ],
)
def test_the_hottest_plausible_zone_counts(tmp_path, texts, hottest):
    assert hottest_c(zones_of(tmp_path, *texts)) == hottest


def test_a_zone_that_cannot_be_read_is_left_out(tmp_path):
    zones_of(tmp_path, "45000")
    (tmp_path / "thermal_zone9").mkdir()
    (tmp_path / "thermal_zone9" / "temp").mkdir()
    assert hottest_c(tmp_path) == 45.0


def test_the_disk_of_a_folder_that_does_not_exist_yet_is_that_of_its_parent(tmp_path):
    board = board_of(tmp_path / "data" / "new", tmp_path)
    assert board == Board(None, shutil.disk_usage(tmp_path).total, board.disk_free_bytes)
    assert 0 < board.disk_free_bytes <= board.disk_bytes
