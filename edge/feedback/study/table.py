"""Reads the table of a study: rows of texts by column, from CSV in UTF-8."""

import csv
import io
from collections.abc import Collection, Mapping
from pathlib import Path

from edge.disk.plain_file import NotPlain, read_plain
from firmware_bridge.errors import InputRefused

MOST_BYTES = 64 << 20
FIX = "Save the table as CSV in UTF-8 with one line of column names"


class TableRefused(InputRefused):
    """The table of a study cannot be read."""

    code = "study-table-refused"


def read_table(path: Path, columns: Collection[str]) -> tuple[Mapping[str, str], ...]:
    """Each row of the table with these columns, without spaces around names and cells.

    Raises:
        TableRefused: it is no table in CSV, a column is absent or there twice, a row has another length, or there is no row.
    """
    try:
        text = read_plain(path, MOST_BYTES, links=True).decode("utf-8-sig")
        lines = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    except UnicodeDecodeError as error:
        raise TableRefused(f"{path} holds characters that are not UTF-8, at byte {error.start}", FIX) from error
    except (NotPlain, csv.Error, OSError) as error:
        raise TableRefused(f"{path} cannot be read as a table: {error}", FIX) from error
    names = [name.strip() for name in lines[0]] if lines else []
    absent = [column for column in columns if column not in names]
    if absent:
        raise TableRefused(f"{path} has no column {absent[0]}", "Correct the column map, or give the table that it is for")
    twice = next((column for column in columns if names.count(column) > 1), None)
    if twice is not None:
        raise TableRefused(f"{path} has the column {twice} twice", "Rename one of them")
    for number, line in enumerate(lines[1:], 2):
        if line and len(line) != len(names):
            raise TableRefused(f"{path}, row {number} has {len(line)} cells, and there are {len(names)} columns", FIX)
    rows = tuple({name: cell.strip() for name, cell in zip(names, line, strict=True) if name in columns} for line in lines[1:] if line)
    if not rows:
        raise TableRefused(f"{path} has no row", FIX)
    return rows
