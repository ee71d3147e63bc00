import hashlib

import pytest

from edge.disk.digest import PIECE, digest_of


@pytest.mark.parametrize("size", [0, 1, PIECE - 1, PIECE, 2 * PIECE + 7])
def test_a_file_read_in_pieces_has_the_digest_of_the_whole(tmp_path, size):
    content = bytes(number % 251 for number in range(size))
    (tmp_path / "clip.mcap").write_bytes(content)
    assert digest_of(tmp_path / "clip.mcap") == hashlib.sha256(content).hexdigest()


def test_an_absent_file_is_an_error_of_the_system(tmp_path):
    with pytest.raises(FileNotFoundError):
        digest_of(tmp_path / "none")
