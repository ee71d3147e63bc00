import asyncio

import pytest

from edge.api.live.message import pack_status
from edge.api.live.watcher import StreamFailed, Watcher

BODY = b'{"kind":"status"}'


def test_messages_are_sent_in_the_order_offered_and_the_newest_of_a_kind_replaces_the_older_one():
    async def scenario():
        watcher = Watcher()
        watcher.offer_frame(b"1")
        watcher.offer_status(b"{}")
        watcher.offer_frame(b"2")
        watcher.offer_status(BODY)
        assert (await watcher.next(), await watcher.next()) == (b"2", pack_status(BODY, 1))
        assert watcher.skipped == 1

    asyncio.run(scenario())


def test_a_waiting_caller_receives_a_message_when_it_is_offered():
    async def scenario():
        watcher = Watcher()
        taking = asyncio.create_task(watcher.next())
        await asyncio.sleep(0)
        watcher.offer_frame(b"1")
        assert await taking == b"1"
        assert watcher.skipped == 0

    asyncio.run(scenario())


def test_a_failure_reaches_the_waiting_caller_with_its_cause():
    async def scenario():
        watcher = Watcher()
        taking = asyncio.create_task(watcher.next())
        await asyncio.sleep(0)
        watcher.fail(ZeroDivisionError("no"))
        with pytest.raises(StreamFailed) as failed:
            await taking
        assert isinstance(failed.value.__cause__, ZeroDivisionError)

    asyncio.run(scenario())
