"""A link of 100 ms there and back and 10 Mbit/s each way, between a browser and a server on loopback.

with SlowLink(lab.url) as link:
    page = Page(lab.through(link.url), context)
    page.open("a.ipynb")  # as fast as loopback
    link.slow = True
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
from typing import Self
from urllib.parse import urlsplit

CHUNK, QUEUE = 8 << 10, 16
"""Bytes that are relayed at once, and how many of those are under way in a connection and direction."""


class SlowLink:
    """A TCP proxy. While it is slow, all connections share the rate of each direction, and bytes arrive late."""

    def __init__(self, url: str, *, delay: float = 0.05, rate: float = 10e6 / 8) -> None:
        self.delay, self.rate, self.slow = delay, rate, False
        """Seconds each way, bytes a second each way, and whether it is so now."""
        parts = urlsplit(url)
        self._peer, self._path = (parts.hostname, parts.port), parts.path
        self._free = {"up": 0.0, "down": 0.0}
        """When the last byte that was taken will have left, by the loop's clock."""
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="slow link", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        start = asyncio.start_server(self._relay, "127.0.0.1", 0)
        self._server = asyncio.run_coroutine_threadsafe(start, self._loop).result(10)
        self.url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}{self._path}"
        return self

    def __exit__(self, *_: object) -> None:
        asyncio.run_coroutine_threadsafe(self._end(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    async def _end(self) -> None:
        self._server.close()
        rest = asyncio.all_tasks() - {asyncio.current_task()}
        for task in rest:
            task.cancel()
        await asyncio.gather(*rest, return_exceptions=True)

    async def _relay(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        sock, writers = socket.socket(), [writer]
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 64 << 10)  # else the peer's bytes pile up out of sight
        sock.setblocking(False)
        try:
            await self._loop.sock_connect(sock, self._peer)
            far_reader, far_writer = await asyncio.open_connection(sock=sock, limit=CHUNK)
            writers.append(far_writer)
            await asyncio.gather(self._pump("up", reader, far_writer), self._pump("down", far_reader, writer))
        except (OSError, asyncio.CancelledError):
            pass  # one side is gone, or the test has ended
        finally:
            for each in writers:
                each.close()
            for each in writers:
                with contextlib.suppress(OSError):
                    await each.wait_closed()
            sock.close()

    async def _pump(self, way: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        queue: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue(QUEUE)
        write = asyncio.ensure_future(self._write(queue, writer))
        try:
            while data := await reader.read(CHUNK):
                at = now = self._loop.time()
                if self.slow:
                    self._free[way] = max(now, self._free[way]) + len(data) / self.rate
                    at = self._free[way] + self.delay
                await queue.put((at, data))
            await queue.put((0.0, b""))
            await write
        finally:
            write.cancel()

    async def _write(self, queue: asyncio.Queue[tuple[float, bytes]], writer: asyncio.StreamWriter) -> None:
        while (item := await queue.get())[1]:
            await asyncio.sleep(max(0.0, item[0] - self._loop.time()))
            writer.write(item[1])
            await writer.drain()
        with contextlib.suppress(OSError):
            writer.write_eof()
