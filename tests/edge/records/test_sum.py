"""The digest that the records get when they are closed."""

import json

from edge.records.sum import sum_fault


def test_a_digest_of_a_program_before_revision_0002_still_finds_a_flip(data):
    data.exam("before")
    data.close()
    path = data.folder / "records.sum"
    stated = json.loads(path.read_text())
    assert stated.pop("reached")
    path.write_text(json.dumps(stated))
    assert sum_fault(data.folder) == ""
    content = data.database.read_bytes()
    data.database.write_bytes(content.replace(b"before", b"cefore", 1))  # one bit
    assert "its bytes have changed since it was closed" in sum_fault(data.folder)
