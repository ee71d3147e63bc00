"""The settings open the pages to a network only where nobody publishes releases for the board."""

import pytest

from edge.services.site import HostClosed, require_closed
from provisioning.boot.place import Place

LOCAL = ["127.0.0.1", "127.0.1.1", "::1", "localhost"]
OPEN = ["0.0.0.0", "::", "192.168.1.4", "sono.lan"]


@pytest.fixture
def place(tmp_path):
    made = Place(tmp_path / "opt")
    made.trust.mkdir(parents=True)
    return made


@pytest.mark.parametrize("host", [*LOCAL, *OPEN])
def test_the_settings_decide_where_nobody_publishes_for_the_board(place, host):
    require_closed(host, place)
    require_closed(host)


@pytest.mark.parametrize("host", LOCAL)
def test_a_board_of_a_publisher_serves_itself(place, host):
    place.trusted_root.write_bytes(b"{}")
    require_closed(host, place)


@pytest.mark.parametrize("host", OPEN)
def test_the_settings_open_no_board_of_a_publisher(place, host):
    place.trusted_root.write_bytes(b"{}")
    with pytest.raises(HostClosed, match="only the signed policy of its site"):
        require_closed(host, place)
