"""An atheris target for the pic0rick's decoder, run by hand: `pip install .[fuzz]`, then `python tests/fuzz/fuzz_p0rk.py [FOLDER]`.

Half of the inputs are used as a script: frames with valid headers and checksums, cut, damaged, and mixed with text. An exception, an
accepted invalid frame, and samples that are not finite are findings.
"""

import sys
import zlib

import atheris
import numpy as np

with atheris.instrument_imports(include=["firmware_bridge"]):
    from firmware_bridge.p0rk.decoder import Decoder
    from firmware_bridge.p0rk.frame import TYPES, Flags, Header, Kind, Line

TEXT = [b"OK stream stopped drops=1\r\n", b"ERR BUSY now\r\n", b"run> ", b"P0RK", b"\n"]


def frame(data: atheris.FuzzedDataProvider) -> bytes:
    kind = data.PickValueInList(list(Kind))
    samples = 4096 if data.ConsumeBool() else data.ConsumeIntInRange(1, 64)
    payload = (data.ConsumeBytes(32) * samples * 8)[: samples * TYPES[kind].itemsize]
    payload += bytes(samples * TYPES[kind].itemsize - len(payload))
    number, reference = data.ConsumeIntInRange(0, 2**32 - 1), data.ConsumeRegularFloat() % 1e30
    flags = Flags(data.ConsumeIntInRange(0, 0xFFFF))
    pulse = (96, 6000, 96)
    head = Header(kind, flags, number, samples, 60_000_000, len(payload), 5, 0.0, 0.0, reference, *pulse, 0, zlib.crc32(payload))
    whole = bytearray(head.pack() + payload)
    if data.ConsumeBool():
        whole[data.ConsumeIntInRange(0, len(whole) - 1)] ^= 1 << data.ConsumeIntInRange(0, 7)
    return bytes(whole[: data.ConsumeIntInRange(0, len(whole)) if data.ConsumeBool() else None])


def scripted(data: atheris.FuzzedDataProvider) -> bytes:
    pieces = []
    for _ in range(data.ConsumeIntInRange(0, 6)):
        pieces.append(frame(data) if data.ConsumeBool() else data.PickValueInList(TEXT) + data.ConsumeBytes(9))
    return b"".join(pieces)


def check(data: bytes) -> None:
    provider = atheris.FuzzedDataProvider(data)
    chunk = provider.ConsumeIntInRange(64, 40_000)
    stream = scripted(provider) if provider.ConsumeBool() else provider.ConsumeBytes(provider.remaining_bytes())
    decoder = Decoder()
    items = [item for at in range(0, len(stream), chunk) for item in decoder.feed(stream[at : at + chunk])]
    for item in [*items, *decoder.close()]:
        if isinstance(item, Line):
            if zlib.crc32(item.samples.tobytes()) != item.header.payload_crc:
                raise AssertionError("the decoder accepted a frame with a wrong checksum")
            if not np.isfinite(item.amplitude).all():
                raise AssertionError(f"amplitudes are not finite in {item.header}")


if __name__ == "__main__":
    atheris.Setup(sys.argv, check)
    atheris.Fuzz()
