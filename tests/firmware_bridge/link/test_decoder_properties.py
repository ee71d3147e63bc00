"""What holds for every stream, every split and every damage."""

from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from firmware_bridge.link.decoder import Decoder, Loss
from firmware_bridge.link.encoder import encode
from firmware_bridge.link.header import HEADER_SIZE, Flags
from firmware_bridge.link.messages import Event, FrameData, Heartbeat, Hello, Message, Payload, PixelFormat, Status


@st.composite
def frames(draw: st.DrawFn) -> FrameData:
    rows, columns = draw(st.integers(1, 9)), draw(st.integers(1, 9))
    return FrameData(PixelFormat.GREY8, rows, columns, memoryview(draw(st.binary(min_size=rows * columns, max_size=rows * columns))))


numbers = st.none() | st.floats(allow_nan=False, allow_infinity=False)
others = st.one_of(
    st.builds(Event, st.text(max_size=20)),
    st.builds(Status, numbers, numbers, st.integers(0, 2**40)),
    st.just(Heartbeat()),
)
bodies = st.lists(st.one_of(frames(), others), max_size=12)


def stream(stated: list[Payload]) -> list[bytes]:
    sent, number = [], 0
    for body in stated:
        sent.append(encode(body, number, 10 * number, Flags.SIMULATED))
        number += isinstance(body, FrameData)
    return sent


def decode(data: bytes, cuts: list[int]) -> tuple[list[Message], list[Loss]]:
    decoder = Decoder()
    edges = sorted({0, len(data), *(cut % (len(data) + 1) for cut in cuts)})
    items = [item for begin, end in pairwise(edges) for item in decoder.feed(data[begin:end])]
    items += decoder.close()
    return [item for item in items if isinstance(item, Message)], [item for item in items if isinstance(item, Loss)]


cut_lists = st.lists(st.integers(0, 2**20), max_size=40)


@given(bodies, cut_lists)
def test_whatever_is_sent_is_received_however_it_is_split(stated, cuts):
    messages, losses = decode(b"".join(stream(stated)), cuts)
    assert [message.body for message in messages] == stated
    assert losses == []


@given(bodies, st.lists(st.tuples(st.integers(0, 2**20), st.integers(0, 8), st.binary(max_size=60)), max_size=4), cut_lists)
def test_damage_is_survived_and_read_the_same_however_it_is_split(stated, damages, cuts):
    data = b"".join(stream(stated))
    for at, removed, inserted in damages:
        place = at % (len(data) + 1)
        data = data[:place] + inserted + data[place + removed :]
    messages, losses = decode(data, cuts)
    assert (messages, losses) == decode(data, [])
    assert sum(loss.bytes for loss in losses) + sum(HEADER_SIZE + message.header.length for message in messages) == len(data)


@given(st.lists(frames(), min_size=3, max_size=8), st.data())
def test_a_burst_within_one_message_loses_at_most_its_frame(stated, data):
    sent = stream(stated)
    victim = data.draw(st.integers(0, len(stated) - 1), label="victim")
    begin = data.draw(st.integers(0, len(sent[victim])), label="begin")
    end = data.draw(st.integers(begin, len(sent[victim])), label="end")
    damaged = sent[victim][:begin] + data.draw(st.binary(max_size=200), label="instead") + sent[victim][end:]
    survives = sent[victim] in damaged
    whole = b"".join([encode(Hello("a", "1", "2")), *sent[:victim], damaged, *sent[victim + 1 :], encode(Heartbeat(), len(stated))])
    messages, losses = decode(whole, [])
    wanted = [number for number in range(len(stated)) if number != victim or survives]
    received = [message for message in messages if isinstance(message.body, FrameData)]
    assert [message.header.sequence for message in received] == wanted
    assert [message.body for message in received] == [stated[number] for number in wanted]
    assert sum(loss.frames for loss in losses) == (0 if survives else 1)


@given(st.binary(max_size=2000), cut_lists)
def test_noise_is_survived_and_all_of_it_counted(noise, cuts):
    messages, losses = decode(noise, cuts)
    assert messages == []
    assert sum(loss.bytes for loss in losses) == len(noise)


def test_headers_within_the_payload_of_a_valid_frame_are_pixels():
    inner = encode(Event("button"))
    body = FrameData(PixelFormat.GREY8, 1, len(inner), memoryview(np.frombuffer(inner, np.uint8)))
    messages, losses = decode(encode(body), [])
    assert [message.body for message in messages] == [body]
    assert losses == []
