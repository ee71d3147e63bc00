"""A database of each released schema with each program that may open it: the program works as usual, or refuses it and changes nothing."""

import sqlite3
from contextlib import closing

import pytest
from program import DARK, Tablet

from edge.disk.digest import digest_of
from edge.disk.layout import DataFolder
from edge.records.sum import drop_sum, write_sum

pytestmark = [pytest.mark.slow]

FUTURE = "9999"
REACHES_FUTURE = (
    "CREATE TABLE IF NOT EXISTS schema_revision (version_num VARCHAR(32) NOT NULL PRIMARY KEY)",
    "DELETE FROM schema_revision",
    f"INSERT INTO schema_revision VALUES ('{FUTURE}')",
)


def as_released(folder, current):
    """The tables of the released program."""


def migrated(folder, current):
    """Brought up to date by this program."""
    current.shell(folder.data, "exam", "list")


def added_to(folder, current):
    """A future release has added a table and a column to them, and serves them together with this program and the released one."""
    migrated(folder, current)
    write(
        folder.data,
        "CREATE TABLE future (id TEXT NOT NULL PRIMARY KEY, exam_id TEXT NOT NULL REFERENCES exam (id))",
        "INSERT INTO future SELECT id, id FROM exam",
        "ALTER TABLE exam ADD COLUMN future TEXT",
        "UPDATE exam SET future = 'of a program to come'",
        *REACHES_FUTURE,
    )


def contracted(folder, current):
    """A future release has taken a column away, and serves them alone."""
    migrated(folder, current)
    write(
        folder.data,
        "ALTER TABLE notice DROP COLUMN fix",
        *REACHES_FUTURE,
        f"UPDATE alembic_version SET version_num = '{FUTURE}'",
    )


def write(data, *statements):
    """Closed in good order, as a program leaves it."""
    drop_sum(data)
    with closing(sqlite3.connect(DataFolder(data).records)) as connection, connection:
        for statement in statements:
            connection.execute(statement)
    write_sum(data)


WORKS = ((as_released, "current"), (migrated, "previous"), (added_to, "previous"), (added_to, "current"))
REFUSES = ((contracted, "current"), (contracted, "previous"))


def pairs(table):
    return pytest.mark.parametrize(("schema", "name"), table, ids=[f"{schema.__name__}, {name}" for schema, name in table])


@pairs(WORKS)
def test_a_program_takes_signs_and_amends_and_another_program_shows_it(schema, name, folder, current, request):
    program = request.getfixturevalue(name)
    schema(folder, current)
    before = rows_of_the_future(folder.data)
    report = work(program, folder)
    assert rows_of_the_future(folder.data) == before
    whole(program, folder.data)
    shows_the_work(current, folder, report)
    whole(current, folder.data)
    if name == "current" and schema is as_released:
        shows_the_work(request.getfixturevalue("previous"), folder, report)


def work(program, folder):
    """Continues everything that the released program left: ends the draft, reads and signs a preliminary exam, amends a final one."""
    (draft, unread, taken, final, _) = folder.exams("draft", "preliminary", "final", "amended")
    with program.running(folder.data) as url:
        trainee, interpreter = Tablet(url, "trainee"), Tablet(url, "interpreter")
        trainee.take(draft, "L3", frames=4)
        trainee.skip(draft, "L2")
        trainee.end(draft)
        interpreter.review(unread)
        interpreter.review(taken)
        for exam in (unread, taken):
            interpreter.decide(exam)
            interpreter.sign(exam)
        interpreter.amend(final)
        fresh = trainee.begin("two-points")
        trainee.take(fresh, "R1")
        trainee.end(fresh)
        Tablet(url, "admin").ask("POST", "backups", status=201)
        return interpreter.get(f"exams/{final}/report?number=2")


def shows_the_work(program, folder, report):
    (draft, unread, taken, final, amended) = folder.exams("draft", "preliminary", "final", "amended")
    with program.running(folder.data, DARK) as url:
        reader = Tablet(url, "admin")
        exams = {exam["id"]: exam for exam in reader.items("exams?limit=100")}
        assert reader.get(f"exams/{final}/report?number=2") == report
        zones = {zone["id"]: zone["state"] for zone in reader.get(f"exams/{draft}")["zones"]}
        findings = reader.get(f"exams/{draft}/findings")
        assert reader.ask("POST", "audit/verify")["whole"]
    states = {exams[exam]["state"] for exam in (draft, *exams.keys() - set(folder.exams("draft", "preliminary", "final", "amended")))}
    assert len(exams) == len(folder.exams("draft", "preliminary", "final", "amended")) + 1
    assert states == {"preliminary"}
    assert [exams[exam]["state"] for exam in (unread, taken, final, amended)] == ["final", "final", "amended", "amended"]
    assert (zones["L1"], zones["L2"], zones["L3"], zones["R1"], zones["R2"]) == ("done", "skipped", "done", "skipped", "not examined")
    assert {finding["zone"] for finding in findings} == {"L1", "L3"}


def whole(program, data):
    """The records, every clip and every backup."""
    program.shell(data, "audit", "verify")
    program.shell(data, "backup", "verify")
    assert not (data / "quarantine").exists()


def rows_of_the_future(data):
    with closing(sqlite3.connect(f"file:{DataFolder(data).records}?mode=ro", uri=True)) as connection:
        if not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'future'").fetchone():
            return ()
        rows = connection.execute("SELECT id, exam_id FROM future ORDER BY id").fetchall()
        return *rows, *connection.execute("SELECT id, future FROM exam WHERE future IS NOT NULL ORDER BY id").fetchall()


@pairs(REFUSES)
def test_a_program_that_is_too_old_refuses_and_says_what_to_do(schema, name, folder, current, request):
    schema(folder, current)
    records = digest_of(DataFolder(folder.data).records)
    printed = request.getfixturevalue(name).shell(folder.data, "exam", "list", status=2)
    assert FUTURE in printed
    assert "Install the program that wrote them" in printed
    assert digest_of(DataFolder(folder.data).records) == records
    assert not (folder.data / "quarantine").exists()


def test_this_program_changes_no_file_of_records_that_it_refuses(folder, current):
    contracted(folder, current)
    before = files(folder.data)
    for command in (("exam", "list"), ("audit", "list"), ("backup", "make"), ("run", "--port", "0")):
        assert FUTURE in current.shell(folder.data, *command, status=2)
    assert files(folder.data) == before


def files(data):
    return {str(path.relative_to(data)): digest_of(path) for path in data.rglob("*") if path.is_file()}
