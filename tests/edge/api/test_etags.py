"""A change states the version of its record; a newer version of another person is not overwritten."""

import pytest

from edge.api.etags import VersionMissing, VersionUnreadable, if_match


def test_the_tag_of_an_answer_is_accepted():
    assert if_match('"7"') == 7


@pytest.mark.parametrize("tag", ["7", '"0"', '"-1"', 'W/"7"', '"7", "8"', "*", '"' + "9" * 30 + '"', "", '"7'])
def test_an_invalid_tag_is_refused(tag):
    with pytest.raises(VersionUnreadable):
        if_match(tag)


def test_a_change_without_a_version_is_refused():
    with pytest.raises(VersionMissing):
        if_match(None)


def test_a_stale_change_gets_412_and_changes_nothing(crew):
    operator = crew.enrol("n-1")
    path = f"/api/v1/operators/{operator}"
    seen = crew.admin.get(path).headers["etag"]
    assert seen == '"1"'
    first = crew.admin.patch(path, json={"name": "First"}, headers={"If-Match": seen})
    assert (first.status_code, first.headers["etag"]) == (200, '"2"')
    stale = crew.admin.patch(path, json={"name": "Second"}, headers={"If-Match": seen})
    assert (stale.status_code, stale.json()["type"]) == (412, "urn:sonoedge:record-stale")
    assert crew.admin.get(path).json()["name"] == "First"
    assert crew.admin.patch(path, json={"name": "Second"}).status_code == 428
    assert crew.admin.patch(path, json={"name": "Second"}, headers={"If-Match": "2"}).status_code == 400
