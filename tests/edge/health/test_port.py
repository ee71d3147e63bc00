"""The port is opened before anything starts, or the error states what to do."""

import os
import socket

import pytest

from edge.health.port import PortOccupied, listen


def test_a_free_port_is_opened():
    with listen("127.0.0.1", 0) as listener, socket.create_connection(listener.getsockname()):
        assert listener.getsockname()[1] > 0


def test_a_new_copy_does_not_stop_the_event_loop_of_another_copy():
    with listen("127.0.0.1", 0) as listener, listener.dup() as served:
        served.setblocking(False)  # as an event loop does
        listener.dup().close()
        assert not os.get_blocking(served.fileno())


def test_the_error_for_an_occupied_port_names_it_and_states_what_to_do():
    with listen("127.0.0.1", 0) as first:
        port = first.getsockname()[1]
        with pytest.raises(PortOccupied, match=f"Port {port} on 127.0.0.1 is taken by another program.*--port"):
            listen("127.0.0.1", port)


@pytest.mark.parametrize("host", ["203.0.113.7", "no such host"])
def test_an_address_of_another_machine_is_refused(host):
    with pytest.raises(PortOccupied, match="is not an address of this machine"):
        listen(host, 0)
