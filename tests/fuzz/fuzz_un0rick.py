"""An atheris target for the un0rick's archives: `pip install .[fuzz]`, then `python tests/fuzz/fuzz_un0rick.py [FOLDER]`.

In half of the inputs the fuzzer chooses the parts of an archive: members of a zip, headers of arrays, lists in JSON. Any exception
outside our own family is a finding, from the file type check and from the reader.
"""

import io
import json
import struct
import sys
import tempfile
import zipfile
from contextlib import suppress
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["firmware_bridge"]):
    from firmware_bridge.errors import BridgeError
    from firmware_bridge.sources.un0rick_file import is_un0rick, open_un0rick

FOLDER = Path(tempfile.mkdtemp(prefix="fuzz-un0rick-"))
KINDS = ["<f8", "<i8", "|u1", "<f4", "|O", "<U5", "<c16", "?", "<M8[us]", "|V8"]
SHAPES = ["(4, 40)", "(40,)", "()", "(1, 99999999999)", "(-1,)", "(2, 3, 4)", "(0, 40)"]


def array(data: atheris.FuzzedDataProvider) -> bytes:
    kind, shape = data.PickValueInList(KINDS), data.PickValueInList(SHAPES)
    header = f"{{'descr': '{kind}', 'fortran_order': {data.ConsumeBool()}, 'shape': {shape}, }}".encode()
    if data.ConsumeBool():
        header = header[: data.ConsumeIntInRange(0, len(header))] + data.ConsumeBytes(9)
    header += b" " * 4 + b"\n"
    body = (data.ConsumeBytes(16) * 90)[: data.ConsumeIntInRange(0, 1400)]
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header + body


def npz(data: atheris.FuzzedDataProvider) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED if data.ConsumeBool() else zipfile.ZIP_STORED) as archive:
        for name in ("signal.npy", "t.npy", "nblines.npy"):
            archive.writestr(name, array(data))
    whole = bytearray(buffer.getvalue())
    for _ in range(data.ConsumeIntInRange(0, 2)):
        whole[data.ConsumeIntInRange(0, len(whole) - 1)] = data.ConsumeIntInRange(0, 255)
    return bytes(whole)


def dump(data: atheris.FuzzedDataProvider) -> bytes:
    odd = [None, True, -1, 0, 1e300, float("nan"), "x", [], {}, 2**70, 3]
    content = {"firmware_md5": "0", "data": list(data.ConsumeBytes(200))}
    content["timings"] = {"NLines": data.PickValueInList(odd), "Fech": data.PickValueInList(odd)}
    if data.ConsumeBool():
        content[data.PickValueInList(["data", "timings"])] = data.PickValueInList(odd)
    if data.ConsumeBool() and isinstance(content["data"], list):
        content["data"].append(data.PickValueInList(odd))
    return json.dumps(content).encode()


def table(data: atheris.FuzzedDataProvider) -> bytes:
    words = [str(byte).encode() for byte in data.ConsumeBytes(100)] + [data.PickValueInList([b"", b"nan", b"inf", b"-0", b"1e9", b"1_0"])]
    return b"\n".join(words) + b"\n"


MAKERS = {"x.npz": npz, "x.json": dump, "x.csv": table}


def check(data: bytes) -> None:
    provider = atheris.FuzzedDataProvider(data)
    name = provider.PickValueInList(sorted(MAKERS))
    path = FOLDER / name
    path.write_bytes(MAKERS[name](provider) if provider.ConsumeBool() else provider.ConsumeBytes(provider.remaining_bytes()))
    is_un0rick(path)
    with suppress(BridgeError):
        for picture in open_un0rick(path).pictures(lambda *_: None):
            if picture.pixels.size > 65536 * 1024:
                raise AssertionError(f"a picture of {picture.pixels.shape}")


if __name__ == "__main__":
    atheris.Setup(sys.argv, check)
    atheris.Fuzz()
