"""Later: a value that one thread makes while another thread, which needs it in the end, already works on something else."""

from collections.abc import Callable
from threading import Lock
from typing import Generic, TypeVar

T = TypeVar("T")


class Later(Generic[T]):
    """One thread calls `make`, once; another one calls `get`. It uses one lock and no Condition, for the reason in `LatestSlot`."""

    def __init__(self) -> None:
        self._made = Lock()  # locked until there is a value or an error
        self._made.acquire()
        self._values: tuple[T, ...] = ()
        self._error: Exception = RuntimeError("the value was not made")

    def make(self, how: Callable[[], T]) -> None:
        """Makes the value; an error is raised where the value is needed, and not here."""
        try:
            self._values = (how(),)
        except Exception as error:
            self._error = error
        finally:
            self._made.release()

    def get(self) -> T:
        """Waits for the value.

        Raises:
            Exception: the error that came instead.
        """
        with self._made:
            for value in self._values:
                return value
            raise self._error
