"""The limits hold in a process of their own, because they cannot be taken back."""

import subprocess

from firmware_bridge.child import python

FREED = """
import ctypes, threading
from edge.supervisor.heap import limit_heap

class Mallinfo(ctypes.Structure):
    _fields_ = [(name, ctypes.c_size_t) for name in "arena ordblks smblks hblks hblkhd usmblks fsmblks uordblks fordblks keepcost".split()]

library = ctypes.CDLL(None)
library.mallinfo2.restype = Mallinfo
library.malloc.restype = ctypes.c_void_p
library.malloc.argtypes, library.free.argtypes = [ctypes.c_size_t], [ctypes.c_void_p]
limit_heap()
for _ in range(3):  # glibc's own limit would rise with the first that is freed
    before = library.mallinfo2().hblks
    block = library.malloc(1_000_000)
    mapped = library.mallinfo2().hblks - before
    library.free(block)
    print(mapped, library.mallinfo2().hblks - before)
"""


def test_a_large_block_has_pages_of_its_own_and_gives_them_back():
    done = subprocess.run(python("-c", FREED), capture_output=True, text=True, check=True)
    assert done.stdout.split() == 3 * ["1", "0"]
