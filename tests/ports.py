"""A port for a server of a test."""

from edge.health.port import listen


def free_port():
    """One that nobody uses at this moment."""
    with listen("127.0.0.1", 0) as listener:
        return listener.getsockname()[1]
