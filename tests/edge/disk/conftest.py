"""A disk that takes no more, as a file system says it: the system's own limit on the size of a file."""

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
    """While it holds, no file of this process may grow beyond so many bytes."""
    return limited
