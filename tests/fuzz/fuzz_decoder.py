"""An atheris target for the decoder and the session, run by hand: `pip install .[fuzz]`, then `python tests/fuzz/fuzz_decoder.py [FOLDER]`.

Bytes alone would never guess a CRC-32, so half of the inputs are read as a script: records of (type, length, damage) that become
messages with valid checksums around the fuzzer's own payload. Anything raised but our own family, and any byte that is neither in a
message nor in a loss, is a finding.
"""

import sys
import zlib

import atheris

with atheris.instrument_imports(include=["firmware_bridge"]):
    from firmware_bridge.errors import BridgeError
    from firmware_bridge.link.decoder import Decoder, Loss
    from firmware_bridge.link.header import HEADER_SIZE, Flags, Header, MessageType
    from firmware_bridge.link.session import HostSession

TYPES = [*MessageType, 0x7F]


def scripted(data: atheris.FuzzedDataProvider) -> bytes:
    stream = b""
    for number in range(data.ConsumeIntInRange(0, 8)):
        payload = data.ConsumeBytes(data.ConsumeIntInRange(0, 200))
        version = data.PickValueInList([1, 1, 1, 2])
        kind = data.PickValueInList(TYPES)
        message = Header(version, kind, Flags(data.ConsumeIntInRange(0, 3)), number, 0, len(payload), zlib.crc32(payload)).pack() + payload
        kept = data.ConsumeIntInRange(0, len(message)) if data.ConsumeBool() else len(message)
        stream += message[:kept]
    return stream


def check_decoder(stream: bytes, chunk: int) -> None:
    decoder = Decoder()
    items = [item for at in range(0, len(stream), chunk) for item in decoder.feed(stream[at : at + chunk])]
    items += decoder.close()
    counted = sum(item.bytes if isinstance(item, Loss) else HEADER_SIZE + item.header.length for item in items)
    if counted != len(stream):
        raise AssertionError(f"{len(stream)} bytes went in and {counted} were counted")


def check_session(stream: bytes, chunk: int) -> None:
    session = HostSession()
    session.start()
    try:
        for at in range(0, len(stream), chunk):
            for _ in session.receive(stream[at : at + chunk], at):
                pass
    except BridgeError:
        pass


def check(data: bytes) -> None:
    provider = atheris.FuzzedDataProvider(data)
    chunk = provider.ConsumeIntInRange(1, 64)
    stream = scripted(provider) if provider.ConsumeBool() else provider.ConsumeBytes(provider.remaining_bytes())
    check_decoder(stream, chunk)
    check_session(stream, chunk)


if __name__ == "__main__":
    atheris.Setup(sys.argv, check)
    atheris.Fuzz()
