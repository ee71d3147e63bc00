"""A subscriber whose event loop has ended must not end the thread that publishes."""

import asyncio

from edge.pipeline.hub import Hub


async def watch(hub):
    return hub.subscribe()


def test_a_subscriber_whose_loop_is_closed_is_removed():
    hub = Hub()
    asyncio.run(watch(hub))
    hub.publish("an observation")
    hub.publish("another")
    assert hub.latest == "another"
    assert not hub._subscriptions
