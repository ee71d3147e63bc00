"""An atheris target for the OpenIGTLink decoder: `pip install .[fuzz]`, then `python tests/fuzz/fuzz_igtl.py [FOLDER]`.

Half of the inputs have a valid checksum, so that the readers of the bodies run. Buffers are small, so that an input rarely fits into one.
Each byte must be in exactly one message or loss: anything else is a finding, and so is any exception.
"""

import sys

import atheris

with atheris.instrument_imports(include=["firmware_bridge"]):
    from firmware_bridge.igtl import decoder as igtl_decoder
    from firmware_bridge.igtl.header import SIZE, Header
    from firmware_bridge.igtl.image import Image
    from firmware_bridge.igtl.messages import Message

from fastcrc.crc64 import ecma_182

igtl_decoder.BUFFER_BYTES, igtl_decoder.LEAST_ROOM = 512, 64
TYPES = ["IMAGE", "TRANSFORM", "STATUS", "STRING", "CAPABILITY", "GET_STATUS", "NEW"]


def message(data: atheris.FuzzedDataProvider) -> bytes:
    body = data.ConsumeBytes(data.ConsumeIntInRange(0, 300))
    crc = ecma_182(body) if data.ConsumeBool() else data.ConsumeIntInRange(0, 2**64 - 1)
    size = len(body) if data.ConsumeBool() else data.ConsumeIntInRange(0, 2**64 - 1)
    return Header(data.ConsumeIntInRange(0, 4), data.PickValueInList(TYPES), "x", 0, size, crc).pack() + body


def check(data: bytes) -> None:
    provider = atheris.FuzzedDataProvider(data)
    stream = b"".join(message(provider) if provider.ConsumeBool() else provider.ConsumeBytes(40) for _ in range(4))
    decoder, at, items = igtl_decoder.Decoder(), 0, []
    while at < len(stream):
        end = at + provider.ConsumeIntInRange(1, 200)
        items += decoder.feed(stream[at:end])
        at = end
    items += decoder.close()
    counted = sum(SIZE + item.header.body_size if isinstance(item, Message) else item.bytes for item in items)
    if counted != len(stream):
        raise AssertionError(f"{counted} of {len(stream)} bytes were counted")
    for item in items:
        if isinstance(item, Message) and isinstance(item.body, Image) and item.body.grey.size > len(stream):
            raise AssertionError("an image larger than the input")


if __name__ == "__main__":
    atheris.Setup(sys.argv, check)
    atheris.Fuzz()
