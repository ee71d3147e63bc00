"""Takes the hospital's admissions over MLLP: from the stated senders only, few at a time, and none for longer than its message may take."""

import asyncio
import socket
import ssl
from collections.abc import Iterable
from contextlib import suppress
from ipaddress import IPv6Address, ip_address, ip_network

import structlog

from edge.exchange.encounters.receiver import Receiver
from edge.exchange.hl7.mllp import MllpDecoder, MllpTooLong, framed
from edge.exchange.peers.hospital import Admissions
from edge.exchange.peers.tls import HANDSHAKE_S
from firmware_bridge.errors import Unavailable

MOST_SENDERS = 8
"""At a time; one more takes the place of the one that has been silent longest."""
MESSAGE_S = 20.0
"""From the first byte of a message to its last. Between messages a connection may be silent: many senders keep one for months."""
ANSWER_S = 10.0
"""A sender that does not take its acknowledgement for so long is disconnected."""
LEAVE_S = 1.0
REST_S = 1.0
"""Where the system gives no connection, as when it has no descriptors left."""
READ_BYTES = 65536
KEEP_ALIVE = (
    (socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1),
    (socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, 60),
    (socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, 20),
    (socket.IPPROTO_TCP, socket.TCP_KEEPCNT, 4),
)
"""A sender whose machine is gone is found out after some 140 s."""

log = structlog.get_logger()


class AdmissionsClosed(Unavailable):
    """The port for the admissions of the hospital cannot be opened."""

    code = "admissions-closed"


class NotMllp(ValueError):
    """What a sender sends is no MLLP."""


class AdmissionsServer:
    """Serves on its port until it is closed. Call `run` in a separate thread, `close` in any thread."""

    def __init__(self, admissions: Admissions, receiver: Receiver) -> None:
        """Opens the port.

        Raises:
            AdmissionsClosed: another program has it, or the address is none of this board.
            OSError: a file of TLS cannot be used.
        """
        self._receiver, self._senders = receiver, tuple(map(ip_network, admissions.senders))
        self._tls = admissions.tls.listening() if admissions.tls else None
        self._listener = _listening(admissions.listen_host, admissions.listen_port)
        self._loop, self._closing = asyncio.new_event_loop(), asyncio.Event()
        self._lines: dict[asyncio.Task[None], _Line] = {}

    def run(self) -> None:
        """Serves until `close` is called."""
        try:
            self._loop.run_until_complete(self._serve())
        finally:
            self._loop.run_until_complete(self._loop.shutdown_default_executor())
            self._loop.close()
            self._listener.close()

    def close(self) -> None:
        with suppress(RuntimeError):  # the loop has ended already
            self._loop.call_soon_threadsafe(self._closing.set)

    async def _serve(self) -> None:
        accepting, closing = self._loop.create_task(self._accept()), self._loop.create_task(self._closed())
        await asyncio.wait((accepting, closing), return_when=asyncio.FIRST_COMPLETED)
        await _ended((accepting, closing, *self._lines))
        if not accepting.cancelled():
            accepting.result()

    async def _closed(self) -> None:
        await self._closing.wait()

    async def _accept(self) -> None:
        while True:
            try:
                connection, address = await self._loop.sock_accept(self._listener)
            except OSError as error:
                log.warning("the hospital cannot connect", problem=error.strerror)
                await asyncio.sleep(REST_S)
                continue
            if not self._admits(address[0]):
                log.warning("admissions of a sender that hospital.yaml does not name", sender=address[0])
                connection.close()
                continue
            if len(self._lines) >= MOST_SENDERS:
                quietest, _ = min(self._lines.items(), key=lambda each: each[1].heard_at)
                await _ended((quietest,))
            line = _Line(self._receiver, self._tls, address[0])
            task = self._loop.create_task(line.serve(connection))
            self._lines[task] = line
            task.add_done_callback(self._left)

    def _left(self, task: asyncio.Task[None]) -> None:
        self._lines.pop(task, None)

    def _admits(self, host: str) -> bool:
        address = ip_address(host.partition("%")[0])
        plain = address.ipv4_mapped or address if isinstance(address, IPv6Address) else address
        return any(plain in network for network in self._senders)


class _Line:
    """One connection. `heard_at` is when the sender was last heard, by the clock of the loop."""

    def __init__(self, receiver: Receiver, tls: ssl.SSLContext | None, place: str) -> None:
        self._receiver, self._tls, self._place = receiver, tls, place
        self._loop = asyncio.get_running_loop()
        self.heard_at = self._loop.time()

    async def serve(self, connection: socket.socket) -> None:
        """Until the sender leaves, or does not keep to what can be waited for."""
        log.info("a sender of admissions", place=self._place)
        reader = asyncio.StreamReader()
        protocol = asyncio.StreamReaderProtocol(reader)
        try:
            for option in KEEP_ALIVE:
                connection.setsockopt(*option)
            limit = HANDSHAKE_S if self._tls else None
            transport, _ = await self._loop.connect_accepted_socket(
                lambda: protocol, connection, ssl=self._tls, ssl_handshake_timeout=limit
            )
        except OSError as error:
            log.warning("a sender of admissions is not connected", place=self._place, problem=str(error))
            connection.close()
            return
        transport.set_write_buffer_limits(0)
        writer = asyncio.StreamWriter(transport, protocol, reader, self._loop)
        try:
            await self._converse(reader, writer)
            writer.close()
            await asyncio.wait_for(writer.wait_closed(), LEAVE_S)
        except (asyncio.TimeoutError, OSError, MllpTooLong, NotMllp) as error:
            log.warning("a sender of admissions was disconnected", place=self._place, problem=str(error) or "it is too slow")
        except Exception:
            log.exception("a sender of admissions was disconnected by a defect", place=self._place)
        finally:
            transport.abort()

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        decoder, end = MllpDecoder(), None
        while content := await asyncio.wait_for(reader.read(READ_BYTES), None if end is None else end - self._loop.time()):
            self.heard_at = self._loop.time()
            messages = [*decoder.feed(content)]
            if not messages and not decoder.partial and content.strip():
                raise NotMllp("it does not speak MLLP")
            for message in messages:
                answer = await self._loop.run_in_executor(None, self._receiver.answer, message)
                writer.write(framed(answer))
                await asyncio.wait_for(writer.drain(), ANSWER_S)
            if not decoder.partial:
                end = None
            elif messages or end is None:
                end = self._loop.time() + MESSAGE_S


async def _ended(tasks: Iterable[asyncio.Task[None]]) -> None:
    every = [*tasks]
    for each in every:
        each.cancel()
    await asyncio.gather(*every, return_exceptions=True)


def _listening(host: str, port: int) -> socket.socket:
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
        listener = socket.create_server((str(address[0]), port), family=family, backlog=MOST_SENDERS)
    except OSError as error:
        what = f"Admissions cannot be taken at {host}, port {port} ({error.strerror or error})"
        raise AdmissionsClosed(what, "Correct listen_host and listen_port of admissions in hospital.yaml, or free the port") from error
    listener.setblocking(False)
    return listener
