"""A clip for a blind reader: every frame as recorded, without the answers of the model."""

from pathlib import Path
from typing import IO

from mcap.exceptions import EndOfFile
from mcap.records import Channel, Message, Metadata, Schema
from mcap.stream_reader import StreamReader
from mcap.writer import CompressionType, Writer

from firmware_bridge.recording import CHUNK_BYTES, PROFILE, READING
from firmware_bridge.sources.mcap import RECORD_LIMIT


def without_readings(recording: Path, into: IO[bytes]) -> None:
    """Copies a recording without its readings; of a cut recording, the complete part.

    Raises:
        OSError: it cannot be read, or the copy cannot be written.
        McapError: it is not a recording.
    """
    writer = Writer(into, CHUNK_BYTES, CompressionType.ZSTD)
    writer.start(PROFILE)
    schemas, channels = {0: 0}, dict[int, int]()
    with recording.open("rb") as file:
        try:
            for record in StreamReader(file, record_size_limit=RECORD_LIMIT).records:
                match record:
                    case Schema() if record.id not in schemas:
                        schemas[record.id] = writer.register_schema(record.name, record.encoding, record.data)
                    case Channel() if record.topic != READING and record.id not in channels:
                        schema = schemas[record.schema_id]
                        channels[record.id] = writer.register_channel(record.topic, record.message_encoding, schema, record.metadata)
                    case Message() if record.channel_id in channels:
                        channel = channels[record.channel_id]
                        writer.add_message(channel, record.log_time, record.data, record.publish_time, record.sequence)
                    case Metadata():
                        writer.add_metadata(record.name, record.metadata)
        except EndOfFile:
            pass  # a cut of power: the frames that are missing show it in the copy
    writer.finish()  # type: ignore[no-untyped-call]
