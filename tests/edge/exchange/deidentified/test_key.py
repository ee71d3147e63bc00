"""The site's key: made once, for its owner only."""

import pytest

from edge.disk.layout import DataFolder
from edge.exchange.deidentified.key import KEY_BYTES, SiteKeyUnusable, site_key


def test_it_is_made_on_the_first_use_and_stays(tmp_path):
    key = site_key(tmp_path)
    assert len(key) == KEY_BYTES
    assert site_key(tmp_path) == key
    assert DataFolder(tmp_path).pseudonym_key.stat().st_mode & 0o777 == 0o600


def test_another_folder_has_another_one(tmp_path):
    (tmp_path / "other").mkdir()
    assert site_key(tmp_path) != site_key(tmp_path / "other")


@pytest.mark.parametrize("content", [b"", b"short", b"x" * 33])
def test_a_damaged_one_is_refused_and_not_replaced(tmp_path, content):
    path = DataFolder(tmp_path).pseudonym_key
    path.write_bytes(content)
    with pytest.raises(SiteKeyUnusable, match="pseudonym_key"):
        site_key(tmp_path)
    assert path.read_bytes() == content


def test_a_folder_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(SiteKeyUnusable):
        site_key(tmp_path / "absent")
