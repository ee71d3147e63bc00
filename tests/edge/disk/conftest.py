"""A full disk, as a file system reports it: the system's own limit on the size of a file."""

import resource
import signal
from contextlib import contextmanager

import pytest


@contextmanager
def limited(most_bytes):
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (most_bytes, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, before)


@pytest.fixture
def file_size_limit():
    """While it is active, no file of this process can grow beyond this many bytes."""
    return limited
