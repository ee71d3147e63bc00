"""When each frame of a video is shown: its own time, if that can be the one of a frame that comes after another."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from av.video.frame import VideoFrame

IN_ORDER_OF_DECODING = frozenset({"avi"})
"""FFmpeg's names of the formats that store no time of display: what FFmpeg gives as one is the time of decoding, in another order."""


class VideoClock:
    """Takes the frames of one video in the order in which they are shown."""

    def __init__(self, kind: str, step_us: int) -> None:
        """`kind` is FFmpeg's name of the format, `step_us` the usual time from one frame to the next."""
        self._decoded_in_order = kind in IN_ORDER_OF_DECODING
        self._step_us = step_us
        self._ahead_us: int | None = None
        """A stated time is by so much ahead of the time since the first frame."""
        self._last_us = -step_us

    def at_us(self, frame: "VideoFrame") -> int:
        """Microseconds from the first frame to this one.

        Time that goes back is that of another recording, which begins where this one ended: clips that were joined byte by byte.
        """
        stated_us = self._stated_us(frame)
        if stated_us is None:
            self._last_us += self._step_us
            return self._last_us
        if self._ahead_us is None or stated_us - self._ahead_us < self._last_us:
            self._ahead_us = stated_us - self._last_us - self._step_us
        self._last_us = stated_us - self._ahead_us
        return self._last_us

    def _stated_us(self, frame: "VideoFrame") -> int | None:
        stamp = frame.dts if self._decoded_in_order else frame.pts
        return None if stamp is None or frame.time_base is None else round(stamp * frame.time_base * 1_000_000)
