"""A file that has no name any more, as an answer: it is gone with its last descriptor, however the answer or the process ends."""

from typing import IO

from fastapi.responses import FileResponse
from starlette.types import Receive, Scope, Send

OWN_DESCRIPTORS = "/proc/self/fd"
"""Linux opens a file again by the number of a descriptor, also a file without a name (proc_pid_fd(5))."""


class NamelessFileResponse(FileResponse):
    """Sends a file, whole or by ranges, and closes it: also if the range is refused, or the client is gone."""

    def __init__(self, file: IO[bytes], *, media_type: str, filename: str) -> None:
        super().__init__(f"{OWN_DESCRIPTORS}/{file.fileno()}", media_type=media_type, filename=filename)
        self._file = file

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        with self._file:
            await super().__call__(scope, receive, send)
