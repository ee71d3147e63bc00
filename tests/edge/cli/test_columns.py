from edge.cli.columns import columns


def test_each_column_is_as_wide_as_its_widest_cell_and_lines_end_without_spaces() -> None:
    assert columns([("a", "bb", "c"), ("ddd", "e", "")]) == ["a    bb  c", "ddd  e"]


def test_no_rows_are_no_lines() -> None:
    assert columns([]) == []
