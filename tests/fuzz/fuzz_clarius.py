"""An atheris target for Clarius raw files and archives: `pip install .[fuzz]`, then `python tests/fuzz/fuzz_clarius.py [FOLDER]`.

Random bytes would rarely match the sizes in their header, so half of the inputs are built from numbers that the fuzzer chooses. Any
exception outside our own family is a finding, and so is a picture larger than the file.
"""

import io
import struct
import sys
import tarfile
import tempfile
from contextlib import suppress
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["firmware_bridge"]):
    from firmware_bridge.errors import BridgeError
    from firmware_bridge.sources.clarius import open_raw

FOLDER = Path(tempfile.mkdtemp(prefix="fuzz-clarius-"))
NAMES = ["x_env.raw", "x_iq.raw", "x_rf.raw", "x.raw", "../x_env.raw", "/x.raw", "x_env.raw.lzo", "x_env.yml"]


def raw(data: atheris.FuzzedDataProvider) -> bytes:
    sizes = [data.ConsumeIntInRange(0, 9) if data.ConsumeBool() else data.ConsumeIntInRange(0, 2**32 - 1) for _ in range(5)]
    return struct.pack("<5I", *sizes) + data.ConsumeBytes(data.ConsumeIntInRange(0, 400))


def tar(data: atheris.FuzzedDataProvider) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for _ in range(data.ConsumeIntInRange(0, 3)):
            member, body = tarfile.TarInfo(data.PickValueInList(NAMES)), raw(data)
            member.size, member.type = len(body), data.PickValueInList([tarfile.REGTYPE] * 4 + [tarfile.SYMTYPE])
            archive.addfile(member, io.BytesIO(body))
    whole = bytearray(buffer.getvalue())
    for _ in range(data.ConsumeIntInRange(0, 3)):
        whole[data.ConsumeIntInRange(0, len(whole) - 1)] = data.ConsumeIntInRange(0, 255)
    return bytes(whole)


def check(data: bytes) -> None:
    provider = atheris.FuzzedDataProvider(data)
    name = provider.PickValueInList(["x_env.raw", "x_iq.raw", "x_rf.raw", "x.raw", "x.tar"])
    make = tar if name == "x.tar" else raw
    body = make(provider) if provider.ConsumeBool() else provider.ConsumeBytes(provider.remaining_bytes())
    path = FOLDER / name
    path.write_bytes(body)
    with suppress(BridgeError):
        for picture in open_raw(path).pictures(lambda *_: None):
            if picture.pixels.size > len(body) or picture.at_us < 0:
                raise AssertionError(f"{picture.pixels.shape} at {picture.at_us} us out of {len(body)} bytes")


if __name__ == "__main__":
    atheris.Setup(sys.argv, check)
    atheris.Fuzz()
