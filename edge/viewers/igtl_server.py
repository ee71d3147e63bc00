"""The appliance as an OpenIGTLink server: 3D Slicer and others receive each frame with its reading; no client slows another one."""

import asyncio
import socket
import time
from collections.abc import Callable
from contextlib import suppress

import structlog

from edge.pipeline.hub import Hub, Subscription
from edge.viewers.igtl_messages import IMAGE, Peer, messages_of
from firmware_bridge.igtl.decoder import Decoder
from firmware_bridge.igtl.encoder import encode
from firmware_bridge.igtl.header import timestamp_of
from firmware_bridge.igtl.messages import Capability, Message, Status

KEEP_ALIVE_S = 1.0
"""After this time without a new frame, a STATUS shows that the appliance still runs."""
FIRST_MESSAGE_S = 0.25
"""The first image waits this long for the client's first message, which states its version: version 1 has no room for `simulated`."""
STALLED_S = 10.0
"""A client that receives nothing for this long is disconnected."""
MOST_CLIENTS = 16
"""More clients are refused: each costs a file descriptor, which the exam needs for its clips, and its own copy of every image."""
READ_BYTES = 65536
CAPABILITIES = ("IMAGE", "STRING", "STATUS", "CAPABILITY")

log = structlog.get_logger()


class IgtlServer:
    """Serves on a listening socket until it is closed. Call `run` in a separate thread, `close` in any thread."""

    def __init__(self, listener: socket.socket, hub: Hub, shows_findings: Callable[[], bool]) -> None:
        """`shows_findings` states for each frame whether viewers see what the model finds in it."""
        self._listener = listener
        self._hub, self._shows_findings = hub, shows_findings
        self._loop = asyncio.new_event_loop()
        self._closing = asyncio.Event()

    @property
    def port(self) -> int:
        return int(self._listener.getsockname()[1])

    def run(self) -> None:
        """Serves until `close` is called."""
        try:
            self._loop.run_until_complete(self._serve())
        finally:
            self._loop.close()
            self._listener.close()

    def close(self) -> None:
        with suppress(RuntimeError):  # the loop has ended already
            self._loop.call_soon_threadsafe(self._closing.set)

    async def _serve(self) -> None:
        clients: set[asyncio.Task[None]] = set()

        def greet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            if len(clients) >= MOST_CLIENTS:
                writer.transport.abort()
                return
            client = asyncio.ensure_future(_Client(reader, writer, self._shows_findings).serve(self._hub))
            clients.add(client)
            client.add_done_callback(clients.discard)

        server = await asyncio.start_server(greet, sock=self._listener, backlog=MOST_CLIENTS)
        async with server:
            await self._closing.wait()
        for client in list(clients):
            client.cancel()
        await asyncio.gather(*clients, return_exceptions=True)


class _Client:
    """One connection, with its own latest-observation slot."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, shows_findings: Callable[[], bool]) -> None:
        self._shows_findings = shows_findings
        self._reader = reader
        self._writer = writer
        self._version = 1
        self._version_known = asyncio.Event()
        self._place = str(writer.get_extra_info("peername"))

    async def serve(self, hub: Hub) -> None:
        log.info("OpenIGTLink client", place=self._place)
        with hub.subscribe() as subscription:
            sending = asyncio.ensure_future(self._send(subscription))
            try:
                await self._listen()
            except OSError as error:
                log.info("OpenIGTLink client lost", place=self._place, why=str(error))
            except asyncio.CancelledError:  # the server ends: unsent data of a slow client must not hold the connection open
                self._writer.transport.abort()
                raise
            finally:
                sending.cancel()
                self._writer.close()  # before anything is awaited: a server that ends meanwhile would interrupt it here
                await asyncio.gather(sending, return_exceptions=True)
        log.info("OpenIGTLink client left", place=self._place)

    async def _listen(self) -> None:
        """Reads the client's version and its requests; everything else, also noise, is ignored."""
        decoder = Decoder()
        while data := await self._reader.read(READ_BYTES):
            for item in decoder.feed(data):
                if isinstance(item, Message):
                    self._version = max(self._version, min(item.header.version, 2))
                    self._version_known.set()
                    self._answer(item.header.type)

    def _answer(self, asked: str) -> None:
        if asked == "GET_CAPABIL":
            self._writer.write(encode(Capability(CAPABILITIES), IMAGE, timestamp_of(time.time()), version=self._version))
        elif asked == "GET_STATUS":
            self._writer.write(self._status())

    async def _send(self, subscription: Subscription) -> None:
        """Sends until the client stalls; a failure ends the connection, because the client would wait for images that never come."""
        try:
            await self._send_all(subscription)
        except Exception:
            log.exception("the sender to an OpenIGTLink client failed", place=self._place)
            self._writer.transport.abort()

    async def _send_all(self, subscription: Subscription) -> None:
        with suppress(asyncio.TimeoutError):
            await asyncio.wait_for(self._version_known.wait(), FIRST_MESSAGE_S)
        while True:
            try:
                observation = await asyncio.wait_for(subscription.next(), KEEP_ALIVE_S)
            except asyncio.TimeoutError:
                self._writer.write(self._status())
            else:
                age_s = (time.monotonic_ns() - observation.frame.received_ns) / 1e9
                peer = Peer(self._version, subscription.skipped, self._shows_findings())
                self._writer.write(messages_of(observation, timestamp_of(time.time() - age_s), peer))
            try:
                await asyncio.wait_for(self._writer.drain(), STALLED_S)
            except (asyncio.TimeoutError, OSError):
                self._writer.transport.abort()
                return

    def _status(self) -> bytes:
        return encode(Status(text="SonoEdge: research use, not a diagnosis"), IMAGE, timestamp_of(time.time()), version=self._version)
