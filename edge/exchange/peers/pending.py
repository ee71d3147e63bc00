"""What waits to be sent on an association: a part of an object, however large it is and however slow the peer."""

import queue
import threading
from typing import Generic, TypeVar

Item = TypeVar("Item")
MOST = 64
"""PDUs; most peers take some 16 to 128 kB in one."""
LOOK_S = 0.2


class Pending(queue.Queue[Item], Generic[Item]):
    """Takes the place of pynetdicom's queue, which would hold a whole object. `taker` is the thread that empties it.

    What nobody will take any more is dropped: the association is over, and its end is reported in another way.
    """

    def __init__(self, taker: threading.Thread) -> None:
        super().__init__(MOST)
        self._taker = taker

    def put(self, item: Item, block: bool = True, timeout: float | None = None) -> None:  # noqa: ARG002 - as its base
        while self._taker.is_alive():
            try:
                super().put(item, timeout=LOOK_S)
            except queue.Full:
                continue
            return
