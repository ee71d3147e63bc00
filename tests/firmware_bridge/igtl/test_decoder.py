import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firmware_bridge.igtl import decoder as igtl_decoder
from firmware_bridge.igtl.decoder import BUFFER_BYTES, Decoder
from firmware_bridge.igtl.encoder import encode, encode_query
from firmware_bridge.igtl.header import SIZE
from firmware_bridge.igtl.image import IDENTITY, Image
from firmware_bridge.igtl.messages import Message, Other, Status, String
from firmware_bridge.link.decoder import Loss


def picture(number):
    samples = np.full((6, 8, 1), number, np.uint8)
    return encode(Image(samples, (8, 6), (0, 0), IDENTITY), "probe", number, version=1 + number % 2)


def numbers(items):
    return [int(item.body.samples[0, 0, 0]) for item in items if isinstance(item, Message) and isinstance(item.body, Image)]


def reported(items):
    return sum(item.bytes if isinstance(item, Loss) else SIZE + item.header.body_size for item in items)


def run(data, cuts=()):
    decoder, items, at = Decoder(), [], 0
    for cut in [*sorted(cuts), len(data)]:
        items += decoder.feed(data[at:cut])
        at = cut
    return [*items, *decoder.close()]


def read(data, cuts=()):
    """As a connection does: each read goes straight into the decoder's room."""
    decoder, items, at = Decoder(), [], 0
    for cut in [*sorted(cuts), len(data)]:
        while at < cut:
            room = decoder.room()
            part = data[at : min(cut, at + len(room))]
            room[: len(part)] = part
            items += decoder.took(len(part))
            at += len(part)
    return items


STREAM = b"".join([encode(Status()), *(picture(number) for number in range(6)), encode(String("x"), version=2), encode_query("GET_STATUS")])


@given(st.lists(st.integers(0, len(STREAM)), max_size=40))
def test_however_the_bytes_arrive_the_messages_are_the_same(cuts):
    items = run(STREAM, cuts)
    assert numbers(items) == [0, 1, 2, 3, 4, 5]
    assert len(items) == 9
    assert not any(isinstance(item, Loss) for item in items)


@given(st.lists(st.integers(0, len(STREAM)), max_size=40), st.integers(1, 400), st.integers(1, 200))
def test_however_small_the_buffers_the_messages_are_the_same(cuts, size, least):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(igtl_decoder, "BUFFER_BYTES", size)
        patch.setattr(igtl_decoder, "LEAST_ROOM", min(size, least))
        assert numbers(read(STREAM, cuts)) == [0, 1, 2, 3, 4, 5]


def test_an_image_lies_where_it_was_read_and_stays_as_it_came():
    pictures = [np.full((480, 640, 1), number, np.uint8) for number in range(20)]
    whole = b"".join(encode(Image(samples, (640, 480), (0, 0), IDENTITY)) for samples in pictures)
    assert len(whole) > 2 * BUFFER_BYTES
    images = [item.body.samples for item in read(whole, range(0, len(whole), 65536))]
    assert [image.min() == image.max() == number for number, image in enumerate(images)] == [True] * 20
    assert not any(image.flags.writeable or image.flags.owndata for image in images)


def test_an_image_is_not_copied():
    decoder = Decoder()
    room = decoder.room()
    room[: len(picture(7))] = picture(7)
    (message,) = decoder.took(len(picture(7)))
    assert np.shares_memory(message.body.samples, np.asarray(room))


def test_an_image_longer_than_a_buffer_is_read():
    samples = np.random.default_rng(1).integers(0, 256, (2000, 1500, 1), np.uint8)
    assert samples.nbytes > BUFFER_BYTES
    (message,) = read(encode(Image(samples, (1500, 2000), (0, 0), IDENTITY)))
    assert np.array_equal(message.body.samples, samples)


@given(st.binary(min_size=1, max_size=200), st.integers(0, 6))
def test_garbage_between_messages_costs_no_frame_and_is_counted(noise, where):
    whole = [picture(number) for number in range(7)]
    items = run(b"".join(whole[:where]) + noise + b"".join(whole[where:]))
    assert numbers(items) == list(range(7))
    assert any(isinstance(item, Loss) for item in items)


@given(st.data())
def test_a_burst_within_one_message_costs_that_message_alone(data):
    whole = [bytearray(picture(number)) for number in range(5)]
    victim = data.draw(st.integers(0, 4))
    at = data.draw(st.integers(0, len(whole[victim]) - 1))
    burst = data.draw(st.binary(min_size=1, max_size=60))
    before = bytes(whole[victim])
    whole[victim][at : at + len(burst)] = burst[: len(whole[victim]) - at]
    items = run(b"".join(map(bytes, whole)))
    if bytes(whole[victim])[58:] == before[58:] and numbers(items) == list(range(5)):
        return  # what was hit says nothing of the image
    assert numbers(items) == [number for number in range(5) if number != victim]
    assert any(isinstance(item, Loss) or isinstance(item.body, Other) for item in items)


@given(st.integers(1, 200))
def test_a_message_cut_short_does_not_swallow_the_next(missing):
    first = picture(2)
    items = run(first[: max(1, len(first) - missing)] + picture(4) + picture(6))
    assert numbers(items) == [4, 6]


def test_a_size_that_lies_does_not_hold_up_what_follows():
    liar = bytearray(picture(1))
    liar[42:50] = (40_000_000).to_bytes(8, "big")
    decoder = Decoder()
    items = [*decoder.feed(bytes(liar) + picture(2) + picture(3))]
    assert numbers(items) == [2, 3]


@settings(max_examples=200)
@given(st.binary(max_size=400))
def test_whatever_the_bytes_the_decoder_never_raises_and_loses_none_unseen(noise):
    assert reported(run(noise)) == len(noise)


@given(st.data())
def test_each_byte_of_a_damaged_stream_is_reported_once(data):
    damaged = bytearray(STREAM)
    for at in data.draw(st.lists(st.integers(0, len(STREAM) - 1), max_size=6)):
        del damaged[at : at + data.draw(st.integers(1, 30))]
    assert reported(run(bytes(damaged), data.draw(st.lists(st.integers(0, len(damaged)), max_size=9)))) == len(damaged)


def unchecked(message):
    return message[:50] + bytes(8) + message[SIZE:]


def test_a_sender_without_checksums_is_read_and_counted():
    decoder = Decoder()
    assert numbers(decoder.feed(b"".join(unchecked(picture(number)) for number in range(4)))) == [0, 1, 2, 3]
    assert decoder.unchecked == 4


def test_after_a_right_checksum_a_message_without_one_is_damaged():
    decoder = Decoder()
    items = list(decoder.feed(encode(Status()) + picture(1) + unchecked(picture(2)) + picture(3)))
    assert numbers(items) == [1, 3]
    assert decoder.unchecked == 0
    assert [item.frames for item in items if isinstance(item, Loss)][:1] == [1]


def test_a_checksum_of_status_messages_does_not_condemn_images_without_one():
    assert numbers(run(encode(Status()) + unchecked(picture(1)) + encode(Status()) + unchecked(picture(2)))) == [1, 2]


def test_a_malformed_message_is_lost_with_its_reason():
    volume = bytearray(picture(2))
    volume[SIZE + 10 : SIZE + 12] = (3).to_bytes(2, "big")
    volume[50:58] = bytes(8)
    (loss,) = run(bytes(volume))
    assert (loss.cause, loss.frames) == ("malformed", 1)
    assert "part" in loss.why or "slices" in loss.why


def test_a_type_that_is_not_known_is_stepped_over():
    (message,) = run(encode_query("GET_STATUS"))
    assert isinstance(message.body, Other)
